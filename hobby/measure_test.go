package hobby_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestLevelsOpenWithCertainty: a level opens when every level below it is above
// 0.8 with a certainty of 95 %, which no mean alone can tell.
func TestLevelsOpenWithCertainty(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 4}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	measure := func(later int, ts ...hobby.Tally) hobby.FamilyProficiency {
		p := hobby.Measure(ts, hobbies, keys(hobbies, "m"), now.AddDate(0, 0, later))
		return p.Kinds[0].Families[0]
	}
	tally := func(level int, tries, passes int64) hobby.Tally {
		return hobby.Tally{Kind: "sums", Family: "a", ModelKey: "m", Level: level, Split: hobby.Practice, Day: hobby.Day(now), Tries: tries,
			Passes: passes}
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
		hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 1 + levels},
			{Name: "b", Levels: 1, Requires: []string{"a"}}}}}
		for passes, want := range map[int64]bool{0: false, 50: false, 100: true} {
			var ts []hobby.Tally
			if passes > 0 {
				ts = []hobby.Tally{{Kind: "sums", Family: "a", ModelKey: "m", Level: 1, Split: hobby.Practice, Day: hobby.Day(now), Tries: 100,
					Passes: passes}}
			}
			fs := hobby.Measure(ts, hobbies, keys(hobbies, "m"), now).Kinds[0].Families
			if !fs[0].Open || fs[1].Open != want {
				t.Errorf("%d of 100 in a family of %d levels: open are %v and %v, want true and %v", passes, 1+levels, fs[0].Open, fs[1].Open, want)
			}
		}
	}
}

func TestANewModelStartsWithNothing(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 2}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	old := hobby.Tally{Kind: "sums", Family: "a", ModelKey: "base", Level: 1, Split: hobby.Practice, Day: hobby.Day(now) - 1, Tries: 100,
		Passes: 99}
	first := old
	first.ModelKey, first.Day, first.Tries, first.Passes = "base+adapter", hobby.Day(now), 4, 1
	for key, want := range map[string]int64{"base": 100, "base+adapter": 4, "": 4, "third": 0} {
		p := hobby.Measure([]hobby.Tally{old, first}, hobbies, keys(hobbies, key), now)
		f := p.Kinds[0].Families[0]
		if f.Estimate.Items != want {
			t.Errorf("model %q: %d answers, want its own %d", key, f.Estimate.Items, want)
		}
		if want := key == "base"; (f.Level == 2) != want {
			t.Errorf("model %q: level %d is open", key, f.Level)
		}
	}
}

// TestWhatWasMeasuredIsShownApart has 20 of 20 at the first of five levels: that is
// what was measured, and what is expected of all levels is something else.
func TestWhatWasMeasuredIsShownApart(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 5}, {Name: "b", Levels: 3}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	p := hobby.Measure([]hobby.Tally{
		{Kind: "sums", Family: "a", ModelKey: "m", Level: 1, Split: hobby.Practice, Day: hobby.Day(now), Tries: 20, Passes: 20},
	}, hobbies, keys(hobbies, "m"), now)
	k := p.Kinds[0]
	for name, e := range map[string]hobby.Estimate{"overall": p.Practised, "the kind": k.Practised, "the family": k.Families[0].Practised} {
		if e.Mean < 0.92 || e.Low < 0.8 || e.Items != 20 {
			t.Errorf("%s, of the level practised: %+v", name, e)
		}
	}
	if e := k.Families[0].Estimate; e.Mean > 0.9 || e.Low > 0.6 {
		t.Errorf("of all five levels: %+v", e)
	}
	if e := k.Families[1].Practised; e.Measured() {
		t.Errorf("of a family that was never practised: %+v", e)
	}
}

// TestANewModelStartsAtWhatTheOthersCanDo has models that pass the first level of a
// family and fail at the third, and a new one that has answered a few times.
func TestANewModelStartsAtWhatTheOthersCanDo(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 3}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	tally := func(model string, level int, tries, passes int64) hobby.Tally {
		return hobby.Tally{Kind: "sums", Family: "a", ModelKey: model, Level: level, Split: hobby.Practice, Day: hobby.Day(now),
			Tries: tries, Passes: passes}
	}
	own := []hobby.Tally{tally("new", 1, 6, 6)}
	measure := func(ts []hobby.Tally) hobby.FamilyProficiency {
		return hobby.Measure(ts, hobbies, keys(hobbies, "new"), now).Kinds[0].Families[0]
	}
	alone := measure(own)
	one := measure(append([]hobby.Tally{tally("old", 1, 90, 89), tally("old", 3, 90, 2)}, own...))
	if one.Estimate != alone.Estimate {
		t.Errorf("with one earlier model %+v, alone %+v; want no difference", one.Estimate, alone.Estimate)
	}
	ts := own
	for _, old := range []string{"v1", "v2", "v3", "v4"} {
		ts = append(ts, tally(old, 1, 90, 89), tally(old, 2, 90, 60), tally(old, 3, 90, 2))
	}
	five := measure(ts)
	if l := five.Levels[2]; l.Mean > alone.Levels[2].Mean-0.2 || l.High-l.Low > alone.Levels[2].High-alone.Levels[2].Low {
		t.Errorf("level 3, which no earlier model can do: %+v, without them %+v", l, alone.Levels[2])
	}
	if l := five.Levels[0]; l.Low <= alone.Levels[0].Low {
		t.Errorf("level 1, which all of them can do: %+v, without them %+v", l, alone.Levels[0])
	}
}

