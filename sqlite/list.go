package sqlite

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// query builds a SELECT's conditions from constant texts; what a caller gave
// is always an argument.
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

var statuses = []hobby.Status{hobby.Running, hobby.Completed, hobby.Failed, hobby.Interrupted}

// List implements hobby.Store. Activities that started at the same time come
// in the reverse order of their first commits.
func (s *Store) List(ctx context.Context, f hobby.Filter) (hobby.Page, error) {
	text, args, err := listing(&f)
	if err != nil {
		return hobby.Page{}, err
	}
	limit := clip(f.Limit)
	type row struct {
		started, pos int64
		a            hobby.Activity
	}
	rows, err := read(ctx, s, "listing activities", text, append(args, limit+1), func(r *sql.Rows) (v row, err error) {
		var body []byte
		if err := r.Scan(&v.started, &v.pos, &body); err != nil {
			return v, err
		}
		err = decode(body, &v.a)
		return v, err
	})
	if err != nil {
		return hobby.Page{}, err
	}
	var p hobby.Page
	for i, r := range rows {
		if i == limit {
			p.Next = formatCursor(rows[i-1].started, rows[i-1].pos)
			break
		}
		p.Activities = append(p.Activities, r.a)
	}
	return p, nil
}

// listing is the query for f, but for the value of its LIMIT. It merges one
// search for each status, so that an index on (..., status, started) gives the
// order with and without a filter by status, however many activities there
// are and however few match.
func listing(f *hobby.Filter) (text string, args []any, err error) {
	index := "pastime_hobby_activities_by"
	var q query
	if f.Agent != "" {
		index += "_agent"
		q.where("agent = ?", f.Agent)
	}
	if f.Kind != "" {
		index += "_kind"
		q.where("kind = ?", f.Kind)
	}
	if !f.Since.IsZero() {
		q.where("started >= ?", nanos(f.Since))
	}
	if !f.Until.IsZero() {
		q.where("started < ?", nanos(f.Until))
	}
	if f.Cursor != "" {
		started, pos, err := parseCursor(f.Cursor)
		if err != nil {
			return "", nil, err
		}
		q.where("(started, pos) < (?, ?)", started, pos)
	}
	of := statuses
	if f.Status != "" {
		of = []hobby.Status{f.Status}
	}
	q.conditions = append(q.conditions, "status = ?")
	part := "SELECT started, pos, body FROM pastime_hobby_activities INDEXED BY " + index + q.text()
	var parts []string
	for _, status := range of {
		parts = append(parts, part)
		args = append(append(args, q.args...), status)
	}
	return strings.Join(parts, " UNION ALL ") + " ORDER BY started DESC, pos DESC LIMIT ?", args, nil
}

func formatCursor(started, pos int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %d", started, pos))
}

func parseCursor(c string) (started, pos int64, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(c)
	if err == nil {
		first, second, _ := strings.Cut(string(raw), " ")
		started, err = strconv.ParseInt(first, 10, 64)
		if err == nil {
			pos, err = strconv.ParseInt(second, 10, 64)
		}
	}
	if err != nil || formatCursor(started, pos) != c {
		return 0, 0, errCursor(c)
	}
	return started, pos, nil
}

func errCursor(c string) error {
	return fmt.Errorf("%w: the cursor %.64q did not come from a listing", hobby.ErrInvalid, c)
}

// The times that fit Unix nanoseconds in an int64.
var (
	firstTime = time.Unix(0, -1<<63)
	lastTime  = time.Unix(0, 1<<63-1)
)

// nanos is t in Unix nanoseconds, as near as they go; 0 for the zero time.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Before(firstTime):
		t = firstTime
	case t.After(lastTime):
		t = lastTime
	}
	return t.UnixNano()
}
