package sqltask_test

import (
	"crypto/sha256"
	"database/sql"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

func task(t testing.TB, level int, seed uint64) practice.Task {
	t.Helper()
	s, err := practice.NewSuite(sqltask.New())
	if err != nil {
		t.Fatal(err)
	}
	task, err := s.Task("sql", level, seed)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// kept is a task whose databases are kept until the test ends.
func kept(t testing.TB, level int, seed uint64) practice.Task {
	t.Helper()
	task, done := sqltask.GenerateKept(rand.New(rand.NewPCG(seed, 5)), level)
	t.Cleanup(done)
	return task
}

func TestReferencesPassAndOthersFail(t *testing.T) {
	for level := 1; level <= 4; level++ {
		for seed := range uint64(6) {
			task := kept(t, level, seed)
			for _, right := range []string{task.Reference, "```sql\n" + task.Reference + ";\n```", "SELECT * FROM (" + task.Reference + ")"} {
				if v := task.Verify(right); v.Score != 1 {
					t.Errorf("level %d seed %d: %q does not pass: %s", level, seed, right, v.Note)
				}
			}
			for _, wrong := range []string{"", "I don't know", "SELECT 'x'", "SELECT * FROM orders", "SELECT id FROM nothing"} {
				if v := task.Verify(wrong); v.Score != 0 || v.Note == "" {
					t.Errorf("level %d seed %d: %q: %+v, want it to fail with a note", level, seed, wrong, v)
				}
			}
		}
	}
}

// TestHostileQueries tries what a query must not be able to do.
func TestHostileQueries(t *testing.T) {
	task := task(t, 1, 1)
	victim := filepath.Join(t.TempDir(), "victim.db")
	for _, q := range []string{
		"DROP TABLE orders", "DELETE FROM orders", "PRAGMA writable_schema = ON",
		"ATTACH '" + victim + "' AS v", "SELECT 1; ATTACH '" + victim + "' AS v",
		"SELECT writefile('" + victim + "', 'x')", "SELECT load_extension('" + victim + "')", "VACUUM INTO '" + victim + "'",
		"WITH x AS (SELECT 1) INSERT INTO orders SELECT 99, 'x', 'x', 1", "WITH x AS (SELECT 1) DELETE FROM orders",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
		"SELECT randomblob(2000000000)", "SELECT zeroblob(1000000000)",
		"SELECT replace(hex(zeroblob(100000000)), '00', 'xxxxxxxxxx')",
	} {
		if v := task.Verify(q); v.Score != 0 {
			t.Errorf("%q passes", q)
		}
	}
	if _, err := os.Stat(victim); err == nil {
		t.Error("a query made a file")
	}
	if v := task.Verify(task.Reference); v.Score != 1 {
		t.Errorf("afterwards the reference does not pass: %s", v.Note)
	}
}

// TestWhatAQueryCanSee: nothing but the task's own table, in a database of its
// own, whatever the process has open beside it.
func TestWhatAQueryCanSee(t *testing.T) {
	task := task(t, 1, 1)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.db")
	db, err := sql.Open("sqlite", secret)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE secrets (word TEXT)"); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // so that a relative name could reach it
	for _, q := range []string{
		"SELECT word FROM secrets", "SELECT word FROM 'secret.db'.secrets", "SELECT file FROM pragma_database_list WHERE file <> ''",
		"SELECT readfile('secret.db')", "SELECT * FROM fsdir('.')", "SELECT load_extension('secret.db')", "SELECT edit('x')",
		"WITH a AS (SELECT 1) UPDATE orders SET amount = 0", "WITH a AS (SELECT 1) REPLACE INTO orders VALUES (1, 'a', 'b', 2)",
		"VALUES (writefile('made.txt', 'x'))", "SELECT * FROM orders; DROP TABLE orders", "SELECT fts3_tokenizer('simple', x'00')",
		"SELECT /*", "SELECT 1 --", "\x00SELECT 1", "SELECT '\x00'", "EXPLAIN SELECT 1", "CREATE TABLE x (y)",
		"select sqlite_compileoption_get(1) from orders", "SELECT * FROM json_each('[1]')", "SELECT * FROM dbstat",
		"SELECT count(*) FROM temp.sqlite_master", "SELECT * FROM main.sqlite_schema", "SELECT (SELECT 1 FROM pragma_user_version)",
		task.Reference + " AND (SELECT count(*) FROM json_each('[1]')) = 1", task.Reference + " AND length(hex(zeroblob(3))) > 0",
		task.Reference + "\x00", task.Reference + "\x00 or not",
	} {
		if v := task.Verify(q); v.Score != 0 || v.Note == "" {
			t.Errorf("%q: %+v, want it to fail with a note", q, v)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v; want the one file that was there", entries, err)
	}
	if after, err := os.ReadFile(secret); err != nil || string(after) != string(before) {
		t.Errorf("the other database has changed, %v", err)
	}
}

// TestQueriesAreBounded has queries that would run for ever, or return or hold
// without end.
func TestQueriesAreBounded(t *testing.T) {
	task := task(t, 1, 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, q := range []string{
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT i FROM n",
		"SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e, orders f, orders g, orders h, orders i, orders j",
		"WITH RECURSIVE n(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM n) SELECT length(s) FROM n",
		"SELECT group_concat(a.customer || b.customer || c.customer || d.customer) " +
			"FROM orders a, orders b, orders c, orders d, orders e, orders f",
		"SELECT printf('%1000000000d', 1)", "SELECT hex(randomblob(1000000000))",
		"SELECT " + strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300),
		"SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 50),
		"SELECT customer FROM orders WHERE customer LIKE '" + strings.Repeat("%a", 200) + "'",
		strings.Repeat("SELECT ", 2000),
		// Steps for any one database, and not for all of them.
		"SELECT customer FROM orders WHERE amount > N AND (WITH RECURSIVE c(x) AS (SELECT min(id) FROM orders " +
			"UNION ALL SELECT x + 1 FROM c WHERE x / N < N) SELECT max(x) FROM c) <> 0",
	} {
		q = placeholders.ReplaceAllString(q, numerals.FindString(task.Reference))
		if v := task.Verify(q); v.Score != 0 || v.Note == "" {
			t.Errorf("%.60q: %+v, want it to fail with a note", q, v)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 256<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
}

// TestSlowQueriesPass has right queries that read the table for each of its rows, and
// again for each of these: what they may do is counted, and no clock is asked.
func TestSlowQueriesPass(t *testing.T) {
	for seed := range uint64(200) {
		task := task(t, 4, seed)
		if !strings.Contains(task.Reference, "row_number") {
			continue
		}
		for _, query := range []string{
			"SELECT city, id FROM orders o WHERE id = (SELECT min(id) FROM orders p WHERE p.city = o.city " +
				"AND p.amount = (SELECT max(amount) FROM orders r WHERE r.city = p.city))",
			"SELECT city, id FROM orders o WHERE id = (SELECT p.id FROM orders p WHERE p.city = o.city AND p.amount >= " +
				"(SELECT max(r.amount) FROM orders r WHERE r.city = o.city AND r.city = p.city) ORDER BY p.id LIMIT 1)",
			"SELECT DISTINCT a.city, a.id FROM orders a, orders b WHERE a.city = b.city AND NOT EXISTS " +
				"(SELECT 1 FROM orders c WHERE c.city = b.city AND (c.amount > a.amount OR c.amount = a.amount AND c.id < a.id))",
		} {
			if v := task.Verify(query); v.Score != 1 {
				t.Errorf("%s: %s", query, v.Note)
			}
		}
		return
	}
	t.Error("no task asks for the largest of each city")
}

// TestNotes: what is wrong with a query is said of all of it.
func TestNotes(t *testing.T) {
	task := task(t, 1, 1)
	for query, want := range map[string]string{
		"SELECT id FROM orders WHERE city = '' AND id = 1":        "a wrong number of rows",
		"SELECT id FROM orders WHERE city = 'Oslo' AND id = 1000": "a number or a text that nobody asked for",
		"SELECT x FROM orders WHERE id = 1":                       "a query that fails",
		"I do not know":                                           "not a single SELECT", "The answer is = 4": "not a single SELECT",
	} {
		if v := task.Verify(query); v.Note != want {
			t.Errorf("%s: %q, want %q", query, v.Note, want)
		}
	}
}

// TestShapes: a query passes in the shapes in which models answer, a wrong one in
// none, and neither does a right one that is left open or taken back.
func TestShapes(t *testing.T) {
	task := kept(t, 2, 3)
	// The first ones are those of the public threads, cards and extractors that package
	// practice lists; the others are plain ways in which chat models hand over a query.
	shapes := []string{
		"%s", "%s;", "**Answer:** %s", "Answer: `%s;`", "The answer is:\n\n%s;",
		"<think>Cities, then.\n```sql\nSELECT 1\n```\n</think>\n\n%s",
		"To solve this, the rows are filtered and sorted.\n\n```sql\n%s;\n```",
		"Here is the query:\n\n```\n%s\n```\n\nI hope this helps!",
		"```sql\n%s;\n```\n\n**Explanation:** it reads the table once and puts the rows in order.", "Sure! ```%s```",
		"<answer>%s</answer>", " %s ", "\n\n%s;\n\n", "`%s`", "**%s**", "```\n%s\n```", "```SQL\n%s;\n```", "```sqlite\n%s;\n```",
		"```sql\n\n%s;\n\n```", "SQL: %s", "SQL query: %s", "**SQL:**\n\n```sql\n%s;\n```", "Query: `%s`", "**Query:** `%s;`",
		"Final answer: %s", "**Final Answer:**\n```sql\n%s;\n```", "### Answer\n\n```sql\n%s;\n```",
		"### SQL Query\n\n```sql\n%s;\n```", "The query is:\n\n```sql\n%s;\n```", "The SQL query is:\n\n%s;", "The answer is `%s`.",
		"The answer is `%s;`.", "My answer is:\n```sql\n%s\n```", "Here's the query:\n```sql\n%s;\n```",
		"Here is the SQL query:\n\n%s", "Here is the SQL query that answers the question:\n\n```sql\n%s;\n```",
		"Sure, here is the query:\n\n```sql\n%s;\n```", "Certainly! Here's the SQL query:\n\n```sql\n%s;\n```",
		"Of course. Here is the query:\n```sql\n%s;\n```", "You can use this query:\n\n```sql\n%s;\n```",
		"You can use the following SQL query:\n\n```sql\n%s;\n```", "Use this query:\n```sql\n%s;\n```",
		"I would use this query:\n```sql\n%s;\n```", "To get the cities, you can use this query:\n\n```sql\n%s;\n```",
		"To answer the question, run the following:\n\n```sql\n%s;\n```",
		"```sql\n%s;\n```\n\nThis query selects each city once and sorts the cities.",
		"```sql\n%s;\n```\nThis returns each city once, in order.",
		"```sql\n%s;\n```\n\nExplanation: `orders` has a row for each order.",
		"```sql\n%s;\n```\n\nHere, `SELECT` reads the rows of orders and sorts them.",
		"```sql\n%s;\n```\n\n- `SELECT` reads the rows that are asked for.\n- They come in order.",
		"```sql\n%s;\n```\n\nThe query uses `SELECT` on the table `orders`.",
		"```sql\n%s;\n```\n\nLet me know if you need anything else!", "```sql\n%s;\n```\n\nWould you like more help?",
		"%s;\n\nThis query returns each city once.", "%s;\n\n**Explanation:** it reads the table once.",
		"`%s;`\n\nThis reads the table once.", "<think>\nEasy.\n</think>\n```sql\n%s;\n```", "<think></think>\n\n%s;",
		"Easy.\n</think>\n\n%s;", "<|begin_of_solution|>\n```sql\n%s;\n```\n<|end_of_solution|>", "<answer>\n%s;\n</answer>",
		"-- each city once\n%s;", "/* each city once */\n%s;", "```sql\n-- each city once\n%s;\n```", "%s; -- done",
		"{\"answer\": %q}", "{\"query\": %q}", "{\"sql\": %q}", "\\boxed{%s}", "✅ `%s`", "---\n```sql\n%s;\n```\n---",
	}
	wrong := "SELECT customer FROM orders WHERE amount > 1000000"
	refused := 0
	for _, shape := range shapes {
		if v := task.Verify(fmt.Sprintf(shape, task.Reference)); v.Score != 1 {
			refused++
			t.Logf("%q is refused: %s", shape, v.Note)
		}
		if v := task.Verify(fmt.Sprintf(shape, wrong)); v.Score != 0 {
			t.Errorf("%q passes with a wrong query", shape)
		}
	}
	t.Logf("%d shapes, %d right answers refused", len(shapes), refused)
	if 100*refused > len(shapes) {
		t.Errorf("%d of %d right answers are refused", refused, len(shapes))
	}
	for _, hedge := range []string{
		"{\"query\": \"SELECT 1\", \"sql\": \"" + task.Reference + "\"}", "{\"not\": \"" + task.Reference + "\"}",
		"{\"query\": \"" + wrong + "\", \"query\": \"" + task.Reference + "\"}", "### Wrong query\n```sql\n" + task.Reference + "\n```",
		"**Not this**\n```sql\n" + task.Reference + "\n```", "I would use nothing of this:\n```sql\n" + task.Reference + "\n```",
		"```sql\n" + task.Reference + "\n```\nThis is what I would not use.", "```sql\n" + task.Reference + "\n```\nNobody would use this query.",
		"```sql\n" + task.Reference + "\n```\nThis is the query of a fool.", "```sql\n" + task.Reference + "\n```\nThis isn't what you want.",
		"Do not use this query:\n```sql\n" + task.Reference + "\n```",
		"```sql\n" + task.Reference + "\n```\nThis query does not answer the question.",
		"```sql\n" + task.Reference + "\n```\nThis is not true of it. The query is `" + wrong + "`",
		"```sql\n" + wrong + "\n```\nor\n```sql\n" + task.Reference + "\n```", "<think>" + task.Reference,
		"The answer is not " + task.Reference, "Answer: " + task.Reference + "\n\nAnswer: " + wrong, task.Reference + ";\n" + wrong + ";",
	} {
		if v := task.Verify(hedge); v.Score != 0 {
			t.Errorf("%q passes", hedge)
		}
	}
}

// TestTheReferenceIsNotTheOnlyAnswer: other queries that return the same rows
// pass, those that return nearly the same do not.
func TestTheReferenceIsNotTheOnlyAnswer(t *testing.T) {
	for level := 1; level <= 4; level++ {
		for seed := range uint64(6) {
			task := kept(t, level, seed)
			query := task.Reference
			for _, right := range []string{"  " + strings.ToLower(query[:6]) + query[6:] + " ;", "WITH t AS (" + query + ") SELECT * FROM t",
				"-- the query\n" + query, query + "; -- done",
				"```sqlite\n" + query + "\n```", "```SQL\n" + query + ";\n```", "```" + query + "```"} {
				if v := task.Verify(right); v.Score != 1 {
					t.Errorf("level %d seed %d: %q: %s", level, seed, right, v.Note)
				}
			}
			for _, wrong := range []string{query + " LIMIT 0", "SELECT * FROM (" + query + ") UNION ALL SELECT * FROM (" + query + ")",
				"SELECT *, 1 FROM (" + query + ")", "SELECT * FROM (" + query + ") LIMIT 199", "SELECT * FROM (" + query + ") LIMIT 3 + 196",
				"SELECT * FROM (" + query + ") limit(199)", "SELECT * FROM (" + query + ") LIMIT 0, 199"} {
				if strings.Contains(query, "LIMIT") && strings.HasSuffix(wrong, "LIMIT 0") {
					continue
				}
				empty := task.Verify("SELECT * FROM ("+query+") LIMIT 0").Score == 1 // nothing twice is nothing
				if v := task.Verify(wrong); v.Score != 0 && !empty {
					t.Errorf("level %d seed %d: %q passes, the reference is %q", level, seed, wrong, query)
				}
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("SELECT 1")
	f.Add("WITH a AS (SELECT 1) SELECT * FROM a, orders")
	f.Add("```sql\nSELECT\x00")
	task := task(f, 2, 1)
	f.Fuzz(func(t *testing.T, answer string) {
		if v := task.Verify(answer); v.Score != 0 && v.Score != 1 {
			t.Fatalf("score %v", v.Score)
		}
	})
}

func Example() {
	suite, err := practice.NewSuite(sqltask.New())
	if err != nil {
		log.Fatal(err)
	}
	task, err := suite.Task("sql", 3, 4)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(task.Reference)
	fmt.Println(task.Verify("SELECT city FROM orders").Note)
	// Output:
	// SELECT city, sum(amount) FROM orders GROUP BY city HAVING sum(amount) > 176
	// a wrong number of rows
}

var update = flag.Bool("update", false, "write testdata anew; a changed line means a new version of the family")

// TestAVersionIsForEver compares the tasks with those that the version had at first.
func TestAVersionIsForEver(t *testing.T) {
	var got strings.Builder
	for level := 1; level <= 4; level++ {
		h := sha256.New()
		for seed := range uint64(200) {
			task := task(t, level, seed*0x9e3779b97f4a7c15)
			fmt.Fprintf(h, "%q %q %q %s\n", task.Params, task.Messages[0].Content, task.Reference, practice.Split("skills", &task))
		}
		fmt.Fprintf(&got, "level %d %x\n", level, h.Sum(nil)[:12])
	}
	path := fmt.Sprintf("testdata/tasks/sql-%d.golden", sqltask.New().Info().Version)
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s: these tasks have changed; restore them, or count the family's version up\ngot:\n%s", path, got.String())
	}
}
