package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// Forget implements hobby.Store. The numbers that were counted stay: they hold
// nothing of the source's text.
func (s *Store) Forget(ctx context.Context, source string) (n int, err error) {
	if source == "" {
		return 0, fmt.Errorf("%w: the source to forget is empty", hobby.ErrInvalid)
	}
	err = s.Write(ctx, func(tx *Tx) error {
		if err := tx.scrub(source); err != nil {
			return err
		}
		n = 0
		for _, del := range []string{
			"DELETE FROM pastime_hobby_items WHERE source = ?",
			"DELETE FROM pastime_hobby_insights WHERE source = ?",
		} {
			r, err := tx.Exec(del, source)
			if err != nil {
				return err
			}
			gone, err := r.RowsAffected()
			if err != nil {
				return err
			}
			n += int(gone)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: forgetting %.64q: %w", source, err)
	}
	return n, nil
}

// scrub takes a source's insights out of the event log.
func (tx *Tx) scrub(source string) error {
	type entry struct {
		pos  hobby.Cursor
		body hobby.ActivityEvent
	}
	const told = "SELECT pos, body FROM pastime_hobby_events WHERE pos IN (SELECT event FROM pastime_hobby_sources WHERE source = ?)"
	entries, err := ReadTx(tx, told, []any{source}, func(r *sql.Rows) (e entry, err error) {
		var body []byte
		if err := r.Scan(&e.pos, &body); err != nil {
			return e, err
		}
		err = decode(body, &e.body)
		return e, err
	})
	if err != nil {
		return fmt.Errorf("reading the events that tell of it: %w", err)
	}
	for _, e := range entries {
		e.body.Insights = slices.DeleteFunc(e.body.Insights, func(i hobby.Insight) bool { return i.Source == source })
		raw, err := json.Marshal(e.body)
		if err != nil {
			return fmt.Errorf("marshalling an event: %w", err)
		}
		if _, err := tx.Exec("UPDATE pastime_hobby_events SET body = ? WHERE pos = ?", raw, e.pos); err != nil {
			return err
		}
	}
	_, err = tx.Exec("DELETE FROM pastime_hobby_sources WHERE source = ?", source)
	return err
}

// Prune implements hobby.Store.
func (s *Store) Prune(ctx context.Context, ids []string, f *hobby.Fence) (n int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n = 0
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		for _, id := range ids {
			r, err := tx.Exec("DELETE FROM pastime_hobby_activities WHERE id = ? AND status <> ?", id, hobby.Running)
			if err != nil {
				return err
			}
			if gone, err := r.RowsAffected(); err != nil || gone == 0 {
				continue
			}
			n++
			for _, del := range []string{
				"DELETE FROM pastime_hobby_items WHERE activity = ?",
				"DELETE FROM pastime_hobby_insights WHERE activity = ?",
			} {
				if _, err := tx.Exec(del, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: pruning: %w", err)
	}
	return n, nil
}
