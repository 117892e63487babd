package sqltask

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// order is a row of the table.
type order struct {
	id             int
	customer, city string
	amount         int
}

// inserts returns the statement that fills the table.
func inserts(orders []order) string {
	rows := make([]string, len(orders))
	for i, o := range orders {
		rows[i] = fmt.Sprintf("(%d, %s, %s, %d)", o.id, quoted(o.customer), quoted(o.city), o.amount)
	}
	return "INSERT INTO orders VALUES " + strings.Join(rows, ", ")
}

// quoted is a text as SQL has it.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// database is rows, and the way in which SQLite stores and reads them. The result
// of a right query does not depend on that, unless the question leaves it open.
type database struct {
	orders  []order
	indexes []string
	reverse bool // tables are read from their end where a query leaves the order open
}

// hidden returns the databases on which a query is judged beside the prompt's. They
// are the same for the same task.
func hidden(q *question, params string) []database {
	h := fnv.New64a()
	h.Write([]byte(params))
	r := rand.New(rand.NewPCG(h.Sum64(), 2))
	// A query that looks for a part of a name finds too much.
	towns := []string{q.city, q.city + "ka", "New " + q.city, q.city[:2] + "rim", cities[r.IntN(len(cities))]}
	border := []int{q.limit - 1, q.limit, q.limit + 1}
	// Each of these gives another order to a query that leaves the order open.
	backwards := []string{
		"CREATE INDEX by_customer ON orders (customer DESC, id DESC, amount, city)",
		"CREATE INDEX by_city ON orders (city DESC, id DESC, amount, customer)",
		"CREATE INDEX by_amount ON orders (amount DESC, id DESC, customer, city)",
	}
	ties := []string{"CREATE INDEX ties ON orders (city, amount DESC, id DESC, customer)", backwards[2]}
	return append([]database{
		{},
		{orders: draw(r, 1, towns[:1], border[2:])},
		{orders: draw(r, 12, towns[:3], border), reverse: true},
		{orders: draw(r, 14, towns, border), indexes: backwards},
		{orders: draw(r, 12, towns[:2], border), indexes: ties},
		{orders: many(r, q, towns)},
		{orders: constant(r, q), indexes: ties},
		{orders: draw(r, 12, towns, []int{1, 2, 3, 7, q.limit, 9999}), indexes: backwards[1:], reverse: true},
		{orders: sums(r, q), reverse: true},
		{orders: average(r, q), indexes: backwards[:1]},
		{orders: skewed(r, q)},
		{orders: crowd(r, q), reverse: true},
		{orders: odd(r, q), indexes: backwards},
		{orders: nearly(r, q)},
		{orders: cold(r, q)},
		{orders: late(r, q)},
		{orders: called(q, strings.ToUpper(q.city), q.city[:1], "6", strconv.Itoa(q.limit+1), q.city+q.city)},
		{orders: called(q, strings.ToLower(q.city), q.city[:2], "1", strconv.Itoa(q.limit+1))},
	}, strange(q, backwards)...)
}

// few returns the databases on which a query is judged with a small number in place of the
// question's: pairs of orders with all small numbers, and others around it.
func few(q *question, params string) []database {
	h := fnv.New64a()
	h.Write([]byte(params))
	r := rand.New(rand.NewPCG(h.Sum64(), 3))
	var all []database
	for n := 0; n < 8; n += 2 {
		for _, amount := range []int{n, -n - 1, smallest + 1 + n} {
			all = append(all, database{orders: []order{
				{n, strconv.Itoa(n), q.city, amount}, {n + 1, strconv.Itoa(n + 1), strconv.Itoa(n), amount + 1}}})
		}
	}
	all = append(all, related(q)...)
	if q.limit != smallest {
		return all
	}
	return append(all,
		database{orders: draw(r, 14, []string{q.city, q.city + "ka"}, []int{q.limit - 1, q.limit, q.limit + 1})},
		database{orders: numerals(r, q)}, database{orders: crowd(r, q)}, database{orders: late(r, q)},
		database{orders: sums(r, q), reverse: true}, database{orders: odd(r, q)})
}

// related returns orders whose ids are made of their amounts, and as many as the small number, one
// more and one less.
func related(q *question) []database {
	from := func(id int, who string, amount int) order { return order{id, who, q.city, amount} }
	return []database{
		{orders: []order{from(25, "1.0", 5), from(125, q.city+"1", 5), from(-5, "4.0", 5), from(3, "A", 3*smallest)}},
		{orders: []order{from(3, "0.0", 9), from(2, "B", 16), from(4, "C", 64), from(5, "D", 5*smallest), from(6, "E", 12)}},
		{orders: []order{from(-6, "-1.0", 6), from(11, "F", 9), from(27, "G", 9)}},
	}
}

