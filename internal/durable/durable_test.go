package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"one", "two"} {
		if err := WriteFile(path, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v; want %q", got, err, text)
		}
		if s, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && s.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read it: %v, %v", s.Mode(), err)
		}
	}
	full := errors.New("no space")
	if err := WriteFile(path, 0o600, func(w io.Writer) error { _, _ = io.WriteString(w, "hal"); return full }); !errors.Is(err, full) {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "two" {
		t.Errorf("after a failure: %q, %v", got, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNewDir(t *testing.T) {
	parent := t.TempDir()
	path, aside := filepath.Join(parent, "dir"), filepath.Join(parent, "aside")
	if err := os.MkdirAll(filepath.Join(aside, "old"), 0o755); err != nil { // a crash's
		t.Fatal(err)
	}
	full := errors.New("no space")
	fill := func(err error) func(string) error {
		return func(dir string) error {
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("while it is filled: %v", err)
			}
			return errors.Join(os.WriteFile(filepath.Join(dir, "new"), nil, 0o644), err)
		}
	}
	if err := NewDir(path, aside, fill(full)); !errors.Is(err, full) {
		t.Error(err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := NewDir(path+string(filepath.Separator), aside, fill(nil)); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadDir(path); err != nil || len(got) != 1 || got[0].Name() != "new" {
		t.Errorf("%v, %v", got, err)
	}
	if err := NewDir(path, aside, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto what exists: %v", err)
	}
}
