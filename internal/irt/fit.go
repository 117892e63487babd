package irt

import "math"

// fit is the Gaussian posterior of the levels' x and of mu, the kind's ability,
// which the families share.
//
// Given mu the families are independent, and each is a chain whose precision
// matrix T is tridiagonal. With B the precision that couples a family to mu, and
// D that of mu, the precision of everything is an arrow
//
//	| T  B |
//	| Bᵀ D |
//
// and solving with it costs O(levels). A view of a family counts towards mu by
// the view's voice.
type fit struct {
	views []family
	kind  gaussian // the prior of mu
	mu    gaussian // its posterior
}

// family is the posterior of one view of a family.
type family struct {
	*view
	prior chain
	// precision[l] is that of prior[l].
	precision []float64
	// tries and passes are weighted counts.
	tries, passes []float64
	mean, vari    []float64
	score, info   []float64 // of the likelihood
	// up and down are the pivots of T, eliminated from the first and from the
	// last level.
	up, down []float64
	// reach is T⁻¹B: how the levels follow mu.
	reach []float64

	step, was []float64
}

// chance is the chance to pass at x.
func (fam *family) chance(l int) func(x float64) float64 {
	return func(x float64) float64 { p, _ := chance(fam.guess[l], x); return p }
}

func newFit(kind gaussian, priors []chain, views []view) *fit {
	f := &fit{views: make([]family, len(views)), kind: kind, mu: kind}
	for i := range f.views {
		f.views[i] = newFamily(&views[i], priors[i])
	}
	return f
}

func newFamily(v *view, prior chain) family {
	n := v.levels
	rows := make([]float64, 12*n)
	row := func() (r []float64) { r, rows = rows[:n:n], rows[n:]; return r }
	fam := family{
		view: v, prior: prior, precision: row(), tries: row(), passes: row(), mean: row(), vari: row(), score: row(), info: row(),
		up: row(), down: row(), reach: row(), step: row(), was: row(),
	}
	for l, p := range prior {
		fam.precision[l] = 1 / p.vari
	}
	return fam
}

// clone returns a fit of the same views that starts where f is.
func (f *fit) clone() *fit {
	g := &fit{views: make([]family, len(f.views)), kind: f.kind, mu: f.mu}
	for i := range g.views {
		g.views[i] = newFamily(f.views[i].view, f.views[i].prior)
		copy(g.views[i].mean, f.views[i].mean)
	}
	return g
}

// count sums the cells of every level. weights[v][j] is how much cell j of view v
// counts. Nil counts all cells in full.
func (f *fit) count(weights [][]float64) {
	for i := range f.views {
		fam := &f.views[i]
		clear(fam.tries)
		clear(fam.passes)
		for j, c := range fam.cells {
			w := 1.0
			if weights != nil {
				w = weights[i][j]
			}
			fam.tries[c.Level] += w * float64(c.Tries)
			fam.passes[c.Level] += w * float64(c.Passes)
		}
	}
}

const (
	maxSteps  = 40   // of Newton's method
	tolerance = 1e-9 // of such a step, in logits
	maxRounds = 30   // of expectation propagation
	settled   = 1e-4 // of a round's largest change, in standard deviations
	// damping is the part of a round's change that is made. All levels change at
	// once, so a full change might overshoot.
	damping = 0.8
	// plenty is the number of tries above which a likelihood is practically
	// Gaussian, and differences of its logarithm lose their digits.
	plenty = 1e6
)

// solve finds the posterior, starting from the present state of the fit. Newton's
// method finds the mode. Expectation propagation (Minka 2001) then finds the
// Gaussian in which each level has the mean and the variance that its exact
// likelihood gives it, with the other levels held as they are.
func (f *fit) solve() {
	f.climb()
	for i := range f.views {
		f.views[i].look()
	}
	f.factor()
	f.variances()
	for range maxRounds {
		moved := 0.0
		for i := range f.views {
			moved = max(moved, f.views[i].match())
		}
		if moved < settled {
			break
		}
		f.factor()
		f.move(f.mu.mean, f.direction(), 1)
		for i := range f.views {
			fam := &f.views[i]
			for l := range fam.mean {
				fam.score[l] -= fam.info[l] * (fam.mean[l] - fam.was[l])
			}
		}
		f.variances()
	}
}

// match makes one round of expectation propagation. A Gaussian of precision info,
// with the slope score at the mean, stands for the likelihood of each level.
// match replaces it by the Gaussian with which the level has the moments of its
// exact likelihood. It returns the largest change of a mean or a standard
// deviation, in standard deviations.
func (fam *family) match() float64 {
	moved := 0.0
	for l, n := range fam.tries {
		v := fam.vari[l]
		rest := 1/v - fam.info[l] // precision without the level's own answers
		if n == 0 || n > plenty || !(rest > 0) {
			continue
		}
		shift, vari := tilted(n, fam.passes[l], fam.guess[l], fam.mean[l], v, rest, fam.score[l])
		if !(vari > 0) {
			continue
		}
		moved = max(moved, math.Abs(shift)/math.Sqrt(v), math.Abs(math.Sqrt(vari/v)-1))
		fam.score[l] += damping * shift / vari
		fam.info[l] = max(0, fam.info[l]+damping*(1/vari-1/v))
	}
	return moved
}

