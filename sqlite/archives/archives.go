package archives

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Catalogue is an archive.Catalogue in a store. All methods are safe for concurrent use,
// by several processes on the same file too.
type Catalogue struct{ store *sqlite.Store }

var _ archive.Catalogue = (*Catalogue)(nil)

// New makes the catalogue of a store and brings its tables up to date. What the store
// forgets is noted in the same transaction; see [archive.Catalogue]. The store stays the
// caller's to close.
func New(ctx context.Context, s *sqlite.Store) (*Catalogue, error) {
	dir, err := fs.Sub(embedded, "migrations")
	if err == nil {
		err = s.Migrate(ctx, "archives", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("archives: %w", err)
	}
	s.OnForget("archives", func(tx *sqlite.Tx, source string) (int, error) { return 0, forget(tx, hobby.SourceHash(source)) })
	return &Catalogue{s}, nil
}

// Reserve implements archive.Catalogue.
func (c *Catalogue) Reserve(ctx context.Context, f *hobby.Fence) (n int64, err error) {
	err = c.write(ctx, "reserving a number", f, func(tx *sqlite.Tx) error {
		return tx.QueryRow("UPDATE pastime_archives_state SET reserved = reserved + 1 RETURNING reserved", nil, &n)
	})
	return n, err
}

// Segments implements archive.Catalogue.
func (c *Catalogue) Segments(ctx context.Context) ([]archive.Segment, int64, error) {
	// The number is read first: what changes meanwhile is another change.
	change, err := c.Change(ctx)
	if err != nil {
		return nil, 0, err
	}
	all, err := sqlite.Read(ctx, c.store, "reading the archive's catalogue",
		"SELECT pruned, body FROM pastime_archives_segments ORDER BY started, run, id", nil, func(r *sql.Rows) (s archive.Segment, err error) {
			var body []byte
			var pruned bool
			if err := r.Scan(&pruned, &body); err != nil {
				return s, err
			}
			if err := json.Unmarshal(body, &s); err != nil {
				return s, fmt.Errorf("decoding what is stored: %w", err)
			}
			s.Pruned = pruned
			return s, nil
		})
	return all, change, err
}

// Change implements archive.Catalogue.
func (c *Catalogue) Change(ctx context.Context) (int64, error) {
	return sqlite.ReadOne(ctx, c.store, "reading the archive's catalogue", "SELECT change FROM pastime_archives_state", nil,
		sqlite.ScanValue[int64])
}

// Swap implements archive.Catalogue.
func (c *Catalogue) Swap(ctx context.Context, add []archive.Segment, remove []string, f *hobby.Fence) error {
	return c.write(ctx, "changing the archive's catalogue", f, func(tx *sqlite.Tx) error {
		for _, s := range add {
			body, err := json.Marshal(s)
			if err != nil {
				return fmt.Errorf("marshalling segment %s: %w", s.ID, err)
			}
			_, err = tx.Exec(`INSERT INTO pastime_archives_segments (id, started, run, pruned, body, filter) VALUES (?, ?, ?, ?, ?, x'')
				ON CONFLICT (id) DO NOTHING`, s.ID, s.From.UnixNano(), s.Run, s.Pruned, body) // filters were in the store once
			if err != nil {
				return err
			}
		}
		for _, id := range remove {
			if _, err := tx.Exec("DELETE FROM pastime_archives_segments WHERE id = ?", id); err != nil {
				return err
			}
		}
		_, err := tx.Exec("UPDATE pastime_archives_state SET change = change + 1")
		return err
	})
}

// Pruned implements archive.Catalogue.
func (c *Catalogue) Pruned(ctx context.Context, id string, f *hobby.Fence) error {
	return c.write(ctx, "noting that a segment's sessions are pruned", f, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE pastime_archives_segments SET pruned = 1 WHERE id = ?", id)
		return err
	})
}

// Forget implements archive.Catalogue.
func (c *Catalogue) Forget(ctx context.Context, sourceHash string) error {
	return c.write(ctx, "noting a source to forget", nil, func(tx *sqlite.Tx) error { return forget(tx, sourceHash) })
}

func forget(tx *sqlite.Tx, hash string) error {
	_, err := tx.Exec("INSERT INTO pastime_archives_forgets (source) VALUES (?) ON CONFLICT DO NOTHING", hash)
	return err
}

// Forgets implements archive.Catalogue.
func (c *Catalogue) Forgets(ctx context.Context) ([]string, error) {
	return sqlite.Read(ctx, c.store, "reading the sources to forget", "SELECT source FROM pastime_archives_forgets ORDER BY source", nil,
		sqlite.ScanValue[string])
}

// Forgot implements archive.Catalogue.
func (c *Catalogue) Forgot(ctx context.Context, sourceHash string, f *hobby.Fence) error {
	return c.write(ctx, "noting a source that is forgotten", f, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("DELETE FROM pastime_archives_forgets WHERE source = ?", sourceHash)
		return err
	})
}

// write runs fn in a transaction while f, unless it is nil, is current.
func (c *Catalogue) write(ctx context.Context, doing string, f *hobby.Fence, fn func(*sqlite.Tx) error) error {
	err := c.store.Write(ctx, func(tx *sqlite.Tx) error {
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		return fmt.Errorf("archives: %s: %w", doing, err)
	}
	return nil
}
