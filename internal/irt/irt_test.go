package irt_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/internal/irt"
)

var full = flag.Bool("full", false, "run the statistical tests in full")

// learner draws a learner from the model's own prior: the chance to pass at
// each level.
func learner(r *rand.Rand, levels int, guess float64) []float64 {
	p := make([]float64, levels)
	x := 2 * r.NormFloat64()
	for l := range p {
		p[l] = guess + (1-guess)/(1+math.Exp(-x))
		x -= 0.8 + 0.8*r.NormFloat64()
	}
	return p
}

func binomial(r *rand.Rand, n int, p float64) (k float64) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

// interval is the central 95 % interval of draws.
func interval(draws []float64) (low, high float64) {
	s := slices.Sorted(slices.Values(draws))
	return s[int(0.025*float64(len(s)))], s[int(0.975*float64(len(s)))]
}

// whole adds up the levels of each draw: the chance to pass a task of any
// level.
func whole(draws [][]float64) []float64 {
	out := make([]float64, irt.Draws)
	for _, d := range draws {
		for i, v := range d {
			out[i] += v / float64(len(draws))
		}
	}
	return out
}

// TestCoverage counts how often the 95 % interval holds the truth: when the
// model is right, and when it is wrong in three ways.
func TestCoverage(t *testing.T) {
	runs := 2000
	if *full {
		runs = 10_000
	}
	for _, c := range []struct {
		name      string
		low, high float64
		// answers returns the true chance at the end, and the counts.
		answers func(r *rand.Rand) ([]float64, []irt.Cell)
	}{
		{"the model is right", 0.93, 0.97, func(r *rand.Rand) ([]float64, []irt.Cell) {
			p := learner(r, 4, 0)
			cells := make([]irt.Cell, 4)
			for l := range cells {
				n := r.IntN(30)
				cells[l] = irt.Cell{Tries: float64(n), Passes: binomial(r, n, p[l])}
			}
			return p, cells
		}},
		{"a guessing floor it does not know", 0.90, 0.98, func(r *rand.Rand) ([]float64, []irt.Cell) {
			p := learner(r, 4, 0.2)
			cells := make([]irt.Cell, 4)
			for l := range cells {
				n := 5 + r.IntN(25)
				cells[l] = irt.Cell{Tries: float64(n), Passes: binomial(r, n, p[l])}
			}
			return p, cells
		}},
		{"an ability that drifts", 0.90, 0.98, func(r *rand.Rand) ([]float64, []irt.Cell) {
			p := learner(r, 4, 0)
			cells := make([]irt.Cell, 4)
			drift := 0.3 * r.NormFloat64()
			for l := range cells {
				n := 5 + r.IntN(25)
				x := math.Log(p[l] / (1 - p[l]))
				for i := range n {
					at := x + drift*(float64(i)/float64(n)-1)
					cells[l].Passes += binomial(r, 1, 1/(1+math.Exp(-at)))
				}
				cells[l].Tries = float64(n)
			}
			return p, cells
		}},
		{"answers that come in pairs now and then", 0.90, 0.98, func(r *rand.Rand) ([]float64, []irt.Cell) {
			p := learner(r, 4, 0)
			cells := make([]irt.Cell, 4)
			for l := range cells {
				for range 3 + r.IntN(20) {
					k, copies := binomial(r, 1, p[l]), 1.0
					if r.IntN(10) == 0 {
						copies = 2
					}
					cells[l].Tries += copies
					cells[l].Passes += k * copies
				}
			}
			return p, cells
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(11, 7))
			held := 0
			for range runs {
				p, cells := c.answers(r)
				low, high := interval(whole(irt.Fit(cells, 0)))
				if truth := mean(p); truth >= low && truth <= high {
					held++
				}
			}
			rate := float64(held) / float64(runs)
			slack := 0.0
			if !*full { // two standard errors of a shorter run
				slack = 2 * math.Sqrt(0.95*0.05/float64(runs))
			}
			t.Logf("the interval held the truth in %.2f %% of %d runs", 100*rate, runs)
			if rate < c.low-slack || rate > c.high+slack {
				t.Errorf("coverage %.4f, want %.2f to %.2f", rate, c.low, c.high)
			}
		})
	}
}

