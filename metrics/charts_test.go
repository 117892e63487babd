package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/metrics"
)

// TestChartsOverARealStore compares the charts with the activities themselves.
func TestChartsOverARealStore(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 0))
		manager, store := practised(t, 0)
		now := time.Now().UTC()
		kinds := []hobby.Kind{hobby.SkillPractice, hobby.CodeAnalysis}
		hours, days := map[string]float64{}, map[string]float64{}
		items, passes := map[string]float64{}, map[string]float64{}
		var started [2]float64
		for range 3 * seed {
			k := rng.IntN(2)
			at := now.Add(-time.Duration(rng.IntN(45*24*60)) * time.Minute)
			if rng.IntN(2) == 0 {
				at = now.Add(-time.Duration(rng.IntN(30*60)) * time.Minute) // within the hours that are shown
			}
			scores := make([]float64, rng.IntN(4))
			for i := range scores {
				scores[i] = float64(rng.IntN(2))
			}
			commit(t, store, kinds[k], at, scores)
			hours[at.Format("2006-01-02 15:04")[:13]+":00"]++
			days[at.Format(time.DateOnly)]++
			started[k]++
			for _, s := range scores {
				items[at.Format(time.DateOnly)+string(kinds[k])]++
				passes[at.Format(time.DateOnly)+string(kinds[k])] += s
			}
		}
		c := metrics.New(manager, nil)
		d, err := c.Dashboard(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Summary(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.At.Truncate(time.Hour) != now.Truncate(time.Hour) {
			return // the hour has turned meanwhile
		}
		if len(s.Hourly) != metrics.Hours || len(s.Daily) != metrics.Days || len(d.Timeline.Labels) != metrics.Hours {
			t.Fatalf("%d hours, %d days", len(s.Hourly), len(s.Daily))
		}
		for i, p := range s.Hourly {
			if float64(p.Activities) != hours[p.Label] || *d.Timeline.Values[i] != hours[p.Label] || d.Timeline.Labels[i] != p.Label {
				t.Errorf("hour %s: %d and %v, want %v", p.Label, p.Activities, *d.Timeline.Values[i], hours[p.Label])
			}
		}
		for i, p := range s.Daily {
			if float64(p.Activities) != days[p.Label] || d.SuccessRate.Labels[i] != p.Label {
				t.Errorf("day %s: %d, want %v", p.Label, p.Activities, days[p.Label])
			}
			for _, k := range kinds {
				got, n := d.SuccessRate.Series[string(k)][i], items[p.Label+string(k)]
				if (got == nil) != (n == 0) || got != nil && math.Abs(*got-passes[p.Label+string(k)]/n) > 1e-12 {
					t.Errorf("success of %s on %s: %v, want %v of %v", k, p.Label, got, passes[p.Label+string(k)], n)
				}
			}
		}
		for i, k := range kinds {
			if *d.ByType.Values[i] != started[i] || d.ByType.Labels[i] != string(k) {
				t.Errorf("%s: %v activities, want %v", k, *d.ByType.Values[i], started[i])
			}
			measured := s.Progress.Kinds[i].Proficiency.Estimate.Measured()
			if (d.Proficiency.Values[i] != nil) != measured || (d.Proficiency.Low[i] != nil) != measured ||
				(d.Proficiency.High[i] != nil) != measured {
				t.Errorf("%s: a proficiency where %v was measured", k, measured)
			}
			if want := started[i] / 60; math.Abs(*d.TimeInvested.Values[i]-want) > 1e-9 {
				t.Errorf("%s: %v hours, want %v", k, *d.TimeInvested.Values[i], want)
			}
		}
		if d.Stats.TotalActivities != int64(started[0]+started[1]) || d.Stats.IsLearning {
			t.Errorf("stats %+v", d.Stats)
		}
	}
}
