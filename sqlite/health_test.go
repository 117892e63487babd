package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestAFileThatIsGone removes the database's file under an open store, puts
// another in its place, and puts it back.
func TestAFileThatIsGone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not let an open file be moved")
	}
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	set := func(position hobby.Cursor) error { return s.SetConsumed(t.Context(), "c", position) }
	expect := func(what, says string) {
		t.Helper()
		check, write := s.Check(t.Context()), set(1)
		if says == "" {
			if check != nil || write != nil {
				t.Errorf("%s: Check: %v, a write: %v", what, check, write)
			}
			return
		}
		for name, err := range map[string]error{"Check": check, "a write": write} {
			if !errors.Is(err, hobby.ErrStorage) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %s: %v, want ErrStorage with %q", what, name, err, says)
			}
		}
	}
	expect("at first", "")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	expect("moved away", "was removed")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expect("another file", "another file")
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	expect("moved back", "")
}

// TestAFullDisk lets the database have no more pages, and then more.
func TestAFullDisk(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	if err := s.LimitPages(1); err != nil { // SQLite takes what it has as the limit
		t.Fatal(err)
	}
	text := strings.Repeat("x", 1<<20)
	fill := func() error {
		return s.Write(t.Context(), func(tx *sqlite.Tx) error {
			_, err := tx.Exec("INSERT INTO pastime_hobby_consumers (name, pos) VALUES (?, 1)", text)
			return err
		})
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatalf("before the first write that fails: %v", err)
	}
	if err := fill(); err == nil {
		t.Fatal("a megabyte found room in a full database")
	}
	for range 3 {
		if err := s.Check(t.Context()); !errors.Is(err, hobby.ErrStorage) {
			t.Errorf("Check in a full database: %v, want ErrStorage", err)
		}
	}
	if err := s.LimitPages(1 << 20); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Check(t.Context()), fill(), s.Check(t.Context())); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}

// TestAWriteThatIsRefused is none of the store's faults.
func TestAWriteThatIsRefused(t *testing.T) {
	s := open(t, ":memory:", nil)
	if _, err := s.Commit(t.Context(), hobby.Session{}, nil); !errors.Is(err, hobby.ErrInvalid) {
		t.Fatalf("an empty session: %v", err)
	}
	err := s.Write(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO pastime_hobby_node (one, id) VALUES (1, 'another')")
		return err
	})
	if err == nil {
		t.Fatal("a second node was taken")
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func TestALinkAsAStore(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "agent.db"), filepath.Join(dir, "elsewhere.db")
	if err := os.Symlink(target, path); err != nil {
		t.Skip(err)
	}
	if s, err := sqlite.Open(t.Context(), path, nil); err == nil || !strings.Contains(err.Error(), target) {
		t.Errorf("a link to nothing: %v, %v", s, err)
	}
	if _, err := os.Stat(target); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file that the link names: %v", err)
	}
	if err := open(t, target, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path, nil).Close(); err != nil {
		t.Errorf("a link to a store: %v", err)
	}
}