// TestAgainstQuadrature compares with the exact posterior of one and of two
// levels, integrated on a grid.
func TestAgainstQuadrature(t *testing.T) {
	logLik := func(x float64, c irt.Cell, g float64) float64 {
		p := g + (1-g)/(1+math.Exp(-x))
		return c.Passes*math.Log(p) + (c.Tries-c.Passes)*math.Log1p(-p)
	}
	prior := func(x, y float64) float64 { return -0.5*(x/2)*(x/2) - 0.5*math.Pow((x-y-0.8)/0.8, 2) }
	const step, edge = 0.05, 9.0
	for _, c := range []struct {
		a, b  irt.Cell
		guess float64
	}{
		{irt.Cell{}, irt.Cell{}, 0}, {irt.Cell{Tries: 1, Passes: 1}, irt.Cell{}, 0}, {irt.Cell{Tries: 12}, irt.Cell{}, 0},
		{irt.Cell{Tries: 40, Passes: 40}, irt.Cell{Tries: 3, Passes: 1}, 0}, {irt.Cell{Tries: 20, Passes: 11}, irt.Cell{Tries: 20, Passes: 2}, 0},
		{irt.Cell{Tries: 20, Passes: 6}, irt.Cell{Tries: 10, Passes: 3}, 0.25}, {irt.Cell{Tries: 7.5, Passes: 3.25}, irt.Cell{Tries: 0.5, Passes: 0.5}, 0.1},
		{irt.Cell{Tries: 300, Passes: 150}, irt.Cell{}, 0.3},
	} {
		draws := irt.Fit([]irt.Cell{c.a, c.b}, c.guess)
		var total float64
		sums, cdf := [2]float64{}, [2]map[float64]float64{{}, {}}
		for x := -edge; x <= edge; x += step {
			for y := -edge - 1; y <= edge; y += step {
				w := math.Exp(prior(x, y) + logLik(x, c.a, c.guess) + logLik(y, c.b, c.guess))
				total += w
				for i, v := range []float64{x, y} {
					sums[i] += w * (c.guess + (1-c.guess)/(1+math.Exp(-v)))
					cdf[i][v] += w
				}
			}
		}
		for l := range 2 {
			exact := sums[l] / total
			if got := mean(draws[l]); math.Abs(got-exact) > 0.012 {
				t.Errorf("%+v, level %d: mean %.4f, exactly %.4f", c, l+1, got, exact)
			}
			low, high := interval(draws[l])
			for q, got := range map[float64]float64{0.025: low, 0.975: high} {
				at, sum := 0.0, 0.0
				for _, v := range slices.Sorted(func(yield func(float64) bool) {
					for v := range cdf[l] {
						if !yield(v) {
							return
						}
					}
				}) {
					if sum += cdf[l][v] / total; sum >= q {
						at = c.guess + (1-c.guess)/(1+math.Exp(-v))
						break
					}
				}
				if math.Abs(got-at) > 0.035 {
					t.Errorf("%+v, level %d: quantile %.3f is %.4f, exactly %.4f", c, l+1, q, got, at)
				}
			}
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add(3.0, 1.0, 2.0, 2.0, 0.1)
	f.Add(1e300, -1.0, math.Inf(1), math.NaN(), 1.0)
	f.Add(1e9, 1e9, 1e9, 0.0, 0.999)
	f.Fuzz(func(t *testing.T, n1, k1, n2, k2, guess float64) {
		for _, draws := range irt.Fit([]irt.Cell{{n1, k1}, {n2, k2}}, guess) {
			for _, p := range draws {
				if !(p >= 0 && p <= 1) {
					t.Fatalf("a chance of %v", p)
				}
			}
		}
	})
}

func BenchmarkFit(b *testing.B) {
	cells := []irt.Cell{{30, 28}, {20, 12}, {10, 3}, {0, 0}, {0, 0}}
	for b.Loop() {
		irt.Fit(cells, 0.05)
	}
}
