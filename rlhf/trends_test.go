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
			rows = append(rows, given{time.Unix(1_800_000_000, 0).UTC().AddDate(0, 0, day), "k", int(min(max(stars, 1), 5)), 0})
		}
	}
	return rows
}

// TestNoTrendIsClaimedOfNoise counts series without a trend of which one is claimed, and
// those of which a change is.
func TestNoTrendIsClaimedOfNoise(t *testing.T) {
	runs := 200
	if *full {
		runs = 5000
	}
	trends, changes := 0, 0
	for seed := range uint64(runs) {
		got := trendsOf(history(seed, 45, func(int) float64 { return 3 }), TrendFilter{Bucket: Daily})
		if got.Trend.Direction != "none" {
			trends++
		}
		if len(got.Changes) > 0 {
			changes++
		}
	}
	t.Logf("of %d series without a trend, one is claimed of %d, and a change of %d", runs, trends, changes)
	most := 0.05*float64(runs) + 3*math.Sqrt(0.0475*float64(runs))
	for what, n := range map[string]int{"a trend": trends, "a change": changes} {
		if float64(n) > most {
			t.Errorf("%s is claimed of %d of %d series without one, want at most 5 %%", what, n, runs)
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
	rows := []given{{day("2026-02-28"), "a", 4, 0}, {day("2026-03-01"), "a", 2, 0}, {day("2026-03-02"), "b", 5, 0},
		{day("2026-03-02"), "a", 0, 0},
		{day("2026-03-31"), "a", 3, 0}}
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
	if p := point(day("2026-03-01"), []float64{5, 5, 5}); p.Mean != 5 || p.Count != 3 || !math.IsNaN(p.Low) || !math.IsNaN(p.High) {
		t.Errorf("three ratings of 5 stars have the interval of a mean that is certain: %+v", p)
	}
	if p := point(day("2026-03-01"), []float64{4, 4, 3}); !(p.Low > 2 && p.Low < p.Mean && p.Mean < p.High && p.High <= 5) {
		t.Errorf("4, 4 and 3 stars: %+v", p)
	}
	for df, want := range map[float64]float64{1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 10: 2.2281, 100: 1.9840} {
		if got := studentT(df); math.Abs(got-want) > 0.03 {
			t.Errorf("Student's t of %v degrees of freedom is %v, tables say %v", df, got, want)
		}
	}
}
