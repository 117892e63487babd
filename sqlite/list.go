package sqlite

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var statuses = []hobby.Status{hobby.Running, hobby.Completed, hobby.Failed, hobby.Interrupted}

// List implements hobby.Store. Activities that started at the same time come
// in the reverse order of their first commits.
func (s *Store) List(ctx context.Context, f hobby.Filter) (hobby.Page, error) {
	text, args, err := listing(&f, newestFirst)
	if err != nil {
		return hobby.Page{}, err
	}
	var p hobby.Page
	p.Activities, p.Next, err = ReadPage(ctx, s, "listing activities", text, args, f.Limit, scanTimed[hobby.Activity])
	return p, err
}

// scanTimed scans a row of a time and a position, which are the cursor, and JSON.
func scanTimed[T any](r *sql.Rows) (v T, at Cursor, err error) {
	var time, pos int64
	var body sql.RawBytes // decoding copies
	if err := r.Scan(&time, &pos, &body); err != nil {
		return v, nil, err
	}
	err = decode(body, &v)
	return v, Cursor{time, pos}, err
}

// order is the order of a listing by time.
type order bool

const (
	oldestFirst order = false
	newestFirst order = true
)

// listing is the query for f, without its LIMIT. It merges one
// search for each status, so that an index on (..., status, started) gives the
// order with and without a filter by status, however many activities there
// are and however few match.
func listing(f *hobby.Filter, o order) (text string, args []any, err error) {
	index := "pastime_hobby_activities_by"
	var w Where
	if f.Agent != "" {
		index += "_agent"
		w.And("agent = ?", f.Agent)
	}
	if f.Kind != "" {
		index += "_kind"
		w.And("kind = ?", f.Kind)
	}
	w.If(!f.Since.IsZero(), "started >= ?", nanos(f.Since))
	w.If(!f.Until.IsZero(), "started < ?", nanos(f.Until))
	direction, after := "", w.AfterAscending
	if o == newestFirst {
		direction, after = " DESC", w.After
	}
	if err := after(f.Cursor, "started", "pos"); err != nil {
		return "", nil, err
	}
	of := statuses
	if f.Status != "" {
		of = []hobby.Status{f.Status}
	}
	w.conditions = append(w.conditions, "status = ?")
	part := "SELECT started, pos, body FROM pastime_hobby_activities INDEXED BY " + index + w.String()
	var parts []string
	for _, status := range of {
		parts = append(parts, part)
		args = append(append(args, w.args...), status)
	}
	return strings.Join(parts, " UNION ALL ") + " ORDER BY started" + direction + ", pos" + direction, args, nil
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
