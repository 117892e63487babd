package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Upkeep is the store's own work, for [hobby.Options.Slots]: once an hour it trims the
// event log to Options.KeepEvents and gives free pages back.
func (s *Store) Upkeep() []hobby.Slot {
	return []hobby.Slot{{Name: "store.upkeep", Schedule: hobby.Every(time.Hour), Run: func(ctx context.Context, _ hobby.SlotRun) error {
		return s.upkeep(ctx, time.Now())
	}}}
}

func (s *Store) upkeep(ctx context.Context, now time.Time) error {
	if s.keepEvents >= 0 {
		to, err := s.before(ctx, now.Add(-s.keepEvents))
		if err != nil {
			return err
		}
		if _, err := s.Trim(ctx, to); err != nil {
			return err
		}
	}
	_, err := s.Shrink(ctx)
	return err
}

// before is the position of the newest event that is older than t. Clocks of one node
// only grow, so it halves the log; an event of another node may be somewhat older or
// newer than its neighbours.
func (s *Store) before(ctx context.Context, t time.Time) (hobby.Cursor, error) {
	floor, err := s.Floor(ctx)
	if err != nil {
		return 0, err
	}
	head, err := s.Head(ctx)
	if err != nil {
		return 0, err
	}
	n := sort.Search(int(head-floor), func(i int) bool {
		if err != nil {
			return true
		}
		var clock []int64
		clock, err = Read(ctx, s, "reading the age of an event", "SELECT clock FROM pastime_hobby_events WHERE pos = ?",
			[]any{floor + 1 + hobby.Cursor(i)}, ScanValue[int64])
		return len(clock) == 1 && !hobby.HLC(clock[0]).Time().Before(t)
	})
	return floor + hobby.Cursor(n), err
}

const (
	// shrinkStep is how many pages are given back in one transaction, about 2 MB.
	shrinkStep = 500
	// shrinkReserve is how many free pages are kept for what comes next.
	shrinkReserve = 256
)

// Shrink gives the pages that pruning and trimming left free back to the file system,
// but for a megabyte, and returns how many bytes that was. It works in small steps, so
// that others can write. A file of an earlier version keeps its free pages for
// later use until [Vacuum] has converted it, and so does a database that
// was wrapped, unless its host set auto_vacuum.
func (s *Store) Shrink(ctx context.Context) (freed int64, err error) {
	for {
		type size struct{ free, page, mode int64 }
		found, err := ReadOne(ctx, s, "counting free pages",
			"SELECT freelist_count, page_size, auto_vacuum FROM pragma_freelist_count(), pragma_page_size(), pragma_auto_vacuum()", nil,
			func(r *sql.Rows) (z size, err error) {
				err = r.Scan(&z.free, &z.page, &z.mode)
				return z, err
			})
		if err != nil || found.mode == 0 || found.free <= shrinkReserve {
			return freed, errors.Join(err, s.shorten(ctx, freed > 0))
		}
		n := min(shrinkStep, found.free-shrinkReserve)
		begun := time.Now()
		if err := s.Write(ctx, func(tx *Tx) error { return tx.giveBack(n) }); err != nil {
			return freed, fmt.Errorf("sqlite: giving free pages back: %w", err)
		}
		freed += n * found.page
		if err := rest(ctx, begun); err != nil {
			return freed, errors.Join(fmt.Errorf("sqlite: giving free pages back: %w", err), s.shorten(context.WithoutCancel(ctx), true))
		}
	}
}

// shrinking runs fn and gives pages that it frees back in the same transaction: none of the
// reserve, and so few that others need not wait long. Those at the end of the file are cut off
// without being overwritten first. Where many are free before it, finding those to move others
// to takes long, and it leaves them to Shrink.
func (tx *Tx) shrinking(fn func() error) error {
	const count = "SELECT freelist_count FROM pragma_freelist_count()"
	var before, after int64
	if err := tx.QueryRow(count, nil, &before); err != nil {
		return err
	}
	if err := fn(); err != nil || before > 2*shrinkReserve {
		return err
	}
	if err := tx.QueryRow(count, nil, &after); err != nil || after <= shrinkReserve {
		return err
	}
	return tx.giveBack(min(2*shrinkStep, after-shrinkReserve))
}

// longestRest is more than the longest time for which SQLite waits before it tries again to
// get the lock of another process, 100 ms.
const longestRest = 120 * time.Millisecond

// rest leaves the file to other processes after one of many steps, for as long as the step
// took. Without it they would find the file locked whenever they try, until they give up.
func rest(ctx context.Context, begun time.Time) error {
	t := time.NewTimer(min(time.Since(begun), longestRest))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// shorten makes the file as short as what was given back allows, where that was anything.
func (s *Store) shorten(ctx context.Context, gaveBack bool) error {
	if !gaveBack {
		return nil
	}
	return s.checkpoint(ctx, "PASSIVE")
}

// checkpoint moves the write-ahead log into the file, which then gets shorter, in a mode of
// SQLite's: PASSIVE as far as no reader needs the log, TRUNCATE waiting for readers, and leaving no
// log. A host's own database is left to the host.
func (s *Store) checkpoint(ctx context.Context, mode string) error {
	if !s.owned {
		return nil
	}
	if _, err := s.writeDB.ExecContext(ctx, "PRAGMA wal_checkpoint("+mode+")"); err != nil {
		return s.wrap("moving the log into the file", err)
	}
	return nil
}

// giveBack gives n pages back. A pragma takes no arguments, so it is prepared for
// each number; there are few.
func (tx *Tx) giveBack(n int64) error {
	rows, err := tx.tx.QueryContext(tx.ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", n))
	if err != nil {
		return err
	}
	defer rows.Close()
	tx.wrote = true
	for rows.Next() { // each row is one given back
	}
	return rows.Err()
}
