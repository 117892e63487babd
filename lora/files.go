package lora

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pastime-go/pastime/internal/durable"
)

// Files keeps data sets in a directory, one file each, named by its digest. It is safe
// for concurrent use by one process; another one may read. It is for hosts that make
// data sets of their own with [Select]: a [Pipeline] keeps its rows with its runs.
type Files struct {
	dir string
	mu  sync.Mutex
}

const (
	fileFormat = "pastime-dataset-1"
	fileEnding = ".jsonl"
	// maxLine bounds a line of a data-set file, and of an imported one.
	maxLine = 8 << 20
)

var (
	fileName = regexp.MustCompile(`^[0-9a-f]{32}\.jsonl$`)
	// halfWritten is a file that durable.WriteFile has not finished.
	halfWritten = regexp.MustCompile(`^[0-9a-f]{32}\.jsonl\.[0-9]+$`)
)

// header is the first line of a file.
type header struct {
	Format string `json:"format"`
	Digest string `json:"digest"`
	// Was has the digests of the data sets that the file was until something was
	// forgotten.
	Was    []string `json:"was,omitempty"`
	Rows   int      `json:"rows"`
	Funnel Funnel   `json:"funnel"`
}

// OpenFiles opens a directory of data sets, and makes it where it is missing.
func OpenFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lora: the directory of data sets: %w", err)
	}
	f := &Files{dir: dir}
	return f, f.sweep()
}

