package rlhf_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// daily is a pipeline over insights of two kinds, of which people like one better.
type daily struct {
	*rlhf.Pipeline
	shelf
	n int
}

func newDaily(t *testing.T, insights int) *daily {
	d := &daily{shelf: shelf{targets: map[string]rlhf.Target{}}}
	for i := range insights {
		id := fmt.Sprint("i", i)
		d.targets[id] = rlhf.Target{Type: rlhf.Insight, ID: id, Kind: hobby.Kind(fmt.Sprint("kind", i%2)), Text: "a text"}
		d.recent = append(d.recent, d.targets[id])
	}
	d.Pipeline, _, _ = open(t, ":memory:", &d.shelf)
	return d
}

// rate has so many more ratings, each of an insight by somebody who has not rated it.
func (d *daily) rate(t *testing.T, n int) {
	t.Helper()
	for range n {
		i := d.n % len(d.targets)
		f := rlhf.Feedback{Type: rlhf.Insight, Target: fmt.Sprint("i", i), User: fmt.Sprint("p", d.n/len(d.targets)), Rating: 2 + 2*(i%2)}
		if d.n%4 == 0 {
			f.Helpful = new(i%2 == 1)
		}
		if _, _, err := d.Submit(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		d.n++
	}
}

// due reports whether the slot fits: without a fence it then ends with ErrStale.
func (d *daily) due(t *testing.T) bool {
	t.Helper()
	err := d.Slots()[0].Run(t.Context(), hobby.SlotRun{})
	if err != nil && !errors.Is(err, hobby.ErrStale) {
		t.Fatal(err)
	}
	return err != nil
}

// TestWhenARefitIsDue has a fit be due after a tenth more ratings and at least 20, or after a
// day with a new one.
func TestWhenARefitIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaily(t, 50)
		check := func(when string, want bool) {
			t.Helper()
			if got := d.due(t); got != want {
				t.Errorf("%s a fit is due: %v, want %v", when, got, want)
			}
		}
		refit := func() {
			t.Helper()
			if err := d.Refit(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		check("without ratings", false)
		d.rate(t, 15)
		check("after 15 ratings and 4 flags, which are too few,", false)
		d.rate(t, 25)
		check("after 40 without a fit", true)
		refit()
		check("after it", false)
		d.rate(t, 210)
		refit()
		d.rate(t, 24)
		check("after 24 more than 250", false)
		d.rate(t, 1)
		check("after 25 more than 250, of which a quarter has a flag, too,", true)
		refit()
		time.Sleep(25 * time.Hour)
		check("after a day in which nothing was rated", false)
		d.rate(t, 1)
		check("after a day with a new rating", true)
		refit()
		d.rate(t, 1)
		time.Sleep(23 * time.Hour)
		check("after 23 hours with a new rating", false)
	})
}

// TestWhatAFitChanged has the distance of a fit from what was updated at once be known and
// exported: none where nothing was said since, and more where much was.
func TestWhatAFitChanged(t *testing.T) {
	d := newDaily(t, 40)
	distance := func() float64 {
		t.Helper()
		if err := d.Refit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		m, err := d.Model(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]float64{}
		if err := d.Observe(t.Context(), func(name string, v float64, _ ...string) { seen[name] = v }); err != nil {
			t.Fatal(err)
		}
		if got := seen["pastime_feedback_model_distance_stars"]; got != m.Distance {
			t.Errorf("exported as %v, the model says %v", got, m.Distance)
		}
		if mean, ratio := seen["pastime_feedback_mean_stars"], seen["pastime_feedback_helpful_ratio"]; mean != 3 || ratio != 0 {
			t.Errorf("a mean of %v stars, and %v helpful; want 3 and 0", mean, ratio)
		}
		return m.Distance
	}
	d.rate(t, 200)
	first, same := distance(), distance()
	d.rate(t, 200)
	if after := distance(); first != 0 || same > 1e-3 || !(after > 2*same && after < 1) {
		t.Errorf("a distance of %v at the first fit, %v without anything new and %v after 200 ratings", first, same, after)
	}
}

// TestPendingOverDays asks somebody for days: on one day for the same things, by the same
// exposures, on the next for others, and for what they left without an answer once that is dropped, after 90
// days. What they answered is never asked for again.
func TestPendingOverDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaily(t, 9)
		ask := func() (ids []string, by map[string]string) {
			t.Helper()
			asks, err := d.Pending(t.Context(), rlhf.PendingFilter{User: "ana", Limit: 3})
			if err != nil {
				t.Fatal(err)
			}
			by = map[string]string{}
			for _, a := range asks {
				ids = append(ids, a.Target.ID)
				by[a.Target.ID] = a.Exposure.ID
			}
			return ids, by
		}
		first, of := ask()
		time.Sleep(time.Hour)
		again, same := ask()
		if diff := cmp.Diff(first, again) + cmp.Diff(of, same); diff != "" || len(first) != 3 {
			t.Errorf("an hour later (-first +again):\n%s", diff)
		}
		answer := rlhf.Feedback{Type: rlhf.Insight, Target: first[0], User: "ana", Rating: 4, Exposure: of[first[0]]}
		if _, _, err := d.Submit(t.Context(), answer); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{first[0]: true, first[1]: true, first[2]: true}
		for day := range 2 {
			time.Sleep(24 * time.Hour)
			ids, _ := ask()
			for _, id := range ids {
				if seen[id] {
					t.Errorf("on day %d %s is asked for again", day+2, id)
				}
				seen[id] = true
			}
		}
		time.Sleep(24 * time.Hour)
		if ids, _ := ask(); len(seen) != 9 || len(ids) != 0 {
			t.Errorf("after three days %v is asked for, and %d of 9 were", ids, len(seen))
		}
		drop := func() []string {
			t.Helper()
			if err := d.Slots()[1].Run(context.WithoutCancel(t.Context()), hobby.SlotRun{}); err != nil {
				t.Fatal(err)
			}
			ids, _ := ask()
			return ids
		}
		time.Sleep(86 * 24 * time.Hour)
		if ids := drop(); len(ids) != 0 {
			t.Errorf("before 90 days %v is asked for again", ids)
		}
		time.Sleep(25 * time.Hour)
		ids := drop()
		diff := cmp.Diff(map[string]bool{first[1]: true, first[2]: true}, map[string]bool{ids[0]: true, ids[len(ids)-1]: true})
		if diff != "" || len(ids) != 2 {
			t.Errorf("after 90 days %v is asked for again (-want +got):\n%s", ids, diff)
		}
	})
}
