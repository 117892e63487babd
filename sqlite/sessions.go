package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// Activity implements hobby.Store.
func (s *Store) Activity(ctx context.Context, id string) (hobby.Session, error) {
	var found []hobby.Session
	doing := fmt.Sprintf("reading activity %.64q", id)
	err := s.snapshotted(ctx, doing, func(tx *sql.Tx) error {
		activities, err := readFrom(ctx, s, tx, doing, "SELECT body FROM pastime_hobby_activities WHERE id = ?", []any{id},
			ScanJSON[hobby.Activity])
		if err != nil {
			return err
		}
		found, err = s.whole(ctx, tx, doing, activities)
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
	text, args, err := listing(&f, oldestFirst)
	if err != nil {
		return p, err
	}
	const doing = "reading sessions"
	err = s.snapshotted(ctx, doing, func(tx *sql.Tx) error {
		var activities []hobby.Activity
		activities, p.Next, err = readPage(ctx, s, tx, doing, text, args, f.Limit, scanTimed[hobby.Activity])
		if err != nil {
			return err
		}
		p.Sessions, err = s.whole(ctx, tx, doing, activities)
		return err
	})
	if err != nil {
		return hobby.SessionPage{}, err
	}
	return p, nil
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

// whole reads the items and insights of activities.
func (s *Store) whole(ctx context.Context, tx *sql.Tx, doing string, activities []hobby.Activity) ([]hobby.Session, error) {
	if len(activities) == 0 {
		return nil, nil
	}
	ids := make([]string, len(activities))
	for i := range activities {
		ids[i] = activities[i].ID
	}
	of, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", doing, err)
	}
	items, err := partsOf[hobby.Item](ctx, s, tx, doing, "pastime_hobby_items", string(of))
	if err != nil {
		return nil, err
	}
	insights, err := partsOf[hobby.Insight](ctx, s, tx, doing, "pastime_hobby_insights", string(of))
	if err != nil {
		return nil, err
	}
	sessions := make([]hobby.Session, len(activities))
	for i := range sessions {
		sessions[i] = hobby.Session{Activity: activities[i], Items: items[i], Insights: insights[i]}
	}
	return sessions, nil
}

// partsOf reads the rows of a table that belong to activities, by the index of the
// activity's id in a JSON array.
func partsOf[T any](ctx context.Context, s *Store, tx *sql.Tx, doing, table, ids string) (map[int][]T, error) {
	parts := map[int][]T{}
	_, err := readFrom(ctx, s, tx, doing, "SELECT j.key, t.body FROM json_each(?) j CROSS JOIN "+table+
		" t ON t.activity = j.value ORDER BY j.key, t.pos", []any{ids}, func(r *sql.Rows) (none struct{}, err error) {
		var of int
		var body []byte
		if err := r.Scan(&of, &body); err != nil {
			return none, err
		}
		var v T
		err = decode(body, &v)
		parts[of] = append(parts[of], v)
		return none, err
	})
	return parts, err
}
