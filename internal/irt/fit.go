package irt

import "math"

// The prior, in logits.
const (
	kindSD     = 1.5 // of the kind's ability around an even chance
	familySD   = 1.5 // of a family's first level around the kind's ability
	stepSD     = 0.6 // of a step in difficulty around the kind's mean step
	stepMean   = 0.8 // of the mean step
	stepMeanSD = 0.5
)

// fit is the Gaussian posterior of the levels' x and of what the families
// share: mu, the kind's ability, and the mean step s.
//
// Given (mu, s) the families are independent, and each is a chain whose
// precision matrix T is tridiagonal. With B the precision that couples a
// family to (mu, s), and D their own, the precision of everything is an arrow
//
//	| T  B |
//	| Bᵀ D |
//
// and solving with it costs O(levels).
type fit struct {
	families []family
	shared   pair // posterior means of mu and s
	// cov is the covariance of (mu, s): the inverse of D - sum Bᵀ T⁻¹ B.
	cov [2]pair
}

type pair [2]float64

// family is the posterior of one family.
type family struct {
	guess float64
	// tries and passes are weighted counts.
	tries, passes []float64
	mean, vari    []float64
	score, info   []float64 // of the likelihood
	// up and down are the pivots of T eliminated from the first and from the
	// last level.
	up, down []float64
	// reach is T⁻¹B: how the levels follow mu and s.
	reach [2][]float64

	step, was []float64
}

// chance is that to pass at x.
func (fam *family) chance(x float64) float64 { p, _ := chance(fam.guess, x); return p }

func newFit(evidence []history) *fit {
	f := &fit{families: make([]family, len(evidence)), shared: pair{0, stepMean}}
	for i := range f.families {
		n := evidence[i].levels
		row := func() []float64 { return make([]float64, n) }
		f.families[i] = family{
			guess: evidence[i].guess, tries: row(), passes: row(), mean: row(), vari: row(), score: row(), info: row(),
			up: row(), down: row(), reach: [2][]float64{row(), row()}, step: row(), was: row(),
		}
	}
	return f
}

// clone is a fit of the same families that starts where f is.
func (f *fit) clone(evidence []history) *fit {
	g := newFit(evidence)
	g.shared = f.shared
	for i := range g.families {
		copy(g.families[i].mean, f.families[i].mean)
	}
	return g
}

// count takes the weighted sums over the days of every level.
func (f *fit) count(evidence []history) {
	for i := range f.families {
		fam, h := &f.families[i], &evidence[i]
		clear(fam.tries)
		clear(fam.passes)
		for j, c := range h.cells {
			fam.tries[c.Level] += h.weights[j] * float64(c.Tries)
			fam.passes[c.Level] += h.weights[j] * float64(c.Passes)
		}
	}
}

const (
	maxSteps  = 40   // of Newton's method
	tolerance = 1e-9 // of such a step, in logits
	maxRounds = 30   // of expectation propagation
	settled   = 1e-4 // of a round's largest change, in standard deviations
	// damping is the part of a round's change that is made. All levels change
	// at once, and might overshoot.
	damping = 0.8
	// plenty is the number of tries above which a likelihood is as good as
	// Gaussian, and differences of its logarithm lose their digits.
	plenty = 1e6
)

// solve finds the posterior from where the fit stands: its mode by Newton's
// method and then, by expectation propagation (Minka 2001), the Gaussian in
// which each level has the mean and the variance that its exact likelihood
// gives it, the rest being as it is.
func (f *fit) solve() {
	f.climb()
	for i := range f.families {
		f.families[i].look()
	}
	f.factor()
	f.variances()
	for range maxRounds {
		moved := 0.0
		for i := range f.families {
			moved = max(moved, f.families[i].match())
		}
		if moved < settled {
			break
		}
		f.factor()
		f.move(f.shared, f.direction(), 1)
		for i := range f.families {
			fam := &f.families[i]
			for l := range fam.mean {
				fam.score[l] -= fam.info[l] * (fam.mean[l] - fam.was[l])
			}
		}
		f.variances()
	}
}

