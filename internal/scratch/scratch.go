// Package scratch makes folders for private files that a program needs for a while. What a
// process that died has left is removed later.
package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Dir is a folder that nobody else uses.
type Dir struct {
	Path string
	sign *flock.Flock // the operating system unlocks it when the process dies
}

const (
	signName = ".alive"
	// young is how old a folder must be to be swept: it is made before it is locked.
	young = time.Minute
	// old is the same for what nothing shows to be in use.
	old = 24 * time.Hour
)

// New makes a folder in parent, "" being the system's folder for temporary files. Its name
// is prefix and something random. It sweeps first.
func New(parent, prefix string) (*Dir, error) {
	Sweep(parent, prefix)
	path, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	d := &Dir{path, flock.New(filepath.Join(path, signName))}
	if ok, err := d.sign.TryLock(); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("locking the temporary folder %s: %w", path, err), d.Remove())
	}
	return d, nil
}

// Remove removes the folder with all that is in it.
func (d *Dir) Remove() error {
	return errors.Join(d.sign.Close(), os.RemoveAll(d.Path)) // Windows removes no open file
}

// Sweep removes those folders in parent whose names begin with prefix and whose process has
// died, and files that are a day old. What cannot be removed is left for the next time.
func Sweep(parent, prefix string) {
	if parent == "" {
		parent = os.TempDir()
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	sweep(parent, prefix, entries)
}

// sweep is Sweep of the entries of parent. It looks at no file but those with the prefix.
func sweep(parent, prefix string, entries []os.DirEntry) {
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue
		}
		path, age := filepath.Join(parent, e.Name()), time.Since(info.ModTime())
		switch {
		case e.Type().IsRegular() && age > old:
			_ = os.Remove(path)
		case e.IsDir() && age > young && (age > old && unsigned(path) || dead(path)):
			_ = os.RemoveAll(path)
		}
	}
}

// unsigned reports whether a folder has no sign of life.
func unsigned(path string) bool {
	_, err := os.Lstat(filepath.Join(path, signName))
	return errors.Is(err, os.ErrNotExist)
}

// dead reports whether the process that made a folder has died.
func dead(path string) bool {
	sign := flock.New(filepath.Join(path, signName), flock.SetFlag(os.O_RDWR))
	ok, err := sign.TryLock()
	return ok && err == nil && sign.Close() == nil
}
