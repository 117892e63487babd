package stat

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// vector is a case of testdata/series.json, which testdata/series.py makes.
type vector struct {
	Name   string
	Values []*float64 // null is a missing value
	Period int
	Want   json.RawMessage
}

func (v *vector) series() (all []float64) {
	for _, x := range v.Values {
		if x == nil {
			all = append(all, math.NaN())
		} else {
			all = append(all, *x)
		}
	}
	return all
}

// vectors calls check for each case of a kind, with what is wanted in want.
func vectors[W any](t *testing.T, kind string, check func(t *testing.T, v *vector, want W)) {
	t.Helper()
	raw, err := os.ReadFile("testdata/series.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all[kind]) == 0 {
		t.Fatalf("testdata/series.json has nothing for %q", kind)
	}
	for _, v := range all[kind] {
		t.Run(v.Name, func(t *testing.T) {
			var want W
			if err := json.Unmarshal(v.Want, &want); err != nil {
				t.Fatal(err)
			}
			check(t, &v, want)
		})
	}
}

// near compares numbers to 1e-9 of their size.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestTrendAgainstPeers(t *testing.T) {
	type want struct {
		S, Variance, Tau, Z, P, Slope float64
		Low, High                     *float64
	}
	vectors(t, "trend", func(t *testing.T, v *vector, want want) {
		got, err := MannKendall(v.series(), v.Period, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "the score", float64(got.S), want.S)
		near(t, "its variance", got.Variance, want.Variance)
		near(t, "tau", got.Tau, want.Tau)
		near(t, "z", got.Z, want.Z)
		near(t, "p", got.P, want.P)
		near(t, "the slope", got.Slope, want.Slope)
		if want.Low != nil {
			near(t, "the slope's least", got.Low, *want.Low)
			near(t, "the slope's most", got.High, *want.High)
		}
	})
}

// orders calls f with every order of values, by Heap's algorithm.
func orders(values []float64, k int, f func([]float64)) {
	if k <= 1 {
		f(values)
		return
	}
	for i := range k {
		orders(values, k-1, f)
		j := 0
		if k%2 == 0 {
			j = i
		}
		values[j], values[k-1] = values[k-1], values[j]
	}
}

// TestTrendOfEveryOrder has the fewest values that are enough in every order there is, so
// its shares are exact.
func TestTrendOfEveryOrder(t *testing.T) {
	for _, values := range [][]float64{
		{1, 2, 3, 4, 5, 6, 7, 8}, {1, 1, 2, 3, 4, 5, 6, 6}, {1, 1, 1, 2, 2, 3, 3, 3}, {0, 0, 0, 0, 1, 1, 1, 1}, {0, 0, 0, 0, 0, 0, 1, 2},
	} {
		alphas, alarms, all := []float64{0.01, 0.05, 0.1}, make([]int, 3), 0
		orders(slices.Clone(values), len(values), func(v []float64) {
			all++
			trend, err := MannKendall(v, 1, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			for i, alpha := range alphas {
				if trend.Rises(alpha) || trend.Falls(alpha) {
					alarms[i]++
				}
			}
		})
		for i, alpha := range alphas {
			share := float64(alarms[i]) / float64(all)
			t.Logf("%v at %v: a trend in %.4f of %d orders", values, alpha, share, all)
			if share > alpha {
				t.Errorf("%v at %v: a trend in %.4f of the orders", values, alpha, share)
			}
		}
	}
}

// nulls are series without a trend whose values are independent.
var nulls = map[string]func(r *rand.Rand, n int) []float64{
	"normal": func(r *rand.Rand, n int) []float64 { return drawn(n, func(int) float64 { return r.NormFloat64() }) },
	"rates of five": func(r *rand.Rand, n int) []float64 {
		return drawn(n, func(int) float64 { return math.Round(5*r.Float64()) / 5 })
	},
	"rare": func(r *rand.Rand, n int) []float64 {
		return drawn(n, func(int) float64 { return b2f(r.Float64() < 0.1) })
	},
	"heavy tails": func(r *rand.Rand, n int) []float64 {
		return drawn(n, func(int) float64 { return r.NormFloat64() / r.NormFloat64() })
	},
	"gaps": func(r *rand.Rand, n int) []float64 {
		return drawn(n, func(int) float64 {
			if r.Float64() < 0.3 {
				return math.NaN()
			}
			return r.NormFloat64()
		})
	},
}

func drawn(n int, draw func(i int) float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = draw(i)
	}
	return values
}

