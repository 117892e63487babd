// Package sqltask is a family of practice tasks that are answered in SQL: a
// small table, a question, and a query that the model writes. The query is run
// by SQLite, on a database in memory that is made for it, and its rows are
// compared with those of the reference query.
//
// A model's query is not trusted. It must be a single SELECT; the database
// holds nothing but the task's table, cannot be written and cannot attach
// another; and a query that returns too much or runs for too long fails.
package sqltask

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
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
	minTime  = 500 * time.Millisecond
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

// Info implements practice.Family.
func (Family) Info() hobby.Family {
	return hobby.Family{Name: "sql", Levels: 4}
}

var (
	people = strings.Fields("Ada Ben Cleo Dan Eva Finn Gus Hana Ivan June Kai Lena Max Nora Omar Pia")
	cities = strings.Fields("Oslo Lima Cairo Delhi Turin Perth")
)

// schema is the table that every task has.
const schema = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, city TEXT, amount INTEGER)"

// question is what is asked, with the query that answers it.
type question struct {
	text, query string
	ordered     bool
}

// Generate implements practice.Family.
func (Family) Generate(r *rand.Rand, level int) practice.Task {
	rows := make([]string, 6+2*level)
	for i := range rows {
		rows[i] = fmt.Sprintf("(%d, '%s', '%s', %d)", i+1, people[r.IntN(len(people))], cities[r.IntN(3+level)%len(cities)], 10+r.IntN(490))
	}
	insert := "INSERT INTO orders VALUES " + strings.Join(rows, ", ")
	q := ask(r, level)
	prompt := schema + ";\n" + insert + ";\n\nWrite one SQLite query: " + q.text + " Answer with the query only."
	return practice.Task{
		Params:    q.query + "\n" + insert,
		Messages:  []hobby.Message{{Role: hobby.RoleUser, Content: prompt}},
		Reference: q.query, Verifier: "sqlite", MaxTokens: 160,
		Verify: func(answer string) practice.Verdict { return verify(answer, insert, q) },
	}
}

func ask(r *rand.Rand, level int) question {
	city, limit, n := cities[r.IntN(len(cities)-1)], 50+r.IntN(400), 2+r.IntN(4)
	var qs []question
	switch level {
	case 1:
		qs = []question{
			{fmt.Sprintf("the customers of all orders of more than %d.", limit), fmt.Sprintf("SELECT customer FROM orders WHERE amount > %d", limit), false},
			{fmt.Sprintf("the id and the amount of all orders from %s.", city), fmt.Sprintf("SELECT id, amount FROM orders WHERE city = '%s'", city), false},
			{fmt.Sprintf("the number of orders of less than %d.", limit), fmt.Sprintf("SELECT count(*) FROM orders WHERE amount < %d", limit), false},
		}
	case 2:
		qs = []question{
			{fmt.Sprintf("the sum of the amounts of all orders that are not from %s.", city), fmt.Sprintf("SELECT sum(amount) FROM orders WHERE city <> '%s'", city), false},
			{fmt.Sprintf("the customers of the %d largest orders, largest first, and of equal ones the lower id first.", n), fmt.Sprintf("SELECT customer FROM orders ORDER BY amount DESC, id LIMIT %d", n), true},
			{fmt.Sprintf("each city once that has an order of more than %d, in alphabetical order.", limit), fmt.Sprintf("SELECT DISTINCT city FROM orders WHERE amount > %d ORDER BY city", limit), true},
		}
	case 3:
		qs = []question{
			{"each city with the number of its orders.", "SELECT city, count(*) FROM orders GROUP BY city", false},
			{fmt.Sprintf("each city whose orders amount to more than %d in all, with that sum.", limit), fmt.Sprintf("SELECT city, sum(amount) FROM orders GROUP BY city HAVING sum(amount) > %d", limit), false},
			{"each customer with their largest amount, customers in alphabetical order.", "SELECT customer, max(amount) FROM orders GROUP BY customer ORDER BY customer", true},
		}
	default:
		qs = []question{
			{"the ids of all orders whose amount is above the average of all orders.", "SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders)", false},
			{"for each city the id of its largest order, and of equal ones the lower id.", "SELECT city, id FROM (SELECT city, id, row_number() OVER (PARTITION BY city ORDER BY amount DESC, id) AS n FROM orders) WHERE n = 1", false},
			{"the id and the running total of the amounts, in the order of the ids.", "SELECT id, sum(amount) OVER (ORDER BY id) FROM orders ORDER BY id", true},
		}
	}
	return qs[r.IntN(len(qs))]
}

var (
	fenced  = regexp.MustCompile("(?si)^```(?:(?:sql|sqlite)?[ \\t]*\\n)?(.*?)\\n?```$")
	selects = regexp.MustCompile(`(?i)^(select|with|values)\b`)
)

// verify runs the answer and the reference and compares what they return.
func verify(answer, insert string, q question) practice.Verdict {
	s := strings.TrimSpace(answer)
	if m := fenced.FindStringSubmatch(s); m != nil {
		s = strings.TrimSpace(m[1])
	}
	s = strings.TrimSpace(strings.TrimSuffix(s, ";"))
	switch {
	case len(s) > maxQuery:
		return practice.Fail("more than a query")
	case !selects.MatchString(s), strings.Contains(s, ";"):
		return practice.Fail("not a single SELECT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), setup)
	defer cancel()
	begin := time.Now()
	db, err := open(ctx, insert)
	if err != nil {
		return practice.Fail("not checked: " + err.Error())
	}
	defer db.Close()
	want, err := run(ctx, db, q.query)
	if err != nil {
		return practice.Fail("not checked: " + err.Error())
	}
	limited, stop := context.WithTimeout(ctx, min(max(minTime, patience*time.Since(begin)), maxTime))
	defer stop()
	got, err := run(limited, db, s)
	switch {
	case err != nil:
		return practice.Fail("a query that fails")
	case same(got, want, q.ordered):
		return practice.Pass()
	case q.ordered && same(got, want, false):
		return practice.Fail("rows in the wrong order")
	case len(got) != len(want):
		return practice.Fail("a wrong number of rows")
	default:
		return practice.Fail("wrong rows")
	}
}

// open makes the task's database, which can only be read from then on.
func open(ctx context.Context, insert string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // another connection would be another database
	for _, statement := range []string{schema, insert, "PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if err := limit(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
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
	values, dest := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
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
			if v == nil {
				b.WriteString("NULL|")
				continue
			}
			fmt.Fprintf(&b, "%q|", v)
		}
		if size += b.Len(); size > 1<<16 || len(out) == maxRows {
			return nil, fmt.Errorf("more than %d rows", maxRows)
		}
		out = append(out, b.String())
	}
	return out, rows.Err()
}

// same compares rows, in order or in any.
func same(a, b []string, ordered bool) bool {
	if !ordered {
		a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	}
	return slices.Equal(a, b)
}
