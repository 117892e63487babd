package mmap_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/internal/mmap"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string][]byte{
		"empty": nil,
		"small": []byte("some text"),
		"large": bytes.Repeat([]byte("page"), 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := mmap.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(f.Data, want) {
				t.Errorf("%d bytes that are not the file's %d", len(f.Data), len(want))
			}
			for range 2 {
				if err := f.Close(); err != nil || f.Data != nil {
					t.Errorf("closing: %v, %d bytes left", err, len(f.Data))
				}
			}
			// An open mapping would keep Windows from this.
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	if _, err := mmap.Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := mmap.Open(dir); err == nil {
		t.Error("a directory was mapped")
	}
}

func TestAnonymous(t *testing.T) {
	for _, n := range []int{0, 1, 3 << 20} {
		f, err := mmap.Anonymous(n)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Data) != n || bytes.ContainsFunc(f.Data, func(r rune) bool { return r != 0 }) {
			t.Errorf("%d bytes, not all zero, for %d", len(f.Data), n)
		}
		for i := range f.Data {
			f.Data[i] = byte(i)
		}
		for range 2 {
			if err := f.Close(); err != nil || f.Data != nil {
				t.Errorf("closing: %v, %d bytes left", err, len(f.Data))
			}
		}
	}
}
