package sqltask_test

import (
	"cmp"
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

var mutants = flag.Int("mutants", 2000, "how many near misses of keys are judged")

// row is an order as this file knows it.
type row struct {
	id             int
	customer, city string
	amount         int
}

// answers are the rows that a question asks for, computed from its words and the
// orders without SQL: one list for each fair reading. ordered says that their order
// is asked for.
func answers(question string, orders []row) (readings [][]string, ordered bool) {
	number := func(pattern string) (int, bool) {
		m := regexp.MustCompile(pattern).FindStringSubmatch(question)
		if m == nil {
			return 0, false
		}
		n, err := strconv.Atoi(m[1])
		return n, err == nil
	}
	name := func(pattern string) (string, bool) {
		m := regexp.MustCompile(pattern).FindStringSubmatch(question)
		if m == nil {
			return "", false
		}
		return m[1], true
	}
	byID := slices.SortedFunc(slices.Values(orders), func(a, b row) int { return a.id - b.id })
	largest := slices.SortedStableFunc(slices.Values(byID), func(a, b row) int { return b.amount - a.amount })
	var out []string
	put := func(values ...any) {
		s := ""
		for _, v := range values {
			s += fmt.Sprint(v) + "|"
		}
		out = append(out, s)
	}
	totals, times, best, top := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	all := 0
	for _, o := range largest {
		totals[o.city] += o.amount
		times[o.city]++
		if _, known := best[o.customer]; !known {
			best[o.customer] = o.amount
		}
		if _, known := top[o.city]; !known {
			top[o.city] = o.id
		}
		all += o.amount
	}
	if n, ok := number(`customer of each order with an amount of more than (\d+), one row`); ok {
		for _, o := range orders {
			if o.amount > n {
				put(o.customer)
			}
		}
	} else if c, ok := name(`id and the amount of each order from (\w+)\.`); ok {
		for _, o := range orders {
			if o.city == c {
				put(o.id, o.amount)
			}
		}
	} else if n, ok := number(`number of orders with an amount of less than (\d+)\.`); ok {
		small := 0
		for _, o := range orders {
			if o.amount < n {
				small++
			}
		}
		put(small)
	} else if c, ok := name(`sum of the amounts of all orders that are not from (\w+)\.`); ok {
		if times[c] == len(orders) {
			return [][]string{{"0|"}, {"NULL|"}}, false
		}
		put(all - totals[c])
	} else if n, ok := number(`customers of the (\d+) orders with the largest amounts`); ok {
		ordered = true
		for _, o := range largest[:min(n, len(largest))] {
			put(o.customer)
		}
	} else if n, ok := number(`each city once that has an order with an amount of more than (\d+), in alphabetical`); ok {
		ordered = true
		above := map[string]bool{}
		for _, o := range orders {
			if o.amount > n {
				above[o.city] = true
			}
		}
		for _, c := range slices.Sorted(maps.Keys(above)) {
			put(c)
		}
	} else if strings.Contains(question, "each city with the number of its orders.") {
		for c, n := range times {
			put(c, n)
		}
	} else if n, ok := number(`each city whose orders have amounts of more than (\d+) in all, with that sum`); ok {
		for c, sum := range totals {
			if sum > n {
				put(c, sum)
			}
		}
	} else if strings.Contains(question, "each customer with their largest amount, customers in alphabetical order.") {
		ordered = true
		for _, c := range slices.Sorted(maps.Keys(best)) {
			put(c, best[c])
		}
	} else if strings.Contains(question, "ids of all orders whose amount is above the average amount") {
		for _, o := range orders {
			if o.amount*len(orders) > all {
				put(o.id)
			}
		}
	} else if strings.Contains(question, "each city with the id of its order with the largest amount, and of equal ones the lower id.") {
		for c, id := range top {
			put(c, id)
		}
	} else if strings.Contains(question, "id of each order and the sum of the amounts of it and all orders with lower ids") {
		ordered = true
		sum := 0
		for _, o := range byID {
			sum += o.amount
			put(o.id, sum)
		}
	} else {
		panic("nobody knows how to answer " + question)
	}
	return [][]string{out}, ordered
}

// judge is a database of this file's own, on which queries are judged again.
type judge struct {
	db *sql.DB
	r  *rand.Rand
}

func newJudge(t testing.TB) *judge {
	t.Helper()
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return &judge{db, rand.New(rand.NewPCG(9, 9))}
}

// orders draws a table near the numbers and names of a question.
func (j *judge) orders(question string) (all []row) {
	near := []int{-3, 0, 5, 6, 7, 300}
	for _, m := range regexp.MustCompile(`\d+`).FindAllString(question, -1) {
		n, _ := strconv.Atoi(m)
		near = append(near, n-1, n, n+1, n/2, n-n/2)
	}
	cities := []string{"Oslo", "Lima", "Cairo", "Delhi", "Turin", "Perth", "Osloka", "New Lima"}[j.r.IntN(5):]
	for id := range j.r.IntN(24) {
		all = append(all, row{id*2 + 1, string(rune('A' + j.r.IntN(4))), cities[j.r.IntN(1+j.r.IntN(len(cities)))], near[j.r.IntN(len(near))]})
	}
	if len(all) > 0 && j.r.IntN(2) == 0 { // what no prompt shows
		o := &all[j.r.IntN(len(all))]
		odd := []string{"", "d'Or", "zzz", "1st", "NULL", "A-B", "A B", "_", "Öz", strings.Repeat("n", 35), cities[0]}
		o.id, o.customer = []int{0, -8, 1 << 33, o.id}[j.r.IntN(4)], odd[j.r.IntN(len(odd))]
		o.amount = []int{o.id, -1, 1 << 40, -1 << 40, o.amount}[j.r.IntN(5)]
		if j.r.IntN(2) == 0 {
			o.city = odd[j.r.IntN(len(odd))]
		}
		if len(all) > 1 && j.r.IntN(3) == 0 { // two long names that differ at their ends
			all[0].customer, all[1].customer = strings.Repeat("n", 35)+"b", strings.Repeat("n", 35)+"a"
			all[0].city, all[1].city = all[0].customer, all[1].customer
		}
	}
	if j.r.IntN(4) == 0 { // more names than a limit of one digit keeps, and then what there is
		for n := range 24 {
			name := fmt.Sprint(string(rune('A'+n%2*('z'-'A'))), n)
			all = append(all, row{n - 100, name, name, near[n%len(near)]})
		}
	}
	j.r.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	return all
}

// right reports whether a query gives the answer that the words ask for on so many
// databases, always by one of their readings.
func (j *judge) right(t testing.TB, question, query string, databases int) bool {
	t.Helper()
	readings := map[int]bool{0: true, 1: true}
	for n := range databases {
		orders := j.orders(question)
		statements := []string{
			"DROP TABLE IF EXISTS orders",
			"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, city TEXT NOT NULL, amount INTEGER NOT NULL)",
		}
		if len(orders) > 0 {
			values := make([]string, len(orders))
			for i, o := range orders {
				values[i] = fmt.Sprintf("(%d, '%s', '%s', %d)", o.id,
					strings.ReplaceAll(o.customer, "'", "''"), strings.ReplaceAll(o.city, "'", "''"), o.amount)
			}
			statements = append(statements, "INSERT INTO orders VALUES "+strings.Join(values, ", "))
		}
		if n%2 == 1 {
			statements = append(statements,
				"CREATE INDEX a ON orders (city, amount DESC, id DESC)", "CREATE INDEX b ON orders (amount DESC, id DESC)",
				"CREATE INDEX c ON orders (customer DESC, id DESC)", "CREATE INDEX d ON orders (city DESC, id DESC)")
		}
		statements = append(statements, fmt.Sprintf("PRAGMA reverse_unordered_selects = %d", n/2%2))
		if _, err := j.db.ExecContext(t.Context(), strings.Join(statements, ";")); err != nil {
			t.Fatal(err)
		}
		got, err := j.run(t, query)
		if err != nil {
			return false
		}
		wants, ordered := answers(question, orders)
		for i := range readings {
			want := slices.Clone(wants[min(i, len(wants)-1)])
			if !ordered {
				slices.Sort(want)
				slices.Sort(got)
			}
			if !slices.Equal(got, want) {
				delete(readings, i)
			}
		}
		if len(readings) == 0 {
			return false
		}
	}
	return true
}

func (j *judge) run(t testing.TB, query string) (out []string, err error) {
	rows, err := j.db.QueryContext(t.Context(), query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		s := ""
		for _, v := range values {
			switch n := v.(type) {
			case nil:
				v = "NULL"
			case float64:
				v = strconv.FormatFloat(n, 'f', -1, 64)
			}
			s += fmt.Sprint(v) + "|"
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// swaps are what near misses of a query are made by: each occurrence of the first is
// replaced by the second.
var swaps = [][2]string{
	{" > ", " >= "}, {" > ", " < "}, {" > ", " <> "}, {" < ", " <= "}, {" < ", " > "}, {" = ", " <> "}, {" = ", " > "},
	{" <> ", " = "}, {" <> ", " < "}, {"DISTINCT ", ""}, {"SELECT ", "SELECT DISTINCT "}, {" DESC", ""}, {" DESC", " ASC"},
	{", id", ""}, {", id ", ", id DESC "}, {", id)", ", id DESC)"}, {"amount DESC", "id"}, {" ORDER BY city", ""},
	{" ORDER BY customer", ""}, {" ORDER BY id", ""}, {"ORDER BY city", "ORDER BY city DESC"},
	{"ORDER BY customer", "ORDER BY 2, 1"}, {"ORDER BY id", "ORDER BY amount"}, {"ORDER BY customer", "ORDER BY customer DESC"},
	{"OVER (ORDER BY id)", "OVER ()"}, {"OVER (ORDER BY id)", "OVER (ORDER BY id DESC)"}, {"PARTITION BY city ", ""},
	{"PARTITION BY city", "PARTITION BY customer"}, {"row_number", "rank"}, {"n = 1", "n = 2"}, {"n = 1", "n <= 2"},
	{"count(*)", "count(DISTINCT customer)"}, {"count(*)", "count(DISTINCT amount)"}, {"count(*)", "sum(amount)"},
	{"count(*)", "count(*) + 1"}, {"sum(", "max("}, {"sum(", "count("}, {"sum(", "avg("}, {"sum(amount)", "sum(DISTINCT amount)"},
	{"max(", "min("}, {"max(", "sum("}, {"max(amount)", "amount"}, {"avg(", "max("}, {"avg(", "min("},
	{"avg(amount)", "sum(amount) / 2"}, {"avg(amount)", "avg(DISTINCT amount)"}, {"avg(amount)", "avg(amount) + 1"},
	{"customer", "city"}, {"city", "customer"}, {"id, amount", "amount, id"}, {"id, amount", "id"}, {"SELECT id", "SELECT amount"},
	{"SELECT id", "SELECT rowid"}, {"SELECT city, id", "SELECT id, city"}, {"SELECT city, id", "SELECT id"},
	{"GROUP BY city", "GROUP BY customer"}, {" GROUP BY city", ""}, {"Oslo", "Lima"}, {"Lima", "Cairo"}, {"Cairo", "Oslo"},
	{"Delhi", "Turin"}, {"Turin", "Delhi"}, {" = 'Oslo'", " LIKE 'Oslo%'"}, {" = 'Lima'", " LIKE '%Lima'"}, {" = '", " LIKE '"},
	{"<> '", "NOT LIKE '"}, {"= 'Cairo'", "LIKE 'Ca%'"}, {"coalesce", "max"}, {"SELECT sum(amount)", "SELECT total(amount)"},
	{"SELECT sum(amount)", "SELECT coalesce(sum(amount), -1)"}, {"max(amount)", "max(CAST(amount AS TEXT))"},
	{"max(amount)", "max(max(amount), 0)"}, {"max(amount)", "max(abs(amount))"}, {"amount DESC", "abs(amount) DESC"},
	{"amount DESC", "CAST(amount AS TEXT) DESC"}, {"avg(amount)", "CAST(avg(amount) AS INTEGER)"}, {"avg(amount)", "avg(amount) + 0.01"},
	{"ORDER BY city", "ORDER BY substr(city, 1, 10)"}, {"ORDER BY customer", "ORDER BY substr(customer, 1, 9)"},
	{"PARTITION BY city", "PARTITION BY substr(city, 1, 8)"},
}

// conditions hold of rows such as the prompt's, and need not of others.
var conditions = []string{
	"id <> 0", "id <> 1", "id > -1", "id < 5000", "amount <> id", "amount <> 0", "amount <> -1", "amount < 1000000000", "amount > -1000000000",
	"length(customer) < 30", "length(city) < 9", "customer <> ''", "city <> ''", "customer <> city",
	"customer <> 'NULL'", "customer NOT LIKE '%''%'",
	"city NOT LIKE '% %'", "customer NOT LIKE '% %'", "customer NOT LIKE '%-%'", "city NOT LIKE '%-%'", "customer < 'zzz'", "customer >= 'A'",
	"customer GLOB '[A-Z]*'", "unicode(customer) < 200", "(SELECT count(*) FROM orders) < 150",
	"city IN (SELECT DISTINCT city FROM orders LIMIT 9)",
}

var (
	numerals = regexp.MustCompile(`\d+`)
	filters  = regexp.MustCompile(` (?:WHERE|HAVING|LIMIT) [^()]*?(?: ORDER.*)?$`)
)

// misses are near misses of a key, some of which may be right all the same.
func misses(r *rand.Rand, key, other, shown string) []string {
	rows := "SELECT * FROM (" + key + ")"
	all := []string{
		other, shown, rows + " LIMIT 0", key + " LIMIT 3", key + " OFFSET 1", rows + " UNION ALL " + rows, rows + " UNION " + rows,
		rows + " ORDER BY 1", rows + " ORDER BY 1 DESC", "SELECT *, 1 FROM (" + key + ")", "SELECT NULL FROM (" + key + ")",
		key + " LIMIT 9", key + " -- this is wrong", "-- wrong\n" + key,
		strings.ReplaceAll(key, "FROM orders", "FROM (SELECT * FROM orders WHERE "+conditions[r.IntN(len(conditions))]+")"),
		filters.ReplaceAllString(key, ""), key + " AND 1 = 1", strings.Replace(key, "FROM orders", "FROM (SELECT * FROM orders LIMIT 10)", 1),
	}
	for _, s := range swaps {
		if n := strings.Count(key, s[0]); n > 0 {
			all = append(all, strings.ReplaceAll(key, s[0], s[1]))
			if n > 1 {
				all = append(all, strings.Replace(key, s[0], s[1], 1+r.IntN(n-1)))
			}
		}
	}
	for _, by := range []int{-1, 1, 10} {
		all = append(all, numerals.ReplaceAllStringFunc(key, func(n string) string {
			v, _ := strconv.Atoi(n)
			return strconv.Itoa(v + by)
		}))
	}
	return all
}

// TestNearMissesFail judges near misses of keys, -mutants of them. One that passes
// must give the answer that the words ask for on 60 databases of this file's own.
func TestNearMissesFail(t *testing.T) {
	j := newJudge(t)
	r := rand.New(rand.NewPCG(1, 7))
	judged, passed, most := 0, 0, *mutants
	if race.Enabled { // the same ones are judged without it
		most /= 10
	}
	known := map[string]bool{} // that passed and are right, by the question's form
	var last string
	for level := 1; judged < most; level = level%4 + 1 {
		task, done := sqltask.GenerateKept(r, level)
		prompt := task.Messages[0].Content
		question := prompt[strings.LastIndex(prompt, "\n"):]
		for _, m := range append(misses(r, task.Reference, cmp.Or(last, "SELECT 1"), values(t, j, task)), last) {
			if m == task.Reference {
				continue
			}
			judged++
			if task.Verify(m).Score < 1 {
				continue
			}
			passed++
			if form := numerals.ReplaceAllString(m, "N"); !known[form+question[:40]] {
				if !j.right(t, question, m, 60) {
					t.Errorf("%q passes, and is wrong; the key is %q", m, task.Reference)
					continue
				}
				known[form+question[:40]] = true
				t.Logf("right too: %s, for %s", m, task.Reference)
			}
		}
		done()
		last = task.Reference
	}
	t.Logf("%d near misses, %d passed and are right", judged, passed)
}

// values is a query that says what the key returns on the prompt's rows.
func values(t testing.TB, j *judge, task practice.Task) string {
	t.Helper()
	prompt := task.Messages[0].Content
	create, rest, _ := strings.Cut(prompt, ";\n")
	insert, _, _ := strings.Cut(rest, ";\n")
	if _, err := j.db.ExecContext(t.Context(), "DROP TABLE IF EXISTS orders;"+create+";"+insert); err != nil {
		t.Fatal(err)
	}
	rows, err := j.run(t, task.Reference)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		return "SELECT 1 WHERE 0"
	}
	for i, row := range rows {
		rows[i] = "('" + strings.ReplaceAll(strings.TrimSuffix(row, "|"), "|", "', '") + "')"
	}
	return "VALUES " + strings.Join(rows, ", ")
}

// TestTheWordsAskForTheKey computes what the words ask for without SQL, on 20
// databases for each key.
func TestTheWordsAskForTheKey(t *testing.T) {
	j := newJudge(t)
	r := rand.New(rand.NewPCG(2, 7))
	for n := range *mutants / 20 {
		task := sqltask.New().Generate(r, 1+n%4)
		prompt := task.Messages[0].Content
		if question := prompt[strings.LastIndex(prompt, "\n"):]; !j.right(t, question, task.Reference, 20) {
			t.Errorf("%s: %s", question, task.Reference)
		}
		if v := task.Verify(task.Reference); v.Score != 1 {
			t.Errorf("%s: %+v", task.Reference, v)
		}
	}
}

// TestRowsThatNoPromptShows has queries that are right for rows such as the prompt's,
// and not whatever the rows are, or that return something else another time.
func TestRowsThatNoPromptShows(t *testing.T) {
	wrong := func(from, to string) func(string) string {
		return func(key string) string { return strings.Replace(key, from, to, 1) }
	}
	around := func(condition string) func(string) string {
		return func(key string) string { return "SELECT * FROM (" + key + ") WHERE " + condition }
	}
	after := func(rest string) func(string) string { return func(key string) string { return key + rest } }
	for _, c := range []struct {
		form string // of keys
		miss func(string) string
	}{
		{"SELECT customer FROM orders WHERE amount > N", wrong("amount >", "abs(amount) >")},
		{"SELECT customer FROM orders WHERE amount > N", wrong("WHERE", "WHERE id > 0 AND")},
		{"SELECT customer FROM orders WHERE amount > N", wrong("WHERE", "WHERE id < 1000 AND")},
		{"SELECT customer FROM orders WHERE amount > N", wrong("WHERE", "WHERE amount < 100000 AND")},
		{"SELECT customer FROM orders WHERE amount > N", after(" LIMIT 40")},
		{"SELECT count(*) FROM orders WHERE amount < N", wrong("WHERE", "WHERE amount > 0 AND")},
		{"SELECT count(*) FROM orders WHERE amount < N", wrong("count(*)", "count(nullif(amount, 0))")},
		{"SELECT id, amount FROM orders WHERE city = 'Oslo'", after(" LIMIT 16")},
		{"SELECT id, amount FROM orders WHERE city = 'Oslo'", after(" LIMIT 100")},
		{"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N", around("1 ORDER BY 1")},
		{"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N", around("1 ORDER BY 1 DESC")},
		{"SELECT DISTINCT city FROM orders WHERE amount > N ORDER BY city", wrong("BY city", "BY substr(city, 1, 4)")},
		{"SELECT city, count(*) FROM orders GROUP BY city", wrong("BY city", "BY substr(city, 1, 5)")},
		{"SELECT id, sum(amount) OVER (ORDER BY id) FROM orders ORDER BY id", wrong("BY id)", "BY id ROWS 60 PRECEDING)")},
		{"SELECT customer, max(amount) FROM orders GROUP BY customer ORDER BY customer", wrong("max(amount)", "max(CAST(amount AS TEXT))")},
		{"SELECT customer, max(amount) FROM orders GROUP BY customer ORDER BY customer", wrong("max(amount)", "max(max(amount), 0)")},
		{"SELECT customer, max(amount) FROM orders GROUP BY customer ORDER BY customer", wrong("BY customer", "BY substr(customer, 1, 9)")},
		{"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N", wrong("amount DESC", "abs(amount) DESC")},
		{"SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders)", wrong("avg(amount)", "CAST(avg(amount) AS INTEGER)")},
		{"SELECT city, count(*) FROM orders GROUP BY city", after(" LIMIT 9")},
		{"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N", around("city IN (SELECT DISTINCT city FROM orders LIMIT 9)")},
		{"SELECT id, amount FROM orders WHERE city = 'Lima'", around("city IN (SELECT DISTINCT city FROM orders ORDER BY city DESC LIMIT 9)")},
		{"SELECT id, amount FROM orders WHERE city = 'Lima'", around("id IN (SELECT id FROM orders ORDER BY amount LIMIT 9)")},
		{"SELECT id, amount FROM orders WHERE city = 'Lima'", around("customer IN (SELECT DISTINCT customer FROM orders LIMIT 9)")},
		{"SELECT customer FROM orders WHERE amount > N", wrong("WHERE", "WHERE id <> 0 AND")},
		{"SELECT customer FROM orders WHERE amount > N", wrong("WHERE", "WHERE customer NOT LIKE '%''%' AND")},
		{"SELECT city, count(*) FROM orders GROUP BY city", around("random() <> 5")},
		{"SELECT city, count(*) FROM orders GROUP BY city", around("date('now') > '2000-01-01'")},
		{"SELECT city, count(*) FROM orders GROUP BY city", around("current_timestamp > '2000-01-01'")},
		{"SELECT city, count(*) FROM orders GROUP BY city", around("(SELECT count(*) FROM sqlite_master) < 50")},
		{"SELECT city, count(*) FROM orders GROUP BY city", around("(SELECT count(*) FROM sqlite_schema) < 50")},
		{"SELECT city, count(*) FROM orders GROUP BY city", around("(SELECT count(*) FROM pragma_table_info('orders')) = 4")},
		{"SELECT city, count(*) FROM orders GROUP BY city", around("sqlite_version() > '1'")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND id <> 777")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND amount <> 777777")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND id < 99999999999")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND (amount < 77777 OR amount > 77777)")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND customer <> 'Zoe'")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND customer <> \"Zoe\"")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND customer NOT LIKE 'Zo_'")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND customer <> '--' AND id <> 777")},
		{"SELECT customer FROM orders WHERE amount > N", after(" AND amount <> 9*9*9*9*9")},
		{"SELECT customer FROM orders WHERE amount > N", after(" -- don't use this")},
		{"SELECT customer FROM orders WHERE amount > N", after(" -- it isn’t right")},
	} {
		tried := 0
		for seed := range uint64(200) {
			task := task(t, 1+int(seed%4), seed)
			if numerals.ReplaceAllString(task.Reference, "N") != c.form {
				continue
			}
			tried++
			if m := c.miss(task.Reference); m == task.Reference || task.Verify(m).Score == 1 {
				t.Errorf("%s passes for %s", m, task.Reference)
			}
			if tried == 3 {
				break
			}
		}
		if tried == 0 {
			t.Errorf("no key is of the form %s", c.form)
		}
	}
}

