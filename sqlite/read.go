package sqlite

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// wrap tells a closed store from other errors.
func (s *Store) wrap(err error) error {
	select {
	case <-s.closed:
		return errors.Join(hobby.ErrClosed, err)
	default:
		return err
	}
}

// Activity implements hobby.Store.
func (s *Store) Activity(ctx context.Context, id string) (hobby.Session, error) {
	// One read transaction, so that the parts belong together.
	tx, err := s.readDB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return hobby.Session{}, fmt.Errorf("sqlite: reading activity %s: %w", id, s.wrap(err))
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	var sess hobby.Session
	var body []byte
	err = tx.QueryRowContext(ctx, "SELECT body FROM pastime_hobby_activities WHERE id = ?", id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return hobby.Session{}, fmt.Errorf("sqlite: activity %.64q: %w", id, hobby.ErrNotFound)
	}
	if err == nil {
		err = decode(body, &sess.Activity)
	}
	if err != nil {
		return hobby.Session{}, fmt.Errorf("sqlite: reading activity %s: %w", id, err)
	}
	rows, err := tx.QueryContext(ctx, "SELECT body FROM pastime_hobby_items WHERE activity = ? ORDER BY pos", id)
	if sess.Items, err = collect(rows, err, "reading items", scanJSON[hobby.Item]); err != nil {
		return hobby.Session{}, err
	}
	rows, err = tx.QueryContext(ctx, "SELECT body FROM pastime_hobby_insights WHERE activity = ? ORDER BY pos", id)
	if sess.Insights, err = collect(rows, err, "reading insights", scanJSON[hobby.Insight]); err != nil {
		return hobby.Session{}, err
	}
	return sess, nil
}

func scanJSON[T any](r *sql.Rows) (v T, err error) {
	var body []byte
	if err := r.Scan(&body); err != nil {
		return v, err
	}
	return v, decode(body, &v)
}

// List implements hobby.Store.
func (s *Store) List(ctx context.Context, f hobby.Filter) (hobby.Page, error) {
	var q query
	if f.Agent != "" {
		q.where("agent = ?", f.Agent)
	}
	if f.Kind != "" {
		q.where("kind = ?", f.Kind)
	}
	if f.Status != "" {
		q.where("status = ?", f.Status)
	}
	if !f.Since.IsZero() {
		q.where("started >= ?", f.Since.UnixNano())
	}
	if !f.Until.IsZero() {
		q.where("started < ?", f.Until.UnixNano())
	}
	if f.Cursor != "" {
		started, id, err := parseCursor(f.Cursor)
		if err != nil {
			return hobby.Page{}, err
		}
		q.where("(started, id) < (?, ?)", started, id)
	}
	limit := clip(f.Limit)
	text := "SELECT body FROM pastime_hobby_activities" + q.text() + " ORDER BY started DESC, id DESC LIMIT ?"
	rows, err := s.readDB.QueryContext(ctx, text, append(q.args, limit+1)...)
	all, err := collect(rows, err, "listing activities", scanJSON[hobby.Activity])
	if err != nil {
		return hobby.Page{}, s.wrap(err)
	}
	if len(all) <= limit {
		return hobby.Page{Activities: all}, nil
	}
	last := &all[limit-1]
	return hobby.Page{Activities: all[:limit], Next: formatCursor(last.Started.UnixNano(), last.ID)}, nil
}

// query builds the conditions of a SELECT from constant texts; what a caller
// gave is always an argument.
type query struct {
	conditions []string
	args       []any
}

func (q *query) where(condition string, args ...any) {
	q.conditions = append(q.conditions, condition)
	q.args = append(q.args, args...)
}

func (q *query) text() string {
	if len(q.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(q.conditions, " AND ")
}

func formatCursor(started int64, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(started, 10) + " " + id))
}

func parseCursor(c string) (started int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(c)
	if err == nil {
		number, rest, ok := strings.Cut(string(raw), " ")
		started, err = strconv.ParseInt(number, 10, 64)
		if ok && err == nil && rest != "" {
			return started, rest, nil
		}
	}
	return 0, "", fmt.Errorf("%w: the cursor %.64q did not come from a listing", hobby.ErrInvalid, c)
}

