package hobby_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestLevelsOpenWithCertainty: a level opens when every level below it is above
// 0.8 with a certainty of 95 %, which no mean alone can tell.
func TestLevelsOpenWithCertainty(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 4}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	measure := func(later int, ts ...hobby.Tally) hobby.FamilyProficiency {
		p := hobby.Measure(ts, hobbies, "m", now.AddDate(0, 0, later))
		return p.Kinds[0].Families[0]
	}
	tally := func(level int, tries, passes int64) hobby.Tally {
		return hobby.Tally{Kind: "sums", Family: "a", ModelKey: "m", Level: level, Split: hobby.Practice, Day: hobby.Day(now), Tries: tries, Passes: passes}
	}
	for _, c := range []struct {
		tries, passes int64
		want          int
	}{
		{1, 1, 1}, {5, 5, 1}, {20, 20, 2}, {20, 17, 1}, {40, 34, 1}, {100, 92, 2}, {100, 80, 1},
	} {
		if f := measure(0, tally(1, c.tries, c.passes)); f.Level != c.want {
			t.Errorf("%d of %d, %+v: level %d is open, want %d", c.passes, c.tries, f.Levels[0], f.Level, c.want)
		}
	}
	if f := measure(0, tally(1, 60, 59), tally(2, 60, 36), tally(3, 60, 50)); f.Level != 2 {
		t.Errorf("level 2 is not known and level %d is open", f.Level)
	}
	if f := measure(5*365, tally(1, 20, 20)); f.Level != 1 {
		t.Errorf("after five years of nothing level %d is open", f.Level)
	}
	rapid.Check(t, func(t *rapid.T) {
		tries := rapid.Int64Range(0, 200).Draw(t, "tries")
		passes := rapid.Int64Range(0, tries).Draw(t, "passes")
		f := measure(rapid.IntRange(0, 900).Draw(t, "later"), tally(1, tries, passes))
		// Low leaves 2.5 % below it; at 5 % the mean is still above the bar.
		if e := f.Levels[0]; f.Level > 1 && e.Mean <= 0.8 || f.Level == 1 && e.Low > 0.8 {
			t.Fatalf("%d of %d, %+v: level %d is open", passes, tries, e, f.Level)
		}
	})
}

func TestFamiliesOpenWhenWhatTheyRequireIsKnown(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	for levels := range 3 {
		hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 1 + levels}, {Name: "b", Levels: 1, Requires: []string{"a"}}}}}
		for passes, want := range map[int64]bool{0: false, 50: false, 100: true} {
			var ts []hobby.Tally
			if passes > 0 {
				ts = []hobby.Tally{{Kind: "sums", Family: "a", ModelKey: "m", Level: 1, Split: hobby.Practice, Day: hobby.Day(now), Tries: 100, Passes: passes}}
			}
			fs := hobby.Measure(ts, hobbies, "m", now).Kinds[0].Families
			if !fs[0].Open || fs[1].Open != want {
				t.Errorf("%d of 100 in a family of %d levels: open are %v and %v, want true and %v", passes, 1+levels, fs[0].Open, fs[1].Open, want)
			}
		}
	}
}

func TestANewModelStartsWithNothing(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 2}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	old := hobby.Tally{Kind: "sums", Family: "a", ModelKey: "base", Level: 1, Split: hobby.Practice, Day: hobby.Day(now) - 1, Tries: 100, Passes: 99}
	first := old
	first.ModelKey, first.Day, first.Tries, first.Passes = "base+adapter", hobby.Day(now), 4, 1
	for key, want := range map[string]int64{"base": 100, "base+adapter": 4, "": 4, "third": 0} {
		p := hobby.Measure([]hobby.Tally{old, first}, hobbies, key, now)
		f := p.Kinds[0].Families[0]
		if f.Estimate.Items != want {
			t.Errorf("model %q: %d answers, want its own %d", key, f.Estimate.Items, want)
		}
		if want := key == "base"; (f.Level == 2) != want {
			t.Errorf("model %q: level %d is open", key, f.Level)
		}
	}
}
