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
	if _, err := tx.next(); err != nil {
		return 0, err
	}
	l := &tx.log
	l.head++
	l.seq++
	l.clock = l.clock.Next(tx.now)
	_, err = tx.Exec(`INSERT INTO pastime_hobby_events (pos, node, seq, clock, kind, id, version, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, l.head, tx.s.node, l.seq, int64(l.clock), kind, id, version, raw)
	return l.head, err
}

// eventLog is where the event log ends, read once in a transaction and written
// back at its end.
type eventLog struct {
	loaded bool
	head   hobby.Cursor
	seq    int64 // of this node's newest event
	clock  hobby.HLC
}

// next is the position that the next event will have.
func (tx *Tx) next() (hobby.Cursor, error) {
	if !tx.log.loaded {
		l := eventLog{loaded: true}
		var clock int64
		if err := tx.QueryRow(`SELECT seq, clock, (SELECT coalesce(max(pos), floor) FROM pastime_hobby_events) FROM pastime_hobby_node`,
			nil, &l.seq, &clock, &l.head); err != nil {
			return 0, fmt.Errorf("sqlite: reading the end of the event log: %w", err)
		}
		l.clock = hobby.HLC(clock)
		tx.log = l
	}
	return tx.log.head + 1, nil
}

// flushLog writes back where the event log ends.
func (tx *Tx) flushLog() error {
	if !tx.log.loaded {
		return nil
	}
	_, err := tx.Exec("UPDATE pastime_hobby_node SET seq = ?, clock = ?", tx.log.seq, int64(tx.log.clock))
	return err
}

// Events implements hobby.Store.
func (s *Store) Events(ctx context.Context, after hobby.Cursor, limit int) ([]hobby.Event, error) {
	events, err := Read(ctx, s, "reading events", `SELECT pos, node, seq, clock, kind, id, version, body
		FROM pastime_hobby_events WHERE pos > ? ORDER BY pos LIMIT ?`, []any{after, clip(limit)}, func(r *sql.Rows) (e hobby.Event, err error) {
		var seq, clock int64
		var body []byte
		err = r.Scan(&e.Pos, &e.Node, &seq, &clock, &e.Kind, &e.ID, &e.Version, &body)
		e.Seq, e.Clock, e.Body = uint64(seq), hobby.HLC(clock), body
		return e, err
	})
	if err != nil || len(events) > 0 && events[0].Pos == max(after, 0)+1 {
		return events, err // positions are dense, so nothing between was dropped
	}
	floor, err := s.Floor(ctx)
	if err == nil && max(after, 0) < floor {
		return nil, fmt.Errorf("sqlite: reading events after %d: %w: it begins after %d", after, hobby.ErrTrimmed, floor)
	}
	return events, err
}

// Head implements hobby.Store.
func (s *Store) Head(ctx context.Context) (hobby.Cursor, error) {
	return s.position(ctx, "reading the head of the event log",
		"SELECT coalesce((SELECT max(pos) FROM pastime_hobby_events), floor) FROM pastime_hobby_node")
}

// Floor implements hobby.Store.
func (s *Store) Floor(ctx context.Context) (hobby.Cursor, error) {
	return s.position(ctx, "reading the floor of the event log", "SELECT floor FROM pastime_hobby_node")
}

// Consumed implements hobby.Store.
func (s *Store) Consumed(ctx context.Context, consumer string) (hobby.Cursor, error) {
	return s.position(ctx, fmt.Sprintf("reading the position of consumer %.64q", consumer),
		"SELECT pos FROM pastime_hobby_consumers WHERE name = ?", consumer)
}

// position reads one position of the event log, 0 when there is none.
func (s *Store) position(ctx context.Context, doing, query string, args ...any) (hobby.Cursor, error) {
	found, err := Read(ctx, s, doing, query, args, ScanValue[hobby.Cursor])
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// SetConsumed implements hobby.Store.
func (s *Store) SetConsumed(ctx context.Context, consumer string, c hobby.Cursor) error {
	err := s.Write(ctx, func(tx *Tx) error {
		_, err := tx.SetConsumed(consumer, c)
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlite: recording the position of consumer %.64q: %w", consumer, err)
	}
	return nil
}

// SetConsumed moves a consumer's position to c in the transaction of what the
// consumer made of the events up to there, and returns where it was. Another
// process on the same file may have handled some of them: a consumer writes only
// what it made of the events after that position. A position never moves
// backwards.
func (tx *Tx) SetConsumed(consumer string, c hobby.Cursor) (was hobby.Cursor, err error) {
	err = tx.QueryRow("SELECT pos FROM pastime_hobby_consumers WHERE name = ?", []any{consumer}, &was)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("sqlite: reading the position of consumer %.64q: %w", consumer, err)
	}
	if c <= was && err == nil {
		return was, nil
	}
	_, err = tx.Exec(`INSERT INTO pastime_hobby_consumers (name, pos) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET pos = excluded.pos`, consumer, max(c, 0))
	return was, err
}

// DropConsumer implements hobby.Store.
func (s *Store) DropConsumer(ctx context.Context, consumer string) error {
	err := s.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec("DELETE FROM pastime_hobby_consumers WHERE name = ?", consumer)
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlite: dropping consumer %.64q: %w", consumer, err)
	}
	return nil
}