// Insights implements hobby.Store.
func (s *Store) Insights(ctx context.Context, f hobby.InsightFilter) ([]hobby.Insight, error) {
	var q query
	if f.Kind != "" {
		q.where("kind = ?", f.Kind)
	}
	if f.Activity != "" {
		q.where("activity = ?", f.Activity)
	}
	text := "SELECT body FROM pastime_hobby_insights" + q.text() + " ORDER BY pos DESC LIMIT ?"
	rows, err := s.readDB.QueryContext(ctx, text, append(q.args, clip(f.Limit))...)
	all, err := collect(rows, err, "reading insights", scanJSON[hobby.Insight])
	return all, s.wrap(err)
}

// Tallies implements hobby.Store.
func (s *Store) Tallies(ctx context.Context, f hobby.TallyFilter) ([]hobby.Tally, hobby.Cursor, error) {
	// The head is read first: what changes meanwhile is read again next time.
	head, err := s.Head(ctx)
	if err != nil || head <= f.Since {
		return nil, max(head, f.Since), err
	}
	var q query
	if f.Since > 0 {
		q.where("pos > ?", f.Since)
	}
	if f.Agent != "" {
		q.where("agent = ?", f.Agent)
	}
	text := "SELECT agent, node, model_key, kind, family, level, split, day, tries, passes, millis FROM pastime_hobby_tallies" + q.text()
	rows, err := s.readDB.QueryContext(ctx, text, q.args...)
	all, err := collect(rows, err, "reading tallies", func(r *sql.Rows) (t hobby.Tally, err error) {
		err = r.Scan(&t.Agent, &t.Node, &t.ModelKey, &t.Kind, &t.Family, &t.Level, &t.Split, &t.Day, &t.Tries, &t.Passes, &t.Millis)
		return t, err
	})
	return all, head, s.wrap(err)
}

// Counts implements hobby.Store.
func (s *Store) Counts(ctx context.Context, f hobby.CountFilter) ([]hobby.Count, error) {
	var q query
	bucket := "hour"
	switch f.Bucket {
	case hobby.Total, "":
		q.where("hour = ?", everHour)
	case hobby.Hourly, hobby.Daily:
		q.where("hour >= ?", int64(0))
		width := int64(1)
		if f.Bucket == hobby.Daily {
			width, bucket = 24, "hour - hour % 24"
		}
		if !f.Since.IsZero() {
			q.where("hour >= ?", bucketFrom(f.Since, width))
		}
		if !f.Until.IsZero() {
			q.where("hour < ?", bucketFrom(f.Until, width))
		}
	default:
		return nil, fmt.Errorf("%w: CountFilter.Bucket is %q", hobby.ErrInvalid, f.Bucket)
	}
	text := "SELECT " + bucket + ` AS at, kind, sum(started), sum(completed), sum(failed), sum(interrupted), sum(items), sum(passes), sum(insights),
		sum(time), sum(engaged), sum(tokens_in), sum(tokens_out), sum(cpu), sum(micro_usd), max(last)
		FROM pastime_hobby_counts` + q.text() + " GROUP BY at, kind ORDER BY at, kind"
	rows, err := s.readDB.QueryContext(ctx, text, q.args...)
	all, err := collect(rows, err, "reading counts", func(r *sql.Rows) (c hobby.Count, err error) {
		var hour, last int64
		err = r.Scan(&hour, &c.Kind, &c.Started, &c.Completed, &c.Failed, &c.Interrupted, &c.Items, &c.Passes, &c.Insights,
			&c.Time, &c.Engaged, &c.Cost.TokensIn, &c.Cost.TokensOut, &c.Cost.CPU, &c.Cost.MicroUSD, &last)
		if hour != everHour {
			c.At = time.Unix(hour*3600, 0).UTC()
		}
		c.Last = time.Unix(0, last).UTC()
		return c, err
	})
	return all, s.wrap(err)
}

// bucketFrom is the first hour of the first bucket that starts at t or later.
func bucketFrom(t time.Time, width int64) int64 {
	hours := width * 3600
	return floorDiv(t.Add(time.Duration(hours)*time.Second-1).Unix(), hours) * width
}
