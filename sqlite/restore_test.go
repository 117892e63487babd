package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

// TestRestore prunes a history and restores it: the sessions and their listings are as they
// were, and no sum and no event has changed.
func TestRestore(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := sqlitetest.Fill(t.Context(), s, sqlitetest.History{Activities: 60, Days: 20, Items: 3}); err != nil {
		t.Fatal(err)
	}
	type state struct {
		Sessions []hobby.Session
		Items    []string
		Counts   []hobby.Count
		Tallies  []hobby.Tally
		Head     hobby.Cursor
	}
	read := func() (st state) {
		t.Helper()
		page, err := s.Sessions(t.Context(), hobby.Filter{Limit: 1000})
		items, err2 := s.Items(t.Context(), hobby.ItemFilter{Passed: true, Limit: 1000})
		counts, err3 := s.Counts(t.Context(), hobby.CountFilter{Bucket: hobby.Daily})
		tallies, _, err4 := s.Tallies(t.Context(), hobby.TallyFilter{})
		head, err5 := s.Head(t.Context())
		if err := errors.Join(err, err2, err3, err4, err5); err != nil {
			t.Fatal(err)
		}
		for _, i := range items.Items {
			st.Items = append(st.Items, i.ID)
		}
		st.Sessions, st.Counts, st.Tallies, st.Head = page.Sessions, counts, tallies, head
		return st
	}
	before := read()
	if n, err := s.PruneBefore(t.Context(), time.Now().AddDate(1, 0, 0), before.Head, nil); err != nil || n != 60 {
		t.Fatalf("pruned %d, %v", n, err)
	}
	for _, want := range []int{30, 30, 0} {
		part := before.Sessions[:30]
		if want == 30 && len(read().Sessions) > 0 {
			part = before.Sessions // half of them are there
		}
		if n, err := s.Restore(t.Context(), part, nil); err != nil || n != want {
			t.Fatalf("restored %d, %v; want %d", n, err, want)
		}
	}
	after := read()
	byID := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(before, after, cmpopts.EquateEmpty(), byID); diff != "" {
		t.Errorf("the store (-before +after):\n%s", diff)
	}
	// What was restored is pruned again only by who has seen it.
	if n, err := s.PruneBefore(t.Context(), time.Now().AddDate(1, 0, 0), before.Head-1, nil); err != nil || n != 0 {
		t.Errorf("pruned %d, %v by an archiver that read before it was restored", n, err)
	}
	running := before.Sessions[0]
	running.Activity.ID, running.Activity.Status, running.Activity.Ended = "runs", hobby.Running, time.Time{}
	if _, err := s.Restore(t.Context(), []hobby.Session{running}, nil); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("restoring what runs: %v", err)
	}
	f, err := s.Fence(t.Context(), "k")
	if err == nil {
		_, err = s.Fence(t.Context(), "k")
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Restore(t.Context(), before.Sessions, &f); !errors.Is(err, hobby.ErrStale) {
		t.Errorf("restoring with a stale fence: %v", err)
	}
}
