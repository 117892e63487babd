package sqlite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// TestPruningLeavesNothing prunes sessions: the file has no text of theirs.
func TestPruningLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	const text = "what nobody shall read again"
	for n := range 40 {
		sess := session(n)
		sess.Items[0].Answer = strings.Repeat(text, 100)
		commit(t, s, sess)
	}
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.PruneBefore(t.Context(), time.Now().AddDate(10, 0, 0), head, nil); err != nil || n != 40 {
		t.Fatalf("pruned %d, %v", n, err)
	}
	closeStore(t, s)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(raw, []byte(text)); n > 0 {
		t.Errorf("the text is %d times in the file's %d bytes", n, len(raw))
	}
}
