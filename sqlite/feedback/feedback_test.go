package feedback_test

import (
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/rlhf/rlhftest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

func open(t *testing.T, path string) (*feedback.Store, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	f, err := feedback.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return f, s
}

func TestStore(t *testing.T) {
	rlhftest.TestStore(t, func(t *testing.T) (rlhf.Store, hobby.Log) { return open(t, ":memory:") })
}

// TestForgetHook has the store's own Forget reach feedback, and that of a process that
// has no feedback reach it by the event log.
func TestForgetHook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	f, s := open(t, path)
	other, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	left := func() (users []string) {
		all, err := f.Ratings(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			users = append(users, r.User)
		}
		return users
	}
	for _, user := range []string{"ana", "bo", "cy"} {
		by := rlhftest.By(user, "i1", 3)
		if _, err := f.Put(t.Context(), by, rlhftest.About(&by), 10); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Forget(t.Context(), "user:ana"); err != nil || n != 1 || len(left()) != 2 {
		t.Errorf("forgot %d, %v; %q are left", n, err, left())
	}
	if _, err := other.Forget(t.Context(), "user:bo"); err != nil {
		t.Fatal(err)
	}
	events, err := s.Events(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Consume(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if l := left(); len(l) != 1 || l[0] != "cy" {
		t.Errorf("%q are left, want cy", l)
	}
}
