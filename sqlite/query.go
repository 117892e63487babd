package sqlite

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/rowjson"
)

// Read scans all rows of a query. It never waits for writes, and does not see
// those that are not committed. doing tells in errors what the query is for:
// "listing assignments". A closed store is hobby.ErrClosed.
func Read[T any](ctx context.Context, s *Store, doing, query string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
	return readFrom(ctx, s, s.readDB, doing, query, args, scan)
}

// ReadOne is [Read] for a query of one row; hobby.ErrNotFound when there is
// none.
func ReadOne[T any](ctx context.Context, s *Store, doing, query string, args []any, scan func(*sql.Rows) (T, error)) (v T, err error) {
	all, err := Read(ctx, s, doing, query, args, scan)
	switch {
	case err != nil:
		return v, err
	case len(all) == 0:
		return v, fmt.Errorf("sqlite: %s: %w", doing, hobby.ErrNotFound)
	}
	return all[0], nil
}

// ReadPage is [Read] for one page of a listing. query has an ORDER BY and no
// LIMIT; scan also returns the row's [Cursor]. limit is clipped to [1, 1000], 0
// is 100. next continues after the page, "" is the end of the listing.
func ReadPage[T any](ctx context.Context, s *Store, doing, query string, args []any, limit int,
	scan func(*sql.Rows) (T, Cursor, error)) (page []T, next string, err error) {
	return readPage(ctx, s, s.readDB, doing, query, args, limit, scan)
}

func readPage[T any](ctx context.Context, s *Store, db querier, doing, query string, args []any, limit int,
	scan func(*sql.Rows) (T, Cursor, error)) (page []T, next string, err error) {
	limit = clip(limit)
	var last Cursor
	page, err = readFrom(ctx, s, db, doing, query+" LIMIT ?", append(slices.Clip(args), limit+1), func(r *sql.Rows) (T, error) {
		v, at, err := scan(r)
		if limit--; limit == 0 {
			last = at
		}
		return v, err
	})
	if err != nil || limit >= 0 {
		return page, "", err
	}
	return page[:len(page)-1], last.String(), nil // there is one more
}

// ReadTx scans all rows of a query in a transaction, which sees what it wrote
// itself. The query must be a constant; see [Tx.Exec].
func ReadTx[T any](tx *Tx, query string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
	st, err := tx.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := st.Query(args...)
	all, err := collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return all, nil
}

// querier is a *sql.DB or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func readFrom[T any](ctx context.Context, s *Store, db querier, doing, query string, args []any,
	scan func(*sql.Rows) (T, error)) ([]T, error) {
	select {
	case <-s.closed: // a host's own database is still open
		return nil, fmt.Errorf("sqlite: %s: %w", doing, hobby.ErrClosed)
	default:
	}
	rows, err := db.QueryContext(ctx, query, args...)
	all, err := collect(rows, err, scan)
	if err != nil {
		return nil, s.wrap(doing, err)
	}
	return all, nil
}

// wrap says what a read was doing, and tells a closed store from other errors.
func (s *Store) wrap(doing string, err error) error {
	select {
	case <-s.closed:
		err = errors.Join(hobby.ErrClosed, err)
	default:
	}
	return fmt.Errorf("sqlite: %s: %w", doing, err)
}

// collect scans all rows of a query that was just made.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// ScanValue scans a row of one column.
func ScanValue[T any](r *sql.Rows) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// ScanJSON scans a row of one column that holds JSON.
func ScanJSON[T any](r *sql.Rows) (v T, err error) {
	var body sql.RawBytes // decoding copies
	if err := r.Scan(&body); err != nil {
		return v, err
	}
	err = decode(body, &v)
	return v, err
}

// ScanPosJSON scans a row of two columns for [ReadPage]: a position, which is
// the cursor, and JSON.
func ScanPosJSON[T any](r *sql.Rows) (v T, at Cursor, err error) {
	var pos int64
	var body sql.RawBytes // decoding copies
	if err := r.Scan(&pos, &body); err != nil {
		return v, nil, err
	}
	err = decode(body, &v)
	return v, Cursor{pos}, err
}

func decode(body []byte, v any) error {
	if err := rowjson.Unmarshal(body, v); err != nil {
		return fmt.Errorf("decoding what is stored: %w", err)
	}
	return nil
}

// clip keeps a limit within what one read may return; 0 is 100.
func clip(limit int) int {
	if limit == 0 {
		return 100
	}
	return min(max(1, limit), 1000)
}

// Where builds the conditions of a query. Their texts are constants; what a
// caller gave is always an argument. The zero value selects all rows.
type Where struct {
	conditions []string
	args       []any
}

// And adds a condition, with an argument for each "?".
func (w *Where) And(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// If is And when yes is true.
func (w *Where) If(yes bool, condition string, args ...any) {
	if yes {
		w.And(condition, args...)
	}
}

// After continues a listing after the row that a cursor stands for. columns are
// the integer columns that it is sorted by, all in descending order. "" is the
// beginning; what is not a [Cursor] of these columns is hobby.ErrInvalid.
func (w *Where) After(cursor string, columns ...string) error { return w.after("<", cursor, columns) }

// AfterAscending is After for columns that are all in ascending order.
func (w *Where) AfterAscending(cursor string, columns ...string) error {
	return w.after(">", cursor, columns)
}

func (w *Where) after(side, cursor string, columns []string) error {
	if cursor == "" {
		return nil
	}
	at, err := ParseCursor(cursor, len(columns))
	if err != nil {
		return err
	}
	args := make([]any, len(at))
	for i, v := range at {
		args[i] = v
	}
	w.And("("+strings.Join(columns, ", ")+") "+side+" (?"+strings.Repeat(", ?", len(columns)-1)+")", args...)
	return nil
}

// String is the clause, " WHERE (a) AND (b)"; "" without conditions.
func (w *Where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(w.conditions, ") AND (") + ")"
}

// Args are the arguments of the clause, in order.
func (w *Where) Args() []any { return slices.Clip(w.args) }

// Cursor is a place in a listing: what a row has in the columns that the
// listing is sorted by.
type Cursor []int64

// String is the cursor as callers get it. They must not read anything into it.
func (c Cursor) String() string {
	var text []byte
	for i, v := range c {
		if i > 0 {
			text = append(text, ' ')
		}
		text = strconv.AppendInt(text, v, 10)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParseCursor reads what String made of a cursor of n columns; anything else is
// hobby.ErrInvalid.
func ParseCursor(text string, n int) (Cursor, error) {
	refused := fmt.Errorf("%w: the cursor %.64q did not come from a listing", hobby.ErrInvalid, text)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, refused
	}
	var c Cursor
	for field := range strings.SplitSeq(string(raw), " ") {
		v, err := strconv.ParseInt(field, 10, 64)
		if err != nil || len(c) == n {
			return nil, refused
		}
		c = append(c, v)
	}
	if len(c) != n || c.String() != text { // one text for each place
		return nil, refused
	}
	return c, nil
}
