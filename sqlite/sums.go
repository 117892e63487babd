package sqlite

import (
	"fmt"
	"slices"
	"strings"
)

// table is a table of sums: a row for each key.
type table struct {
	name       string
	keys, sums []string
	last       string // a further column, "" for none
	set        string // what last is set to
}

var (
	counts = table{
		"pastime_hobby_counts", []string{"width", "hour", "kind", "node"},
		[]string{
			"started", "completed", "failed", "interrupted", "items", "passes", "insights", "cut",
			"time", "engaged", "tokens_in", "tokens_out", "cpu", "micro_usd",
		},
		"last", "max(last, excluded.last)",
	}
	tallies = table{
		"pastime_hobby_tallies", []string{"series", "day"},
		[]string{"tries", "passes", "millis"},
		"pos", "excluded.pos",
	}
	addCounts, addTally = counts.add(), tallies.add() + " RETURNING " + tallies.selected()
)

// add is the statement that adds to a row, and makes it when there is none. A
// sum that overflows becomes the largest number: SQLite makes a float of it, and
// CAST makes that the nearest integer.
func (t *table) add() string {
	columns := slices.Concat(t.keys, t.sums, []string{t.last})
	sets := []string{t.last + " = " + t.set}
	for _, c := range t.sums {
		sets = append(sets, fmt.Sprintf("%s = CAST(%[1]s + excluded.%[1]s AS INTEGER)", c))
	}
	return "INSERT INTO " + t.name + " (" + strings.Join(columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")" +
		" ON CONFLICT DO UPDATE SET " + strings.Join(sets, ", ")
}

// selected is what a query selects for the sums. Sums that an earlier version
// let become floats or negative are read as the nearest number that a sum can
// be.
func (t *table) selected() string {
	var all []string
	for _, c := range t.sums {
		all = append(all, "max(0, CAST("+c+" AS INTEGER))")
	}
	return strings.Join(all, ", ")
}
