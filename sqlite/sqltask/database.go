package sqltask

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The bounds of a statement of a Database: its bytes, the steps of SQLite's virtual
// machine, and the pages of 4 KiB that the table may grow to.
const (
	maxStatement = 2000
	maxToolSteps = 200_000
	maxPages     = 32
)

// Database is a table of orders in memory, which untrusted statements may read and
// change. It implements tools.Database of package hobby/practice/tools. It is not safe for
// concurrent use.
type Database struct{ e *engine }

// Open makes one with an empty table orders: id, customer, city and amount.
func Open() (*Database, error) {
	e, err := open()
	if err != nil {
		return nil, err
	}
	if err := e.exec(schema); err != nil {
		return nil, errors.Join(err, e.close())
	}
	if _, err := e.trusted(fmt.Sprint("PRAGMA max_page_count = ", maxPages)); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return &Database{e}, nil
}

// Close frees it.
func (d *Database) Close() error { return d.e.close() }

// allowed matches the statements that may be run.
var allowed = regexp.MustCompile(`(?i)^(?:select|with|values|insert|replace|update|delete)\b`)

// Run carries out one statement on the table orders and returns its rows, one on a line,
// or "done" where there are none. Nothing else can be read or changed: no schema, pragma,
// other database, or function that loads something or is chance. A statement of too many
// steps, or whose rows are too many or too long, fails.
func (d *Database) Run(statement string) (string, error) {
	s := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(statement), ";"))
	switch {
	case len(s) > maxStatement:
		return "", errors.New("the statement is too long")
	case !allowed.MatchString(s), strings.Contains(outside(s), ";"):
		return "", errors.New("one statement at a time: SELECT, INSERT, UPDATE or DELETE")
	}
	steps := int32(maxToolSteps)
	rows, err := d.e.bounded(s, pointer(authorizeChanges), &steps)
	if err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "done", nil
	}
	for i, r := range rows {
		rows[i] = strings.ReplaceAll(strings.TrimSuffix(r, "|"), `"`, "")
	}
	return strings.Join(rows, "\n"), nil
}

// Dump is every row, in the order of the ids.
func (d *Database) Dump() (string, error) {
	rows, err := d.e.trusted("SELECT id, customer, city, amount FROM orders ORDER BY id")
	return strings.Join(rows, "\n"), err
}

// literal matches the texts in a statement.
var literal = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// outside is a statement without its texts.
func outside(s string) string { return literal.ReplaceAllString(s, "") }

// authorizeChanges allows what authorize does, and changing the task's table.
func authorizeChanges(tls *libc.TLS, p uintptr, action int32, first, second, third, fourth uintptr) int32 {
	switch action {
	case sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE:
		if strings.EqualFold(libc.GoString(first), "orders") {
			return sqlite3.SQLITE_OK
		}
	}
	return authorize(tls, p, action, first, second, third, fourth)
}
