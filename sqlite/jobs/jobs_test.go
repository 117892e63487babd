package jobs_test

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

func open(t *testing.T, path string) (*jobs.Journal, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	j, err := jobs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return j, s
}

func TestJournal(t *testing.T) {
	hobbytest.TestJournal(t, func(t *testing.T) func() (hobby.Journal, hobby.Store, io.Closer) {
		path := filepath.Join(t.TempDir(), "agent.db")
		return func() (hobby.Journal, hobby.Store, io.Closer) {
			j, s := open(t, path)
			return j, s, s
		}
	})
}

func TestJournalAgainstModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	hobbytest.CheckJournal(t, func(t *testing.T) (a, b hobby.Journal, closes func() error) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n, ".db"))
		first, s := open(t, path)
		second, z := open(t, path)
		return first, second, func() error { return errors.Join(s.Close(), z.Close()) }
	})
}
