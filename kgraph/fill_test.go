package kgraph_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

// runUntil runs a graph until it has a revision.
func runUntil(t *testing.T, g *kgraph.Graph, l *graphs.Log, rev int64) {
	t.Helper()
	runTo(t, g, l, rev, true)
}

// runTo is runUntil for a graph that may lack what cannot be read.
func runTo(t *testing.T, g *kgraph.Graph, l *graphs.Log, rev int64, whole bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	for {
		changed := l.Changed()
		filled, err := l.Filled(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := g.Rev(ctx); err != nil || got > rev {
			t.Fatalf("revision %d, %v", got, err)
		} else if got == rev && (filled || !whole) {
			break
		}
		<-changed
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run returned %v when its context ended", err)
	}
}

// TestFill opens a graph over a store whose event log is trimmed: it has the insights of
// before, each once.
func TestFill(t *testing.T) {
	s, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n := range 3 {
		if _, err := s.Commit(t.Context(), learned(n), nil); err != nil {
			t.Fatal(err)
		}
	}
	head, err := s.Head(t.Context())
	if err == nil {
		_, err = s.Trim(t.Context(), head)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), learned(3), nil); err != nil {
		t.Fatal(err)
	}
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := kgraph.New(l, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	runUntil(t, g, l, 20)
	changes, err := l.Changes(t.Context(), 0, 0)
	if err != nil || changes[0].ID != "session-000000-0" || changes[19].ID != "session-000003-4" {
		t.Errorf("revisions begin with %s and end with %s, %v; want the order of time", changes[0].ID, changes[19].ID, err)
	}
	if err := s.SetConsumed(t.Context(), kgraph.Consumer, head); err != nil { // as a manager does
		t.Fatal(err)
	}
	if _, err := follow(t.Context(), s, g); err != nil {
		t.Fatal(err)
	}
	runUntil(t, g, l, 20)
}

// forgetful forgets a source when it is read.
type forgetful struct {
	*sqlite.Store
	source string
}

func (f *forgetful) Insights(ctx context.Context, by hobby.InsightFilter) (hobby.InsightPage, error) {
	p, err := f.Store.Insights(ctx, by)
	if f.source != "" {
		_, forgetting := f.Forget(ctx, f.source)
		f.source, err = "", errors.Join(err, forgetting)
	}
	return p, err
}

// TestFillForgets has a source forgotten while the insights of before are added.
func TestFillForgets(t *testing.T) {
	s, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	session := learned(0)
	for i := range session.Insights[:2] {
		in := &session.Insights[i]
		in.Source, in.Taint = "notes.md", hobby.Untrusted
		in.Doubt()
	}
	if _, err := s.Commit(t.Context(), session, nil); err != nil {
		t.Fatal(err)
	}
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := kgraph.New(l, &forgetful{s, "notes.md"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	runUntil(t, g, l, 6)
	c, err := g.Page(t.Context(), kgraph.Filter{})
	if err != nil || c.TotalEdges != 6 {
		t.Errorf("the graph has %d edges, %v; want those of three insights", c.TotalEdges, err)
	}
}

// filed are insights that are in files only.
type filed struct {
	hobby.Past
	insights []hobby.Insight
	gone     string // the id of an insight that was forgotten meanwhile
	asked    int    // how often it was looked whether insights are there
	damage   error  // comes last
}

func (f *filed) archived(context.Context) iter.Seq2[hobby.Insight, error] {
	return func(yield func(hobby.Insight, error) bool) {
		for _, in := range f.insights {
			if !yield(in, nil) {
				return
			}
		}
		if f.damage != nil {
			yield(hobby.Insight{}, f.damage)
		}
	}
}

func (f *filed) Insights(_ context.Context, ids []string) (all []hobby.Insight, err error) {
	f.asked++
	for _, id := range ids {
		if id != f.gone {
			all = append(all, hobby.Insight{ID: id})
		}
	}
	return all, nil
}

// withLearned is a store with a session that has learned 500 things.
func withLearned(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Commit(t.Context(), learned(500), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFillArchived has what was archived before there was a graph in it, before what is
// stored, but for what was forgotten while it was read. A thousand insights are added at once.
func TestFillArchived(t *testing.T) {
	s := withLearned(t)
	past := &filed{Past: hobby.PastOf(s), gone: "session-000001-2"}
	for n := range 300 {
		for _, in := range learned(n).Insights {
			in.Source = in.ID + ".md"
			past.insights = append(past.insights, in)
		}
	}
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := kgraph.New(l, s, &kgraph.Options{Past: past, Archived: past.archived})
	if err != nil {
		t.Fatal(err)
	}
	runUntil(t, g, l, 1506) // one revision forgets
	if past.asked != 2 {
		t.Errorf("1,500 insights were looked for %d times, want 2", past.asked)
	}
	for more := true; more; {
		if more, err = l.Sweep(t.Context(), 1000); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	for after, more := int64(0), true; more; {
		changes, err := l.Changes(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i := range changes {
			if after = changes[i].Rev; changes[i].Op == kgraph.Stated {
				told = append(told, changes[i].ID)
			}
		}
		more = len(changes) > 0
	}
	var want []string
	for n := range 301 {
		if n == 300 {
			n = 500
		}
		for i := range 5 {
			if id := fmt.Sprintf("session-%06d-%d", n, i); id != past.gone {
				want = append(want, id)
			}
		}
	}
	same(t, "what the graph has", told, want)
}

// TestFillDamaged has a file of the archive damaged while the graph is filled: the rest is in it, and what
// was in the file comes with the next graph, once it is mended.
func TestFillDamaged(t *testing.T) {
	s := withLearned(t)
	past := &filed{Past: hobby.PastOf(s), insights: learned(1).Insights, damage: fmt.Errorf("%w: a.parquet", kgraph.ErrIncomplete)}
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, rev := range []int64{10, 15} {
		g, err := kgraph.New(l, s, &kgraph.Options{Past: past, Archived: past.archived})
		if err != nil {
			t.Fatal(err)
		}
		runTo(t, g, l, rev, past.damage == nil)
		if filled, err := l.Filled(t.Context()); err != nil || filled != (past.damage == nil) {
			t.Errorf("filled is %v, %v, with %v", filled, err, past.damage)
		}
		past.damage = nil
		past.insights = append(past.insights, learned(2).Insights...)
	}
	if rev, err := l.Rev(t.Context()); err != nil || rev != 15 {
		t.Errorf("there are %d changes, %v; want 15: of fifteen insights, none twice", rev, err)
	}
}
