package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
)

// holder is one open store's sign of life: a locked file that the operating
// system unlocks when the process dies. A store in memory has none, and no
// other holder of it can be alive.
type holder struct {
	id   string
	dir  string
	lock *flock.Flock
}

// newHolder makes the sign of life of a store in the database at path, "" for
// one in memory.
func newHolder(ctx context.Context, path string) (*holder, error) {
	h := &holder{id: uuid.NewString()}
	if path == "" {
		return h, nil
	}
	h.dir = path + "-holders"
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: making the sign of life: %w", err)
	}
	err := h.exclusively(ctx, func() error {
		h.sweep()
		h.lock = flock.New(h.file(h.id))
		ok, err := h.lock.TryLock()
		if err == nil && !ok {
			err = errors.New("somebody else has it")
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sqlite: locking the sign of life in %s: %w", h.dir, err)
	}
	return h, nil
}

const opening = "opening" // the lock of exclusively

// exclusively runs fn while no other process that opens the same file does. It
// waits its turn until ctx ends.
func (h *holder) exclusively(ctx context.Context, fn func() error) error {
	if h.dir == "" {
		return fn()
	}
	lock := flock.New(filepath.Join(h.dir, opening))
	if _, err := lock.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return fmt.Errorf("sqlite: locking %s: %w", lock.Path(), err)
	}
	return errors.Join(fn(), lock.Close())
}

// sweep removes the files that dead holders left. It runs exclusively, so no
// file is between being made and being locked.
func (h *holder) sweep() {
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return // files that stay do no harm
	}
	for _, e := range entries {
		if _, err := uuid.Parse(e.Name()); err == nil {
			_, _ = h.alive(e.Name())
		}
	}
}

func (h *holder) file(id string) string { return filepath.Join(h.dir, filepath.Base(id)) }

// alive reports whether the holder with the given id has its lock, and removes
// the file of a dead one.
func (h *holder) alive(id string) (bool, error) {
	switch {
	case id == h.id:
		return true, nil
	case h.dir == "":
		return false, nil
	}
	path := h.file(id)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	other := flock.New(path, flock.SetFlag(os.O_RDWR))
	ok, err := other.TryLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("sqlite: looking whether %s is locked: %w", path, err)
	case !ok:
		return true, nil
	}
	return false, closeAndRemove(other)
}

// release gives up the sign of life.
func (h *holder) release() error {
	if h.lock == nil {
		return nil
	}
	return closeAndRemove(h.lock)
}

// closeAndRemove unlocks a file before it is removed, because Windows does not
// remove open files. A file that stays, because another process looks at it
// just now, is swept later.
func closeAndRemove(lock *flock.Flock) error {
	err := lock.Close()
	_ = os.Remove(lock.Path())
	return err
}

// Holder names this open store among those of the file, for rows that say who works
// on them; see [Tx.Alive].
func (tx *Tx) Holder() string { return tx.s.holder.id }

// Alive reports whether the process of a [Tx.Holder] lives and has its store open.
func (tx *Tx) Alive(holder string) (bool, error) { return tx.s.holder.alive(holder) }
