//go:build linux || darwin

package mmap_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/internal/mmap"
)

// TestGuard reads a file that was cut short, and panics for other reasons.
func TestGuard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := mmap.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sum := byte(0)
	read := func() error {
		for _, b := range f.Data {
			sum += b
		}
		return nil
	}
	if err := mmap.Guard(read); err != nil {
		t.Errorf("the whole file: %v", err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if err := mmap.Guard(read); !errors.Is(err, mmap.ErrFault) {
		t.Errorf("the file cut short: %v", err)
	}
	own := errors.New("own")
	if err := mmap.Guard(func() error { return own }); err != own {
		t.Errorf("an error: %v", err)
	}
	for name, f := range map[string]func() error{
		"a panic": func() error { panic(own) },
		"nil":     func() error { var p *int; *p = 1; return nil },
		"a slice": func() error { _ = make([]int, 0)[len(path)]; return nil },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was swallowed", name)
				}
			}()
			_ = mmap.Guard(f)
		}()
	}
}