// numerals returns orders whose customers and cities are called by numbers, and whose ids,
// amounts and sums are around the limit.
func numerals(r *rand.Rand, q *question) []order {
	names := []string{"0", "1", "-1", "3", "4", "5", "4.0", "16"}
	all := draw(r, 24, names, []int{q.limit})
	for i := range all {
		all[i].id, all[i].customer = i-6, names[(i/3)%len(names)]
		all[i].amount += i%7 - 3
	}
	return all
}

// draw draws n orders of few customers. Their ids have gaps, and they are not
// inserted in the order of their ids.
func draw(r *rand.Rand, n int, towns []string, amounts []int) []order {
	who := people[r.IntN(len(people)-5):][:5]
	all := make([]order, n)
	for i, id := range r.Perm(200)[:n] {
		all[i] = order{id + 10, who[2*n%len(who)], towns[n%len(towns)], amounts[r.IntN(len(amounts))]}
	}
	return all
}

// many returns many orders, customers and cities, more than a query that is right
// on few rows may handle. Amounts rise with the ids, from below the limit, and so
// do the names of the last customers.
func many(r *rand.Rand, q *question, towns []string) []order {
	all := byID(draw(r, 48, slices.Concat(cities, towns), []int{q.limit - 12}))
	for i := range all {
		all[i].customer = people[i%len(people)]
		all[i].amount += all[i].id / 8
	}
	return all
}

// byID sorts orders by their ids.
func byID(all []order) []order {
	slices.SortFunc(all, func(a, b order) int { return a.id - b.id })
	return all
}

// constant returns orders of cities that have one amount each: the limit, one
// less or one more. The customers' names rise with the ids.
func constant(r *rand.Rand, q *question) []order {
	all := byID(draw(r, 9, []string{""}, []int{q.limit}))
	for i := range all {
		all[i].customer, all[i].city, all[i].amount = people[i], cities[i%3], q.limit+i%3-1
	}
	return all
}

// sums returns orders of cities whose amounts add up to the limit, to one less and
// to one more.
func sums(r *rand.Rand, q *question) []order {
	all := draw(r, 9, []string{""}, []int{q.limit / 3})
	for i := range all {
		all[i].city = cities[i%3]
		if i < 3 {
			all[i].amount = q.limit - 2*(q.limit/3) + i - 1
		}
	}
	return all
}

// average returns orders, some of which have the average amount.
func average(r *rand.Rand, q *question) []order {
	all := draw(r, 9, []string{q.city, cities[len(cities)-1]}, []int{q.limit})
	for i := range all {
		all[i].amount += i%3 - 1
	}
	return all
}

// skewed returns orders, many of which have the smallest amount. So the average of
// the different amounts is above the average of all.
func skewed(r *rand.Rand, q *question) []order {
	all := draw(r, 6, []string{q.city, cities[len(cities)-1]}, []int{q.limit})
	all[0].amount += 2
	all[1].amount++
	return all
}

// crowd returns more orders of a city, and more large and small ones, than a limit
// in a query would keep. The names of the largest are in reverse order.
func crowd(r *rand.Rand, q *question) []order {
	all := draw(r, 64, []string{q.city}, []int{q.limit})
	for i := range all {
		all[i].amount += (i%2*2 - 1) * (1 + i/2)
		all[i].customer = people[(i/2+len(people)-1)%len(people)]
	}
	return all
}

// odd returns orders with values that the table may have and the prompt does not:
// amounts below 0, of 0 and in the millions, ids below 1 and above a thousand,
// names that are empty or begin with the same letters.
func odd(r *rand.Rand, q *question) []order {
	towns := []string{q.city, q.city + "va", q.city + "vile", "", "X"}
	who := []string{"Annabella", "Annabel", "Anna", "", "Z"}
	amounts := []int{q.limit + 1, 5_000_000, -q.limit, -1, 0, 1}
	var all []order
	for _, n := range r.Perm(24) {
		all = append(all, order{n*331 - 1000, who[2*n%len(who)], towns[n%len(towns)], amounts[n%len(amounts)]})
	}
	return all
}

