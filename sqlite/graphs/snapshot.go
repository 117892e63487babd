package graphs

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
)

// partSize is how many bytes are written in one transaction, so that others can write in
// between.
const partSize = 1 << 20

// sweptParts is how many parts are deleted in one transaction.
const sweptParts = 8

var errTaken = errors.New("another snapshot was begun, or something was forgotten")

// WriteSnapshot implements kgraph.Store.
func (l *Log) WriteSnapshot(ctx context.Context, rev int64, write func(io.Writer) error) error {
	const doing = "writing a snapshot"
	w := &partWriter{l: l, ctx: ctx}
	err := l.write(ctx, doing, func(tx *sqlite.Tx) error {
		var stale bool
		err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM pastime_graphs_log WHERE rev > ? AND op = ?)",
			[]any{rev, string(kgraph.Forgotten)}, &stale)
		if err != nil {
			return err
		}
		if stale {
			return errTaken
		}
		if _, err := tx.Exec("DELETE FROM pastime_graphs_snapshots WHERE NOT complete"); err != nil {
			return err
		}
		return tx.QueryRow("INSERT INTO pastime_graphs_snapshots (rev, complete) VALUES (?, 0) RETURNING id", []any{rev}, &w.id)
	})
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	return l.write(ctx, doing, func(tx *sqlite.Tx) error {
		r, err := tx.Exec("UPDATE pastime_graphs_snapshots SET complete = 1 WHERE id = ?", w.id)
		if err == nil {
			err = one(r)
		}
		if err == nil {
			_, err = tx.Exec("DELETE FROM pastime_graphs_snapshots WHERE id < ?", w.id)
		}
		return err
	})
}

// one reports that a statement did not find its row.
func one(r interface{ RowsAffected() (int64, error) }) error {
	if n, err := r.RowsAffected(); n != 0 || err != nil {
		return err
	}
	return errTaken
}

// partWriter writes parts, each in a transaction.
type partWriter struct {
	l    *Log
	ctx  context.Context
	id   int64
	next int
	buf  []byte
}

func (w *partWriter) Write(p []byte) (int, error) {
	for n := len(p); ; {
		room := min(partSize-len(w.buf), len(p))
		w.buf, p = append(w.buf, p[:room]...), p[room:]
		if len(p) == 0 {
			return n, nil
		}
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
}

func (w *partWriter) flush() error {
	err := w.l.write(w.ctx, "writing a snapshot", func(tx *sqlite.Tx) error {
		r, err := tx.Exec(`INSERT INTO pastime_graphs_snapshot_parts (snapshot, part, body)
			SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM pastime_graphs_snapshots WHERE id = ?)`, w.id, w.next, w.buf, w.id)
		if err != nil {
			return err
		}
		return one(r)
	})
	w.next, w.buf = w.next+1, w.buf[:0]
	return err
}

// ReadSnapshot implements kgraph.Store.
func (l *Log) ReadSnapshot(ctx context.Context, read func(io.Reader) error) error {
	id, err := sqlite.Read(ctx, l.store, "looking for the graph's snapshot",
		"SELECT id FROM pastime_graphs_snapshots WHERE complete ORDER BY id DESC LIMIT 1", nil, sqlite.ScanValue[int64])
	if err == nil && len(id) == 0 {
		err = hobby.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("graphs: reading a snapshot: %w", err)
	}
	return read(&partReader{l: l, ctx: ctx, id: id[0]})
}

type partReader struct {
	l    *Log
	ctx  context.Context
	id   int64
	next int
	buf  []byte
}

func (r *partReader) Read(p []byte) (int, error) {
	if len(r.buf) == 0 {
		part, err := sqlite.Read(r.ctx, r.l.store, "reading the graph's snapshot",
			"SELECT body FROM pastime_graphs_snapshot_parts WHERE snapshot = ? AND part = ?", []any{r.id, r.next}, sqlite.ScanValue[[]byte])
		if err != nil {
			return 0, err
		}
		if len(part) == 0 || len(part[0]) == 0 {
			return 0, io.EOF
		}
		r.buf = part[0]
		r.next++
	}
	n := copy(p, r.buf)
	r.buf = r.buf[n:]
	return n, nil
}

// sweepParts deletes parts of snapshots that are not there any more.
func (l *Log) sweepParts(ctx context.Context) (more bool, err error) {
	const gone = `SELECT rowid FROM pastime_graphs_snapshot_parts
		WHERE snapshot NOT IN (SELECT id FROM pastime_graphs_snapshots) LIMIT ?`
	ids, err := sqlite.Read(ctx, l.store, "reading what is left of the graph's snapshots", gone, []any{sweptParts}, sqlite.ScanValue[int64])
	if err != nil || len(ids) == 0 {
		return false, err
	}
	err = l.write(ctx, "deleting a snapshot", func(tx *sqlite.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec("DELETE FROM pastime_graphs_snapshot_parts WHERE rowid = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}
