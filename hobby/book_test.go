package hobby_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// changes is a TallyReader that tells each change once.
type changes struct {
	all   map[hobby.Tally]hobby.Tally // by what identifies them
	since map[hobby.Tally]hobby.Cursor
	head  hobby.Cursor
}

func (c *changes) put(t hobby.Tally) {
	key := t
	key.Tries, key.Passes = 0, 0
	c.head++
	c.all[key], c.since[key] = t, c.head
}

func (c *changes) Tallies(_ context.Context, f hobby.TallyFilter) (changed []hobby.Tally, _ hobby.Cursor, _ error) {
	for key, t := range c.all {
		if c.since[key] > f.Since {
			changed = append(changed, t)
		}
	}
	return changed, c.head, nil
}

// learned is the key of a model with an adapter.
var learned = hobby.AdapterKey("base", "adapter", "1")

// TestMeasuringWhatChanged follows tallies as they grow, over days and models,
// and must always say what a measurement of all of them says.
func TestMeasuringWhatChanged(t *testing.T) {
	hobbies := []hobby.Hobby{
		{Kind: "a", Families: []hobby.Family{{Name: "x", Levels: 3, Guess: 0.2}, {Name: "y", Levels: 1}, {Name: "z", Levels: 5}}},
		{Kind: "b"}, {Kind: "never"},
	}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(86400*20000, 0)
		c := &changes{all: map[hobby.Tally]hobby.Tally{}, since: map[hobby.Tally]hobby.Cursor{}}
		meter := hobby.NewMeter(c, "agent")
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			for range rapid.IntRange(0, 15).Draw(t, "changes") {
				tries := rapid.Int64Range(-1, 30).Draw(t, "tries")
				c.put(hobby.Tally{
					Node: rapid.SampledFrom([]string{"n", "m"}).Draw(t, "node"), ModelKey: rapid.SampledFrom([]string{"k", "l", learned}).Draw(t, "model"),
					Split: rapid.SampledFrom([]hobby.Split{hobby.Practice, hobby.HeldOut}).Draw(t, "split"),
					Kind: rapid.SampledFrom([]hobby.Kind{"a", "b", "else"}).Draw(t,
						"kind"), Family: rapid.SampledFrom([]string{"", "x", "y", "z", "w"}).Draw(t, "family"),
					Level: rapid.IntRange(0, 6).Draw(t, "level"), Day: 20000 - rapid.IntRange(-2, 40).Draw(t, "days ago"),
					Tries: tries, Passes: rapid.Int64Range(-1, max(0, tries)).Draw(t, "passes"),
				})
			}
			var all []hobby.Tally
			for _, y := range c.all {
				all = append(all, y)
			}
			for _, model := range []string{"", "k", "l", learned} {
				got, err := meter.Measure(context.Background(), hobbies, keys(hobbies, model), now)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(hobby.Measure(all, hobbies, keys(hobbies, model), now), got); d != "" {
					t.Fatalf("model %q: all (-) and what changed (+):\n%s", model, d)
				}
			}
			now = now.AddDate(0, 0, rapid.IntRange(0, 1).Draw(t, "days"))
		}
	})
}
