package hobby_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestCurve: a curve has the proficiency of each day as Measure has it, the last answer's day
// last, and the day on which another model took over. A family has its own days.
func TestCurve(t *testing.T) {
	h := hobby.Hobby{Kind: "k", Families: []hobby.Family{{Name: "a", Levels: 2}, {Name: "b", Levels: 1}}}
	var tallies []hobby.Tally
	for day := range 100 {
		key := "first"
		if day >= 60 {
			key = "second"
		}
		add := func(family string) {
			tallies = append(tallies, hobby.Tally{Kind: "k", ModelKey: key, Family: family, Version: 1, Level: 1, Split: hobby.Practice,
				Day: day, Tries: 10, Passes: int64(3 + day/20)})
		}
		add("a")
		if day < 50 {
			add("b")
		}
	}
	tallies = append(tallies, hobby.Tally{
		Kind: "other", ModelKey: "third", Family: "a", Version: 1, Level: 1, Split: hobby.Practice, Day: 300, Tries: 1,
	})
	on := func(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }
	c, err := hobby.NewCurve(t.Context(), tallies, &h, "a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]hobby.ModelChange{{At: on(60), From: "first", To: "second"}}, c.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if n := len(c.Points); n < 20 || n > 30 {
		t.Fatalf("%d points", n)
	}
	var known []hobby.Tally
	for _, i := range tallies {
		if i.Kind == "k" {
			known = append(known, i)
		}
	}
	family := hobby.Measure(known, []hobby.Hobby{h}, nil, on(99)).Kinds[0].Families[0]
	want := hobby.CurvePoint{At: on(99), ModelKey: "second", Estimate: family.Estimate}
	if diff := cmp.Diff(want, c.Points[len(c.Points)-1]); diff != "" {
		t.Errorf("the last point (-want +got):\n%s", diff)
	}
	if c, err = hobby.NewCurve(t.Context(), tallies, &h, "b"); err != nil || !c.Points[len(c.Points)-1].At.Equal(on(49)) || c.Changes != nil {
		t.Errorf("b: %v, %+v", err, c)
	}
	if c, err = hobby.NewCurve(t.Context(), nil, &h, ""); err != nil || c.Points != nil {
		t.Errorf("nothing: %v, %+v", err, c)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = hobby.NewCurve(ctx, tallies, &h, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
