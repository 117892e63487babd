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
		rows, err := tx.Query("SELECT DISTINCT activity FROM pastime_hobby_insights WHERE source = ?", source)
		activities, err := collect(rows, err, "finding what came from a source", func(r *sql.Rows) (id string, err error) { return id, r.Scan(&id) })
		if err != nil {
			return err
		}
		for _, id := range activities {
			if err := tx.scrub(id, source); err != nil {
				return err
			}
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

// scrub takes a source's insights out of the events of an activity.
func (tx *Tx) scrub(activity, source string) error {
	type entry struct {
		pos  int64
		body []byte
	}
	rows, err := tx.Query("SELECT pos, body FROM pastime_hobby_events WHERE id = ?", activity)
	entries, err := collect(rows, err, "reading events", func(r *sql.Rows) (e entry, err error) { return e, r.Scan(&e.pos, &e.body) })
	if err != nil {
		return err
	}
	for _, e := range entries {
		var body hobby.ActivityEvent
		if err := decode(e.body, &body); err != nil {
			return err
		}
		before := len(body.Insights)
		body.Insights = slices.DeleteFunc(body.Insights, func(i hobby.Insight) bool { return i.Source == source })
		if len(body.Insights) == before {
			continue
		}
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("marshalling an event: %w", err)
		}
		if _, err := tx.Exec("UPDATE pastime_hobby_events SET body = ? WHERE pos = ?", raw, e.pos); err != nil {
			return err
		}
	}
	return nil
}
