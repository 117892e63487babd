package archive_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/archive/archivetest"
)

func openDir(t *testing.T) *archive.Dir {
	t.Helper()
	d, err := archive.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestDir(t *testing.T) {
	archivetest.TestBlobs(t, func(t *testing.T) archive.Blobs { return openDir(t) })
}

// overwriting is a storage that says it puts a key only once, and overwrites it.
type overwriting struct{ archive.Blobs }

func (o overwriting) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	err := o.Blobs.Put(ctx, key, r, size)
	if errors.Is(err, archive.ErrExists) {
		if err = o.Delete(ctx, key); err == nil {
			err = o.Blobs.Put(ctx, key, r, size)
		}
	}
	return err
}

// fromStart is a storage that ignores where to read from.
type fromStart struct{ archive.Blobs }

func (f fromStart) ReadAt(ctx context.Context, key string, p []byte, _ int64) (int, error) {
	return f.Blobs.ReadAt(ctx, key, p, 0)
}

func TestProbeFindsAStorageThatLies(t *testing.T) {
	for name, b := range map[string]archive.Blobs{"overwrites": overwriting{openDir(t)}, "ignores offsets": fromStart{openDir(t)}} {
		if err := archive.Probe(t.Context(), b); !errors.Is(err, archive.ErrLies) {
			t.Errorf("%s: got %v, want ErrLies", name, err)
		}
	}
}

// TestOpenDirTidiesUp has a file that a process left a week ago, and one of a process
// that may still write.
func TestOpenDirTidiesUp(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, ".unfinished-old"), filepath.Join(dir, ".unfinished-fresh")
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-7*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	d, err := archive.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("what was left a week ago: %v, want it gone", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("what somebody may be writing: %v", err)
	}
}
