package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// wrap says what a read was doing, and tells a closed store from other errors.
func (s *Store) wrap(doing string, err error) error {
	select {
	case <-s.closed:
		err = errors.Join(hobby.ErrClosed, err)
	default:
	}
	return fmt.Errorf("sqlite: %s: %w", doing, err)
}

// querier is a *sql.DB or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// read scans all rows of a query outside of the store's writes.
func read[T any](ctx context.Context, s *Store, doing, query string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
	return readFrom(ctx, s, s.readDB, doing, query, args, scan)
}

func readFrom[T any](ctx context.Context, s *Store, db querier, doing, query string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
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

// scanOne scans a row of one column.
func scanOne[T any](r *sql.Rows) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// scanJSON scans a row of one column that holds JSON.
func scanJSON[T any](r *sql.Rows) (v T, err error) {
	var body []byte
	if err := r.Scan(&body); err != nil {
		return v, err
	}
	err = decode(body, &v)
	return v, err
}

func decode(body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("decoding what is stored: %w", err)
	}
	return nil
}

// Activity implements hobby.Store.
func (s *Store) Activity(ctx context.Context, id string) (sess hobby.Session, err error) {
	doing := fmt.Sprintf("reading activity %.64q", id)
	// One read transaction, so that the parts belong together.
	tx, err := s.readDB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return sess, s.wrap(doing, err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	found, err := readFrom(ctx, s, tx, doing, "SELECT body FROM pastime_hobby_activities WHERE id = ?", []any{id}, scanJSON[hobby.Activity])
	if err != nil {
		return sess, err
	}
	if len(found) == 0 {
		return sess, fmt.Errorf("sqlite: %s: %w", doing, hobby.ErrNotFound)
	}
	sess.Activity = found[0]
	sess.Items, err = readFrom(ctx, s, tx, doing, "SELECT body FROM pastime_hobby_items WHERE activity = ? ORDER BY pos", []any{id}, scanJSON[hobby.Item])
	if err != nil {
		return hobby.Session{}, err
	}
	sess.Insights, err = readFrom(ctx, s, tx, doing, "SELECT body FROM pastime_hobby_insights WHERE activity = ? ORDER BY pos", []any{id}, scanJSON[hobby.Insight])
	if err != nil {
		return hobby.Session{}, err
	}
	return sess, nil
}

// Insights implements hobby.Store.
func (s *Store) Insights(ctx context.Context, f hobby.InsightFilter) (p hobby.InsightPage, err error) {
	var q query
	if f.Cursor != "" {
		zero, pos, err := parseCursor(f.Cursor)
		if err != nil || zero != 0 {
			return p, errCursor(f.Cursor)
		}
		q.where("pos < ?", pos)
	}
	if f.ID != "" {
		q.where("id = ?", f.ID)
	}
	if f.Kind != "" {
		q.where("kind = ?", f.Kind)
	}
	if f.Activity != "" {
		q.where("activity = ?", f.Activity)
	}
	limit, last := clip(f.Limit), int64(0)
	text := "SELECT pos, body FROM pastime_hobby_insights" + q.text() + " ORDER BY pos DESC LIMIT ?"
	_, err = read(ctx, s, "reading insights", text, append(q.args, limit+1), func(r *sql.Rows) (i hobby.Insight, err error) {
		var pos int64
		var body []byte
		if err := r.Scan(&pos, &body); err != nil {
			return i, err
		}
		if len(p.Insights) == limit {
			p.Next = formatCursor(0, last)
			return i, nil
		}
		last = pos
		err = decode(body, &i)
		p.Insights = append(p.Insights, i)
		return i, err
	})
	if err != nil {
		return hobby.InsightPage{}, err
	}
	return p, nil
}

// Tallies implements hobby.Store.
func (s *Store) Tallies(ctx context.Context, f hobby.TallyFilter) ([]hobby.Tally, hobby.Cursor, error) {
	// The head is read first: what changes meanwhile is read again next time.
	head, err := s.Head(ctx)
	if err != nil || head <= f.Since {
		return nil, f.Since, err
	}
	var q query
	if f.Since > 0 {
		q.where("pos > ?", f.Since)
	}
	if f.Agent != "" {
		q.where("+agent = ?", f.Agent) // "+": the index on pos is always the better one
	}
	text := "SELECT agent, node, model_key, kind, family, level, split, day, tries, passes, millis FROM pastime_hobby_tallies" + q.text()
	all, err := read(ctx, s, "reading tallies", text, q.args, func(r *sql.Rows) (t hobby.Tally, err error) {
		err = r.Scan(&t.Agent, &t.Node, &t.ModelKey, &t.Kind, &t.Family, &t.Level, &t.Split, &t.Day, &t.Tries, &t.Passes, &t.Millis)
		return t, err
	})
	return all, head, err
}

// Counts implements hobby.Store.
func (s *Store) Counts(ctx context.Context, f hobby.CountFilter) ([]hobby.Count, error) {
	bucket := f.Bucket
	if bucket == "" {
		bucket = hobby.Total
	}
	width, known := widths[bucket]
	if !known {
		return nil, fmt.Errorf("%w: CountFilter.Bucket is %q", hobby.ErrInvalid, f.Bucket)
	}
	var q query
	q.where("width = ?", width)
	if width > 0 && !f.Since.IsZero() {
		q.where("hour >= ?", bucketFrom(f.Since, width))
	}
	if width > 0 && !f.Until.IsZero() {
		q.where("hour < ?", bucketFrom(f.Until, width))
	}
	text := `SELECT hour, kind, started, completed, failed, interrupted, items, passes, insights,
		time, engaged, tokens_in, tokens_out, cpu, micro_usd, last
		FROM pastime_hobby_counts` + q.text() + " ORDER BY hour, kind"
	return read(ctx, s, "reading counts", text, q.args, func(r *sql.Rows) (c hobby.Count, err error) {
		var hour, last int64
		err = r.Scan(&hour, &c.Kind, &c.Started, &c.Completed, &c.Failed, &c.Interrupted, &c.Items, &c.Passes, &c.Insights,
			&c.Time, &c.Engaged, &c.Cost.TokensIn, &c.Cost.TokensOut, &c.Cost.CPU, &c.Cost.MicroUSD, &last)
		if width > 0 {
			c.At = time.Unix(hour*3600, 0).UTC()
		}
		c.Last = time.Unix(0, last).UTC()
		return c, err
	})
}

// bucketFrom is the first hour of the first bucket that starts at t or later.
func bucketFrom(t time.Time, width int64) int64 {
	hours := width * 3600
	return floorDiv(t.Add(time.Duration(hours)*time.Second-1).Unix(), hours) * width
}
