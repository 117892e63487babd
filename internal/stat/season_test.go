package stat

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestSeasonOfNothing looks for seasons where there are none: of weeks, and of two years
// of months.
func TestSeasonOfNothing(t *testing.T) {
	runs := times(1000, 20_000)
	for name, draw := range nulls {
		rng := rand.New(rand.NewPCG(12, uint64(len(name))))
		for _, c := range []struct{ n, period int }{{28, 7}, {91, 7}, {24, 12}, {120, 24}} {
			alarms, asked := 0, 0
			for range runs {
				_, p, err := KruskalWallis(grouped(draw(rng, c.n), c.period)...)
				if errors.Is(err, ErrTooFew) {
					continue
				} else if err != nil {
					t.Fatal(err)
				}
				if asked++; p <= 0.05 {
					alarms++
				}
			}
			atMost(t, fmt.Sprintf("%s, %d values in periods of %d: a season", name, c.n, c.period), alarms, asked, 0.05)
		}
	}
}

// TestKruskalWallisOfAnOrder moves and turns the groups, which says nothing else.
func TestKruskalWallisOfAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups, turned [][]float64
		for _, g := range rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(-3, 3), 0, 6), 0, 6).Draw(t, "groups") {
			var a, b []float64
			for _, x := range g {
				a, b = append(a, float64(x)), append([]float64{-2*float64(x) + 5}, b...)
			}
			groups, turned = append(groups, a), append([][]float64{b}, turned...)
		}
		h, p, err := KruskalWallis(groups...)
		h2, p2, err2 := KruskalWallis(turned...)
		if (err == nil) != (err2 == nil) || math.Abs(h-h2) > 1e-9 || math.Abs(p-p2) > 1e-9 || !(p >= 0 && p <= 1) {
			t.Fatalf("%v %v %v, turned %v %v %v", h, p, err, h2, p2, err2)
		}
		if err != nil && (!errors.Is(err, ErrTooFew) || p != 1) {
			t.Fatalf("%v with p = %v", err, p)
		}
	})
}

// TestHolm compares with the rule as it is written: of the sorted p-values, the k-th
// is compared with alpha/(n-k+1), and the first that is greater ends it.
func TestHolm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := rapid.SliceOfN(rapid.Float64Range(0, 0.2), 0, 8).Draw(t, "p-values")
		alpha := rapid.Float64Range(0.01, 0.2).Draw(t, "alpha")
		for i, adjusted := range Holm(ps) {
			want := true
			for _, p := range ps {
				if p > ps[i] {
					continue
				}
				below := 0 // how many are less
				for _, q := range ps {
					if q < p {
						below++
					}
				}
				want = want && p*float64(len(ps)-below) <= alpha
			}
			if got := adjusted <= alpha; got != want {
				t.Fatalf("%v of %v at %v: %v, want %v", ps[i], ps, alpha, got, want)
			}
		}
	})
}

// TestSTLWithGaps takes a quarter of the values away: trend and season are found as well
// as there is noise.
func TestSTLWithGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	truth, values := make([]float64, 140), make([]float64, 140)
	for i := range values {
		truth[i] = 0.02*float64(i) + 2*math.Sin(2*math.Pi*float64(i)/7)
		if values[i] = truth[i] + 0.2*rng.NormFloat64(); rng.Float64() < 0.25 {
			values[i] = math.NaN()
		}
	}
	values[40] += 30 // far out
	d, err := STL(values, 7, Windows{Outer: 5})
	if err != nil {
		t.Fatal(err)
	}
	var worst float64
	for i, want := range truth {
		worst = max(worst, math.Abs(d.Trend[i]+d.Season[i]-want))
		if missing := math.IsNaN(values[i]); missing != math.IsNaN(d.Rest[i]) ||
			!missing && math.Abs(d.Trend[i]+d.Season[i]+d.Rest[i]-values[i]) > 1e-9 {
			t.Fatalf("value %d: %v is not the sum of %v, %v and %v", i, values[i], d.Trend[i], d.Season[i], d.Rest[i])
		}
	}
	t.Logf("at most %.3f from the truth, with noise of 0.2", worst)
	if worst > 0.5 {
		t.Errorf("%.3f from the truth", worst)
	}
	values[40] -= 30
	if d, err = STL(values, 7, Windows{}); err != nil || d.Strength() < 0.95 {
		t.Errorf("the season's strength is %v, %v", d.Strength(), err)
	}
}

func TestSTLOfTooFew(t *testing.T) {
	gone := make([]float64, 70)
	for i := 10; i < 60; i++ {
		gone[i] = math.NaN()
	}
	for name, values := range map[string][]float64{"nothing": nil, "less than two weeks": make([]float64, 13), "a hole": gone} {
		if _, err := STL(values, 7, Windows{}); !errors.Is(err, ErrTooFew) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d, err := STL(make([]float64, 14), 7, Windows{}); err != nil || d.Strength() != 0 {
		t.Errorf("two weeks of nothing: strength %v, %v", d.Strength(), err)
	}
}

// TestForecastHolds compares forecasts of a week with what came.
func TestForecastHolds(t *testing.T) {
	runs := times(40, 1000)
	for name, series := range map[string]func(r *rand.Rand) func(i int) float64{
		"noise": func(r *rand.Rand) func(int) float64 { return func(int) float64 { return r.NormFloat64() } },
		"a level that wanders": func(r *rand.Rand) func(int) float64 {
			level := 0.0
			return func(int) float64 {
				level += 0.3 * r.NormFloat64()
				return level + r.NormFloat64()
			}
		},
		"rates of a week": func(r *rand.Rand) func(int) float64 {
			return func(i int) float64 {
				passed := 0.0
				for range 20 {
					passed += b2f(r.Float64() < 0.6+0.2*math.Sin(2*math.Pi*float64(i)/7))
				}
				return passed / 20
			}
		},
		"gaps": func(r *rand.Rand) func(int) float64 {
			return func(i int) float64 {
				if r.Float64() < 0.2 {
					return math.NaN()
				}
				return math.Sin(2*math.Pi*float64(i)/7) + r.NormFloat64()
			}
		},
	} {
		rng := rand.New(rand.NewPCG(15, uint64(len(name))))
		held, all := 0, 0
		for range runs {
			const n, ahead = 56, 7
			values := drawn(n+ahead, series(rng))
			s, fitted, err := HoltWinters(values[:n], 7)
			if err != nil {
				t.Fatal(err)
			}
			f := s.Forecast(values[:n], ahead, 0.95, fitted)
			for h, v := range values[n:] {
				if !math.IsNaN(v) {
					if all++; f.Low[h] <= v && v <= f.High[h] {
						held++
					}
				}
			}
		}
		t.Logf("%s: %.1f %% of %d values were in their interval of 95 %%", name, 100*float64(held)/float64(all), all)
		if share := float64(held) / float64(all); share < 0.88 || share > 0.99 {
			t.Errorf("%s: %.3f of the values were in their interval, want 0.95", name, share)
		}
	}
}

func TestForecastOfTooFew(t *testing.T) {
	for n, period := range map[int]int{0: 1, 9: 1, 23: 7, 25: 14} {
		if _, _, err := HoltWinters(make([]float64, n), period); !errors.Is(err, ErrTooFew) {
			t.Errorf("%d values in periods of %d: %v", n, period, err)
		}
	}
	s, fitted, err := HoltWinters(make([]float64, 24), 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range s.Forecast(make([]float64, 24), 9, 0.95, fitted).High {
		if v != 0 {
			t.Fatalf("the forecast of nothing is as high as %v", v)
		}
	}
}
