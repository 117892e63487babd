package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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

func newHolder(path string) (*holder, error) {
	h := &holder{id: uuid.NewString()}
	if path == "" {
		return h, nil
	}
	h.dir = path + "-holders"
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: making the sign of life: %w", err)
	}
	h.lock = flock.New(h.file(h.id))
	if ok, err := h.lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("sqlite: locking the sign of life %s (locked: %v)", h.lock.Path(), ok), err)
	}
	return h, nil
}

// exclusively runs fn while no other process that opens the same file does.
func (h *holder) exclusively(fn func() error) error {
	if h.dir == "" {
		return fn()
	}
	lock := flock.New(filepath.Join(h.dir, "opening"))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("sqlite: locking %s: %w", lock.Path(), err)
	}
	return errors.Join(fn(), lock.Close())
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
	return false, errors.Join(os.Remove(path), other.Close())
}

// release gives up the sign of life.
func (h *holder) release() error {
	if h.lock == nil {
		return nil
	}
	return errors.Join(os.Remove(h.lock.Path()), h.lock.Close())
}
