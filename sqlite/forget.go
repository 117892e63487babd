package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// Forgetter forgets what a domain has made of a source, in the transaction of the
// store's own Forget, and returns how much that was. What takes long, or is in files,
// it notes to be done; the transaction must not wait for it.
type Forgetter func(tx *Tx, source string) (int, error)

// OnForget has Forget call fn too, for the tables of a domain. A domain has one; a
// later one takes its place. Another process that has not opened the domain does not
// call it: a domain therefore follows the [hobby.SourceForgotten] events as well, or
// looks at them when it is made.
func (s *Store) OnForget(domain string, fn Forgetter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	forgetters := maps.Clone(s.forgetters)
	if forgetters == nil {
		forgetters = map[string]Forgetter{}
	}
	forgetters[domain] = fn
	s.forgetters = forgetters
}

// Forget implements hobby.Store. The numbers that were counted stay: they hold
// nothing of the source's text. What it returns has in it what the domains of
// [Store.OnForget] forgot.
//
// Then the text is in none of the store's own files. While somebody reads for longer than
// BusyTimeout, the write-ahead log keeps it until it is written over, or the file is closed.
func (s *Store) Forget(ctx context.Context, source string) (n int, err error) {
	if source == "" {
		return 0, fmt.Errorf("%w: the source to forget is empty", hobby.ErrInvalid)
	}
	s.mu.Lock()
	forgetters := s.forgetters
	s.mu.Unlock()
	err = s.Write(ctx, func(tx *Tx) error {
		n, err = tx.forget(source)
		if err != nil {
			return err
		}
		for _, domain := range slices.Sorted(maps.Keys(forgetters)) {
			more, err := forgetters[domain](tx, source)
			if err != nil {
				return fmt.Errorf("in %s: %w", domain, err)
			}
			n += more
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: forgetting %.64q: %w", source, err)
	}
	return n, s.checkpoint(context.WithoutCancel(ctx), "TRUNCATE")
}

// forget deletes what the store itself has of a source, and tells that it is gone.
func (tx *Tx) forget(source string) (n int, err error) {
	if err := tx.scrub(source); err != nil {
		return 0, err
	}
	for _, del := range []string{
		"DELETE FROM pastime_hobby_items WHERE source = ?",
		"DELETE FROM pastime_hobby_insights WHERE source = ?",
	} {
		r, err := tx.Exec(del, source)
		if err != nil {
			return 0, err
		}
		gone, err := r.RowsAffected()
		if err != nil {
			return 0, err
		}
		n += int(gone)
	}
	_, err = tx.Append(hobby.SourceForgotten, hobby.SourceHash(source), 1, struct{}{})
	return n, err
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
