package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// Append adds an event of this node to the log, in the transaction of what it
// tells. kind is "domain.verb"; body is marshalled as JSON. It returns the
// event's position.
func (tx *Tx) Append(kind, id string, version int, body any) (hobby.Cursor, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("sqlite: marshalling the body of %s: %w", kind, err)
	}
	var seq, clock int64
	if err := tx.QueryRow("SELECT seq, clock FROM pastime_hobby_node", nil, &seq, &clock); err != nil {
		return 0, fmt.Errorf("sqlite: reading the node's clock: %w", err)
	}
	seq++
	clock = int64(hobby.HLC(clock).Next(tx.now))
	if _, err := tx.Exec("UPDATE pastime_hobby_node SET seq = ?, clock = ?", seq, clock); err != nil {
		return 0, err
	}
	pos, err := tx.next()
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO pastime_hobby_events (pos, node, seq, clock, kind, id, version, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, pos, tx.s.node, seq, clock, kind, id, version, raw)
	return pos, err
}

// next is the position that the next event will have.
func (tx *Tx) next() (hobby.Cursor, error) {
	var head sql.NullInt64
	if err := tx.QueryRow("SELECT max(pos) FROM pastime_hobby_events", nil, &head); err != nil {
		return 0, fmt.Errorf("sqlite: reading the head of the event log: %w", err)
	}
	return hobby.Cursor(head.Int64 + 1), nil
}

// Events implements hobby.Store.
func (s *Store) Events(ctx context.Context, after hobby.Cursor, limit int) ([]hobby.Event, error) {
	rows, err := s.readDB.QueryContext(ctx, `SELECT pos, node, seq, clock, kind, id, version, body
		FROM pastime_hobby_events WHERE pos > ? ORDER BY pos LIMIT ?`, after, clip(limit))
	return collect(rows, err, "reading events", func(r *sql.Rows) (e hobby.Event, err error) {
		var seq, clock int64
		var body []byte
		err = r.Scan(&e.Pos, &e.Node, &seq, &clock, &e.Kind, &e.ID, &e.Version, &body)
		e.Seq, e.Clock, e.Body = uint64(seq), hobby.HLC(clock), body
		return e, err
	})
}

// Head implements hobby.Store.
func (s *Store) Head(ctx context.Context) (hobby.Cursor, error) {
	var head sql.NullInt64
	if err := s.readDB.QueryRowContext(ctx, "SELECT max(pos) FROM pastime_hobby_events").Scan(&head); err != nil {
		return 0, fmt.Errorf("sqlite: reading the head of the event log: %w", s.wrap(err))
	}
	return hobby.Cursor(head.Int64), nil
}

// Consumed implements hobby.Store.
func (s *Store) Consumed(ctx context.Context, consumer string) (c hobby.Cursor, err error) {
	err = s.readDB.QueryRowContext(ctx, "SELECT pos FROM pastime_hobby_consumers WHERE name = ?", consumer).Scan(&c)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("sqlite: reading the position of consumer %q: %w", consumer, s.wrap(err))
	}
	return c, nil
}

// SetConsumed implements hobby.Store.
func (s *Store) SetConsumed(ctx context.Context, consumer string, c hobby.Cursor) error {
	return s.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO pastime_hobby_consumers (name, pos) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET pos = max(pos, excluded.pos)`, consumer, c)
		return err
	})
}

// clip keeps a limit within what one read may return; 0 is 100.
func clip(limit int) int {
	if limit == 0 {
		return 100
	}
	return min(max(1, limit), 1000)
}

// collect scans all rows of a query that was just made.
func collect[T any](rows *sql.Rows, err error, doing string, scan func(*sql.Rows) (T, error)) ([]T, error) {
	fail := func(err error) ([]T, error) { return nil, fmt.Errorf("sqlite: %s: %w", doing, err) }
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return fail(err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return all, nil
}
