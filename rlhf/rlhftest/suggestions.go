package rlhftest

import (
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// suggestions has what was suggested found, and forgotten with who suggested it.
func suggestions(t *testing.T, s rlhf.Store, _ hobby.Log) {
	suggest := func(user, target, text string) rlhf.Rated {
		f := By(user, target, 3)
		f.Suggestion = text
		return put(t, s, f)
	}
	suggest("ana", "i1", "birds")
	birds := suggest("ana", "i1", " the  birds ")
	suggest("ana", "i2", strings.Repeat("x", rlhf.MaxTopic+1))
	suggest("ana", "i3", "  ")
	cats := suggest("bo", "i1", "cats")
	put(t, s, By("cy", "i1", 3))
	ids := func(f rlhf.Filter) (ids []string) {
		t.Helper()
		p, err := s.Feedback(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Feedback {
			ids = append(ids, p.Feedback[i].ID)
		}
		return ids
	}
	same(t, "what can be a topic", ids(rlhf.Filter{Suggests: true, Latest: true}), []string{cats.ID, birds.ID})
	same(t, "one of them", ids(rlhf.Filter{Suggests: true, ID: birds.ID}), []string{birds.ID})
	yes := true
	var decisions []string
	for _, r := range []rlhf.Rated{birds, cats} {
		f := By("dee", r.ID, 0)
		f.Type, f.Accept = rlhf.Suggestion, &yes
		about := rlhf.Target{Type: rlhf.Suggestion, ID: r.ID, Text: r.Topic()}
		d, err := s.Put(t.Context(), f, about, plenty)
		if err != nil {
			t.Fatal(err)
		}
		decisions = append(decisions, d.ID)
	}
	same(t, "the decisions", ids(rlhf.Filter{Type: rlhf.Suggestion, Latest: true}), []string{decisions[1], decisions[0]})
	if _, err := s.Forget(t.Context(), hobby.SourceHash(rlhf.UserSource("ana"))); err != nil {
		t.Fatal(err)
	}
	same(t, "the decisions on what the others suggested", ids(rlhf.Filter{Type: rlhf.Suggestion}), []string{decisions[1]})
	if _, err := s.Forget(t.Context(), hobby.SourceHash("from i1")); err != nil {
		t.Fatal(err)
	}
	same(t, "the decisions, when what the suggestions were about is forgotten", len(ids(rlhf.Filter{Type: rlhf.Suggestion})), 0)
	same(t, "what they suggested", len(ids(rlhf.Filter{Suggests: true})), 0)
}