// sweep removes what a crash left half written: it may hold what is forgotten by now.
func (f *Files) sweep() error {
	entries, err := os.ReadDir(f.dir)
	for _, e := range entries {
		if halfWritten.MatchString(e.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(f.dir, e.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("lora: what a crash left of data sets: %w", err)
	}
	return nil
}

func (f *Files) path(digest string) string { return filepath.Join(f.dir, digest+fileEnding) }

// Put writes a data set, so that it is complete or absent after a crash. Where it is
// there already, its rows are then made of what both were made of. A row of 8 MiB or
// more is ErrConfig. Put does not know what was forgotten since the material was read:
// call Forget again after it.
func (f *Files) Put(ctx context.Context, s *Selection) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.put(ctx, s, nil)
}

func (f *Files) put(ctx context.Context, s *Selection, was []string) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	h := header{Format: fileFormat, Digest: s.Digest, Was: was, Rows: len(s.Rows), Funnel: s.Funnel}
	if !fileName.MatchString(s.Digest + fileEnding) {
		return fmt.Errorf("%w: the data set's digest is %.64q", ErrConfig, s.Digest)
	}
	rows := slices.Clone(s.Rows)
	old, stored, err := f.read(s.Digest)
	switch {
	case err == nil:
		add(&h.Was, old.Was...)
		for i := range rows {
			at := slices.IndexFunc(stored, func(r Row) bool { return r.ID == rows[i].ID })
			if at >= 0 {
				rows[i].cloneLists()
				rows[i].merge(&stored[at])
			}
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	err = durable.WriteFile(f.path(s.Digest), 0o600, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		n := &counter{Writer: b}
		e := json.NewEncoder(n)
		e.SetEscapeHTML(false)
		if err := e.Encode(h); err != nil {
			return err
		}
		for i := range rows {
			before := n.written
			if err := e.Encode(rows[i]); err != nil {
				return err
			}
			if size := n.written - before; size >= maxLine {
				return fmt.Errorf("%w: row %s has %d bytes, more than can be read again", ErrConfig, rows[i].ID, size)
			}
		}
		return b.Flush()
	})
	if err != nil {
		return fmt.Errorf("lora: writing data set %s: %w", s.Digest, err)
	}
	return nil
}

// counter counts what is written.
type counter struct {
	io.Writer
	written int
}

func (c *counter) Write(p []byte) (int, error) {
	c.written += len(p)
	return c.Writer.Write(p)
}

// cloneLists makes the lists of ids the row's own.
func (r *Row) cloneLists() {
	r.Items, r.Insights = slices.Clone(r.Items), slices.Clone(r.Insights)
	r.Activities, r.Sources = slices.Clone(r.Activities), slices.Clone(r.Sources)
}

// Get reads a data set. One that is not there is [fs.ErrNotExist].
func (f *Files) Get(ctx context.Context, digest string) (Selection, error) {
	if err := ctx.Err(); err != nil {
		return Selection{}, context.Cause(ctx)
	}
	h, rows, err := f.read(digest)
	return Selection{Rows: rows, Funnel: h.Funnel, Digest: h.Digest}, err
}

func (f *Files) read(digest string) (h header, rows []Row, err error) {
	if !fileName.MatchString(digest + fileEnding) {
		return h, nil, fmt.Errorf("lora: data set %.64q: %w", digest, fs.ErrNotExist)
	}
	file, err := os.Open(f.path(digest))
	if err != nil {
		return h, nil, fmt.Errorf("lora: data set %s: %w", digest, err)
	}
	defer file.Close()
	h, rows, err = parse(file)
	if err == nil && h.Digest != digest {
		err = fmt.Errorf("it says that it is %.64q", h.Digest)
	}
	if err != nil {
		return h, nil, fmt.Errorf("lora: data set %s: %w", digest, err)
	}
	return h, rows, nil
}

// parse reads a data-set file. Each row must be what its id says.
func parse(r io.Reader) (h header, rows []Row, err error) {
	err = eachLine(r, func(n int, line []byte) error {
		if n == 1 {
			if err := json.Unmarshal(line, &h); err != nil || h.Format != fileFormat {
				return fmt.Errorf("the format is %.64q, want %q (%w)", h.Format, fileFormat, errors.Join(err))
			}
			return nil
		}
		var row Row
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		if id := row.ID; !row.identifiedBy(id) {
			return fmt.Errorf("the row is not what its id %.64q says", id)
		}
		rows = append(rows, row)
		return nil
	})
	if err == nil && len(rows) != h.Rows {
		err = fmt.Errorf("there are %d rows, and should be %d", len(rows), h.Rows)
	}
	return h, rows, err
}

// identifiedBy reports whether an id is the row's.
func (r *Row) identifiedBy(id string) bool {
	same := *r
	same.identify()
	return same.ID == id
}

// eachLine calls f with the lines of a text, counted from 1. Errors name the line.
func eachLine(r io.Reader, f func(n int, line []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if err := f(n, lines.Bytes()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

// List lists the digests of the data sets.
func (f *Files) List(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("lora: listing the data sets: %w", err)
	}
	var all []string
	for _, e := range entries {
		if fileName.MatchString(e.Name()) {
			all = append(all, strings.TrimSuffix(e.Name(), fileEnding))
		}
	}
	return all, nil
}

// Trace names what rows may have been made of. Exactly one field is set.
type Trace struct {
	// Source is the hash of a source, see [hobby.SourceHash].
	Source                  string
	Item, Insight, Activity string
}

// Of reports whether a row was made of it.
func (t Trace) Of(r *Row) bool {
	has := func(list []string, v string) bool { _, had := slices.BinarySearch(list, v); return v != "" && had }
	return has(r.Sources, t.Source) || has(r.Items, t.Item) || has(r.Insights, t.Insight) || has(r.Activities, t.Activity)
}

// Touched lists the digests of the data sets that have a row of it, with those that
// they were before something else was forgotten: versions that learned one of them
// learned from it. A data set that cannot be read is an error, beside the others.
func (f *Files) Touched(ctx context.Context, t Trace) ([]string, error) {
	var all []string
	err := f.touched(ctx, t, func(h header, _ []Row) error {
		add(&all, append(h.Was, h.Digest)...)
		return nil
	})
	return all, err
}

// touched calls found with the data sets that have a row of t. One that cannot be read
// does not keep it from the others: its error comes with theirs.
func (f *Files) touched(ctx context.Context, t Trace, found func(header, []Row) error) error {
	all, err := f.List(ctx)
	for _, digest := range all {
		if ctx.Err() != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		h, rows, broken := f.read(digest)
		switch {
		case errors.Is(broken, fs.ErrNotExist): // forgotten meanwhile
		case broken != nil:
			err = errors.Join(err, broken)
		case slices.ContainsFunc(rows, func(r Row) bool { return t.Of(&r) }):
			err = errors.Join(err, found(h, rows))
		}
	}
	return err
}

// Forget deletes the rows that were made of t, and returns how many. mark is called
// first, with the digests of the data sets that versions may have learned it from, so
// that these are known before the trace is lost; after a crash, or an error, Forget
// does all of it again. A data set without some of its rows is another one, with
// another digest. One that cannot be read is an error, and the others are without the
// rows by then.
func (f *Files) Forget(ctx context.Context, t Trace, mark func(ctx context.Context, digests []string) error) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	deleted := 0
	err := f.touched(ctx, t, func(h header, rows []Row) error {
		was := h.Was
		add(&was, h.Digest)
		if mark != nil {
			if err := mark(ctx, was); err != nil {
				return err
			}
		}
		kept := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return t.Of(&r) })
		rest := Selection{Rows: kept, Funnel: h.Funnel, Digest: digestOf("forgotten", h.Digest, kept)}
		if err := f.put(ctx, &rest, was); err != nil {
			return err
		}
		deleted += len(rows) - len(kept)
		return durable.Remove(f.path(h.Digest))
	})
	if err = errors.Join(err, f.sweep()); err != nil {
		return deleted, fmt.Errorf("lora: forgetting what was learned from a source: %w", err)
	}
	return deleted, nil
}
