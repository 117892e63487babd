package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// ErrExists says that there is a blob under the key already.
var ErrExists = errors.New("archive: the key is taken")

// ErrLies says that a storage does not do what [Blobs] asks for, and must not be used.
var ErrLies = errors.New("archive: the storage cannot be relied on")

// Blobs keeps immutable pieces of data under keys. archivetest.TestBlobs is the
// contract in full. A key is a path such as "v1/activities/year=2026/a.parquet": names of
// ASCII letters, digits and "=._-" that begin with none of ".-", with slashes between
// them, 512 bytes at most; another one is hobby.ErrInvalid. Implementations are safe for
// concurrent use, by several processes too.
type Blobs interface {
	// Put stores the size bytes of r under a key that has none, else ErrExists and
	// nothing has changed. When it returns nil, all of them survive the death of the
	// machine; when it fails, nothing is there, or all is. An r that is shorter or
	// longer is an error.
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	// ReadAt reads from an offset on, as io.ReaderAt does; hobby.ErrNotFound.
	ReadAt(ctx context.Context, key string, p []byte, off int64) (int, error)
	// Stat describes a blob; hobby.ErrNotFound.
	Stat(ctx context.Context, key string) (Blob, error)
	// List describes the blobs whose keys begin with prefix and sort after the key
	// after, by key, 1000 at most. What was put before is in it.
	List(ctx context.Context, prefix, after string) ([]Blob, error)
	// Delete removes a blob. One that is not there is no error.
	Delete(ctx context.Context, key string) error
}

// Blob describes a piece of data.
type Blob struct {
	Key  string
	Size int64
	// Modified is when it was put, by the storage's clock.
	Modified time.Time
}

const maxKey = 512

// CheckKey reports with hobby.ErrInvalid what is wrong with a key.
func CheckKey(key string) error {
	bad := len(key) > maxKey
	for name := range strings.SplitSeq(key, "/") {
		bad = bad || name == "" || strings.ContainsRune(".-", rune(name[0])) || strings.IndexFunc(name, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("=._-", r))
		}) >= 0
	}
	if bad {
		return fmt.Errorf("%w: archive: %.64q is no key of a blob", hobby.ErrInvalid, key)
	}
	return nil
}

// Probe puts a small blob, puts another one under the same key, and removes it: ErrLies
// when the storage overwrites, or does not return what was put. There are servers that
// accept a condition and ignore it; with one, a file could vanish under another.
func Probe(ctx context.Context, b Blobs) (err error) {
	key := "probe/" + uuid.NewString()
	first, second := []byte("first"), []byte("second one")
	defer func() { err = errors.Join(err, b.Delete(context.WithoutCancel(ctx), key)) }()
	if err := b.Put(ctx, key, bytes.NewReader(first), int64(len(first))); err != nil {
		return fmt.Errorf("archive: probing the storage: %w", err)
	}
	switch err := b.Put(ctx, key, bytes.NewReader(second), int64(len(second))); {
	case err == nil:
		return fmt.Errorf("%w: it overwrites a key that is taken", ErrLies)
	case !errors.Is(err, ErrExists):
		return fmt.Errorf("archive: probing the storage: %w", err)
	}
	for _, from := range []int{0, 2} { // there are servers that ignore a range
		got, err := io.ReadAll(io.NewSectionReader(at{ctx, b, key}, int64(from), int64(len(first)-from)))
		if err != nil {
			return fmt.Errorf("archive: probing the storage: %w", err)
		}
		if !bytes.Equal(got, first[from:]) {
			return fmt.Errorf("%w: it returned other bytes than were put", ErrLies)
		}
	}
	return tidyProbes(ctx, b)
}

// tidyProbes removes what probes of processes that died have left.
func tidyProbes(ctx context.Context, b Blobs) error {
	left, err := b.List(ctx, "probe/", "")
	for _, blob := range left {
		if time.Since(blob.Modified) > 24*time.Hour {
			err = errors.Join(err, b.Delete(ctx, blob.Key))
		}
	}
	return err
}

// at is a blob as an io.ReaderAt.
type at struct {
	ctx context.Context
	b   Blobs
	key string
}

func (a at) ReadAt(p []byte, off int64) (int, error) { return a.b.ReadAt(a.ctx, a.key, p, off) }

// exactly is r, and fails when it has not exactly so many bytes.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.left -= int64(n)
	switch {
	case e.left < 0:
		return n, fmt.Errorf("%w: archive: there is more to put than was said", hobby.ErrInvalid)
	case errors.Is(err, io.EOF) && e.left > 0:
		return n, fmt.Errorf("archive: %d bytes are missing: %w", e.left, io.ErrUnexpectedEOF)
	}
	return n, err
}

// Exactly returns a reader of r that fails when r has not exactly size bytes, for
// implementations of [Blobs].
func Exactly(r io.Reader, size int64) io.Reader { return &exactly{r, size} }

// missing makes hobby.ErrNotFound of a file that is not there.
func missing(key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("archive: %s: %w", key, hobby.ErrNotFound)
	}
	return err
}
