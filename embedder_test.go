package pastime_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/rlhf"
)

// lister is an embedder that notes what it is asked for.
type lister map[string]int

// Embed implements hobby.Embedder.
func (l lister) Embed(_ context.Context, texts []string) (all [][]float32, err error) {
	for _, text := range texts {
		l[text]++
		all = append(all, []float32{float32(len(text)), 1})
	}
	return all, nil
}

// TestTheEmbedderOfAKit has one embedder be that of the graph and of feedback, unless these have
// one of their own.
func TestTheEmbedderOfAKit(t *testing.T) {
	ofGraph, ofFeedback := lister{"cat": 1, "dog": 1, "cow": 1}, lister{"dates are hard": 1}
	both := lister{"cat": 1, "dog": 1, "cow": 1, "dates are hard": 1}
	for _, own := range []bool{false, true} {
		kits, graphs, feedbacks := lister{}, lister{}, lister{}
		o := &pastime.Options{Embedder: kits}
		want := []lister{both, {}, {}}
		if own {
			o.Graph.Embedder, o.Feedback.Embedder = graphs, feedbacks
			want = []lister{{}, ofGraph, ofFeedback}
		}
		use(t, o)
		if d := cmp.Diff(want, []lister{kits, graphs, feedbacks}); d != "" {
			t.Errorf("own ones: %v; the embedders of the kit, the graph and feedback were asked for (-want +got):\n%s", own, d)
		}
	}
}

// use looks for what is like a cat, and has 20 people rate an insight.
func use(t *testing.T, o *pastime.Options) {
	t.Helper()
	ctx := t.Context()
	kit, err := pastime.Open(ctx, ":memory:", nil, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := kit.Close(); err != nil {
			t.Error(err)
		}
	}()
	now := time.Now().UTC()
	var facts []kgraph.Statement
	for _, to := range []string{"dog", "cow"} {
		c := hobby.Claim{Subject: "cat", Relation: "likes", Object: to, Confidence: 1}
		facts = append(facts, kgraph.Statement{Claim: c})
	}
	if err := kit.Graph.Add(ctx, kgraph.Origin{ID: "told", Recorded: now}, facts...); err != nil {
		t.Fatal(err)
	}
	if _, err := kit.Graph.Similar(ctx, "cat", kgraph.At{}, 5); err != nil {
		t.Fatal(err)
	}
	_, err = kit.Store.Commit(ctx, hobby.Session{
		Activity: hobby.Activity{
			ID: "a", Status: hobby.Completed, Plan: hobby.Plan{Kind: hobby.SkillPractice},
			Started: now.Add(-time.Minute), Ended: now,
		},
		Insights: []hobby.Insight{{ID: "i", Kind: hobby.SkillPractice, At: now, Text: "dates are hard", Confidence: 1}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		f := rlhf.Feedback{Type: rlhf.Insight, Target: "i", User: fmt.Sprint("u", n), Rating: 3 + n%3}
		if _, _, err := kit.Feedback.Submit(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := kit.Feedback.Refit(ctx, nil); err != nil {
		t.Fatal(err)
	}
}
