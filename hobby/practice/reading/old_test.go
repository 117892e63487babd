package reading_test

import (
	"errors"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice/reading"
	"github.com/pastime-go/pastime/sqlite"
)

// TestAnOldStoresResearch has a store in which the reading of documents was filed as
// research integration. Its answers stay what they were, and measure neither kind: both
// are measured anew. Its insights are not told again.
func TestAnOldStoresResearch(t *testing.T) {
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	model := hobbytest.Says("4")
	open := func(all ...hobby.Hobby) *hobby.Manager {
		t.Helper()
		m, err := hobby.New(store, all, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	old := read(t, "testdata/harbour", model, &reading.Options{Insights: 100})
	old.Kind = hobby.ResearchIntegration
	was, err := open(old).RunOnce(t.Context(), old.Kind)
	if err != nil || len(was.Items) == 0 || len(was.Insights) == 0 {
		t.Fatalf("%d items, %d insights, %v", len(was.Items), len(was.Insights), err)
	}
	research, err := reading.Research(nil, model, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := open(read(t, "testdata/harbour", model, &reading.Options{Insights: 100}), research)
	p, err := m.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range p.Kinds {
		if k.Proficiency.Estimate.Measured() {
			t.Errorf("%s is measured by what an older release asked: %+v", k.Kind, k.Proficiency.Estimate)
		}
	}
	if k := p.Kind(hobby.ResearchIntegration); k.Count.Completed != 1 {
		t.Errorf("the old session is gone: %+v", k.Count)
	}
	page, err := store.Items(t.Context(), hobby.ItemFilter{Limit: 100})
	if err != nil || len(page.Items) != len(was.Items) {
		t.Errorf("%d old items, %v; want %d", len(page.Items), err, len(was.Items))
	}
	for _, i := range page.Items {
		if _, err := research.Remake(i); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("an old item is one of research: %+v, %v", i, err)
		}
	}
	now, err := m.RunOnce(t.Context(), hobby.KnowledgeExploration)
	if err != nil || len(now.Insights) > 0 || len(now.Items) == 0 {
		t.Errorf("told again: %+v, %v", now.Insights, err)
	}
}
