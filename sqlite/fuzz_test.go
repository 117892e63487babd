package sqlite_test

import (
	"errors"
	"testing"

	"github.com/pastime-go/pastime/hobby"
)

// FuzzCursor hands arbitrary cursors to List: each is refused with ErrInvalid
// or continues a listing.
func FuzzCursor(f *testing.F) {
	s := open(f, ":memory:", nil)
	f.Cleanup(func() { s.Close() })
	for i := range 3 {
		commit(f, s, session(i))
	}
	page, err := s.List(f.Context(), hobby.Filter{Limit: 1})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{page.Next, page.Next + "=", "", "MSAy", "LTkyMjMzNzIwMzY4NTQ3NzU4MDggLTE", "MSAx\x00", "_"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := s.List(t.Context(), hobby.Filter{Cursor: cursor})
		if err != nil && !errors.Is(err, hobby.ErrInvalid) || err == nil && len(p.Activities) > 3 {
			t.Errorf("cursor %q: %d activities, %v", cursor, len(p.Activities), err)
		}
	})
}
