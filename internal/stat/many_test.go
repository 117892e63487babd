package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestManyAgainstPeers(t *testing.T) {
	vectors(t, "benjamini-hochberg", func(t *testing.T, v *vector, want []float64) {
		for i, got := range BenjaminiHochberg(v.series()) {
			near(t, "adjusted", got, want[i])
		}
	})
	vectors(t, "fisher", func(t *testing.T, v *vector, want float64) {
		s := v.series()
		near(t, "p", Fisher(int(s[0]), int(s[1]), int(s[2]), int(s[3])), want)
	})
	vectors(t, "larger", func(t *testing.T, v *vector, want struct{ Share, P float64 }) {
		sides := [2][]float64{}
		for i, x := range v.series() {
			side := min(1, i/(len(v.Values)/3))
			if x == x {
				sides[side] = append(sides[side], x)
			}
		}
		share, p := MannWhitney(sides[0], sides[1])
		near(t, "share", share, want.Share)
		near(t, "p", p, want.P)
	})
}

func TestMantelHaenszelAgainstStatsmodels(t *testing.T) {
	vectors(t, "strata", func(t *testing.T, v *vector, want float64) {
		var all, opposite []Stratum
		for s := range slices.Chunk(v.series(), 4) {
			all = append(all, Stratum{int(s[0]), int(s[1]), int(s[2]), int(s[3])})
			opposite = append(opposite, Stratum{int(s[2]), int(s[3]), int(s[0]), int(s[1])})
		}
		near(t, "p", MantelHaenszel(all), want)
		if p := MantelHaenszel(opposite); p < 1-want {
			t.Errorf("the other way: %v", p)
		}
	})
	if p := MantelHaenszel([]Stratum{{0, 0, 1, 1}, {2, 2, 3, 3}}); p != 1 {
		t.Errorf("nothing that differs: %v", p)
	}
}

// TestRiskDifference simulates few strata with many tries and many with few: how often the
// interval holds the difference that is the same in all, and a table of one stratum has the
// textbook's value.
func TestRiskDifference(t *testing.T) {
	if d, low, high := RiskDifference([]Stratum{{K: 30, N: 50, OtherK: 20, OtherN: 50}}, 0.95); math.Abs(d-0.2) > 1e-12 ||
		math.Abs(high-low-2*1.959964*math.Sqrt(2*0.6*0.4/50)) > 1e-3 { // Wald's, for equal sizes
		t.Errorf("30 of 50 beside 20 of 50: %v, %v to %v", d, low, high)
	}
	if d, low, high := RiskDifference([]Stratum{{K: 1, N: 1}}, 0.95); d != 0 || low != -1 || high != 1 {
		t.Errorf("nothing to compare: %v, %v to %v", d, low, high)
	}
	if d, low, high := RiskDifference([]Stratum{{K: 0, N: 10, OtherK: 10, OtherN: 10}}, 0.95); d != -1 || low != -1 ||
		math.Abs(high+0.5637) > 1e-3 {
		t.Errorf("none of 10 beside all of 10: %v, %v to %v", d, low, high) // the hypotenuse of Clopper's and Pearson's
	}
	if d, low, high := RiskDifference([]Stratum{{10, 10, 5, 5}, {0, 4, 0, 8}}, 0.95); d != 0 || low > -0.1 || high < 0.1 {
		t.Errorf("strata in which all are alike: %v, %v to %v", d, low, high)
	}
	r := rand.New(rand.NewPCG(4, 4))
	draw := func(n int, p float64) (k int) {
		for range n {
			if r.Float64() < p {
				k++
			}
		}
		return k
	}
	for _, c := range []struct{ strata, n, m int }{{3, 60, 40}, {60, 1, 7}, {80, 2, 2}} {
		for _, by := range []float64{0, -0.15} {
			held := 0
			const worlds = 2000
			for range worlds {
				var all []Stratum
				for range c.strata {
					p := 0.2 + 0.7*r.Float64()
					all = append(all, Stratum{draw(c.n, p+by), c.n, draw(c.m, p), c.m})
				}
				if d, low, high := RiskDifference(all, 0.95); low <= by && by <= high && low <= d && d <= high {
					held++
				}
			}
			if share := float64(held) / worlds; share < 0.93 || share > 0.975 {
				t.Errorf("%d strata of %d and %d tries, a difference of %v: %.3f of the 95 %% intervals hold", c.strata, c.n, c.m, by, share)
			}
		}
	}
}

