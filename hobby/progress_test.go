package hobby_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
)

// TestTheImprovementRateIsOfOneModel has ten hours of an old model's practice,
// and then an hour on each of four days of a new one's that half passes, and on each
// of four that all passes.
func TestTheImprovementRateIsOfOneModel(t *testing.T) {
	s := open(t)
	h := one("sums")
	h.Families = []hobby.Family{{Name: "sums", Levels: 1}}
	m := manager(t, s, nil, h)
	rate := func() (*hobby.Change, *hobby.Change) {
		t.Helper()
		p, err := m.Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		k := p.Kind("sums")
		return k.ImprovementRate, k.Proficiency.Gain
	}
	practised := func(daysAgo int, model string, hours time.Duration, every int) {
		t.Helper()
		at := time.Now().UTC().AddDate(0, 0, -daysAgo).Add(-hours * time.Hour)
		sess := hobby.Session{Activity: hobby.Activity{
			ID: fmt.Sprint(model, daysAgo), Agent: "agent", Plan: hobby.Plan{Kind: "sums"}, Status: hobby.Completed,
			Started: at, Ended: at.Add(hours * time.Hour), Engaged: hours * time.Hour,
		}}
		for n := range 40 {
			i := item(0)
			if n%every == 0 {
				i.Score = 1
			}
			i.ID, i.At, i.ModelKey, i.Latency = fmt.Sprint(sess.Activity.ID, n), sess.Activity.Ended, model, hours*10*time.Minute // many at a time
			sess.Items = append(sess.Items, i)
		}
		if _, err := s.Commit(t.Context(), sess, nil); err != nil {
			t.Fatal(err)
		}
	}
	practised(12, "old", 10, 2)
	practised(11, "new", 1, 2)
	if r, _ := rate(); r != nil {
		t.Errorf("after one day of the new model the rate is %v, want none", *r)
	}
	for day := range 7 {
		practised(10-day, "new", 1, map[bool]int{true: 2, false: 1}[day < 3])
	}
	r, gain := rate()
	if r == nil || gain == nil || !gain.Shown() || gain.Mean < 0.2 {
		t.Fatalf("gained %v, at a rate of %v; want a gain of 0.2 or more", gain, r)
	}
	// The second half of the model's time is four hours.
	got, want := []float64{r.Mean, r.Low}, []float64{gain.Mean / 4, gain.Low / 4}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("mean and low of the rate, an hour (-want +got):\n%s", diff)
	}
}

// TestARateNeedsAnHour has the same rise in days of six minutes, and of fifteen.
func TestARateNeedsAnHour(t *testing.T) {
	for minutes, want := range map[time.Duration]bool{6: false, 15: true} {
		s := open(t)
		h := one("sums")
		h.Families = []hobby.Family{{Name: "sums", Levels: 1}}
		for day := range 8 {
			at := time.Now().UTC().AddDate(0, 0, day-8).Truncate(24 * time.Hour)
			sess := hobby.Session{Activity: hobby.Activity{
				ID: fmt.Sprint(day), Agent: "agent", Plan: hobby.Plan{Kind: "sums"}, Status: hobby.Completed,
				Started: at, Ended: at.Add(minutes * time.Minute),
			}}
			for n := range 40 {
				i := item(0)
				if n%2 == 0 || day >= 4 {
					i.Score = 1
				}
				i.ID, i.At, i.ModelKey = fmt.Sprint(day, n), at, "model"
				sess.Items = append(sess.Items, i)
			}
			if _, err := s.Commit(t.Context(), sess, nil); err != nil {
				t.Fatal(err)
			}
		}
		p, err := manager(t, s, nil, h).Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if k := p.Kind("sums"); k.Proficiency.Gain == nil || (k.ImprovementRate != nil) != want {
			t.Errorf("with %d minutes a day: gained %v at a rate of %v, want a rate: %v", minutes, k.Proficiency.Gain, k.ImprovementRate, want)
		}
	}
}

// reads counts what is read of a store's sums.
type reads struct {
	hobby.Store
	tallies, counts int
}

func (r *reads) Tallies(ctx context.Context, f hobby.TallyFilter) ([]hobby.Tally, hobby.Cursor, error) {
	r.tallies++
	return r.Store.Tallies(ctx, f)
}

func (r *reads) Counts(ctx context.Context, f hobby.CountFilter) ([]hobby.Count, error) {
	r.counts++
	return r.Store.Counts(ctx, f)
}

// TestASessionMeasuresBeforeAndAfter holds that a session reads the sums to choose
// what to practise, the proficiency once more to tell what changed, and nothing
// beside.
func TestASessionMeasuresBeforeAndAfter(t *testing.T) {
	for name, c := range map[string]struct {
		daily hobby.Budget
		want  reads
	}{
		"without a daily budget": {hobby.Budget{}, reads{tallies: 2, counts: 1}},
		"with one":               {hobby.Budget{Items: 100}, reads{tallies: 2, counts: 2}},
	} {
		s := &reads{Store: open(t)}
		h := one("sums")
		h.Families = []hobby.Family{{Name: "sums", Levels: 1}}
		m := manager(t, s, &hobby.Options{Daily: c.daily}, h)
		for n := range 2 {
			s.tallies, s.counts = 0, 0
			got, err := m.RunOnce(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if s.tallies != c.want.tallies || s.counts != c.want.counts {
				t.Errorf("%s: %d readings of tallies and %d of counts, want %d and %d", name, s.tallies, s.counts, c.want.tallies, c.want.counts)
			}
			if measured := got.Activity.Delta != nil; measured != (n > 0) {
				t.Errorf("%s: session %d has a change of proficiency: %v", name, n+1, measured)
			}
		}
	}
}
