// Package sqltask is a family of practice tasks that are answered in SQL. A task
// shows a small table and asks a question, and the model writes a query. The query
// is run by SQLite, on a database in memory that is made for it, and its rows are
// compared with those of the reference query: on the rows that the prompt shows, and
// on others that it does not, with border values, ties, duplicates and no rows.
//
// A model's query is not trusted. It must be a single SELECT, and can read only the
// task's table: not SQLite's schema, the time or random numbers. A query that returns
// too much or does too much fails, and so does one with a number or a text that nobody
// asked for. Its work is counted in steps of SQLite's virtual machine, whose number is
// the same on every machine.
package sqltask

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// maxQuery bounds a query's length in bytes.
const maxQuery = 1000

// Family generates SQL tasks. Its zero value is ready to use.
type Family struct{}

// New returns the family.
func New() Family { return Family{} }

// Info implements practice.Family. Version 1 judged a query on the prompt's rows
// alone, and asked for "the customers of all orders", which may be each of them once.
// Version 2 let pass what is right for amounts with as many digits, for at most nine
// cities, or for names that begin with a capital.
func (Family) Info() hobby.Family {
	return hobby.Family{Name: "sql", Version: 3, Levels: 4}
}

var (
	people = strings.Fields("Ada Ben Cleo Dan Eva Finn Gus Hana Ivan June Kai Lena Max Nora Omar Pia")
	cities = strings.Fields("Oslo Lima Cairo Delhi Turin Perth")
)

// schema is the table that every task has. Nothing in it is NULL, because a
// question would not be clear for an order without a city or an amount.
const schema = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, city TEXT NOT NULL, amount INTEGER NOT NULL)"

// question is a question with the queries that answer it. Where the words have two
// fair readings there is a query for each.
type question struct {
	text    string
	queries []string
	ordered bool
	// city and limit are the values that the hidden databases have near misses
	// of.
	city  string
	limit int
}

// Generate implements practice.Family.
func (Family) Generate(r *rand.Rand, level int) practice.Task {
	task, begin := generate(r, level)
	task.Verify = func(answer string) practice.Verdict {
		t := begin()
		defer t.close()
		return t.verify(answer)
	}
	return task
}

