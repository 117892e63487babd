package gocode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxFile bounds the files that are read, in bytes.
const maxFile = 1 << 20

// file is one parsed file.
type file struct {
	path   string // relative to the root, with slashes
	test   bool
	digest string
	text   []byte
	syntax *ast.File // nil when the file does not parse at all
	fset   *token.FileSet
	broken error // why the file does not parse

	size     int64
	modified time.Time
}

// dir is the folder of the file: its package, for our purposes.
func (f *file) dir() string { return path.Dir(f.path) }

// line is the line that a position is on.
func (f *file) line(p token.Pos) int { return f.fset.Position(p).Line }

// source is the text of a node.
func (f *file) source(n ast.Node) string {
	a, b := f.fset.Position(n.Pos()).Offset, f.fset.Position(n.End()).Offset
	if a < 0 || b > len(f.text) || a > b {
		return ""
	}
	return string(f.text[a:b])
}

// tree reads the Go files below a folder and keeps what has not changed.
type tree struct {
	root     string
	maxFiles int

	mu    sync.Mutex
	known map[string]*file
}

// errTooMany says that the tree has more files than are read.
var errTooMany = errors.New("too many files")

// files returns the tree's files as they are now, in the order of their paths;
// skipped counts those beyond the bound.
func (t *tree) files(ctx context.Context) (all []*file, truncated bool, err error) {
	t.mu.Lock()
	known := t.known
	t.mu.Unlock()
	seen := map[string]*file{}
	err = filepath.WalkDir(t.root, func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if name == t.root {
				return err
			}
			return nil // a folder that cannot be read is left out
		}
		if d.IsDir() {
			if base := d.Name(); name != t.root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor" || base == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		if len(seen) == t.maxFiles {
			return errTooMany
		}
		info, err := d.Info()
		if err != nil || info.Size() > maxFile {
			return nil
		}
		rel, err := filepath.Rel(t.root, name)
		if err != nil {
			return nil
		}
		rel = filepath.ToSlash(rel)
		f := known[rel]
		if f == nil || f.size != info.Size() || !f.modified.Equal(info.ModTime()) {
			if f = read(name, rel, info); f == nil {
				return nil
			}
		}
		seen[rel] = f
		return nil
	})
	truncated = errors.Is(err, errTooMany)
	if err != nil && !truncated {
		return nil, false, fmt.Errorf("gocode: reading %s: %w", t.root, err)
	}
	t.mu.Lock()
	t.known = seen
	t.mu.Unlock()
	for _, f := range seen {
		if f.syntax == nil || !ast.IsGenerated(f.syntax) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return all, truncated, nil
}

// read reads and parses one file; nil when it cannot be read.
func read(name, rel string, info fs.FileInfo) *file {
	text, err := os.ReadFile(name)
	if err != nil || len(text) > maxFile {
		return nil
	}
	f := parse(rel, text)
	f.size, f.modified = info.Size(), info.ModTime()
	return f
}

// parse makes a file of a text.
func parse(rel string, text []byte) *file {
	sum := sha256.Sum256(text)
	f := &file{path: rel, text: text, test: strings.HasSuffix(rel, "_test.go"), digest: hex.EncodeToString(sum[:8]), fset: token.NewFileSet()}
	f.syntax, f.broken = parser.ParseFile(f.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	return f
}
