package rlhf

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// history are ratings of n days, a few a day, whose mean is given by day.
func history(seed uint64, n int, mean func(day int) float64) (rows []given) {
	rng := rand.New(rand.NewPCG(seed, 31))
	for day := range n {
		for range 1 + rng.IntN(5) {
			stars := math.Round(mean(day) + rng.NormFloat64())
			rows = append(rows, given{time.Unix(1_800_000_000, 0).UTC().AddDate(0, 0, day), "k", 1, int(min(max(stars, 1), 5)), 0})
		}
	}
	return rows
}

// TestNoTrendIsClaimedOfNoise has raters who give the same on average on all days: always there, or there for some
// days and then away, each with a mean of their own. It counts series of which a trend is claimed, or a change: on
// the last day, and on one of the days that somebody looks.
func TestNoTrendIsClaimedOfNoise(t *testing.T) {
	runs, every := 60, 90
	if *full {
		runs, every = 1000, 3
	}
	for _, w := range []struct {
		name         string
		raters, stay int // days between two chances to come or to go
		bias         float64
	}{
		{"always there, alike", 5, 0, 0},
		{"always there", 5, 0, 0.5},
		{"there for a week or more", 5, 7, 0.5},
		{"there for 20 days or more", 20, 20, 0.5},
	} {
		var trends, changes, everTrends, everChanges int
		for seed := range uint64(runs) {
			rng := rand.New(rand.NewPCG(seed, 99))
			bias, here := make([]float64, w.raters), make([]bool, w.raters)
			for i := range bias {
				bias[i], here[i] = w.bias*rng.NormFloat64(), w.stay == 0 || rng.IntN(2) == 0
			}
			var rows []given
			trend, change, trended, changed := false, false, false, false
			for day := range 90 {
				for i := range bias {
					if w.stay > 0 && rng.IntN(w.stay) == 0 {
						here[i] = rng.IntN(2) == 0
					}
					for n := rng.IntN(4); n > 0 && here[i]; n-- {
						stars := math.Round(3 + bias[i] + 0.8*rng.NormFloat64())
						rows = append(rows, given{time.Unix(1_800_000_000, 0).UTC().AddDate(0, 0, day), "k", i + 1, int(min(max(stars, 1), 5)), 0})
					}
				}
				if day%every == every-1 {
					got := trendsOf(rows, TrendFilter{Bucket: Daily})
					trend, change = got.Trend != nil && got.Trend.Direction != "none", len(got.Changes) > 0
					trended, changed = trended || trend, changed || change
				}
			}
			for n, is := range map[*int]bool{&trends: trend, &changes: change, &everTrends: trended, &everChanges: changed} {
				if is {
					*n++
				}
			}
		}
		t.Logf("raters who are %s, %d runs: on the last day a trend in %d, a change in %d; on one of the days in %d and %d",
			w.name, runs, trends, changes, everTrends, everChanges)
		for what, n := range map[string]int{"a trend": trends, "a change": changes} { // at one look 0.2 %
			if most := runs/100 + 3; n > most {
				t.Errorf("raters who are %s: %s is claimed of %d of %d series, want at most %d", w.name, what, n, runs, most)
			}
		}
		if most := runs/20 + 3*int(math.Sqrt(float64(runs)/20)); max(everTrends, everChanges) > most {
			t.Errorf("raters who are %s: a trend or a change is claimed on one of the days of %d and %d of %d series, want at most %d",
				w.name, everTrends, everChanges, runs, most)
		}
	}
}

func TestTrendIsFound(t *testing.T) {
	rising := trendsOf(history(1, 60, func(day int) float64 { return 2 + float64(day)/40 }), TrendFilter{Bucket: Daily})
	if rising.Trend.Direction != "rising" || math.Abs(rising.Trend.SlopePerDay-1.0/40) > 0.01 {
		t.Errorf("a rise of 0.025 a day is %+v", *rising.Trend)
	}
	step := trendsOf(history(2, 60, func(day int) float64 { return 2 + 1.5*math.Floor(float64(day)/30) }), TrendFilter{Bucket: Daily})
	if len(step.Changes) != 1 {
		t.Fatalf("a step is %d changes: %+v", len(step.Changes), step.Changes)
	}
	at := time.Unix(1_800_000_000, 0).UTC().AddDate(0, 0, 30).Truncate(24 * time.Hour)
	if c := step.Changes[0]; at.Before(c.Low) || at.After(c.High) || !(c.After-c.Before > 1) {
		t.Errorf("a step of 1.5 at %v is %+v", at, c)
	}
}

func TestBuckets(t *testing.T) {
	day := func(s string) time.Time { at, _ := time.Parse(time.DateOnly, s); return at }
	rows := []given{{day("2026-02-28"), "a", 1, 4, 0}, {day("2026-03-01"), "a", 1, 2, 0}, {day("2026-03-02"), "b", 1, 5, 0},
		{day("2026-03-02"), "a", 1, 0, 0},
		{day("2026-03-31"), "a", 1, 3, 0}}
	starts := func(f TrendFilter) (s []string) {
		for _, p := range trendsOf(rows, f).Series {
			s = append(s, p.At.Format(time.DateOnly))
		}
		return s
	}
	for f, want := range map[TrendFilter][]string{
		{Bucket: Daily}:              {"2026-02-28", "2026-03-01", "2026-03-02", "2026-03-31"},
		{Bucket: Weekly}:             {"2026-02-23", "2026-03-02", "2026-03-30"},
		{Bucket: Monthly}:            {"2026-02-01", "2026-03-01"},
		{Bucket: Monthly, Kind: "b"}: {"2026-03-01"},
		{Bucket: Daily, Kind: "c"}:   nil,
	} {
		if d := cmp.Diff(want, starts(f)); d != "" {
			t.Errorf("%+v (-want +got):\n%s", f, d)
		}
	}
	if p := point(day("2026-03-01"), []given{{stars: 5}, {stars: 5}, {stars: 5}}); p.Mean != 5 || p.Count != 3 || !math.IsNaN(p.Low) || !math.IsNaN(p.High) {
		t.Errorf("three ratings of 5 stars have the interval of a mean that is certain: %+v", p)
	}
	if p := point(day("2026-03-01"), []given{{stars: 4}, {stars: 4}, {stars: 3}}); !(p.Low > 2 && p.Low < p.Mean && p.Mean < p.High && p.High <= 5) {
		t.Errorf("4, 4 and 3 stars: %+v", p)
	}
	for df, want := range map[float64]float64{1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 10: 2.2281, 100: 1.9840} {
		if got := studentT(df); math.Abs(got-want) > 0.03 {
			t.Errorf("Student's t of %v degrees of freedom is %v, tables say %v", df, got, want)
		}
	}
}
