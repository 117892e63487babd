// Package irt estimates, from counts of tries and passes, the chance to pass
// tasks of several levels of difficulty (item response theory, Birnbaum 1968).
//
// The chance to pass at level l is c + (1-c)/(1+exp(-x[l])): c is the guessing
// floor, and x[l] is the learner's ability less the level's difficulty. The
// prior says that x[1] is N(0, 2^2) and that each level is harder than the one
// before by N(0.8, 0.8^2): difficulties are not fixed in advance, they are
// estimated together with the ability, and levels that were never tried follow
// from their neighbours.
//
// The posterior is found by Laplace's method and then corrected by importance
// sampling with a fixed, low-discrepancy set of draws. The result is therefore
// the same for the same counts, always.
package irt

import (
	"cmp"
	"math"
	"slices"
)

// The prior.
const (
	priorSD  = 2.0
	stepMean = 0.8
	stepSD   = 0.8
)

// MaxLevels bounds the levels of one fit.
const MaxLevels = 64

// Cell is the evidence at one level. Old evidence may be discounted, so the
// counts need not be whole.
type Cell struct {
	Tries, Passes float64
}

// Draws is how many equally likely values describe a posterior.
const Draws = 512

// Fit returns draws from the joint posterior of the chances to pass:
// result[l][d] is the chance at level l+1 in draw d. guess is the guessing
// floor in [0, 1). Counts that are negative or not numbers are taken as 0,
// passes beyond the tries as all of them, levels beyond MaxLevels are left out.
func Fit(cells []Cell, guess float64) [][]float64 {
	if !(guess >= 0) {
		guess = 0
	}
	guess = min(guess, 0.999)
	clean := make([]Cell, min(len(cells), MaxLevels))
	for i := range clean {
		n := finite(cells[i].Tries)
		clean[i] = Cell{n, min(finite(cells[i].Passes), n)}
	}
	if len(clean) == 0 {
		return nil
	}
	m := model{clean, guess}
	mode := m.mode()
	return m.sample(mode)
}

// finite keeps counts within what the arithmetic can bear.
func finite(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1e9)
}

type model struct {
	cells []Cell
	guess float64
}

// chance is the probability to pass at x, and slope its derivative.
func (m *model) chance(x float64) (p, slope float64) {
	s := 1 / (1 + math.Exp(-x))
	return m.guess + (1-m.guess)*s, (1 - m.guess) * s * (1 - s)
}

// logPosterior is the log of the posterior density at x, up to a constant.
func (m *model) logPosterior(x []float64) float64 {
	sum := -0.5 * sq(x[0]/priorSD)
	for l := 1; l < len(x); l++ {
		sum -= 0.5 * sq((x[l-1]-x[l]-stepMean)/stepSD)
	}
	for l, c := range m.cells {
		if c.Tries == 0 {
			continue
		}
		p, _ := m.chance(x[l])
		q := (1 - m.guess) / (1 + math.Exp(x[l]))
		if c.Passes > 0 {
			sum += c.Passes * math.Log(max(p, math.SmallestNonzeroFloat64))
		}
		if c.Tries > c.Passes {
			sum += (c.Tries - c.Passes) * math.Log(max(q, math.SmallestNonzeroFloat64))
		}
	}
	return sum
}

func sq(v float64) float64 { return v * v }

// mode finds the posterior's maximum by Fisher scoring with step halving.
func (m *model) mode() []float64 {
	x := make([]float64, len(m.cells))
	for l := 1; l < len(x); l++ {
		x[l] = x[l-1] - stepMean
	}
	at := m.logPosterior(x)
	next := make([]float64, len(x))
	for range 100 {
		grad, prec := m.gradient(x), m.precision(x)
		step := prec.solve(grad)
		improved := false
		for scale := 1.0; scale > 1e-6; scale /= 2 {
			for l := range x {
				next[l] = clamp(x[l] + scale*step[l])
			}
			if v := m.logPosterior(next); v > at {
				improved = v-at > 1e-10
				at = v
				copy(x, next)
				break
			}
		}
		if !improved {
			break
		}
	}
	return x
}

// clamp keeps the logistic function away from its flat ends.
func clamp(x float64) float64 { return min(max(x, -30), 30) }

func (m *model) gradient(x []float64) []float64 {
	g := make([]float64, len(x))
	g[0] = -x[0] / sq(priorSD)
	for l := 1; l < len(x); l++ {
		d := (x[l-1] - x[l] - stepMean) / sq(stepSD)
		g[l-1] -= d
		g[l] += d
	}
	for l, c := range m.cells {
		p, slope := m.chance(x[l])
		if v := p * (1 - p); v > 0 {
			g[l] += slope * (c.Passes - c.Tries*p) / v
		}
	}
	return g
}

// precision is the prior's precision plus the Fisher information, which is
// tridiagonal.
func (m *model) precision(x []float64) tridiagonal {
	t := tridiagonal{diag: make([]float64, len(x)), off: make([]float64, max(0, len(x)-1))}
	t.diag[0] = 1 / sq(priorSD)
	for l := 1; l < len(x); l++ {
		w := 1 / sq(stepSD)
		t.diag[l-1] += w
		t.diag[l] += w
		t.off[l-1] = -w
	}
	for l, c := range m.cells {
		p, slope := m.chance(x[l])
		if v := p * (1 - p); v > 0 {
			t.diag[l] += c.Tries * sq(slope) / v
		}
	}
	return t
}

// widen is how much wider than Laplace's approximation the draws are proposed,
// so that their weights are bounded where the posterior has heavier tails.
const widen = 1.25

// sample draws from the posterior: proposals around the mode, weighted by how
// probable they really are, then resampled to equal weights.
func (m *model) sample(mode []float64) [][]float64 {
	n := len(mode)
	u := m.precision(mode).cholesky()
	z := make([]float64, n)
	proposals := make([]float64, proposalCount*n)
	weights := make([]float64, proposalCount)
	best := math.Inf(-1)
	noise := make([][]float64, n)
	for l := range noise {
		noise[l] = normals(l)
	}
	for d := range proposalCount {
		norm := 0.0
		for l := range n {
			z[l] = noise[l][d]
			norm += sq(z[l])
		}
		x := proposals[d*n : (d+1)*n]
		u.solveTransposed(z, x)
		for l := range x {
			x[l] = clamp(mode[l] + widen*x[l])
		}
		weights[d] = m.logPosterior(x) + 0.5*norm
		best = max(best, weights[d])
	}
	total := 0.0
	for d, w := range weights {
		weights[d] = math.Exp(w - best)
		total += weights[d]
	}
	out := make([][]float64, n)
	for l := range out {
		out[l] = make([]float64, 0, Draws)
	}
	// Systematic resampling: draw d takes the proposal at (d+1/2)/Draws of
	// the total weight.
	order, ability := make([]int, proposalCount), make([]float64, proposalCount)
	for i := range order {
		order[i] = i
		for _, x := range proposals[i*n : (i+1)*n] {
			ability[i] += x
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ability[a], ability[b]) })
	sum, i := weights[order[0]], 0
	for d := range Draws {
		at := total * (float64(d) + 0.5) / Draws
		for sum < at && i < proposalCount-1 {
			i++
			sum += weights[order[i]]
		}
		for l := range n {
			p, _ := m.chance(proposals[order[i]*n+l])
			out[l] = append(out[l], p)
		}
	}
	return out
}
