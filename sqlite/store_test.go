package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/sqlite"
)

func open(t testing.TB, path string, o *sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMemory(t *testing.T) {
	if race.Enabled {
		t.Skip("TestFile has the same store, and every Kit in tests has one in memory")
	}
	hobbytest.TestStore(t, func(t *testing.T) hobby.Store { return open(t, ":memory:", nil) })
}

func TestMemoryAgainstModel(t *testing.T) {
	if race.Enabled {
		t.Skip("it has one caller")
	}
	hobbytest.CheckStore(t, func(t *testing.T) hobby.Store { return open(t, ":memory:", nil) })
}

func TestFile(t *testing.T) {
	hobbytest.TestStore(t, func(t *testing.T) hobby.Store {
		return open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	})
}

// TestWrapped has a host's pool of ordinary connections, whose transactions
// begin as readers.
func TestWrapped(t *testing.T) {
	hobbytest.TestStore(t, func(t *testing.T) hobby.Store { return wrap(t, hostDB(t, filepath.Join(t.TempDir(), "host.db"))) })
}

func hostDB(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path)+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func wrap(t testing.TB, db *sql.DB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Wrap(t.Context(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSharedFile(t *testing.T) {
	hobbytest.TestSharedStore(t, func(t *testing.T) func() hobby.Store {
		path := filepath.Join(t.TempDir(), "agent.db")
		return func() hobby.Store { return open(t, path, nil) }
	})
}

func TestSharedWrapped(t *testing.T) {
	hobbytest.TestSharedStore(t, func(t *testing.T) func() hobby.Store {
		path := filepath.Join(t.TempDir(), "host.db")
		return func() hobby.Store { return wrap(t, hostDB(t, path)) }
	})
}