// atMost fails when a share is above most for another reason than chance.
func atMost(t *testing.T, what string, k, n int, most float64) {
	t.Helper()
	t.Logf("%s: %.2f %% of %d", what, 100*float64(k)/float64(n), n)
	if low, _ := Proportion(k, n, 0.999); low > most {
		t.Errorf("%s: %d of %d, want at most %v", what, k, n, most)
	}
}

// TestTrendOfNothing looks for trends where there are none, and for the slope's interval.
func TestTrendOfNothing(t *testing.T) {
	runs := times(1000, 20_000)
	for name, draw := range nulls {
		rng := rand.New(rand.NewPCG(9, uint64(len(name))))
		for _, c := range []struct{ n, period int }{{10, 1}, {60, 1}, {60, 7}} {
			alarms, missed, asked := 0, 0, 0
			for range runs {
				values := draw(rng, c.n)
				for i := range values {
					values[i] += 3 * float64(i%c.period) // a season is no trend
				}
				trend, err := MannKendall(values, c.period, 0.95)
				if errors.Is(err, ErrTooFew) {
					continue
				} else if err != nil {
					t.Fatal(err)
				}
				asked++
				if trend.Rises(0.05) || trend.Falls(0.05) {
					alarms++
				}
				if trend.Low > 0 || trend.High < 0 {
					missed++
				}
			}
			what := name + ", " + string(rune('0'+c.period)) + " in a period"
			atMost(t, what+": a trend", alarms, asked, 0.05)
			atMost(t, what+": a slope without 0 in its interval", missed, asked, 0.05)
		}
	}
}

// TestTrendIsSeen has a trend, with and without a season.
func TestTrendIsSeen(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 11))
	runs, seen, held := times(200, 2000), 0, 0
	for range runs {
		values := drawn(56, func(i int) float64 { return 0.03*float64(i) + 3*math.Sin(float64(i%7)) + rng.NormFloat64() })
		trend, err := MannKendall(values, 7, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if trend.Rises(0.05) {
			seen++
		}
		if trend.Low <= 0.03 && 0.03 <= trend.High {
			held++
		}
	}
	t.Logf("seen in %d of %d runs, and the slope was in its interval in %d", seen, runs, held)
	if _, high := Proportion(seen, runs, 0.999); high < 0.9 {
		t.Errorf("the trend was seen in %d of %d runs", seen, runs)
	}
	if _, high := Proportion(held, runs, 0.999); high < 0.95 {
		t.Errorf("the slope was in its interval in %d of %d runs, want 0.95", held, runs)
	}
}

func TestTrendIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.IntRange(1, 4).Draw(t, "period")
		var values, turned, larger []float64
		for _, v := range rapid.SliceOfN(rapid.IntRange(-6, 5), 0, 40).Draw(t, "values") {
			x := float64(v)
			if v == -6 {
				x = math.NaN()
			}
			values, turned, larger = append(values, x), append(turned, -x), append(larger, 4*x+3)
		}
		a, err := MannKendall(values, period, 0.9)
		b, other := MannKendall(turned, period, 0.9)
		c, _ := MannKendall(larger, period, 0.9)
		if (err == nil) != (other == nil) || err != nil && !errors.Is(err, ErrTooFew) {
			t.Fatalf("%v, turned %v", err, other)
		}
		if err != nil {
			return
		}
		if a.S != -b.S || a.Z != -b.Z || a.P != b.P || a.Slope != -b.Slope {
			t.Fatalf("%+v, turned %+v", a, b)
		}
		if c.S != a.S || c.P != a.P || math.Abs(c.Slope-4*a.Slope) > 1e-9 || math.Abs(c.Low-4*a.Low) > 1e-9 {
			t.Fatalf("%+v, four times as large %+v", a, c)
		}
		if !(a.Low <= a.Slope && a.Slope <= a.High) {
			t.Fatalf("the slope is outside of its interval: %+v", a)
		}
		if !(a.P >= 0 && a.P <= 1 && a.Tau >= -1 && a.Tau <= 1) {
			t.Fatalf("%+v", a)
		}
	})
}

