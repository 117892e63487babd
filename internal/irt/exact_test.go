package irt_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pastime-go/pastime/internal/irt"
)

// The grid of abilities on which exact posteriors of a single level are summed.
const (
	gridStep = 0.1
	gridSize = 201
)

func gridAt(i int) float64 { return float64(i-gridSize/2) * gridStep }

// walk spreads p by a random walk of a variance.
func walk(p []float64, variance float64) []float64 {
	reach := 1
	weight := func(j int) float64 { return math.Exp(-sq(float64(j)*gridStep) / (2 * variance)) }
	if variance < sq(gridStep)/2 { // a step to each side has the variance
		side := variance / (2 * sq(gridStep))
		weight = func(j int) float64 { return []float64{side, 1 - 2*side, side}[j+1] }
	} else {
		reach = int(5*math.Sqrt(variance)/gridStep) + 1
	}
	to := make([]float64, len(p))
	for j := -reach; j <= reach; j++ {
		w := weight(j)
		for i := max(0, -j); i < len(p) && i+j < len(p); i++ {
			to[i+j] += w * p[i]
		}
	}
	return to
}

func sq(v float64) float64 { return v * v }

// chances is the chance of a cell's answers at each ability before what was gained, on
// a day with luck of variance t.
func chances(c irt.Cell, guess, t, gained float64) []float64 {
	l := make([]float64, gridSize)
	n, k := float64(c.Tries), float64(c.Passes)
	at := func(x float64) float64 {
		p := chance(guess, x)
		return math.Exp(k*math.Log(p) + (n-k)*math.Log(max(1-p, 1e-300)))
	}
	for i := range l {
		if t == 0 {
			l[i] = at(gridAt(i) + gained)
			continue
		}
		for z := -4.0; z <= 4; z += 0.5 {
			l[i] += math.Exp(-z*z/2) / math.Sqrt(8*math.Pi) * at(gridAt(i)+gained+math.Sqrt(t)*z)
		}
	}
	return l
}

// exactInterval is that of the model's exact posterior for a family of one
// level with one cell a day: a hidden Markov model for each way to change.
func exactInterval(f irt.Family) (low, high float64) {
	posterior := make([][]float64, len(gainValues)) // by gain and by the ability before it
	total := 0.0
	for k, g := range gainValues {
		posterior[k] = make([]float64, gridSize)
		for j, t := range luckValues {
			var likelihood [][]float64
			for d, c := range f.Cells {
				likelihood = append(likelihood, chances(c, f.Guess, t, g*math.Log1p(float64(d))))
			}
			for i, q := range driftValues {
				for x, v := range walked(f.Cells, likelihood, q) {
					v *= gainChances[k] * driftChances[i] * luckChances[j]
					posterior[k][x] += v
					total += v
				}
			}
		}
	}
	quantile := func(u float64) float64 {
		low, high := -20.0, 20.0
		for range 50 {
			at, below := (low+high)/2, 0.0
			for k, g := range gainValues {
				for x, v := range posterior[k] {
					edge := gridAt(x) + g*math.Log1p(float64(len(f.Cells))) - gridStep/2
					below += v / total * min(max((at-edge)/gridStep, 0), 1)
				}
			}
			if below < u {
				low = at
			} else {
				high = at
			}
		}
		return chance(f.Guess, low)
	}
	return quantile(0.025), quantile(0.975)
}

// walked is the joint weight of the cells and of each ability on the last day, for a
// walk of variance q a day.
func walked(cells []irt.Cell, likelihood [][]float64, q float64) []float64 {
	p := make([]float64, gridSize)
	for x := range p {
		p[x] = math.Exp(-sq(gridAt(x)) / (2 * 2 * sq(1.5)))
	}
	for d, c := range cells {
		if d > 0 && q > 0 {
			v := q * float64(c.Day-cells[d-1].Day)
			p = walk(p, v)
			if v >= sq(gridStep)/2 { // the weights do not sum to 1
				for x := range p {
					p[x] *= gridStep / math.Sqrt(2*math.Pi*v)
				}
			}
		}
		for x := range p {
			p[x] *= likelihood[d][x]
		}
	}
	return p
}

// TestAgainstExactPosteriors compares coverage and width with those of exact
// posteriors, over learners of a single level from the prior. It also shows
// that exact intervals hold the truth of those who never change more often
// than they say.
func TestAgainstExactPosteriors(t *testing.T) {
	runs := 100
	if *full {
		runs = 4000
	}
	type counts struct{ learners, held, exactHeld, width, exactWidth float64 }
	byDrift := map[float64]*counts{}
	for _, q := range driftValues {
		byDrift[q] = &counts{}
	}
	for run := range runs {
		r := rand.New(rand.NewPCG(uint64(run), 5))
		q, luck := priorDrift(r), priorLuck(r)
		truth, f := single(r, q, luck, priorGain(r))
		in := irt.Fit([]irt.Family{f}, f.Cells[len(f.Cells)-1].Day, nil).Level(0, 0)
		low, high := exactInterval(f)
		c := byDrift[q]
		c.learners++
		if in.Low <= truth && truth <= in.High {
			c.held++
		}
		if low <= truth && truth <= high {
			c.exactHeld++
		}
		c.width += in.High - in.Low
		c.exactWidth += high - low
	}
	var all counts
	for _, q := range driftValues {
		c := byDrift[q]
		t.Logf("drift %.3f: %4.0f learners, %.2f %% held, exactly %.2f %%", q, c.learners, 100*c.held/c.learners, 100*c.exactHeld/c.learners)
		all = counts{
			all.learners + c.learners, all.held + c.held, all.exactHeld + c.exactHeld, all.width + c.width, all.exactWidth + c.exactWidth,
		}
	}
	held, exact, wider := all.held/all.learners, all.exactHeld/all.learners, all.width/all.exactWidth
	t.Logf("all: %.2f %% held, exactly %.2f %%; %.3f times as wide", 100*held, 100*exact, wider)
	slack := 3 * math.Sqrt(0.95*0.05/float64(runs))
	if math.Abs(exact-0.95) > slack {
		t.Errorf("exact posteriors hold the truth in %.4f; the test itself is wrong", exact)
	}
	// Both are asked about the same learners, so they differ in few.
	if held < exact-0.02 || wider > 1.03 {
		t.Errorf("coverage %.4f, exactly %.4f; %.3f times as wide", held, exact, wider)
	}
}

// single draws a learner of one family with one level.
func single(r *rand.Rand, q, luck, gain float64) (truth float64, f irt.Family) {
	x := 1.5 * (r.NormFloat64() + r.NormFloat64())
	f = irt.Family{Levels: 1, Guess: floors(r)}
	day := 0
	for d := range 1 + r.IntN(30) {
		if d > 0 {
			gap := 1 + r.IntN(3)
			day += gap
			x += math.Sqrt(q*float64(gap)) * r.NormFloat64()
		}
		x += gain * (math.Log1p(float64(d)) - math.Log1p(float64(max(0, d-1))))
		c := irt.Cell{Day: day, Tries: 1 + int64(r.IntN(20))}
		p := chance(f.Guess, x+math.Sqrt(luck)*r.NormFloat64())
		for range c.Tries {
			if r.Float64() < p {
				c.Passes++
			}
		}
		f.Cells = append(f.Cells, c)
	}
	n := float64(len(f.Cells))
	return chance(f.Guess, x+gain*(math.Log1p(n)-math.Log(n))), f
}
