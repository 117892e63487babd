package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby"
)

// Root is the path of a folder with links resolved. It fails when dir is not a
// folder.
func Root(dir string) (string, error) {
	root, err := filepath.Abs(dir)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return "", errors.Join(fmt.Errorf("%s is not a folder", dir), err)
	}
	return root, nil
}

// Tree reads the files below a folder, and parses again only those that have
// changed. It leaves out hidden folders, testdata, vendor and node_modules,
// everything behind a symbolic link, and names that are not UTF-8. A Tree may be
// used by several goroutines.
type Tree[F any] struct {
	// Dir is the folder, as Root gave it. FS is read instead where it is set.
	Dir string
	FS  fs.FS
	// MaxFiles bounds the number of files that are read, and MaxBytes the size of
	// each.
	MaxFiles int
	MaxBytes int64
	// Wants reports whether a file of this name is read.
	Wants func(name string) bool
	// Parse returns what is kept of a file. The path is relative, with slashes.
	Parse func(path string, text []byte) F

	mu    sync.Mutex
	known map[string]entry[F]
}

// entry is a parsed file, with the properties that show whether it has changed.
type entry[F any] struct {
	size     int64
	modified time.Time
	file     F
}

// Listing is the state of a tree.
type Listing[F any] struct {
	// Files are in the order of their paths.
	Files []F
	// Large are the paths of wanted files that are over MaxBytes, in order.
	Large []string
	// Truncated says that there are more than MaxFiles files.
	Truncated bool
}

// errTooMany ends a walk that has read enough.
var errTooMany = errors.New("too many files")

// left reports whether a folder is left out.
func left(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "vendor" || name == "node_modules"
}

// open opens the folder. Through it, no link leads out.
func (t *Tree[F]) open() (root fs.FS, done func() error, err error) {
	if t.FS != nil {
		return t.FS, func() error { return nil }, nil
	}
	dir, err := os.OpenRoot(t.Dir)
	if err != nil {
		return nil, nil, err
	}
	return dir.FS(), dir.Close, nil
}

// Read returns the present state of the tree. When the context ends, Read stops
// between two files with the context's cause. The next Read does not parse again
// what this one has.
func (t *Tree[F]) Read(ctx context.Context) (Listing[F], error) {
	root, done, err := t.open()
	if err != nil {
		return Listing[F]{}, err
	}
	defer done()
	t.mu.Lock()
	known := t.known
	t.mu.Unlock()
	seen := map[string]entry[F]{}
	var l Listing[F]
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && path == ".":
			return err
		case err != nil:
			return nil // a folder that cannot be read is left out
		case d.IsDir():
			if path != "." && left(d.Name()) {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || !t.Wants(d.Name()) || !utf8.ValidString(path):
			return nil
		case len(seen) == t.MaxFiles:
			return errTooMany
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if info.Size() > t.MaxBytes {
			l.Large = append(l.Large, path)
			return nil
		}
		e, ok := known[path]
		if !ok || e.size != info.Size() || !e.modified.Equal(info.ModTime()) {
			text, err := read(root, path, t.MaxBytes)
			if err != nil {
				return nil
			}
			hobby.Report(ctx, fmt.Sprintf("reading %s, file %d", path, len(seen)+1))
			e = entry[F]{info.Size(), info.ModTime(), t.Parse(path, text)}
		}
		seen[path] = e
		return nil
	})
	l.Truncated = errors.Is(err, errTooMany)
	whole := err == nil || l.Truncated
	t.mu.Lock()
	if whole {
		t.known = seen
	} else {
		all := make(map[string]entry[F], max(len(t.known), len(seen)))
		maps.Copy(all, t.known)
		maps.Copy(all, seen)
		t.known = all
	}
	t.mu.Unlock()
	if !whole {
		return Listing[F]{}, fmt.Errorf("reading %s: %w", cmp.Or(t.Dir, "the files"), err)
	}
	paths := make([]string, 0, len(seen))
	for path := range seen {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		l.Files = append(l.Files, seen[path].file)
	}
	return l, nil
}

// Text reads a file again, by its relative path.
func (t *Tree[F]) Text(path string) ([]byte, error) {
	root, done, err := t.open()
	if err != nil {
		return nil, err
	}
	defer done()
	return read(root, path, t.MaxBytes)
}

// read reads a file of at most most bytes. The file may have grown since it was
// listed.
func read(root fs.FS, path string, most int64) ([]byte, error) {
	f, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = errors.New("too large")
	}
	return text, err
}