// TestTrendOfStrata: a series in parts of a period is a series of each of its days, and
// what differs between strata is no trend.
func TestTrendOfStrata(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 17))
	values := drawn(70, func(i int) float64 { return rng.NormFloat64() })
	var days [][]float64
	for first := range 7 {
		day := drawn(70, func(int) float64 { return math.NaN() })
		for i := first; i < 70; i += 7 {
			day[i] = values[i]
		}
		days = append(days, day)
	}
	a, err := MannKendall(values, 7, 0.9)
	b, err2 := StratifiedMannKendall(days, 1, 0.9)
	if err != nil || err2 != nil || a != b {
		t.Errorf("%+v, %v; of its days %+v, %v", a, err, b, err2)
	}
	// A harder level is practised later.
	easy, hard := drawn(40, func(int) float64 { return math.NaN() }), drawn(40, func(int) float64 { return math.NaN() })
	for i := range 40 {
		if i < 20 {
			easy[i] = 0.9 + 0.01*rng.NormFloat64()
		} else {
			hard[i] = 0.4 + 0.01*rng.NormFloat64()
		}
	}
	if trend, err := StratifiedMannKendall([][]float64{easy, hard}, 1, 0.95); err != nil || trend.P < 0.05 {
		t.Errorf("two levels one after the other: %+v, %v", trend, err)
	}
}

func TestTrendOfTooFew(t *testing.T) {
	nan := math.NaN()
	for _, values := range [][]float64{nil, {1}, {1, 2, 3, 4, 5, 6, 7}, {1, nan, 2, 3, nan, 4, 5, 6, 7}} {
		if _, err := MannKendall(values, 1, 0.95); !errors.Is(err, ErrTooFew) {
			t.Errorf("of %v: %v", values, err)
		}
	}
	// Ten values, no two of the same day of a period.
	if _, err := MannKendall(make([]float64, 10), 10, 0.95); !errors.Is(err, ErrTooFew) {
		t.Errorf("of a single period: %v", err)
	}
	if _, err := MannKendall(make([]float64, maxSeries+1), 1, 0.95); err == nil || errors.Is(err, ErrTooFew) {
		t.Errorf("of too many: %v", err)
	}
}

// nears compares series to 1e-9.
func nears(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-9*math.Max(1, math.Abs(want[i]))) {
			t.Fatalf("%s, value %d: %v, want %v", what, i, got[i], want[i])
		}
	}
}

// grouped are the values of each day of a period.
func grouped(values []float64, period int) [][]float64 {
	groups := make([][]float64, period)
	for i, v := range values {
		if !math.IsNaN(v) {
			groups[i%period] = append(groups[i%period], v)
		}
	}
	return groups
}

func TestKruskalWallisAgainstSciPy(t *testing.T) {
	vectors(t, "groups", func(t *testing.T, v *vector, want struct{ H, P float64 }) {
		h, p, err := KruskalWallis(grouped(v.series(), v.Period)...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "the statistic", h, want.H)
		near(t, "p", p, want.P)
	})
}

func TestHolmAgainstStatsmodels(t *testing.T) {
	vectors(t, "holm", func(t *testing.T, v *vector, want []float64) { nears(t, "adjusted", Holm(v.series()), want) })
}

func TestSTLAgainstStatsmodels(t *testing.T) {
	type want struct {
		Given struct {
			Season, Trend, LowPass, Inner, Outer int
		}
		Trend, Season, Rest []float64
	}
	vectors(t, "stl", func(t *testing.T, v *vector, want want) {
		d, err := STL(v.series(), v.Period, Windows(want.Given))
		if err != nil {
			t.Fatal(err)
		}
		nears(t, "the trend", d.Trend, want.Trend)
		nears(t, "the season", d.Season, want.Season)
		nears(t, "the rest", d.Rest, want.Rest)
	})
}

func TestForecastAgainstStatsmodels(t *testing.T) {
	type want struct {
		Smoothing
		Fitted     []float64
		Errors     float64
		Mean, Wide []float64
		Least      float64
	}
	vectors(t, "forecast", func(t *testing.T, v *vector, want want) {
		values := v.series()
		f := want.Forecast(values, len(want.Mean), 0.9, 0)
		nears(t, "fitted", f.Fitted, want.Fitted)
		near(t, "the errors", f.Errors, want.Errors)
		nears(t, "forecast", f.Mean, want.Mean)
		var wide []float64
		for i := range f.Mean { // in standard deviations of an error
			wide = append(wide, (f.High[i]-f.Low[i])/2/normalQuantile(0.95)/math.Sqrt(f.Errors/float64(len(values))))
		}
		nears(t, "how wide", wide, want.Wide)

		s, fitted, err := HoltWinters(values, v.Period)
		if err != nil {
			t.Fatal(err)
		}
		got := s.Forecast(values, 1, 0.9, fitted).Errors
		t.Logf("fitted %+v: %.6g; statsmodels finds %.6g", s, got, want.Least)
		if got > want.Least*(1+1e-4) {
			t.Errorf("fitted: the sum of the squared errors is %v, statsmodels finds %v", got, want.Least)
		}
	})
}
