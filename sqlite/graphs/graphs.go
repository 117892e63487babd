package graphs

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Log is a kgraph.Store in a store. All methods are safe for concurrent use, by several
// processes on the same file too.
type Log struct{ store *sqlite.Store }

var _ kgraph.Store = (*Log)(nil)

// New makes the log of a store and brings its tables up to date. What the store forgets
// is forgotten in the same transaction: readers see it no more, and [Log.Sweep] deletes
// it. The store stays the caller's to close.
func New(ctx context.Context, s *sqlite.Store) (*Log, error) {
	dir, err := fs.Sub(embedded, "migrations")
	if err == nil {
		err = s.Migrate(ctx, "graphs", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("graphs: %w", err)
	}
	s.OnForget("graphs", func(tx *sqlite.Tx, source string) (int, error) { return forget(tx, hobby.SourceHash(source)) })
	return &Log{s}, nil
}

// body is what is stored of a change as JSON.
type body struct {
	Origin     *kgraph.Origin     `json:"origin,omitempty"`
	Statements []kgraph.Statement `json:"statements,omitempty"`
	Accepted   bool               `json:"accepted,omitempty"`
	Version    int                `json:"version,omitempty"`
}

// Append implements kgraph.Store.
func (l *Log) Append(ctx context.Context, at hobby.Cursor, changes []kgraph.Change) (rev int64, err error) {
	for i := range changes {
		if err := changes[i].Validate(); err != nil {
			return 0, fmt.Errorf("graphs: appending change %d: %w", i, err)
		}
	}
	err = l.write(ctx, "appending", func(tx *sqlite.Tx) error {
		var was hobby.Cursor
		if at > 0 {
			var err error
			if was, err = tx.SetConsumed(kgraph.Consumer, at); err != nil {
				return err
			}
		}
		for i := range changes {
			if pos := changes[i].Pos; pos > 0 && pos <= was {
				continue
			}
			if err := add(tx, &changes[i]); err != nil {
				return err
			}
		}
		return tx.QueryRow(newest, nil, &rev)
	})
	return rev, err
}

const newest = "SELECT coalesce(max(rev), 0) FROM pastime_graphs_log"

func add(tx *sqlite.Tx, c *kgraph.Change) error {
	var b body
	var hash sql.NullString
	decision := 0
	if c.Op == kgraph.Forgotten {
		_, err := forget(tx, c.Hash)
		return err
	}
	if err := sweepOrigin(tx, c.ID); err != nil {
		return err
	}
	switch c.Op {
	case kgraph.Decided:
		err := tx.QueryRow("SELECT hash FROM pastime_graphs_log WHERE id = ? AND decision = 0", []any{c.ID}, &hash)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // it states nothing
		}
		if err != nil {
			return err
		}
		decision, b = c.Version, body{Accepted: c.Accepted}
	case kgraph.Stated:
		b = body{Origin: &c.Origin, Statements: c.Statements, Version: c.Version}
		if c.Source != "" {
			hash = sql.NullString{String: hobby.SourceHash(c.Source), Valid: true}
		}
	}
	raw, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("marshalling a change: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO pastime_graphs_log (op, id, decision, hash, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id, decision) DO NOTHING`, string(c.Op), c.ID, decision, hash, raw)
	return err
}

// sweepOrigin deletes what a Sweep would delete of an origin, so that the origin can be
// stated again before.
func sweepOrigin(tx *sqlite.Tx, id string) error {
	_, err := tx.Exec(`DELETE FROM pastime_graphs_log WHERE id = ?
		AND rev < (SELECT f.rev FROM pastime_graphs_forgets f WHERE f.hash = pastime_graphs_log.hash)`, id)
	return err
}

// forget notes that a source is forgotten, if anything is stored of it, and returns how
// many changes that takes away.
func forget(tx *sqlite.Tx, hash string) (n int, err error) {
	const stated = `SELECT count(*) FROM pastime_graphs_log WHERE hash = ? AND op = 'stated'
		AND rev > coalesce((SELECT rev FROM pastime_graphs_forgets WHERE hash = ?), 0)`
	if err := tx.QueryRow(stated, []any{hash, hash}, &n); err != nil || n == 0 {
		return 0, err
	}
	var rev int64
	err = tx.QueryRow("INSERT INTO pastime_graphs_log (op, decision, hash) VALUES (?, 0, ?) RETURNING rev",
		[]any{string(kgraph.Forgotten), hash}, &rev)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec("INSERT INTO pastime_graphs_forgets (hash, rev) VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET rev = excluded.rev",
		hash, rev)
	if err == nil { // they have what is forgotten
		_, err = tx.Exec("DELETE FROM pastime_graphs_snapshots")
	}
	return n, err
}

// Changes implements kgraph.Store.
func (l *Log) Changes(ctx context.Context, after int64, limit int) ([]kgraph.Change, error) {
	return sqlite.Read(ctx, l.store, "reading the graph's log",
		"SELECT rev, op, id, decision, hash, body FROM pastime_graphs_log WHERE rev > ? ORDER BY rev LIMIT ?",
		[]any{after, cmp.Or(max(limit, 0), 1000)}, scan)
}

func scan(r *sql.Rows) (c kgraph.Change, err error) {
	var id, hash sql.NullString
	var raw []byte
	if err := r.Scan(&c.Rev, &c.Op, &id, &c.Version, &hash, &raw); err != nil {
		return c, err
	}
	if c.Op == kgraph.Forgotten {
		c.Hash = hash.String
		return c, nil
	}
	var b body
	if err := json.Unmarshal(raw, &b); err != nil {
		return c, fmt.Errorf("decoding change %d: %w", c.Rev, err)
	}
	if b.Origin != nil {
		c.Origin, c.Statements, c.Version = *b.Origin, b.Statements, b.Version
	} else {
		c.Accepted = b.Accepted
	}
	c.ID = id.String
	return c, nil
}

// Rev implements kgraph.Store.
func (l *Log) Rev(ctx context.Context) (int64, error) {
	return sqlite.ReadOne(ctx, l.store, "reading the graph's newest revision", newest, nil, sqlite.ScanValue[int64])
}

// Sweep implements kgraph.Store.
func (l *Log) Sweep(ctx context.Context, limit int) (more bool, err error) {
	// Mostly there is nothing, and looking must not be a write.
	left, err := sqlite.Read(ctx, l.store, "reading what the graph is to forget", "SELECT hash FROM pastime_graphs_forgets LIMIT 1", nil,
		sqlite.ScanValue[string])
	if err != nil {
		return false, err
	}
	if len(left) == 0 {
		return l.sweepParts(ctx)
	}
	err = l.write(ctx, "deleting what is forgotten", func(tx *sqlite.Tx) error {
		var hash string
		var rev int64
		err := tx.QueryRow("SELECT hash, rev FROM pastime_graphs_forgets LIMIT 1", nil, &hash, &rev)
		if errors.Is(err, sql.ErrNoRows) {
			more = false
			return nil
		}
		if err != nil {
			return err
		}
		r, err := tx.Exec(`DELETE FROM pastime_graphs_log WHERE rev IN
			(SELECT rev FROM pastime_graphs_log WHERE hash = ? AND rev < ? ORDER BY rev LIMIT ?)`, hash, rev, max(limit, 1))
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		if err != nil {
			return err
		}
		if n < int64(max(limit, 1)) {
			if _, err := tx.Exec("DELETE FROM pastime_graphs_forgets WHERE hash = ?", hash); err != nil {
				return err
			}
		}
		more = true
		return nil
	})
	return more, err
}

// Filled implements kgraph.Store.
func (l *Log) Filled(ctx context.Context) (bool, error) {
	return sqlite.ReadOne(ctx, l.store, "reading how far the graph is", "SELECT filled FROM pastime_graphs_state", nil, sqlite.ScanValue[bool])
}

// SetFilled implements kgraph.Store.
func (l *Log) SetFilled(ctx context.Context) error {
	return l.write(ctx, "noting that the graph is filled", func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE pastime_graphs_state SET filled = 1")
		return err
	})
}

// Changed implements kgraph.Store.
func (l *Log) Changed() <-chan struct{} { return l.store.Changed() }

func (l *Log) write(ctx context.Context, doing string, fn func(*sqlite.Tx) error) error {
	if err := l.store.Write(ctx, fn); err != nil {
		return fmt.Errorf("graphs: %s: %w", doing, err)
	}
	return nil
}
