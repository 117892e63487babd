package sqlite_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestOnForget has two domains forget with the store, and one of them fail: then
// nothing is forgotten, and nobody is told.
func TestOnForget(t *testing.T) {
	s := open(t, ":memory:", nil)
	defer closeStore(t, s)
	sess := session(1)
	sess.Items[0].Source = "mail"
	commit(t, s, sess)
	var asked []string
	broken := errors.New("the disk is full")
	note := func(domain string, fail func() error) sqlite.Forgetter {
		return func(tx *sqlite.Tx, source string) (int, error) {
			asked = append(asked, domain+" "+source)
			_, err := tx.Append("graph.forgets", domain, 1, nil)
			return 10, errors.Join(err, fail())
		}
	}
	var failure error
	s.OnForget("graph", note("graph", func() error { return nil }))
	s.OnForget("adapters", note("an older one", func() error { return nil }))
	s.OnForget("adapters", note("adapters", func() error { return failure }))
	failure = broken
	if _, err := s.Forget(t.Context(), "mail"); !errors.Is(err, broken) || !strings.Contains(err.Error(), "adapters") {
		t.Fatalf("a domain that fails: %v", err)
	}
	if head, err := s.Head(t.Context()); err != nil || head != 1 {
		t.Errorf("%d events after a Forget that failed, %v", head, err)
	}
	failure, asked = nil, nil
	if n, err := s.Forget(t.Context(), "mail"); err != nil || n != 21 {
		t.Errorf("forgot %d, %v; want an item and what two domains forgot", n, err)
	}
	if got := strings.Join(asked, ", "); got != "adapters mail, graph mail" {
		t.Errorf("asked %q", got)
	}
	events, err := s.Events(t.Context(), 1, 10)
	if err != nil || len(events) != 3 || events[0].Kind != hobby.SourceForgotten || events[0].ID != hobby.SourceHash("mail") {
		t.Errorf("events %+v, %v", events, err)
	}
}
