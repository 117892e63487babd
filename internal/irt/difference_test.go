package irt_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/irt"
	"github.com/pastime-go/pastime/internal/race"
)

// binomial draws how many of n answers of the chance p pass.
func binomial(r *rand.Rand, n int64, p float64) (k int64) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}

// TestDifferenceCoverage counts how often the interval of a difference holds it,
// over learners who changed and over such who did not, for one level and for the
// mean of three.
func TestDifferenceCoverage(t *testing.T) {
	if race.Enabled {
		t.Skip("learners share nothing")
	}
	runs := 1000
	if *full {
		runs = 10_000
	}
	for _, c := range []struct {
		name   string
		levels int
		sd     float64 // of the change
		want   band
	}{
		{"one level", 1, 1, band{0.93, 0.97}},
		{"one level, nothing changed", 1, 0, band{0.95, 1}},
		{"three levels", 3, 1, band{0.93, 0.975}},
		{"three levels, nothing changed", 3, 0, band{0.95, 1}},
	} {
		held, better, worse := 0.0, 0.0, 0.0
		for run := range runs {
			r := rand.New(rand.NewPCG(uint64(run), 11))
			truth, pairs := 0.0, make([]irt.Pair, c.levels)
			for i := range pairs {
				x := 1.5 * (r.NormFloat64() + r.NormFloat64())
				before, after := chance(0, x), chance(0, x+c.sd*r.NormFloat64())
				w := 1 / float64(c.levels)
				truth += w * (after - before)
				n, m := 1+r.Int64N(100), 1+r.Int64N(20)
				pairs[i] = irt.Pair{Before: irt.Counts{n, binomial(r, n, before)}, After: irt.Counts{m, binomial(r, m, after)}, Weight: w}
			}
			in := irt.Difference(pairs)
			if in.Low <= truth && truth <= in.High {
				held += 1 / float64(runs)
			}
			if in.Low > 0 {
				better += 1 / float64(runs)
			}
			if in.High < 0 {
				worse += 1 / float64(runs)
			}
		}
		t.Logf("%s: %.1f %% hold; better is claimed in %.1f %%, worse in %.1f %%", c.name, 100*held, 100*better, 100*worse)
		if slack := 3 * math.Sqrt(0.05*0.95/float64(runs)); held < c.want.low-slack || held > c.want.high+slack {
			t.Errorf("%s: coverage %.4f, want %.2f to %.2f", c.name, held, c.want.low, c.want.high)
		}
		if c.sd == 0 && (better > 0.025 || worse > 0.025) {
			t.Errorf("%s: better is claimed in %.4f and worse in %.4f, want at most 0.025", c.name, better, worse)
		}
	}
}

// TestDifferenceAgainstSampling compares with Metropolis's algorithm on the same
// posterior, which shares nothing with the grid.
func TestDifferenceAgainstSampling(t *testing.T) {
	for _, p := range []irt.Pair{
		{Before: irt.Counts{12, 1}, After: irt.Counts{12, 2}},
		{Before: irt.Counts{60, 12}, After: irt.Counts{12, 11}},
		{Before: irt.Counts{1, 0}, After: irt.Counts{40, 40}},
		{Before: irt.Counts{1000, 500}, After: irt.Counts{20, 5}},
	} {
		p.Weight = 1
		got := irt.Difference([]irt.Pair{p})
		log := func(x, y float64) float64 {
			one := func(c irt.Counts, x float64) float64 {
				return float64(c.Passes)*x - float64(c.Tries)*math.Log1p(math.Exp(x))
			}
			return one(p.Before, x) + one(p.After, y) - x*x/9 - sq(y-x)/2
		}
		r := rand.New(rand.NewPCG(3, 3))
		x, y := 0.0, 0.0
		at, mean, inside, n := log(x, y), 0.0, 0.0, 300_000.0
		for i := range int(n) + 2000 {
			u, v := x+0.6*r.NormFloat64(), y+0.6*r.NormFloat64()
			if i%2 == 0 { // both together
				v = y + u - x
			}
			if l := log(u, v); math.Log(r.Float64()) < l-at {
				x, y, at = u, v, l
			}
			if i < 2000 {
				continue
			}
			d := chance(0, y) - chance(0, x)
			mean += d / n
			if got.Low <= d && d <= got.High {
				inside += 1 / n
			}
		}
		t.Logf("%+v: %.3f (%.3f to %.3f), sampled %.3f, of which %.1f %% inside", p, got.Mean, got.Low, got.High, mean, 100*inside)
		if math.Abs(mean-got.Mean) > 0.005 || math.Abs(inside-0.95) > 0.01 {
			t.Errorf("%+v: %+v, sampled mean %.4f, of which %.4f inside", p, got, mean, inside)
		}
	}
}

// TestDifferenceIsLegal takes any counts.
func TestDifferenceIsLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pairs []irt.Pair
		n := rapid.IntRange(0, 3).Draw(t, "levels")
		for range n {
			count := func(name string) irt.Counts {
				return irt.Counts{rapid.Int64().Draw(t, name), rapid.Int64().Draw(t, name)}
			}
			pairs = append(pairs, irt.Pair{Before: count("before"), After: count("after"), Weight: 1 / float64(n)})
		}
		if d := irt.Difference(pairs); !(-1 <= d.Low && d.Low <= d.Mean && d.Mean <= d.High && d.High <= 1) {
			t.Fatalf("%+v", d)
		}
	})
}
