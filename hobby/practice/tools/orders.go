package tools

import (
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/vocabulary"
)

// order is a row of the table.
type order struct {
	id             int
	customer, city string
	amount         int
}

// orders fills the table. Cities and amounts come twice, ids and customers once.
func (d *draft) orders() (all []order) {
	cities := some(d.hidden, 3, vocabulary.Cities)
	for i, customer := range some(d.hidden, 10, vocabulary.Names) {
		o := order{i + 1, customer, pick(d.hidden, cities), between(d.hidden, 10, 499)}
		all = append(all, o)
		d.box.Rows = append(d.box.Rows, fmt.Sprintf("INSERT INTO orders VALUES (%d, '%s', '%s', %d)", o.id, o.customer, o.city, o.amount))
	}
	return all
}

// in puts some orders into a city that the request names.
func (d *draft) in(city string) (all []order) {
	all = d.orders()
	for i := range all {
		if i < 2 || d.hidden.IntN(3) == 0 {
			all[i].city = city
			d.box.Rows = append(d.box.Rows, fmt.Sprintf("UPDATE orders SET city = '%s' WHERE id = %d", city, all[i].id))
		}
	}
	return slices.DeleteFunc(all, func(o order) bool { return o.city != city })
}

const table = " The table orders has the columns id, customer, city and amount."

func countOrders(d *draft) {
	city, least := pick(d.r, vocabulary.Cities), between(d.r, 1, 60)
	d.ask("How many orders from %s have an amount of %d or more?"+table, city, least)
	n := 0
	for _, o := range d.in(city) {
		if o.amount >= least {
			n++
		}
	}
	d.use(runSQL, fmt.Sprintf("SELECT count(*) FROM orders WHERE city = '%s' AND amount >= %d", city, least))
	d.tell(fmt.Sprint(n), practice.Number, "[the] (number|count) [of [these] orders]", "there are … [such] orders", "… orders")
}

// sum is that of the amounts.
func sum(all []order) (n int) {
	for _, o := range all {
		n += o.amount
	}
	return n
}

func sumOrders(d *draft) {
	city, n := pick(d.r, vocabulary.Cities), between(d.r, 2, 99)
	d.ask("What is %d times the sum of the amounts of all orders from %s?"+table, n, city)
	s := n * sum(d.in(city))
	d.use(runSQL, fmt.Sprintf("SELECT %d * sum(amount) FROM orders WHERE city = '%s'", n, city))
	d.tell(fmt.Sprint(s), practice.Number, "[the] (sum|total|result) [of the amounts]")
}

func changeOrder(d *draft) {
	id, amount := between(d.r, 1, 10), between(d.r, 500, 999)
	d.ask("The amount of order %d must be %d, change it."+table, id, amount)
	d.orders()
	d.use(runSQL, fmt.Sprintf("UPDATE orders SET amount = %d WHERE id = %d", amount, id))
}

func cancelOrders(d *draft) {
	city, least := pick(d.r, vocabulary.Cities), between(d.r, 1, 60)
	d.ask("Delete the orders from %s with an amount of %d or more."+table, city, least)
	d.in(city)
	d.use(runSQL, fmt.Sprintf("DELETE FROM orders WHERE city = '%s' AND amount >= %d", city, least))
}

func storeSum(d *draft) {
	city, key := pick(d.r, vocabulary.Cities), aKey(d.r)
	d.ask("Store under %s the sum of the amounts of all orders from %s."+table, key, city)
	s := sum(d.in(city))
	d.use(runSQL, fmt.Sprintf("SELECT sum(amount) FROM orders WHERE city = '%s'", city))
	d.use(setValue, key, s)
}

func largestToFile(d *draft) {
	city, path := pick(d.r, vocabulary.Cities), aPath(d.r)
	d.ask("Save the sum of the amounts of all orders from %s as %s, in place of what is there.", city, path)
	s := fmt.Sprint(sum(d.in(city)))
	d.box.Files[path] = aWord(d.hidden)
	d.use(runSQL, fmt.Sprintf("SELECT total(amounts) FROM orders WHERE city = '%s'", city))
	d.use(runSQL, "SELECT * FROM orders")
	d.use(runSQL, fmt.Sprintf("SELECT sum(amount) FROM orders WHERE city = '%s'", city))
	d.use(writeFile, path, s)
	d.use(deleteFile, path)
	d.use(writeFile, path, s)
}