// match replaces the Gaussian that stands for the likelihood of each level, of
// precision info and with the slope score at the mean, by the one with which
// the level has the moments that its exact likelihood gives it. It returns
// the largest change of a mean or a standard deviation, in standard deviations.
func (fam *family) match() float64 {
	moved := 0.0
	for l, n := range fam.tries {
		v := fam.vari[l]
		rest := 1/v - fam.info[l] // precision without the level's own answers
		if n == 0 || n > plenty || !(rest > 0) {
			continue
		}
		shift, vari := tilted(n, fam.passes[l], fam.guess, fam.mean[l], v, rest, fam.score[l])
		if !(vari > 0) {
			continue
		}
		moved = max(moved, math.Abs(shift)/math.Sqrt(v), math.Abs(math.Sqrt(vari/v)-1))
		fam.score[l] += damping * shift / vari
		fam.info[l] = max(0, fam.info[l]+damping*(1/vari-1/v))
	}
	return moved
}

// start puts every level that was tried at the logit of its pass rate, and the
// others at a mean step from their neighbours.
func (f *fit) start() {
	for i := range f.families {
		fam := &f.families[i]
		known := -1
		for l, n := range fam.tries {
			if n > 0 {
				rate := (fam.passes[l] + 0.5) / (n + 1)
				skill := min(max((rate-fam.guess)/(1-fam.guess), 0.01), 1-1e-9)
				fam.mean[l] = math.Log(skill / (1 - skill))
				for j := l - 1; j > known; j-- {
					fam.mean[j] = fam.mean[j+1] + stepMean
				}
				known = l
			} else if known >= 0 {
				fam.mean[l] = fam.mean[l-1] - stepMean
			}
		}
		if known < 0 {
			for l := range fam.mean {
				fam.mean[l] = -float64(l) * stepMean
			}
		}
	}
}

// climb maximises the log posterior by Newton steps that are halved
// until they climb.
func (f *fit) climb() {
	at := f.objective()
	for range maxSteps {
		for i := range f.families {
			f.families[i].look()
		}
		f.factor()
		toShared := f.direction()
		longest := max(math.Abs(toShared[0]), math.Abs(toShared[1]))
		for i := range f.families {
			for _, v := range f.families[i].step {
				longest = max(longest, math.Abs(v))
			}
		}
		was := f.shared
		for scale := 1.0; ; scale /= 2 {
			f.move(was, toShared, scale)
			now := f.objective()
			if now >= at-1e-13*math.Abs(at) {
				at = now
				break
			}
			if scale < 1e-6 { // at the top, as far as the arithmetic can tell
				f.move(was, toShared, 0)
				return
			}
		}
		if longest < tolerance {
			return
		}
	}
}

func (f *fit) move(from, by pair, scale float64) {
	for j := range f.shared {
		f.shared[j] = from[j] + scale*by[j]
	}
	for i := range f.families {
		fam := &f.families[i]
		for l := range fam.mean {
			fam.mean[l] = fam.was[l] + scale*fam.step[l]
		}
	}
}

// objective is the log prior plus the log likelihood.
func (f *fit) objective() float64 {
	mu, s := f.shared[0], f.shared[1]
	sum := -sq(mu/kindSD) - sq((s-stepMean)/stepMeanSD)
	for i := range f.families {
		fam := &f.families[i]
		sum -= sq((fam.mean[0] - mu) / familySD)
		for l := 1; l < len(fam.mean); l++ {
			sum -= sq((fam.mean[l] - fam.mean[l-1] + s) / stepSD)
		}
	}
	sum /= 2
	for i := range f.families {
		fam := &f.families[i]
		for l, n := range fam.tries {
			if n > 0 {
				sum += logLikelihood(n, fam.passes[l], fam.guess, fam.mean[l])
			}
		}
	}
	return sum
}

// look computes score and information where the family stands.
func (fam *family) look() {
	for l, n := range fam.tries {
		if n > 0 {
			fam.score[l], fam.info[l] = scoreInfo(n, fam.passes[l], fam.guess, fam.mean[l])
		}
	}
}

const (
	familyPrec = 1 / (familySD * familySD)
	stepPrec   = 1 / (stepSD * stepSD)
)

