package hobby_test

import (
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestTheGainIsTheChange commits answers and compares what Gain foretold with
// how the measurement changed.
func TestTheGainIsTheChange(t *testing.T) {
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Now().UTC()
	h := hobby.Hobby{Kind: hobby.SkillPractice, Families: []hobby.Family{{Name: "sums", Levels: 3}, {Name: "words", Levels: 2}}}
	m := hobby.NewMeter(store, "agent")
	answers := func(id string, score float64) []hobby.Item {
		var all []hobby.Item
		for i := range 8 {
			all = append(all, hobby.Item{
				ID: id + string(rune('a'+i)), Family: "sums", Level: 1, Split: hobby.Practice, Score: score, Verifier: "v", At: now, ModelKey: "k",
			})
		}
		return all
	}
	if g, err := m.Gain(t.Context(), &h, nil, now); g != nil || err != nil {
		t.Errorf("the gain of nothing: %v, %v", g, err)
	}
	for i, c := range []struct {
		score float64
		up    bool
	}{{1, true}, {1, true}, {0, false}} {
		before, err := m.Measure(t.Context(), []hobby.Hobby{h}, "k", now)
		if err != nil {
			t.Fatal(err)
		}
		items := answers(string(rune('A'+i)), c.score)
		gain, err := m.Gain(t.Context(), &h, items, now)
		if err != nil || gain == nil || (*gain > 0) != c.up {
			t.Fatalf("round %d: gain %v, %v", i, gain, err)
		}
		a := hobby.Activity{ID: string(rune('A' + i)), Agent: "agent", Plan: hobby.Plan{Kind: h.Kind}, Status: hobby.Completed, Started: now, Ended: now}
		if _, err := store.Commit(t.Context(), hobby.Session{Activity: a, Items: items}, nil); err != nil {
			t.Fatal(err)
		}
		after, err := m.Measure(t.Context(), []hobby.Hobby{h}, "k", now)
		if err != nil {
			t.Fatal(err)
		}
		if was := before.Kinds[0].Estimate; was.Measured() {
			if d := after.Kinds[0].Estimate.Mean - was.Mean; d-*gain > 1e-9 || *gain-d > 1e-9 {
				t.Errorf("round %d: foretold %v, it became %v", i, *gain, d)
			}
		}
	}
}