// generate makes a task without Verify, and what begins a trial of answers to it.
func generate(r *rand.Rand, level int) (practice.Task, func() *trial) {
	orders := make([]order, 6+2*level)
	for i := range orders {
		orders[i] = order{i + 1, people[r.IntN(len(people))], cities[r.IntN(3+level)%len(cities)], 10 + r.IntN(490)}
	}
	shown := inserts(orders)
	q := ask(r, level)
	task := practice.Task{
		Params: q.queries[0] + "\n" + shown,
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: schema + ";\n" + shown + ";\n\n" +
			"Write one SQLite query for such a table, whatever its rows are: " + q.text + " Answer with the query only."}},
		Reference: q.queries[0], Verifier: "sqlite", MaxTokens: 160,
	}
	return task, func() *trial {
		steps := new(int32)
		t := &trial{q: &q, steps: steps, databases: append([]database{{orders: orders}}, hidden(&q, task.Params)...)}
		small := q.small()
		t.small = &trial{q: small, steps: steps, databases: few(small, task.Params)}
		return t
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

// trial judges answers to one task, on the prompt's database and on those that the
// prompt does not show. A database is made when a query gets to it.
type trial struct {
	q         *question
	databases []database
	made      []made  // of the first databases
	bare      *engine // without a table, once there is one
	steps     *int32  // that are left for the answer
	small     *trial  // of the question with a small number
}

// made is a database, and what each reading of the question returns on it.
type made struct {
	e     *engine
	wants [][]string
}

func (t *trial) close() {
	for _, m := range t.made {
		m.e.close()
	}
	if t.bare != nil {
		t.bare.close()
	}
	if t.small != nil {
		t.small.close()
	}
}

// at makes the databases up to one.
func (t *trial) at(i int) (*made, error) {
	for n := len(t.made); n <= i; n++ {
		e, err := open()
		if err != nil {
			return nil, err
		}
		t.made = append(t.made, made{e: e})
		if err := t.databases[n].fill(e); err != nil {
			return nil, err
		}
		for _, q := range t.q.queries {
			rows, err := e.trusted(q)
			if err != nil {
				return nil, err
			}
			t.made[n].wants = append(t.made[n].wants, rows)
		}
	}
	return &t.made[i], nil
}

const (
	// noQuery is said of a text that is none, failed of a query that returns nothing
	// that can be compared.
	noQuery = "not a single SELECT"
	failed  = "a query that fails"
)

// verify finds the query in an answer, as practice.Read does, and judges it.
func (t *trial) verify(answer string) practice.Verdict {
	*t.steps = maxSteps
	judged := map[string]practice.Verdict{} // the same query may be found in several ways
	var query practice.Verdict              // the verdict on the last text that is a query
	v := practice.Read(answer, aQuery, func(said string) practice.Verdict {
		s := bare(said)
		v, known := judged[s]
		if !known {
			v = t.judge(s)
			judged[s] = v
		}
		if v.Note != noQuery {
			query = v
		}
		return v
	})
	if v.Note == noQuery && query.Note != "" { // what is read last may be a part of the query
		return query
	}
	return v
}

// bare is what is said without its form. A JSON object whose only field is the query is the
// query.
func bare(said string) string {
	s := practice.Bare(said)
	if m := object.FindStringSubmatch(s); m != nil && json.Unmarshal([]byte(m[1]), &s) == nil {
		s = practice.Bare(s)
	}
	return s
}

// denied is a comment that takes the query back.
var denied = regexp.MustCompile(`(?i)\b(?:wrong|incorrect|mistaken?)\b|^\W*(?:invalid|false)\W*$|` +
	`\b(?:this|that|it|query|answer|one) (?:is|was) (?:\pL+ )?(?:invalid|false)\b|\b(?:invalid|false) (?:query|answer|one)\b|` +
	`(?:\bnot|n['’]t) (?:(?:use|run|right|correct|(?:this|the) (?:right|correct|answer|query|one))\b|this\W*$)`)

// object is a JSON object whose only field is a query.
var object = regexp.MustCompile(`^\{\s*"(?:query|sql)"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}$`)

// aQuery are the phrases for queries.
var aQuery = practice.SayCode("[the|a] [(SQL|SQLite)] (query|statement|SELECT)", "[the] [(SQL|SQLite)] query", "SQL", "use …")

// judge judges a query: what it says is read first, and then it is run on each database.
func (t *trial) judge(s string) practice.Verdict {
	tokens, comments := scan(s)
	for len(tokens) > 0 && tokens[len(tokens)-1].is(";") {
		tokens = tokens[:len(tokens)-1]
	}
	mark := func(t token) bool { return t.is(";") }
	switch {
	case len(s) > maxQuery:
		return practice.Fail("more than a query")
	case len(tokens) == 0, !selecting[tokens[0].keyword()], slices.ContainsFunc(tokens, mark),
		slices.ContainsFunc(comments, denied.MatchString):
		return practice.Fail(noQuery)
	case limited(tokens):
		return practice.Fail("a limit that nobody asked for")
	}
	v := t.unasked(tokens)
	if v.Score >= 1 {
		v = t.tried(joined(t.q.cited(tokens)))
	}
	if v.Score >= 1 {
		v = t.small.tried(joined(t.q.smaller(t.q.cited(tokens))))
	}
	return v
}

// unasked refuses a query with a constant that nobody asked for.
func (t *trial) unasked(tokens []token) practice.Verdict {
	const note = "a number or a text that nobody asked for"
	if t.q.foreign(tokens) {
		return practice.Fail(note)
	}
	if t.bare == nil {
		e, err := open()
		if err != nil { // for want of memory
			return practice.Fail("not checked: " + err.Error())
		}
		t.bare = e
	}
	if t.q.computes(t.bare, tokens, t.steps) {
		return practice.Fail(note)
	}
	return practice.Pass()
}

// tried runs a query on each database, and compares what it returns with what the readings
// do. It passes when one of them agrees with it everywhere.
func (t *trial) tried(query string) (v practice.Verdict) {
	agree := make([]bool, len(t.q.queries))
	for i := range agree {
		agree[i] = true
	}
	for i := range t.databases {
		db, err := t.at(i)
		if err != nil { // for want of memory
			return practice.Fail("not checked: " + err.Error())
		}
		got, err := db.e.guarded(query, t.steps)
		if err != nil {
			return practice.Fail(failed)
		}
		for n, want := range db.wants {
			if v = compare(got, want, t.q.ordered); v.Score < 1 {
				agree[n] = false
			}
		}
		if !slices.Contains(agree, true) {
			if i > 0 {
				v.Note += " on other orders"
			}
			return v
		}
	}
	return practice.Pass()
}

// compare says in what rows differ from those that are wanted.
func compare(got, want []string, ordered bool) practice.Verdict {
	switch {
	case same(got, want, ordered):
		return practice.Pass()
	case ordered && same(got, want, false):
		return practice.Fail("rows in the wrong order")
	case len(got) != len(want):
		return practice.Fail("a wrong number of rows")
	default:
		return practice.Fail("wrong rows")
	}
}

// same compares rows, in order or in any.
func same(a, b []string, ordered bool) bool {
	if !ordered {
		a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	}
	return slices.Equal(a, b)
}
