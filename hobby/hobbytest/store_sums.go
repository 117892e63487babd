package hobbytest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var sumTests = map[string]func(storeTest){
	"TalliesSumItemsByTheirKey": func(t storeTest) {
		s := session(1)
		keys := []func(*hobby.Item){
			func(*hobby.Item) {},
			func(i *hobby.Item) { i.Family = "subtract" },
			func(i *hobby.Item) { i.Version = 2 },
			func(i *hobby.Item) { i.Level = 2 },
			func(i *hobby.Item) { i.Split = hobby.HeldOut },
			func(i *hobby.Item) { i.ModelKey = "other" },
			func(i *hobby.Item) { i.At = noon.Add(12 * time.Hour) }, // midnight: the next day
			func(i *hobby.Item) { // the evening before, in UTC
				i.At = time.Date(2026, 3, 14, 0, 30, 0, 0, time.FixedZone("east", 3600))
			},
		}
		for n, change := range keys {
			for i := range n + 1 {
				it := answer(fmt.Sprint(n, "-", i), noon, i == 0)
				change(&it)
				s.Items = append(s.Items, it)
			}
		}
		t.commit(s)
		var tries []int64
		for _, y := range t.tallies() {
			tries = append(tries, y.Tries)
			want := y
			want.Agent, want.Node, want.Kind, want.Passes, want.Millis = "agent", t.Node(), "sums", 1, 7*y.Tries
			t.same("a tally", y, want)
		}
		slices.Sort(tries)
		t.same("tries of the tallies", tries, []int64{1, 2, 3, 4, 5, 6, 7, 8})
		t.addsUp()
	},
	"SamplesAreInNoTally": func(t storeTest) {
		s := with(session(1), 6)
		for i := range s.Items[:4] {
			s.Items[i].Sample = 1 + i%2
		}
		a := t.commit(s)
		var tries int64
		for _, y := range t.tallies() {
			tries += y.Tries
		}
		t.same("answers in tallies", tries, int64(2))
		t.same("answers of the activity", a.Items, 6)
		t.addsUp()
	},
	"TalliesSince": func(t storeTest) {
		// Reading the changes alone gives the same as reading everything.
		have := map[hobby.Tally]hobby.Tally{}
		var at hobby.Cursor
		for i := range 20 {
			s := with(session(i), 1+i%4)
			for j := range s.Items {
				s.Items[j].Level = 1 + (i+j)%5
			}
			t.commit(s)
			if i%3 > 0 {
				continue
			}
			changed, to, err := t.Tallies(t.ctx, hobby.TallyFilter{Since: at})
			if err != nil || to != t.head() {
				t.Fatalf("complete up to %d, %v; want the head %d", to, err, t.head())
			}
			for _, y := range changed {
				have[keyOf(y)] = y
			}
			at = to
		}
		changed, at, err := t.Tallies(t.ctx, hobby.TallyFilter{Since: at})
		if err != nil {
			t.Fatal(err)
		}
		if len(changed) == 0 || len(changed) == len(t.tallies()) {
			t.Errorf("%d of %d tallies changed after the last look, want some", len(changed), len(t.tallies()))
		}
		for _, y := range changed {
			have[keyOf(y)] = y
		}
		for _, y := range t.tallies() {
			t.same("a tally kept up to date", have[keyOf(y)], y)
		}
		if again, to, err := t.Tallies(t.ctx, hobby.TallyFilter{Since: at}); err != nil || len(again) > 0 || to != at {
			t.Errorf("nothing happened, and %d tallies changed up to %d (was %d), %v", len(again), to, at, err)
		}
	},
	"TalliesOfAnAgent": func(t storeTest) {
		for i, agent := range []string{"one", "two", "two"} {
			s := with(session(i), 2)
			s.Activity.Agent = agent
			t.commit(s)
		}
		for agent, tries := range map[string]int64{"one": 2, "two": 4, "three": 0} {
			got, _, err := t.Tallies(t.ctx, hobby.TallyFilter{Agent: agent})
			if err != nil {
				t.Fatal(err)
			}
			sum := int64(0)
			for _, y := range got {
				sum += y.Tries
			}
			t.same("tries of "+agent, sum, tries)
			got, _, err = t.Tallies(t.ctx, hobby.TallyFilter{Agent: agent, Since: 1})
			if err != nil || (len(got) > 0) != (agent == "two") {
				t.Errorf("since the first commit %d tallies of %s changed, %v", len(got), agent, err)
			}
		}
	},
	"CountsByHourAndDay": func(t storeTest) {
		starts := []time.Time{
			noon, noon.Add(59*time.Minute + 59*time.Second), noon.Add(time.Hour), noon.Add(11*time.Hour + 59*time.Minute),
			noon.Add(12 * time.Hour), noon.Add(36 * time.Hour), time.Unix(1, 0),
		}
		status := []hobby.Status{hobby.Completed, hobby.Failed, hobby.Interrupted}
		for i, at := range starts {
			s := with(session(i), i)
			s.Activity.Started, s.Activity.Plan.Kind = at, hobby.Kind([]string{"sums", "words"}[i%2])
			s.Activity.Cost = hobby.Cost{TokensIn: 1, TokensOut: 2, CPU: 3, MicroUSD: 4}
			s.Activity.Engaged = time.Second
			a := t.commit(s)
			if i < 5 {
				t.commit(ended(hobby.Session{Activity: a}, status[i%3]))
			}
		}
		t.addsUp()
		day := hobby.CountFilter{Bucket: hobby.Daily, Since: noon, Until: noon.Add(36 * time.Hour)} // starts of days: the 15th
		got := t.counts(day)
		if len(got) != 1 || !got[0].At.Equal(noon.Add(12*time.Hour)) || got[0].Started != 1 {
			t.Errorf("days in [%v, %v): %+v, want the 15th only", day.Since, day.Until, got)
		}
		got = t.counts(hobby.CountFilter{Bucket: hobby.Daily, Since: noon.Add(-12 * time.Hour), Until: noon.Add(12 * time.Hour)})
		want := []hobby.Count{
			{
				Kind: "sums", At: noon.Add(-12 * time.Hour), Started: 2, Completed: 1, Interrupted: 1, Items: 2, Passes: 1, Cut: 1,
				Time: time.Minute, Engaged: 2 * time.Second, Cost: hobby.Cost{TokensIn: 2, TokensOut: 4, CPU: 6, MicroUSD: 8}, Last: starts[2],
			},
			{
				Kind: "words", At: noon.Add(-12 * time.Hour), Started: 2, Completed: 1, Failed: 1, Items: 4, Passes: 2, Cut: 2,
				Time: time.Minute, Engaged: 2 * time.Second, Cost: hobby.Cost{TokensIn: 2, TokensOut: 4, CPU: 6, MicroUSD: 8}, Last: starts[3],
			},
		}
		t.same("the 14th", got, want)
		hours := t.counts(hobby.CountFilter{Bucket: hobby.Hourly, Since: noon.Add(1), Until: noon.Add(12 * time.Hour)})
		var at []time.Time
		for _, c := range hours {
			at = append(at, c.At)
		}
		t.same("the hours of the afternoon", at, []time.Time{noon.Add(time.Hour), noon.Add(11 * time.Hour)})
		_, err := t.Counts(t.ctx, hobby.CountFilter{Bucket: "week"})
		t.refuses("an unknown bucket", err, hobby.ErrInvalid)
	},
	"CountsTakeChangesOnly": func(t storeTest) {
		s := with(session(1), 2)
		s.Activity.Cost.TokensIn = 10
		a := t.commit(s)
		a.Cost.TokensIn = 25
		a = t.commit(hobby.Session{Activity: a})
		a.Cost.TokensIn = 26
		t.commit(ended(hobby.Session{Activity: a}, hobby.Completed))
		got := t.counts(hobby.CountFilter{})
		if len(got) != 1 {
			t.Fatalf("counts %+v, want those of one kind", got)
		}
		want := got[0]
		want.Started, want.Completed, want.Items, want.Cost.TokensIn, want.Time = 1, 1, 2, 26, 30*time.Second
		t.same("the counts", got[0], want)
	},
}

func keyOf(y hobby.Tally) hobby.Tally {
	y.Tries, y.Passes, y.Millis = 0, 0, 0
	return y
}

func sortTallies(ts []hobby.Tally) []hobby.Tally {
	slices.SortFunc(ts, func(a, b hobby.Tally) int { return cmp.Compare(fmt.Sprint(keyOf(a)), fmt.Sprint(keyOf(b))) })
	return ts
}
