// Package sqltask is a family of practice tasks that are answered in SQL: a
// small table, a question, and a query that the model writes. The query is run
// by SQLite, on a database in memory that is made for it, and its rows are
// compared with those of the reference query: on the rows that the prompt shows, and
// on others that it does not, with border values, ties, duplicates and no rows.
//
// A model's query is not trusted. It must be a single SELECT, and can read the
// task's table and nothing else: not what SQLite knows of it, the time or chance. A
// query that returns too much or runs for too long fails.
package sqltask

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

const (
	// maxQuery bounds the query's length in bytes, maxRows its rows.
	maxQuery = 1000
	maxRows  = 200
	// minTime is what it may always take. On a busy machine everything takes
	// longer, so it may also take patience times what making the database and
	// running the reference took, but no more than maxTime.
	minTime  = 2 * time.Second
	patience = 20
	maxTime  = 5 * time.Second
	// setup bounds what is ours.
	setup = 30 * time.Second
	// maxValue bounds its longest value.
	maxValue = 1 << 16
)

// Family generates SQL tasks. Its zero value is ready to use.
type Family struct{}

// New returns the family.
func New() Family { return Family{} }

// Info implements practice.Family. Version 1 judged a query on the prompt's rows
// alone, and asked for "the customers of all orders", which may be each of them once.
func (Family) Info() hobby.Family {
	return hobby.Family{Name: "sql", Version: 2, Levels: 4}
}

var (
	people = strings.Fields("Ada Ben Cleo Dan Eva Finn Gus Hana Ivan June Kai Lena Max Nora Omar Pia")
	cities = strings.Fields("Oslo Lima Cairo Delhi Turin Perth")
)

// schema is the table that every task has. Nothing in it is NULL, since what a
// question says of an order without a city or an amount would be anybody's guess.
const schema = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, city TEXT NOT NULL, amount INTEGER NOT NULL)"

// question is what is asked, with the queries that answer it. Where the words have
// two fair readings there is one for each.
type question struct {
	text    string
	queries []string
	ordered bool
	// city and limit are what the hidden databases have near misses of.
	city  string
	limit int
}

// Generate implements practice.Family.
func (Family) Generate(r *rand.Rand, level int) practice.Task {
	orders := make([]order, 6+2*level)
	for i := range orders {
		orders[i] = order{i + 1, people[r.IntN(len(people))], cities[r.IntN(3+level)%len(cities)], 10 + r.IntN(490)}
	}
	shown := inserts(orders)
	q := ask(r, level)
	task := "Write one SQLite query for such a table, whatever its rows are: " + q.text + " Answer with the query only."
	prompt := schema + ";\n" + shown + ";\n\n" + task
	params := q.queries[0] + "\n" + shown
	return practice.Task{
		Params:    params,
		Messages:  []hobby.Message{{Role: hobby.RoleUser, Content: prompt}},
		Reference: q.queries[0], Verifier: "sqlite", MaxTokens: 160,
		Verify: func(answer string) practice.Verdict { return verify(answer, orders, &q, params) },
	}
}