// TestFrozenWeightsDoNotImprove gives the same answers, which show a rise, under a
// key that is a digest and under one that is not. Only what the second names can have
// changed.
func TestFrozenWeightsDoNotImprove(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", NeedsModel: true, Families: []hobby.Family{{Name: "a", Levels: 1}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	for key, can := range map[string]bool{hobby.ModelKey("weights"): false, hobby.WeakModelKey("name"): true} {
		tally := func(daysAgo int, passes int64) hobby.Tally {
			return hobby.Tally{Kind: "sums", Family: "a", ModelKey: key, Level: 1, Split: hobby.Practice, Day: hobby.Day(now) - daysAgo,
				Tries: 40, Passes: passes}
		}
		var ts []hobby.Tally
		for day := range 8 {
			ts = append(ts, tally(7-day, map[bool]int64{true: 5, false: 35}[day < 4]))
		}
		g := hobby.Measure(ts, hobbies, keys(hobbies, key), now).Kinds[0].Gain
		if gained := g != nil && g.Low > 0; gained != can {
			t.Errorf("under %s the gain is %+v, want one: %v", key, g, can)
		}
	}
}

// TestAnAdapterIsShownByWhatItWasNotTrainedOn has answers of a base and of an adapter
// to practice tasks, all right, and to held-out ones, half of them right.
func TestAnAdapterIsShownByWhatItWasNotTrainedOn(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", NeedsModel: true, Families: []hobby.Family{{Name: "a", Levels: 2}}}}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	base := hobby.ModelKey("base", "", "1")
	tally := func(key string, split hobby.Split, tries, passes int64) hobby.Tally {
		return hobby.Tally{Kind: "sums", Family: "a", ModelKey: key, Level: 1, Split: split, Day: hobby.Day(now), Tries: tries, Passes: passes}
	}
	var ts []hobby.Tally
	for _, key := range []string{base, learned} {
		ts = append(ts, tally(key, hobby.Practice, 40, 40), tally(key, hobby.HeldOut, 20, 10))
	}
	shown := hobby.Measure(ts, hobbies, keys(hobbies, learned), now)
	k := shown.Kinds[0]
	type outline struct {
		Key                           string
		Items, Passes, Level, Overall int
	}
	got := outline{k.ModelKey, int(k.Estimate.Items), int(k.Estimate.Passes), int(k.Families[0].Level), int(shown.Overall.Items)}
	if d := cmp.Diff(outline{learned, 20, 10, 1, 20}, got); d != "" {
		t.Errorf("shown of an adapter (-want +got):\n%s", d)
	}
	if all := k.Known(); all.Estimate.Items != 60 || all.Estimate.Passes != 50 || all.Estimate.Mean <= k.Estimate.Mean {
		t.Errorf("what the policy knows: %+v", all)
	}
	k = hobby.Measure(ts, hobbies, keys(hobbies, base), now).Kinds[0]
	if k.Estimate.Items != 60 || k.Practice != nil {
		t.Errorf("of a base all answers count: %+v", k)
	}
	// One that has answered in practice alone shows nothing yet.
	k = hobby.Measure(ts[2:3], hobbies, keys(hobbies, learned), now).Kinds[0]
	if k.Estimate.Measured() || !k.Known().Estimate.Measured() {
		t.Errorf("of practice alone: %+v", k)
	}
}

func TestKeys(t *testing.T) {
	for key, want := range map[string][2]bool{ // Frozen, Adapted
		"": {}, "x": {}, hobby.ModelKey("a"): {true, false}, hobby.WeakModelKey("a"): {},
		hobby.AdapterKey("a", "b", "c"): {true, true}, hobby.WeakAdapterKey("a", "b"): {false, true},
	} {
		if got := [2]bool{hobby.Frozen(key), hobby.Adapted(key)}; got != want {
			t.Errorf("%q: frozen, adapted: %v, want %v", key, got, want)
		}
	}
	if hobby.AdapterKey("a", "", "c") == hobby.ModelKey("a", "", "c") || hobby.AdapterKey("a", "b", "c") == hobby.AdapterKey("a", "c", "c") {
		t.Error("two models have one key")
	}
}