// start puts every level that was tried at the logit of its pass rate, and every
// other level at the prior's step from its neighbour.
func (f *fit) start() {
	for i := range f.views {
		fam := &f.views[i]
		known := -1
		for l, n := range fam.tries {
			if n > 0 {
				rate := (fam.passes[l] + 0.5) / (n + 1)
				skill := min(max((rate-fam.guess[l])/(1-fam.guess[l]), 0.01), 1-1e-9)
				fam.mean[l] = math.Log(skill / (1 - skill))
				for j := l - 1; j > known; j-- {
					fam.mean[j] = fam.mean[j+1] - fam.prior[j+1].mean
				}
				known = l
			} else if known >= 0 {
				fam.mean[l] = fam.mean[l-1] + fam.prior[l].mean
			}
		}
		if known < 0 {
			at := f.kind.mean
			for l := range fam.mean {
				at += fam.prior[l].mean
				fam.mean[l] = at
			}
		}
	}
}

// climb maximises the log posterior by Newton steps. It halves a step until the
// posterior rises.
func (f *fit) climb() {
	at := f.objective()
	for range maxSteps {
		for i := range f.views {
			f.views[i].look()
		}
		f.factor()
		by := f.direction()
		longest := math.Abs(by)
		for i := range f.views {
			for _, v := range f.views[i].step {
				longest = max(longest, math.Abs(v))
			}
		}
		was := f.mu.mean
		for scale := 1.0; ; scale /= 2 {
			f.move(was, by, scale)
			now := f.objective()
			if now >= at-1e-13*math.Abs(at) {
				at = now
				break
			}
			if scale < 1e-6 { // at the top, as far as the arithmetic can tell
				f.move(was, by, 0)
				return
			}
		}
		if longest < tolerance {
			return
		}
	}
}

func (f *fit) move(from, by, scale float64) {
	f.mu.mean = from + scale*by
	for i := range f.views {
		fam := &f.views[i]
		for l := range fam.mean {
			fam.mean[l] = fam.was[l] + scale*fam.step[l]
		}
	}
}

// objective is the log prior plus the log likelihood.
func (f *fit) objective() float64 {
	sum := -sq(f.mu.mean-f.kind.mean) / (2 * f.kind.vari)
	for i := range f.views {
		fam := &f.views[i]
		own, before := 0.0, f.mu.mean
		for l, x := range fam.mean {
			own -= fam.precision[l] / 2 * sq(x-before-fam.prior[l].mean)
			before = x
			if n := fam.tries[l]; n > 0 {
				own += logLikelihood(n, fam.passes[l], fam.guess[l], x)
			}
		}
		sum += fam.voice * own
	}
	return sum
}

// look computes score and information at the family's present abilities.
func (fam *family) look() {
	for l, n := range fam.tries {
		if n > 0 {
			fam.score[l], fam.info[l] = scoreInfo(n, fam.passes[l], fam.guess[l], fam.mean[l])
		}
	}
}

// factor eliminates the chains and inverts what remains of mu's precision.
func (f *fit) factor() {
	d := 1 / f.kind.vari
	for i := range f.views {
		fam := &f.views[i]
		fam.factor()
		clear(fam.reach)
		fam.reach[0] = -fam.precision[0]
		fam.solve(fam.reach)
		// Subtract Bᵀ T⁻¹ B, where B has an entry at the first level only.
		d += fam.voice * fam.precision[0] * (1 + fam.reach[0])
	}
	f.mu.vari = 1 / d
}

// factor computes the pivots of T.
func (fam *family) factor() {
	last := len(fam.mean) - 1
	diag := func(l int) float64 {
		d := fam.info[l] + fam.precision[l]
		if l < last {
			d += fam.precision[l+1]
		}
		return d
	}
	for l := range fam.up {
		fam.up[l] = diag(l)
		if l > 0 {
			fam.up[l] -= sq(fam.precision[l]) / fam.up[l-1]
		}
	}
	for l := last; l >= 0; l-- {
		fam.down[l] = diag(l)
		if l < last {
			fam.down[l] -= sq(fam.precision[l+1]) / fam.down[l+1]
		}
	}
}

// solve replaces v by T⁻¹v.
func (fam *family) solve(v []float64) {
	for l := 1; l < len(v); l++ {
		v[l] += fam.precision[l] / fam.up[l-1] * v[l-1]
	}
	last := len(v) - 1
	v[last] /= fam.up[last]
	for l := last - 1; l >= 0; l-- {
		v[l] = (v[l] + fam.precision[l+1]*v[l+1]) / fam.up[l]
	}
}

// direction computes the Newton step of every family, and returns that of mu.
func (f *fit) direction() float64 {
	g := (f.kind.mean - f.mu.mean) / f.kind.vari
	for i := range f.views {
		fam := &f.views[i]
		x, d := fam.mean, fam.step
		copy(fam.was, x)
		copy(d, fam.score)
		before := f.mu.mean
		for l := range x {
			pull := fam.precision[l] * (x[l] - before - fam.prior[l].mean)
			before = x[l]
			d[l] -= pull
			if l > 0 {
				d[l-1] += pull
			} else {
				g += fam.voice * pull
			}
		}
		g -= fam.voice * dot(fam.reach, d) // Bᵀ T⁻¹ d
	}
	by := f.mu.vari * g
	for i := range f.views {
		fam := &f.views[i]
		fam.solve(fam.step)
		for l := range fam.step {
			fam.step[l] -= fam.reach[l] * by
		}
	}
	return by
}

// variances computes the posterior variances of the levels.
func (f *fit) variances() {
	for i := range f.views {
		fam := &f.views[i]
		for l := range fam.vari {
			fam.vari[l] = fam.within(l) + f.mu.vari*sq(fam.reach[l])
		}
	}
}

// within is the variance of level l for a given mu: the diagonal of T⁻¹. It
// follows from what remains of the level's own precision after the neighbours on
// both sides are eliminated.
func (fam *family) within(l int) float64 {
	own := fam.up[l]
	if l < len(fam.up)-1 {
		own -= sq(fam.precision[l+1]) / fam.down[l+1]
	}
	return 1 / own
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func sq(v float64) float64 { return v * v }