func ask(r *rand.Rand, level int) question {
	city, limit, n := cities[r.IntN(len(cities)-1)], 50+r.IntN(400), 2+r.IntN(4)
	unordered := func(text string, queries ...string) question { return question{text, queries, false, city, limit} }
	ordered := func(text, query string) question { return question{text, []string{query}, true, city, limit} }
	var qs []question
	switch level {
	case 1:
		qs = []question{
			unordered(fmt.Sprintf("the customer of each order with an amount of more than %d, one row for each order.", limit),
				fmt.Sprintf("SELECT customer FROM orders WHERE amount > %d", limit)),
			unordered(fmt.Sprintf("the id and the amount of each order from %s.", city),
				fmt.Sprintf("SELECT id, amount FROM orders WHERE city = '%s'", city)),
			unordered(fmt.Sprintf("the number of orders with an amount of less than %d.", limit),
				fmt.Sprintf("SELECT count(*) FROM orders WHERE amount < %d", limit)),
		}
	case 2:
		sum := fmt.Sprintf("FROM orders WHERE city <> '%s'", city)
		qs = []question{
			unordered(fmt.Sprintf("the sum of the amounts of all orders that are not from %s.", city),
				"SELECT sum(amount) "+sum, "SELECT coalesce(sum(amount), 0) "+sum), // of no orders, it is NULL or 0
			ordered(fmt.Sprintf("the customers of the %d orders with the largest amounts, "+
				"one row for each order, largest first, and of equal ones the lower id first.", n),
				fmt.Sprintf("SELECT customer FROM orders ORDER BY amount DESC, id LIMIT %d", n)),
			ordered(fmt.Sprintf("each city once that has an order with an amount of more than %d, in alphabetical order.", limit),
				fmt.Sprintf("SELECT DISTINCT city FROM orders WHERE amount > %d ORDER BY city", limit)),
		}
	case 3:
		qs = []question{
			unordered("each city with the number of its orders.", "SELECT city, count(*) FROM orders GROUP BY city"),
			unordered(fmt.Sprintf("each city whose orders have amounts of more than %d in all, with that sum.", limit),
				fmt.Sprintf("SELECT city, sum(amount) FROM orders GROUP BY city HAVING sum(amount) > %d", limit)),
			ordered("each customer with their largest amount, customers in alphabetical order.",
				"SELECT customer, max(amount) FROM orders GROUP BY customer ORDER BY customer"),
		}
	default:
		qs = []question{
			unordered("the ids of all orders whose amount is above the average amount of all orders.",
				"SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders)"),
			unordered("each city with the id of its order with the largest amount, and of equal ones the lower id.",
				"SELECT city, id FROM (SELECT city, id, row_number() OVER (PARTITION BY city ORDER BY amount DESC, id) AS n FROM orders) WHERE n = 1"),
			ordered("the id of each order and the sum of the amounts of it and all orders with lower ids, in the order of the ids.",
				"SELECT id, sum(amount) OVER (ORDER BY id) FROM orders ORDER BY id"),
		}
	}
	return qs[r.IntN(len(qs))]
}

var selects = regexp.MustCompile(`(?i)^(select|with|values)\b`)

// verify finds the query in an answer, as practice.Read does, and judges it.
func verify(answer string, orders []order, q *question, params string) practice.Verdict {
	judged := map[string]practice.Verdict{} // the same query may be found in several ways
	return practice.Read(answer, func(said string) practice.Verdict {
		s := practice.Bare(strings.TrimSpace(strings.TrimSuffix(practice.Bare(said), ";")))
		v, known := judged[s]
		if !known {
			v = judge(s, orders, q, params)
			judged[s] = v
		}
		return v
	})
}