// TestRatesAgainstStatsmodels has rates of days in bursts, which vary more than the binomial
// distribution says.
func TestRatesAgainstStatsmodels(t *testing.T) {
	type want struct{ Slope, Trend, Groups float64 }
	vectors(t, "rates", func(t *testing.T, v *vector, want want) {
		var rs []Rate
		s := v.series() // K and N in turn
		groups := make([][]Rate, v.Period)
		for i := 0; i < len(s); i += 2 {
			r := Rate{K: int(s[i]), N: int(s[i+1]), X: float64(i / 2)}
			rs = append(rs, r)
			groups[i/2%v.Period] = append(groups[i/2%v.Period], r)
		}
		slope, p := RateTrend(rs)
		near(t, "slope", slope, want.Slope)
		near(t, "p of the trend", p, want.Trend)
		near(t, "p of the groups", RateGroups(groups...), want.Groups)
	})
}

// TestRatesOfFew counts how often rates that are all the same have a trend or differ: where
// each day has more tries than the one before, and where one group has many more.
func TestRatesOfFew(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	trends, differ := 0, 0
	runs := times(400, 20_000)
	for range runs {
		var rs []Rate
		groups := make([][]Rate, 4)
		for i := range 40 {
			r := Rate{N: 1 + i, X: float64(i)}
			for range r.N {
				if rng.Float64() < 0.05 {
					r.K++
				}
			}
			rs = append(rs, r)
			g := Rate{N: []int{1, 20, 3, 2}[i%4]}
			for range g.N {
				if rng.Float64() < 0.05 {
					g.K++
				}
			}
			groups[i%4] = append(groups[i%4], g)
		}
		if _, p := RateTrend(rs); p <= 0.05 {
			trends++
		}
		if RateGroups(groups...) <= 0.05 {
			differ++
		}
	}
	t.Logf("of %d, %d have a trend at 5 %% and %d differ", runs, trends, differ)
	if most := runs * 8 / 100; trends > most || differ > most {
		t.Errorf("of %d without any, %d have a trend at 5 %% and %d differ", runs, trends, differ)
	}
}

// TestFisherSums has the tail of each table as the sum of what is exactly so many.
func TestFisherSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, 60).Draw(t, "total")
		n, marked := rapid.IntRange(0, total).Draw(t, "n"), rapid.IntRange(0, total).Draw(t, "marked")
		last := 1.0
		for k := 0; k <= min(n, marked)+1; k++ {
			p := Fisher(k, n, marked, total)
			if p > last+1e-12 || p < 0 {
				t.Fatalf("Fisher(%d, %d, %d, %d) is %v after %v", k, n, marked, total, p, last)
			}
			last = p
		}
		if last > 1e-12 {
			t.Fatalf("more than there are has the chance %v", last)
		}
	})
}

// TestRhythm finds hours that come again in rounds that are bursts otherwise, and nothing
// in bursts that may be anywhere, in which a chi-squared test would find a rhythm.
func TestRhythm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	rounds := func(rhythm bool) (all [][]float64) {
		for range 30 {
			day := make([]float64, 24)
			at := rng.IntN(24)
			if rhythm {
				at = 8 + rng.IntN(4)
			}
			for i := range 4 {
				day[(at+i)%24] += float64(10 + rng.IntN(20))
			}
			all = append(all, day)
		}
		return all
	}
	if p := Rhythm(rounds(true), 9999, 1); p > 0.001 {
		t.Errorf("work from eight to twelve on each day has p = %v", p)
	}
	said := 0
	const runs = 200
	for i := range runs {
		if Rhythm(rounds(false), 199, uint64(i)) <= 0.05 {
			said++
		}
	}
	if said > 22 { // 10 are expected; more than 22 have a chance of 1e-4
		t.Errorf("in %d of %d logs without a rhythm there is one at 5 %%", said, runs)
	}
	if p := Rhythm(nil, 99, 1); p != 1 {
		t.Errorf("nothing has p = %v", p)
	}
}