// factor eliminates the chains and inverts what is left of (mu, s).
func (f *fit) factor() {
	a := 1 / sq(kindSD)
	b := 0.0
	d := 1 / sq(stepMeanSD)
	for i := range f.families {
		fam := &f.families[i]
		fam.factor()
		last := len(fam.mean) - 1
		a += familyPrec
		d += stepPrec * float64(last)
		fam.coupling(0, fam.reach[0])
		fam.coupling(1, fam.reach[1])
		fam.solve(fam.reach[0])
		fam.solve(fam.reach[1])
		// Bᵀ T⁻¹ B, where B has entries at the first and the last level only.
		a += familyPrec * fam.reach[0][0]
		b += familyPrec * fam.reach[1][0]
		if last > 0 {
			d -= stepPrec * (fam.reach[1][last] - fam.reach[1][0])
		}
	}
	det := a*d - b*b
	f.cov = [2]pair{{d / det, -b / det}, {-b / det, a / det}}
}

// coupling sets b to a column of B.
func (fam *family) coupling(j int, b []float64) {
	clear(b)
	if j == 0 {
		b[0] = -familyPrec
	} else if last := len(b) - 1; last > 0 {
		b[0], b[last] = -stepPrec, stepPrec
	}
}

// factor computes the pivots of T.
func (fam *family) factor() {
	last := len(fam.mean) - 1
	diag := func(l int) float64 {
		d := fam.info[l]
		if l == 0 {
			d += familyPrec
		} else {
			d += stepPrec
		}
		if l < last {
			d += stepPrec
		}
		return d
	}
	for l := range fam.up {
		fam.up[l] = diag(l)
		if l > 0 {
			fam.up[l] -= sq(stepPrec) / fam.up[l-1]
		}
	}
	for l := last; l >= 0; l-- {
		fam.down[l] = diag(l)
		if l < last {
			fam.down[l] -= sq(stepPrec) / fam.down[l+1]
		}
	}
}

// solve replaces v by T⁻¹v.
func (fam *family) solve(v []float64) {
	for l := 1; l < len(v); l++ {
		v[l] += stepPrec / fam.up[l-1] * v[l-1]
	}
	last := len(v) - 1
	v[last] /= fam.up[last]
	for l := last - 1; l >= 0; l-- {
		v[l] = (v[l] + stepPrec*v[l+1]) / fam.up[l]
	}
}

// direction computes the Newton step of every family from where it is, and
// returns that of (mu, s).
func (f *fit) direction() pair {
	mu, s := f.shared[0], f.shared[1]
	g := pair{-mu / sq(kindSD), -(s - stepMean) / sq(stepMeanSD)}
	for i := range f.families {
		fam := &f.families[i]
		x, d := fam.mean, fam.step
		copy(fam.was, x)
		copy(d, fam.score)
		pull := familyPrec * (x[0] - mu)
		d[0] -= pull
		g[0] += pull
		for l := 1; l < len(x); l++ {
			pull := stepPrec * (x[l] - x[l-1] + s)
			d[l] -= pull
			d[l-1] += pull
			g[1] -= pull
		}
		for j := range g { // less Bᵀ T⁻¹ d
			g[j] -= dot(fam.reach[j], d)
		}
	}
	by := pair{f.cov[0][0]*g[0] + f.cov[0][1]*g[1], f.cov[1][0]*g[0] + f.cov[1][1]*g[1]}
	for i := range f.families {
		fam := &f.families[i]
		fam.solve(fam.step)
		for l := range fam.step {
			fam.step[l] -= fam.reach[0][l]*by[0] + fam.reach[1][l]*by[1]
		}
	}
	return by
}

// variances computes the posterior variances of the levels.
func (f *fit) variances() {
	for i := range f.families {
		fam := &f.families[i]
		last := len(fam.vari) - 1
		for l := range fam.vari {
			// The diagonal of T⁻¹, from what is left of the level's own precision
			// after its neighbours on both sides were eliminated.
			own := fam.up[l]
			if l < last {
				own -= sq(stepPrec) / fam.down[l+1]
			}
			fam.vari[l] = 1/own + quadratic(f.cov, pair{fam.reach[0][l], fam.reach[1][l]})
		}
	}
}

func quadratic(m [2]pair, v pair) float64 {
	return m[0][0]*v[0]*v[0] + 2*m[0][1]*v[0]*v[1] + m[1][1]*v[1]*v[1]
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func sq(v float64) float64 { return v * v }