// strange returns pairs of orders with an id, a name or an amount such as the prompt never
// shows: one pair above the limit and one below for each. The first of a pair has the
// larger amount. No two names differ in nothing but letter case or blanks, since these may
// be one, and names that begin with no capital are the last or the first in each alphabet.
func strange(q *question, backwards []string) (all []database) {
	const long = "z name that is longer than most of them"
	ids := [][2]int{{0, 1}, {-1, 5_000_000_000}, {-5_000_000_000, q.limit}, {7, 1_000_000}}
	names := [][2]string{{"", "O'Brien"}, {"zzzz", "7th"}, {"NULL", "Ada-Lena"},
		{"%", "Ada Lena"}, {"Ünal", "Aa"}, {long + "x", long + "y"}, {q.city, "~"}}
	high := [][2]int{{q.limit + 2, q.limit + 1}, {4_000_000_000_000, 3_000_000_000}, {10_000, 9_999}, {1 << 31, q.limit + 1}}
	low := [][2]int{{-1, -4_000_000_000_000}, {1, 0}, {10, 9}, {-4, -9}, {0, -1}, {-3_000_000_000, -1 << 31}}
	for i, who := range names {
		id, where := ids[i%len(ids)], names[(i+3)%len(names)]
		for _, amounts := range [][2]int{high[i%len(high)], low[i%len(low)]} {
			all = append(all,
				database{orders: []order{{id[1], who[0], q.city, amounts[0]}, {id[0], who[1], where[0], amounts[1]}}},
				database{orders: []order{{id[0], who[1], q.city, amounts[0]}, {id[1], who[1], q.city, amounts[1]}}, reverse: true},
				database{orders: []order{{id[0], who[0], where[1], amounts[0]}, {id[1], who[1], where[0], amounts[1]}}, indexes: backwards})
		}
	}
	return append(all, database{orders: []order{{q.limit + 1, "Ada", q.city, q.limit + 1}, {9, "X", "X", 9}}},
		database{orders: []order{{1, "Ada", "X", -4_000_000_000_000}, {2, "Ben", "X", 9_000_000_000_000}, {3, "Ben", q.city, 3_000_000_000_000}}})
}

// nearly returns so many orders of as many cities that the average amount is nearly a whole
// number, and above it.
func nearly(r *rand.Rand, q *question) []order {
	all := draw(r, 64, []string{""}, []int{q.limit + 1})
	for i := range all {
		all[i].city = fmt.Sprint(q.city, " ", i%30)
	}
	all[0].amount--
	return all
}

// cold returns orders below zero, whose average amount is no whole number, of as many
// customers and cities.
func cold(r *rand.Rand, q *question) []order {
	all := draw(r, 14, []string{q.city}, []int{-10})
	for i := range all {
		all[i].customer, all[i].city = people[i], fmt.Sprint(q.city, " "[:min(i, 1)], strings.Repeat("x", i))
		all[i].amount -= min(i%4, 1)
	}
	return all
}

// called returns orders above the limit, whose customers' names might be computed of the city, the
// id or the amount. A customer that is called by the id of an order has that one.
func called(q *question, names ...string) (all []order) {
	for i, who := range names {
		o := order{i + 4, who, q.city, q.limit + 1 + i%3}
		if id, err := strconv.Atoi(who); err == nil && id < len(names) {
			o.id = id
		}
		all = append(all, o)
	}
	return all
}

// late returns orders of so many customers and cities that a limit within a query leaves some
// out. The question's city has the largest ids, is in the middle of the alphabet, and has the
// largest amount, the smallest and one between. Ids are below zero, zero and above it.
func late(r *rand.Rand, q *question) []order {
	all := draw(r, 30, []string{q.city}, []int{q.limit})
	ends := [2]string{"A", "z"}
	for i := range all {
		all[i].id, all[i].customer = i-10, fmt.Sprint(ends[i%2], i)
		if i < len(all)-3 {
			all[i].city = all[i].customer
			all[i].amount += (i%2*2 - 1) * (2 + i)
		}
	}
	for i, more := range []int{100, 1, -100} {
		o := &all[len(all)-3+i]
		o.amount += more
		o.customer = people[len(people)-1-i]
	}
	return all
}

// fill makes the table; afterwards the database can only be read.
func (d *database) fill(e *engine) error {
	reverse := "PRAGMA reverse_unordered_selects = OFF"
	if d.reverse {
		reverse = "PRAGMA reverse_unordered_selects = ON"
	}
	statements := append([]string{schema}, d.indexes...)
	if len(d.orders) > 0 {
		statements = append(statements, inserts(d.orders))
	}
	return e.exec(append(statements, reverse, "PRAGMA query_only = ON")...)
}