// judge runs a query and the reference on the task's database, and on those that
// the prompt does not show, and compares what they return.
func judge(s string, orders []order, q *question, params string) practice.Verdict {
	switch {
	case len(s) > maxQuery:
		return practice.Fail("more than a query")
	case !selects.MatchString(s), strings.Contains(s, ";"):
		return practice.Fail("not a single SELECT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), setup)
	defer cancel()
	db, err := open(ctx)
	if err != nil {
		return practice.Fail("not checked: " + err.Error())
	}
	defer db.Close()
	readings := slices.Clone(q.queries) // that the answer may be of
	for i, d := range append([]database{{orders: orders}}, hidden(q, params)...) {
		begin := time.Now()
		if err := fill(ctx, db, &d); err != nil {
			return practice.Fail("not checked: " + err.Error())
		}
		var v practice.Verdict
		if readings, v = compare(ctx, db, s, readings, q.ordered, begin); len(readings) == 0 {
			if i > 0 && v.Note != failed {
				v.Note += " on other orders"
			}
			return v
		}
	}
	return practice.Pass()
}

// failed is said of a query that returns nothing that can be compared.
const failed = "a query that fails"

// compare runs the answer and the readings, and returns those that it agrees with.
func compare(ctx context.Context, db *sql.DB, answer string, readings []string, ordered bool,
	begin time.Time) (agree []string, v practice.Verdict) {
	wants := make([][]string, len(readings))
	for i, q := range readings {
		var err error
		if wants[i], err = run(ctx, db, q); err != nil {
			return nil, practice.Fail("not checked: " + err.Error())
		}
	}
	limited, stop := context.WithTimeout(ctx, min(max(minTime, patience*time.Since(begin)), maxTime))
	defer stop()
	if err := guard(ctx, db, true); err != nil {
		return nil, practice.Fail("not checked: " + err.Error())
	}
	got, err := run(limited, db, answer)
	if off := guard(ctx, db, false); off != nil {
		return nil, practice.Fail("not checked: " + off.Error())
	}
	if err != nil {
		return nil, practice.Fail(failed)
	}
	for i, want := range wants {
		switch {
		case same(got, want, ordered):
			agree = append(agree, readings[i])
		case ordered && same(got, want, false):
			v = practice.Fail("rows in the wrong order")
		case len(got) != len(want):
			v = practice.Fail("a wrong number of rows")
		default:
			v = practice.Fail("wrong rows")
		}
	}
	return agree, v
}

// open makes a database, which holds nothing.
func open(ctx context.Context) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // another connection would be another database
	if _, err := db.ExecContext(ctx, "PRAGMA trusted_schema = OFF"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := limit(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// changing are functions that return something else each time, or tell what is not
// in the table.
var changing = regexp.MustCompile(`(?i)^(?:random.*|date|time|datetime|julianday|unixepoch|strftime|timediff|current_.*|` +
	`changes|total_changes|last_insert_rowid|sqlite_.*)$`)

// guard lets a model's query read the table of the task, and nothing else.
func guard(ctx context.Context, db *sql.DB, on bool) error {
	var allow sqlite.AuthorizerFn
	if on {
		allow = func(action sqlite.AuthorizerActionCode, table, function, _, _ string) sqlite.AuthorizerReturnCode {
			name := strings.ToLower(table)
			switch {
			case action == sqlite.AuthSelect, action == sqlite.AuthRecursive,
				action == sqlite.AuthRead && !strings.HasPrefix(name, "sqlite_") && !strings.HasPrefix(name, "pragma_"),
				action == sqlite.AuthFunction && !changing.MatchString(function):
				return sqlite.AuthorizerOK
			}
			return sqlite.AuthorizerDeny
		}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(driver any) error {
		r, ok := driver.(sqlite.AuthorizerRegisterer)
		if !ok {
			return errors.New("the driver has no authorizer")
		}
		return r.RegisterAuthorizer(allow)
	})
	return errors.Join(err, conn.Close())
}

// limit bounds what a query of db may use.
func limit(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	for id, most := range map[int]int{
		sqlite3.SQLITE_LIMIT_LENGTH: maxValue, sqlite3.SQLITE_LIMIT_ATTACHED: 0,
		sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100, sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20, sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
	} {
		if _, err := sqlite.Limit(conn, id, most); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	return conn.Close()
}

// run returns the rows of a query as texts.
func run(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range dest {
		dest[i] = &values[i]
	}
	var out []string
	size := 0
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		var b strings.Builder
		for _, v := range values {
			b.WriteString(text(v) + "|")
		}
		if size += b.Len(); size > 1<<16 || len(out) == maxRows {
			return nil, fmt.Errorf("more than %d rows", maxRows)
		}
		out = append(out, b.String())
	}
	return out, rows.Err()
}

// text is a value as it is compared: a number without a fraction is the same as
// a real number and as an integer.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.Quote(strconv.FormatInt(int64(v), 10))
		}
	case []byte:
		return strconv.Quote(string(v))
	}
	return strconv.Quote(fmt.Sprint(v))
}

// same compares rows, in order or in any.
func same(a, b []string, ordered bool) bool {
	if !ordered {
		a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	}
	return slices.Equal(a, b)
}
