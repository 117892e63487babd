package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/pastime-go/pastime/hobby"
)

// health knows whether the database keeps what is written.
type health struct {
	path    string      // of the database's file; "" in memory
	opened  os.FileInfo // the file as it was found
	failing atomic.Bool // the last write failed
}

// file looks whether the database's file is still where it was. SQLite would write
// into a file that was removed, whose content is gone when the process ends.
func (h *health) file() error {
	if h.path == "" {
		return nil
	}
	now, err := os.Stat(h.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: the file %s was removed", hobby.ErrStorage, h.path)
	case err != nil:
		return fmt.Errorf("%w: looking for its file: %w", hobby.ErrStorage, err)
	case !os.SameFile(h.opened, now):
		return fmt.Errorf("%w: another file took the place of %s; start the program again to use it", hobby.ErrStorage, h.path)
	}
	return nil
}

// note remembers how a transaction ended. err joins the errors of the writes that
// shared it; whole says that all of them failed.
func (h *health) note(err error, whole bool) { h.failing.Store(whole || broken(err)) }

// broken tells an error of the disk or of the file from one that a write made
// itself.
func broken(err error) bool {
	var code *driver.Error
	if !errors.As(err, &code) {
		return false
	}
	switch code.Code() & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return true
	}
	return false
}

// Check implements hobby.Store. In a database that was wrapped, a write that the
// host's own driver refused counts only when its whole transaction failed.
func (s *Store) Check(ctx context.Context) error {
	select {
	case <-s.closed:
		return hobby.ErrClosed
	default:
	}
	if err := s.health.file(); err != nil {
		return err
	}
	if !s.health.failing.Load() {
		return context.Cause(ctx)
	}
	err := s.Write(ctx, probe)
	if err == nil || errors.Is(err, hobby.ErrClosed) || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", hobby.ErrStorage, err)
}

// probe writes 64 kB, about a session, and deletes them. When it is committed there
// is room for as much: in the write-ahead log, and in free pages of the database.
func probe(tx *Tx) error {
	name := strings.Repeat("-", 64<<10)
	if _, err := tx.Exec("INSERT INTO pastime_hobby_consumers (name, pos) VALUES (?, 0)", name); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM pastime_hobby_consumers WHERE name = ?", name)
	return err
}