// TestOtherRightQueriesPass has queries that are right in other words than the key's.
func TestOtherRightQueriesPass(t *testing.T) {
	for _, c := range [][3]string{ // the form of keys, and what is replaced
		{"SELECT id, sum(amount) OVER (ORDER BY id) FROM orders ORDER BY id", "ORDER BY id$", "ORDER BY id -- needs SQLite 3.25"},
		{"SELECT id, sum(amount) OVER (ORDER BY id) FROM orders ORDER BY id", "FROM", `AS "running 2024" FROM`},
		{"SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders)", `avg\(amount\)`, "CAST(avg(amount) AS DECIMAL(10,2))"},
		{"SELECT DISTINCT city FROM orders WHERE amount > N ORDER BY city", "$", " COLLATE NOCASE"},
		{"SELECT customer, max(amount) FROM orders GROUP BY customer ORDER BY customer", "$", " COLLATE NOCASE"},
		{"SELECT sum(amount) FROM orders WHERE city <> 'Oslo'", "$", " -- cities that are not the given one"},
		{"SELECT id, amount FROM orders WHERE city = 'Oslo'", "id, amount", `"id", "amount" AS 'the amount'`},
		{"SELECT city, count(*) FROM orders GROUP BY city", `count\(\*\)`, `count(*) AS "n orders"`},
		{"SELECT city, id FROM (SELECT city, id, row_number() OVER (PARTITION BY city ORDER BY amount DESC, id) AS n FROM orders) WHERE n = N",
			"city, id, row", "*, max(amount) OVER (PARTITION BY city) AS most, row"},
		{"SELECT city, count(*) FROM orders GROUP BY city", "$", ` HAVING city <> '' OR city = ''`},
	} {
		tried := false
		for seed := range uint64(400) {
			task := task(t, 1+int(seed%4), seed)
			if numerals.ReplaceAllString(task.Reference, "N") != c[0] {
				continue
			}
			tried = true
			query := regexp.MustCompile(c[1]).ReplaceAllLiteralString(task.Reference, c[2])
			if v := task.Verify(query); query == task.Reference || v.Score < 1 {
				t.Errorf("%s: %s", query, v.Note)
			}
			break
		}
		if !tried {
			t.Errorf("no key is of the form %s", c[0])
		}
	}
}

