package hobby_test

import (
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestTheGainComparesWithEarlierAnswers commits answers and looks at what Gain
// says of each before.
func TestTheGainComparesWithEarlierAnswers(t *testing.T) {
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Now().UTC()
	h := hobby.Hobby{Kind: hobby.SkillPractice, Families: []hobby.Family{{Name: "sums", Levels: 3}, {Name: "words", Levels: 2}}}
	m := hobby.NewMeter(store, "agent")
	answers := func(id, model, family string, level, passes int) []hobby.Item {
		var all []hobby.Item
		for i := range 12 {
			it := hobby.Item{ID: id + string(rune('a'+i)), Family: family, Level: level, Split: hobby.Practice, Verifier: "v", At: now,
				ModelKey: model}
			if i < passes {
				it.Score = 1
			}
			all = append(all, it)
		}
		return all
	}
	frozen := hobby.ModelKey("weights")
	if g, err := m.Gain(t.Context(), &h, nil); g != nil || err != nil {
		t.Errorf("the gain of nothing: %v, %v", g, err)
	}
	for i, c := range []struct {
		model, family string
		level, passes int
		want          string
	}{
		{"k", "sums", 1, 0, "nothing to compare"}, // the first answers of all
		{"k", "sums", 1, 1, "no change"},          // 1 of 12 after 0 of 12 is no improvement
		{"k", "sums", 2, 12, "nothing to compare"},
		{"k", "words", 1, 0, "nothing to compare"},
		{"l", "sums", 1, 12, "nothing to compare"}, // another model
		{"k", "sums", 1, 11, "better"},
		{"k", "sums", 2, 1, "worse"},
		{"k", "gone", 1, 12, "nothing to compare"},
		{frozen, "sums", 1, 0, "nothing to compare"},
		{frozen, "sums", 1, 12, "nothing to compare"}, // it cannot have changed
	} {
		items := answers(string(rune('A'+i)), c.model, c.family, c.level, c.passes)
		g, err := m.Gain(t.Context(), &h, items)
		if err != nil {
			t.Fatal(err)
		}
		got := "no change"
		switch {
		case g == nil:
			got = "nothing to compare"
		case g.Shown() && g.Low > 0:
			got = "better"
		case g.Shown():
			got = "worse"
		}
		if got != c.want || g != nil && !(g.Low <= g.Mean && g.Mean <= g.High) {
			t.Errorf("%+v: %s, %+v", c, got, g)
		}
		a := hobby.Activity{ID: string(rune('A' + i)), Agent: "agent", Plan: hobby.Plan{Kind: h.Kind}, Status: hobby.Completed,
			Started: now, Ended: now}
		if _, err := store.Commit(t.Context(), hobby.Session{Activity: a, Items: items}, nil); err != nil {
			t.Fatal(err)
		}
	}
}
