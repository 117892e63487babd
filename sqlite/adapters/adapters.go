package adapters

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Registry is a lora.Store in a store. All methods are safe for concurrent use, by
// several processes on the same file too.
type Registry struct {
	*jobs.Journal
	store *sqlite.Store
}

var (
	_ lora.Store     = (*Registry)(nil)
	_ hobby.Consumer = (*Registry)(nil)
)

// New makes the registry of a store and brings its tables up to date. The store stays
// the caller's to close. Its Forget marks the versions that learned from the source. A
// registry is also a hobby.Consumer, for what programs that have none forget.
func New(ctx context.Context, s *sqlite.Store) (*Registry, error) {
	journal, err := jobs.New(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("adapters: %w", err)
	}
	dir, err := fs.Sub(embedded, "migrations")
	if err == nil {
		err = s.Migrate(ctx, "adapters", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("adapters: %w", err)
	}
	r := &Registry{journal, s}
	s.OnForget("adapters", func(tx *sqlite.Tx, source string) (int, error) { return forget(tx, hobby.SourceHash(source)) })
	return r, nil
}

func (r *Registry) write(ctx context.Context, doing string, fn func(*sqlite.Tx) error) error {
	if err := r.store.Write(ctx, fn); err != nil {
		return fmt.Errorf("adapters: %s: %w", doing, err)
	}
	return nil
}

// Name implements hobby.Consumer.
func (*Registry) Name() string { return "adapters" }

// Consume implements hobby.Consumer: it marks what learned from forgotten sources.
func (r *Registry) Consume(ctx context.Context, events []hobby.Event) error {
	return r.write(ctx, "following the event log", func(tx *sqlite.Tx) error {
		handled, err := tx.SetConsumed(r.Name(), events[len(events)-1].Pos)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Pos <= handled || e.Kind != hobby.SourceForgotten {
				continue
			}
			if _, err := forget(tx, e.ID); err != nil {
				return err
			}
		}
		return nil
	})
}
