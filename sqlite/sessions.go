package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// Activity implements hobby.Store.
func (s *Store) Activity(ctx context.Context, id string) (hobby.Session, error) {
	var found []hobby.Session
	doing := fmt.Sprintf("reading activity %.64q", id)
	err := s.snapshotted(ctx, doing, func(tx *sql.Tx) error {
		rows, err := readFrom(ctx, s, tx, doing, "SELECT 0, 0, body FROM pastime_hobby_activities WHERE id = ?", []any{id},
			func(r *sql.Rows) (v sized[hobby.Activity], err error) {
				v, _, err = scanSized[hobby.Activity](r)
				return v, err
			})
		if err != nil {
			return err
		}
		found, _, err = s.whole(ctx, tx, doing, rows)
		return err
	})
	switch {
	case err != nil:
		return hobby.Session{}, err
	case len(found) == 0:
		return hobby.Session{}, fmt.Errorf("sqlite: %s: %w", doing, hobby.ErrNotFound)
	}
	return found[0], nil
}

// Sessions implements hobby.Store.
func (s *Store) Sessions(ctx context.Context, f hobby.Filter) (p hobby.SessionPage, err error) {
	text, args, err := listing(&f, oldestFirst, clip(f.Limit)+1)
	if err != nil {
		return p, err
	}
	const doing = "reading sessions"
	err = s.snapshotted(ctx, doing, func(tx *sql.Tx) error {
		var rows []sized[hobby.Activity]
		rows, p.Next, err = readPage(ctx, s, tx, doing, text, args, f.Limit, scanSized[hobby.Activity])
		if err != nil {
			return err
		}
		p.Sessions, p.Sizes, err = s.whole(ctx, tx, doing, rows)
		return err
	})
	if err != nil {
		return hobby.SessionPage{}, err
	}
	return p, nil
}

// sized is a value with the size of its line of JSON.
type sized[T any] struct {
	v    T
	size int64
}

// scanSized is scanTimed that keeps the size.
func scanSized[T any](r *sql.Rows) (v sized[T], at Cursor, err error) {
	var time, pos int64
	var body sql.RawBytes
	if err := r.Scan(&time, &pos, &body); err != nil {
		return v, nil, err
	}
	v.size = int64(len(body)) + 1
	err = decode(body, &v.v)
	return v, Cursor{time, pos}, err
}

// snapshotted runs fn in one read transaction, so that what it reads belongs
// together.
func (s *Store) snapshotted(ctx context.Context, doing string, fn func(tx *sql.Tx) error) error {
	tx, err := s.readDB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.wrap(doing, err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return fn(tx)
}

// whole reads the items and insights of activities. sizes are those of the whole sessions.
func (s *Store) whole(ctx context.Context, tx *sql.Tx, doing string, activities []sized[hobby.Activity]) (
	sessions []hobby.Session, sizes []int64, err error) {
	if len(activities) == 0 {
		return nil, nil, nil
	}
	ids := make([]string, len(activities))
	sizes = make([]int64, len(activities))
	for i, a := range activities {
		ids[i], sizes[i] = a.v.ID, a.size
	}
	of, err := json.Marshal(ids)
	if err != nil {
		return nil, nil, fmt.Errorf("sqlite: %s: %w", doing, err)
	}
	items, err := partsOf[hobby.Item](ctx, s, tx, doing, "pastime_hobby_items", string(of), sizes)
	if err != nil {
		return nil, nil, err
	}
	insights, err := partsOf[hobby.Insight](ctx, s, tx, doing, "pastime_hobby_insights", string(of), sizes)
	if err != nil {
		return nil, nil, err
	}
	sessions = make([]hobby.Session, len(activities))
	for i, a := range activities {
		sessions[i] = hobby.Session{Activity: a.v, Items: items[i], Insights: insights[i]}
	}
	return sessions, sizes, nil
}

// partsOf reads the rows of a table that belong to activities, by the index of the
// activity's id in a JSON array. It adds their sizes to those of the activities.
func partsOf[T any](ctx context.Context, s *Store, tx *sql.Tx, doing, table, ids string, sizes []int64) ([][]T, error) {
	var all []T
	var at [][2]int64 // the activity, and the place, of each
	var here [2]int64
	var body sql.RawBytes // decoding copies
	// The index has the rows of an activity in their order; ORDER BY would copy and sort all.
	_, err := readFrom(ctx, s, tx, doing, "SELECT j.key, t.pos, t.body FROM json_each(?) j CROSS JOIN "+table+
		" t ON t.activity = j.value", []any{ids}, func(r *sql.Rows) (none struct{}, err error) {
		if err := r.Scan(&here[0], &here[1], &body); err != nil {
			return none, err
		}
		i := len(at)
		for i > 0 && slices.Compare(at[i-1][:], here[:]) > 0 {
			i-- // SQLite took another way
		}
		if all == nil {
			all, at = make([]T, 0, 4*len(sizes)), make([][2]int64, 0, 4*len(sizes))
		}
		var part T
		all, at = slices.Insert(all, i, part), slices.Insert(at, i, here)
		sizes[here[0]] += int64(len(body)) + 1
		return none, decode(body, &all[i])
	})
	parts := make([][]T, len(sizes))
	for from, to := 0, 0; from < len(at); from = to {
		for to < len(at) && at[to][0] == at[from][0] {
			to++
		}
		parts[at[from][0]] = slices.Clip(all[from:to])
	}
	return parts, err
}
