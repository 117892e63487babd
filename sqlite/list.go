package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var statuses = []hobby.Status{hobby.Running, hobby.Completed, hobby.Failed, hobby.Interrupted}

// List implements hobby.Store. Activities that started at the same time come
// in the reverse order of their first commits.
func (s *Store) List(ctx context.Context, f hobby.Filter) (hobby.Page, error) {
	text, args, err := listing(&f, newestFirst, clip(f.Limit)+1)
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

// listing is the query for f, without its LIMIT, of which it takes limit at most. It merges one
// search for each status, so that an index on (..., status, started) gives the order with and
// without a filter by status, however many activities there are and however few match.
func listing(f *hobby.Filter, o order, limit int) (text string, args []any, err error) {
	var w Where
	w.If(!f.Since.IsZero(), "started >= ?", nanos(f.Since))
	w.If(!f.Until.IsZero(), "started < ?", nanos(f.Until))
	direction, after := "", w.AfterAscending
	if o == newestFirst {
		direction, after = " DESC", w.After
	}
	if err := after(f.Cursor, "started", "pos"); err != nil {
		return "", nil, err
	}
	by := " ORDER BY started" + direction + ", pos" + direction
	of, index := statuses, "_by"
	if f.Status != "" {
		of = []hobby.Status{f.Status}
	}
	switch {
	case f.Agent != "" && f.Kind != "":
		index = "_by_agent_kind"
		w.And("agent = ?", f.Agent)
		w.And("kind = ?", f.Kind)
	case f.Kind != "":
		index = "_by_kind"
		w.And("kind = ?", f.Kind)
	case f.Agent != "":
		text, args = kindByKind(f.Agent, of, &w, by, limit)
		return text, args, nil
	}
	w.conditions = append(w.conditions, "status = ?")
	part := "SELECT started, pos, body FROM pastime_hobby_activities INDEXED BY pastime_hobby_activities" + index + w.String()
	for _, status := range of {
		args = append(append(args, w.args...), status)
	}
	return strings.Join(slices.Repeat([]string{part}, len(of)), " UNION ALL ") + by, args, nil
}

// kindByKind is the listing of an agent: it merges the first activities of each of its kinds and
// statuses. Each kind is found by one search in the index on agent and kind.
func kindByKind(agent string, of []hobby.Status, times *Where, by string, limit int) (text string, args []any) {
	first := Where{append([]string{"agent = k.agent", "kind = k.kind", "status = s.value"}, times.conditions...), times.args}
	names := make([]string, len(of))
	for i, status := range of {
		names[i] = `"` + string(status) + `"`
	}
	text = `WITH RECURSIVE kinds (agent, kind) AS (SELECT agent, min(kind) FROM pastime_hobby_activities WHERE agent = ? UNION ALL
			SELECT agent, (SELECT min(kind) FROM pastime_hobby_activities WHERE agent = kinds.agent AND kind > kinds.kind)
				FROM kinds WHERE kind IS NOT NULL),
		page AS (SELECT a.started, a.pos FROM kinds k CROSS JOIN json_each(?) s CROSS JOIN pastime_hobby_activities a
			WHERE a.pos IN (SELECT pos FROM pastime_hobby_activities INDEXED BY pastime_hobby_activities_by_agent_kind` +
		first.String() + by + " LIMIT ?)" + by + ` LIMIT ?)
		SELECT p.started AS started, p.pos AS pos, a.body FROM page p CROSS JOIN pastime_hobby_activities a ON a.pos = p.pos` + by
	args = append([]any{agent, "[" + strings.Join(names, ",") + "]"}, times.args...)
	return text, append(args, limit, limit)
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
