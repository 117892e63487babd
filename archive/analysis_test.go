package archive_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
)

// counted is a source whose sums were made for a test.
type counted struct {
	archive.Source
	tallies []hobby.Tally
	counts  map[hobby.Bucket][]hobby.Count
}

func (c *counted) Tallies(context.Context, hobby.TallyFilter) ([]hobby.Tally, hobby.Cursor, error) {
	return append([]hobby.Tally{}, c.tallies...), 0, nil
}

func (c *counted) Counts(_ context.Context, f hobby.CountFilter) (all []hobby.Count, err error) {
	for _, n := range c.counts[f.Bucket] {
		if !n.At.Before(f.Since) && (f.Until.IsZero() || n.At.Before(f.Until)) {
			all = append(all, n)
		}
	}
	return all, nil
}

// answer adds answers of a model to a level at an hour.
func (c *counted) answer(k hobby.Kind, model string, level int, at time.Time, tries, passes int64) {
	c.tallies = append(c.tallies, hobby.Tally{ModelKey: model, Kind: k, Family: "f", Version: 1, Level: level, Split: hobby.Practice,
		Day: hobby.Day(at), Tries: tries, Passes: passes})
	for bucket, start := range map[hobby.Bucket]time.Time{hobby.Hourly: at.Truncate(time.Hour), hobby.Daily: at.Truncate(24 * time.Hour)} {
		all := c.counts[bucket]
		if n := len(all); n > 0 && all[n-1].At.Equal(start) && all[n-1].Kind == k {
			all[n-1].Items += tries
			all[n-1].Passes += passes
			continue
		}
		c.counts[bucket] = append(all, hobby.Count{Kind: k, At: start, Items: tries, Passes: passes})
	}
}

func passes(r *rand.Rand, n int64, chance float64) (k int64) {
	for range n {
		if r.Float64() < chance {
			k++
		}
	}
	return k
}

// analysed opens an archive over sums that fill makes.
func analysed(t *testing.T) (*kit, *counted) {
	c := &counted{counts: map[hobby.Bucket][]hobby.Count{}}
	return open(t, t.TempDir(), wraps{source: func(s archive.Source) archive.Source { c.Source = s; return c }}), c
}