// TestWhatPassedOnce has answers that version 1 let pass.
func TestWhatPassedOnce(t *testing.T) {
	replaced := map[string][2]string{
		"more than": {"amount > ", "amount >= "}, "less than": {"amount < ", "amount <= "}, "the lower id first": {", id LIMIT", " LIMIT"},
		"customers in alphabetical order": {" ORDER BY customer", ""}, "one row for each order": {"SELECT customer", "SELECT DISTINCT customer"},
		"the lower id.": {"amount DESC, id)", "amount DESC)"},
	}
	tried := map[string]int{}
	for level := 1; level <= 4; level++ {
		for seed := range uint64(60) {
			task := task(t, level, seed)
			for words, swap := range replaced {
				wrong := strings.Replace(task.Reference, swap[0], swap[1], 1)
				if !strings.Contains(task.Messages[0].Content, words) || wrong == task.Reference {
					continue
				}
				tried[words]++
				if v := task.Verify(wrong); v.Score == 1 || v.Note == "" {
					t.Errorf("level %d seed %d: %s passes for %s", level, seed, wrong, task.Reference)
				}
			}
		}
	}
	if len(tried) != len(replaced) {
		t.Errorf("tried only %v", tried)
	}
	j := newJudge(t)
	for seed, level := range map[uint64]int{207943325664755550: 1, 6799488115899691963: 2} {
		task := task(t, level, seed)
		if wrong := values(t, j, task); task.Verify(wrong).Score == 1 {
			t.Errorf("%s passes for %s", wrong, task.Reference)
		}
	}
}
