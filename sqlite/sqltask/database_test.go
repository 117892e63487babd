package sqltask_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/tools"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

func opened(t testing.TB) *sqltask.Database {
	t.Helper()
	d, err := sqltask.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := d.Run("INSERT INTO orders VALUES (1, 'Ada', 'Oslo', 10), (2, 'Ben', 'Lima', 20)"); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTheDatabaseIsClosedOff has statements that would reach the machine, SQLite's own
// tables, chance or the clock, or go on for ever: each fails soon, and changes nothing.
func TestTheDatabaseIsClosedOff(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	d := opened(t)
	before, err := d.Dump()
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for _, s := range []string{
		"ATTACH 'x.db' AS x", "ATTACH DATABASE ':memory:' AS m", "DETACH main", "VACUUM INTO 'x.db'", "PRAGMA journal_mode = WAL",
		"PRAGMA writable_schema = 1",
		"SELECT * FROM pragma_database_list", "SELECT load_extension('x')", "SELECT readfile('/etc/passwd')", "SELECT writefile('x', 'y')",
		"SELECT fts3_tokenizer('x')",
		"SELECT * FROM sqlite_master", "SELECT * FROM sqlite_schema", "SELECT * FROM dbstat", "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)",
		"CREATE TRIGGER t AFTER INSERT ON orders BEGIN DELETE FROM orders; END", "CREATE VIRTUAL TABLE v USING csv('/etc/passwd')",
		"DROP TABLE orders",
		"ALTER TABLE orders ADD x", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "REINDEX", "ANALYZE", "EXPLAIN SELECT 1",
		"SELECT random()", "SELECT randomblob(1000000000)", "SELECT zeroblob(1000000000)", "SELECT datetime('now')",
		"SELECT printf('%1000000000d', 1)",
		"SELECT hex(zeroblob(1000))", "SELECT group_concat(customer) FROM orders", "SELECT sqlite_version()",
		"SELECT last_insert_rowid()", "SELECT changes()",
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c",
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) INSERT INTO orders SELECT n + 10, 'x', 'y', n FROM c",
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION SELECT n + 1 FROM c) DELETE FROM orders WHERE id IN (SELECT n FROM c)",
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 500) SELECT n FROM c",
		"INSERT INTO orders VALUES (3, '" + strings.Repeat("x", 1900) + "', 'y', 1)", "SELECT '" + strings.Repeat("x", 200) + "'",
		"SELECT 1; DELETE FROM orders", "SELECT 1 -- \n; DELETE FROM orders", "", ";", "\x00", strings.Repeat("(", 1000),
		"DELETE FROM orders RETURNING randomblob(9)", "INSERT INTO sqlite_sequence VALUES (1, 2)", "UPDATE sqlite_master SET sql = 'x'",
		"DELETE FROM x.orders",
	} {
		if got, err := d.Run(s); err == nil {
			t.Errorf("%.80q: %q, want an error", s, got)
		}
		if after, err := d.Dump(); err != nil || after != before {
			t.Fatalf("%.80q has changed the table: %q, %v", s, after, err)
		}
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("files on the machine: %v, %v", entries, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.db")); err == nil {
		t.Error("a database was written")
	}
}

// TestTheTableIsBounded doubles the table until it does not grow any more.
func TestTheTableIsBounded(t *testing.T) {
	d := opened(t)
	for range 30 {
		if _, err := d.Run("INSERT INTO orders (customer, city, amount) SELECT customer, city, amount FROM orders"); err != nil {
			if !strings.Contains(err.Error(), "full") {
				t.Errorf("it ended with: %v", err)
			}
			return
		}
	}
	t.Error("the table doubled thirty times")
}

// TestSQLToolsPass has each task solved by its own calls, and near misses of the statement
// judged by a database of another driver.
func TestSQLToolsPass(t *testing.T) {
	s, err := practice.NewSuite(tools.SQL(func() (tools.Database, error) { return sqltask.Open() }))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	digits := regexp.MustCompile(`[0-9]+`)
	for level := 1; level <= 4; level++ {
		for seed := range uint64(6) {
			task, err := s.Task("sql_tools", level, seed)
			if err != nil {
				t.Fatal(err)
			}
			if v := task.Verify(task.Reference); v.Score != 1 {
				t.Errorf("level %d: %s\n%s\n%s", level, v.Note, task.Params, task.Reference)
			}
			calls, _ := practice.Calls(task.Reference)
			statement := calls[0].Arguments
			if level != 2 || !strings.Contains(statement, "UPDATE") && !strings.Contains(statement, "DELETE") {
				continue
			}
			for _, near := range []string{
				strings.Replace(statement, ">=", ">", 1), strings.Replace(statement, "DELETE", "SELECT *", 1),
				strings.Replace(statement, " WHERE id", " WHERE amount", 1),
				digits.ReplaceAllStringFunc(statement, func(n string) string { return n + "0" }), strings.Replace(statement, "'", "'x", 1),
				digits.ReplaceAllString(statement, fmt.Sprint(r.IntN(10))),
			} {
				if near == statement {
					continue
				}
				calls[0].Arguments = near
				passes := task.Verify(practice.Transcript(calls)+"done").Score == 1
				if same := sameTable(t, task, near, statement); passes != same {
					t.Errorf("%s: %s passes: %v; another driver says: %v", task.Params, near, passes, same)
				}
			}
		}
	}
}

// sameTable runs two statements on tables of database/sql and compares what they leave.
func sameTable(t *testing.T, task practice.Task, one, other string) bool {
	t.Helper()
	u := task.Use()
	defer u.Close()
	rows := u.Call(t.Context(), hobby.ToolCall{Name: "run_sql", Arguments: `{"statement": "SELECT * FROM orders"}`})
	left := [2]string{}
	for i, arguments := range []string{one, other} {
		db, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, city TEXT, amount INTEGER)"); err != nil {
			t.Fatal(err)
		}
		for row := range strings.Lines(rows) {
			f := strings.Split(strings.TrimSpace(row), "|")
			if _, err := db.Exec("INSERT INTO orders VALUES (?, ?, ?, ?)", f[0], f[1], f[2], f[3]); err != nil {
				t.Fatal(err)
			}
		}
		_, failed := db.Exec(strings.TrimSuffix(strings.TrimPrefix(arguments, `{"statement": "`), `"}`))
		var all string
		query := "SELECT coalesce(group_concat(id || customer || city || amount, ';'), '') FROM (SELECT * FROM orders ORDER BY id)"
		if err := db.QueryRow(query).Scan(&all); err != nil {
			t.Fatal(err)
		}
		left[i] = all
		if failed != nil && i == 0 {
			left[i] = "failed"
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return left[0] == left[1]
}