// TestAnalysis has a kind that gets better with a new model, one of whose weekdays some are
// worse, and one in which the levels become harder.
func TestAnalysis(t *testing.T) {
	k, c := analysed(t)
	r := rand.New(rand.NewPCG(1, 3))
	end := time.Now().UTC().Truncate(24 * time.Hour)
	for day := range 120 {
		at := end.AddDate(0, 0, day-120).Add(9 * time.Hour)
		model := "old"
		if day >= 60 {
			model = "new"
		}
		c.answer("better", model, 1, at, 20, passes(r, 20, 0.3+0.005*float64(day)))
		weekly := 0.8
		if at.Weekday() == time.Sunday {
			weekly = 0.3
		}
		c.answer("weekly", "old", 1, at, 20, passes(r, 20, weekly))
		c.answer("harder", "old", 1+day/40, at, 20, passes(r, 20, 0.9-0.3*float64(day/40)))
	}
	c.answer("young", "old", 1, end, 5, 3)
	all := must(k.Analyse(t.Context(), "", archive.Summary, time.Time{}, time.Time{}))(t)
	by := map[hobby.Kind]*archive.Analysis{}
	for i := range all {
		by[all[i].Kind] = &all[i]
	}
	better, weekly, harder, young := by["better"], by["weekly"], by["harder"], by["young"]
	if tr := better.Trend; tr == nil || !tr.Found || tr.Low > 0.035 || tr.High < 0.035 {
		t.Errorf("better by 0.035 a week: %+v", tr)
	}
	if diff := cmp.Diff([]hobby.ModelChange{{At: end.AddDate(0, 0, -60), From: "old", To: "new"}}, better.Curve.Changes); diff != "" {
		t.Errorf("changes of the model (-want +got):\n%s", diff)
	}
	models := []archive.Model{
		{Key: "old", First: end.AddDate(0, 0, -120), Last: end.AddDate(0, 0, -61), Items: 1200},
		{Key: "new", First: end.AddDate(0, 0, -60), Last: end.AddDate(0, 0, -1), Items: 1200},
	}
	if diff := cmp.Diff(models, better.Models, cmpopts.IgnoreFields(archive.Model{}, "Passes", "Estimate")); diff != "" {
		t.Fatalf("models (-want +got):\n%s", diff)
	}
	if was, is := better.Models[0].Estimate, better.Models[1].Estimate; was.High > is.Low {
		t.Errorf("the old model is at %+v, and the new one at %+v", was, is)
	}
	if n := len(better.Curve.Points); n < 20 || n > 31 {
		t.Fatalf("%d points: %+v", n, better.Curve.Points)
	}
	if first := better.Curve.Points[0]; first.ModelKey != "old" {
		t.Errorf("the first point: %+v", first)
	}
	if last := better.Curve.Points[len(better.Curve.Points)-1]; last.ModelKey != "new" || !last.At.Equal(end.AddDate(0, 0, -1)) {
		t.Errorf("the last point: %+v", last)
	}
	for name, a := range by {
		for _, s := range a.Seasons {
			if s.Found != (name == "weekly" && s.Period == "day_of_week") {
				t.Errorf("%s, %s: %+v", name, s.Period, s)
			}
		}
		if name != "better" && a.Trend != nil && a.Trend.Found {
			t.Errorf("%s has a trend: %+v", name, a.Trend)
		}
	}
	if s := weekly.Seasons[1]; s.Means[6] > 0.4 || s.Means[0] < 0.7 || s.Strength < 0.5 {
		t.Errorf("the week: %+v", s)
	}
	if len(weekly.Forecast) != 14 || !weekly.Forecast[0].At.Equal(end) {
		t.Fatalf("forecast: %+v", weekly.Forecast)
	}
	for _, f := range weekly.Forecast {
		if want := map[bool]float64{true: 0.3, false: 0.8}[f.At.Weekday() == time.Sunday]; f.Low > want || f.High < want {
			t.Errorf("on a %v %+v is expected, want %v", f.At.Weekday(), f, want)
		}
	}
	if harder.Trend == nil || harder.Trend.Levels != 3 {
		t.Errorf("harder: %+v", harder.Trend)
	}
	if young.Trend != nil || young.Forecast != nil || len(young.Curve.Points) != 1 {
		t.Errorf("a day of answers: %+v", young)
	}
	for _, what := range []string{"trend", "season", "forecast"} {
		if young.Lacking[what] == "" {
			t.Errorf("a day of answers has no %s, and nothing says why", what)
		}
	}
	some := must(k.Analyse(t.Context(), "weekly", archive.TrendPart, end.AddDate(0, 0, -30), end))(t)
	if len(some) != 1 || some[0].Items != 600 {
		t.Fatalf("the trend of 30 days: %+v", some)
	}
	if some[0].Curve.Points != nil || some[0].Seasons != nil {
		t.Errorf("a trend has more than that: %+v", some[0])
	}
}

// TestAnalysisOfNothing has kinds in which nothing changes: there is an alarm in one of
// twenty analyses at most.
func TestAnalysisOfNothing(t *testing.T) {
	runs := 100
	if race.Enabled || testing.Short() {
		runs = 10
	}
	end := time.Now().UTC().Truncate(24 * time.Hour)
	trends, seasons := 0, 0
	k, c := analysed(t)
	for run := range runs {
		c.tallies, c.counts = nil, map[hobby.Bucket][]hobby.Count{}
		r := rand.New(rand.NewPCG(3, uint64(run)))
		for _, kind := range []hobby.Kind{"a", "b", "c"} {
			for day := range 60 {
				for range 3 {
					at := end.AddDate(0, 0, day-60).Add(time.Duration(r.IntN(24)) * time.Hour)
					n := int64(1 + r.IntN(9))
					c.answer(kind, "m", 1, at, n, passes(r, n, 0.6))
				}
			}
		}
		trend, season := false, false
		for _, a := range must(k.Analyse(t.Context(), "", archive.SeasonPart, time.Time{}, time.Time{}))(t) {
			for _, s := range a.Seasons {
				season = season || s.Found
			}
		}
		for _, a := range must(k.Analyse(t.Context(), "", archive.TrendPart, time.Time{}, time.Time{}))(t) {
			trend = trend || a.Trend.Found
		}
		if trend {
			trends++
		}
		if season {
			seasons++
		}
	}
	t.Logf("of %d analyses of three kinds: a trend in %d, a season in %d", runs, trends, seasons)
	most := 0.05*float64(runs) + 3*math.Sqrt(0.05*0.95*float64(runs))
	if float64(max(trends, seasons)) > most {
		t.Errorf("a trend in %d, a season in %d of %d analyses of nothing, want at most 5 %%", trends, seasons, runs)
	}
}
