package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// large is session(i) with an answer of 20 kB.
func large(i int) hobby.Session {
	s := session(i)
	s.Items[0].Answer = strings.Repeat(fmt.Sprint("answer ", i, " "), 2000)
	return s
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	f, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return f.Size()
}

// TestTheFileShrinks prunes most of a store: the file shrinks to what is left, and has nothing of the rest.
func TestTheFileShrinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	for i := range 300 {
		commit(t, s, large(i))
	}
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.PruneBefore(t.Context(), session(290).Activity.Started, head, nil); err != nil || n != 290 {
		t.Fatalf("pruned %d, %v", n, err)
	}
	if got := size(t, path); got > 4<<20 {
		t.Errorf("%d bytes are left of more than 6 MB before the rest is given back", got)
	}
	if freed, err := s.Shrink(t.Context()); err != nil || freed < 1<<20 {
		t.Errorf("gave back %d bytes, %v; want the rest", freed, err)
	}
	if freed, err := s.Shrink(t.Context()); err != nil || freed != 0 {
		t.Errorf("gave back %d bytes again, %v", freed, err)
	}
	closeStore(t, s)
	if got := size(t, path); got > 2<<20 {
		t.Errorf("%d bytes are left for ten sessions of 20 kB, and a reserve of a megabyte", got)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		if has := bytes.Contains(raw, fmt.Append(nil, "answer ", i, " ")); has != (i >= 290) {
			t.Errorf("the answer of session %d is in the file: %v", i, has)
		}
	}
}

// TestTheLogsPagesAreGivenBack trims the log of a store: Shrink gives back what it had.
func TestTheLogsPagesAreGivenBack(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	defer closeStore(t, s)
	for i := range 300 {
		sess := session(i)
		sess.Activity.Goal = strings.Repeat(fmt.Sprint("goal ", i, " "), 2000)
		commit(t, s, sess)
	}
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if floor, err := s.Trim(t.Context(), head); err != nil || floor != head {
		t.Fatalf("trimmed to %d, %v", floor, err)
	}
	if freed, err := s.Shrink(t.Context()); err != nil || freed < 4<<20 {
		t.Errorf("gave back %d bytes, %v; want most of 6 MB", freed, err)
	}
	if freed, err := s.Shrink(t.Context()); err != nil || freed != 0 {
		t.Errorf("gave back %d bytes again, %v", freed, err)
	}
}

// TestVacuumConvertsAnOldFile makes a file as earlier versions did and converts it
// while a store has it open.
func TestVacuumConvertsAnOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	closeStore(t, s)
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec("PRAGMA auto_vacuum = NONE; VACUUM")
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, nil)
	var gone []string
	for i := range 100 {
		commit(t, s, large(i))
		gone = append(gone, session(i).Activity.ID)
	}
	if n, err := s.Prune(t.Context(), gone[10:], nil); err != nil || n != 90 {
		t.Fatalf("pruned %d, %v", n, err)
	}
	if freed, err := s.Shrink(t.Context()); err != nil || freed != 0 {
		t.Fatalf("an old file gave back %d bytes, %v", freed, err)
	}
	var told []float64
	v, err := sqlite.Vacuum(t.Context(), path, func(done float64) { told = append(told, done) })
	if err != nil {
		t.Fatal(err)
	}
	if !v.Converted || v.After != size(t, path) || v.After > v.Before/3 || told[len(told)-1] != 1 {
		t.Errorf("%+v, progress %v", v, told)
	}
	for i := 100; i < 150; i++ { // the open store goes on
		commit(t, s, large(i))
	}
	if n, err := s.Prune(t.Context(), []string{session(120).Activity.ID}, nil); err != nil || n != 1 {
		t.Errorf("pruned %d, %v", n, err)
	}
	if v, err = sqlite.Vacuum(t.Context(), path, nil); err != nil || v.Converted {
		t.Errorf("again: %+v, %v", v, err)
	}
	closeStore(t, s)
	for _, wrong := range []string{filepath.Join(t.TempDir(), "none.db"), t.TempDir()} {
		if _, err := sqlite.Vacuum(t.Context(), wrong, nil); err == nil {
			t.Errorf("%s was vacuumed", wrong)
		}
	}
}

// TestABackupGivesPagesBack checks that a restored backup is a file of the new kind.
func TestABackupGivesPagesBack(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	defer closeStore(t, s)
	path := filepath.Join(t.TempDir(), "restored.db")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Backup(t.Context(), f), f.Close()); err != nil {
		t.Fatal(err)
	}
	db := hostDB(t, path)
	var mode int
	if err := db.QueryRow("PRAGMA auto_vacuum").Scan(&mode); err != nil || mode != 2 {
		t.Errorf("auto_vacuum is %d, %v; want 2, incremental", mode, err)
	}
}

// TestTheSlotTrims lets three days pass: the slot drops events a day after they were
// consumed, and not at all where the host wants to keep them.
func TestTheSlotTrims(t *testing.T) {
	for keep, want := range map[time.Duration]hobby.Cursor{0: 2, 50 * time.Hour: 1, -1: 0} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, ":memory:", &sqlite.Options{KeepEvents: keep})
			defer closeStore(t, s)
			for i := range 3 {
				commit(t, s, session(i))
				time.Sleep(24 * time.Hour)
			}
			slot := s.Upkeep()[0]
			if err := slot.Run(t.Context(), hobby.SlotRun{}); err != nil {
				t.Fatal(err)
			}
			if floor, err := s.Floor(t.Context()); err != nil || floor != want {
				t.Errorf("events kept for %v: the floor is %d, %v; want %d", keep, floor, err, want)
			}
		})
	}
}
