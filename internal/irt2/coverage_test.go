package irt

import (
	"flag"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
)

var full = flag.Bool("full", false, "run the simulations in full: 10,000 learners each")

// learner is a simulated truth: x of every family and level at every day.
type learner struct {
	guess []float64
	x     [][]float64 // by family and level, on the last day
	told  []Family
}

// world are the rules of a simulation.
type world struct {
	name string
	// families, levels, days and tries are the ranges, drawn uniformly.
	families, levels, days, tries [2]int
	gap                           int
	drift, luck                   func(r *rand.Rand) float64
	common                        float64 // the part of drift and luck that the families share
	trend                         float64 // logits a day, all families alike
	guess                         []float64
	tell                          func(c float64) float64
	items                         func(r *rand.Rand, n int, p float64) int64
	only                          int // levels practised, 0 all
}

func span(r *rand.Rand, s [2]int) int { return s[0] + r.IntN(s[1]-s[0]+1) }

func binomial(r *rand.Rand, n int, p float64) (k int64) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}

func (w *world) draw(r *rand.Rand) (l learner, last int) {
	mu, s := kindSD*r.NormFloat64(), stepMean+stepMeanSD*r.NormFloat64()
	n := span(r, w.families)
	days := span(r, w.days)
	var q, t float64
	if w.drift != nil {
		q = w.drift(r)
	}
	if w.luck != nil {
		t = w.luck(r)
	}
	l.told = make([]Family, n)
	for range n {
		c := w.guess[r.IntN(len(w.guess))]
		x := make([]float64, span(r, w.levels))
		for i := range x {
			if i == 0 {
				x[i] = mu + familySD*r.NormFloat64()
			} else {
				x[i] = x[i-1] - s + stepSD*r.NormFloat64()
			}
		}
		l.guess, l.x = append(l.guess, c), append(l.x, x)
	}
	for f := range n {
		l.told[f] = Family{Levels: len(l.x[f]), Guess: w.tell(l.guess[f])}
	}
	shift := make([]float64, n)
	day := 0
	for d := range days {
		if d > 0 {
			gap := 1 + r.IntN(w.gap)
			day += gap
			all := math.Sqrt(q*w.common*float64(gap)) * r.NormFloat64()
			for f := range shift {
				shift[f] += all + math.Sqrt(q*(1-w.common)*float64(gap))*r.NormFloat64() + w.trend*float64(gap)
			}
		}
		allLuck := math.Sqrt(t*w.common) * r.NormFloat64()
		for f := range n {
			if n > 1 && r.IntN(3) == 0 && !(d == 0 && f == 0) && d != days-1 {
				continue
			}
			luck := allLuck + math.Sqrt(t*(1-w.common))*r.NormFloat64()
			top := len(l.x[f])
			if w.only > 0 {
				top = min(top, w.only)
			}
			for lev := range top {
				m := span(r, w.tries)
				p, _ := chance(l.guess[f], l.x[f][lev]+shift[f]+luck)
				k := w.items(r, m, p)
				if m > 0 {
					l.told[f].Cells = append(l.told[f].Cells, Cell{lev, day, int64(m), k})
				}
			}
		}
	}
	for f := range n {
		for i := range l.x[f] {
			l.x[f][i] += shift[f]
		}
	}
	return l, day
}

func (w *world) run(n int, seed uint64) (cov [3]float64, width [3]float64, miss [3][2]float64) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var hit, tot [3]float64
	workers := runtime.GOMAXPROCS(0)
	for wk := range workers {
		wg.Go(func() {
			var h, c, wd [3]float64
			var ms [3][2]float64
			for i := wk; i < n; i += workers {
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				l, day := w.draw(r)
				p := Fit(l.told, day)
				see := func(what int, in Interval, truth float64) {
					c[what]++
					wd[what] += in.High - in.Low
					switch {
					case truth < in.Low:
						ms[what][0]++
					case truth > in.High:
						ms[what][1]++
					default:
						h[what]++
					}
				}
				all := 0.0
				for f := range l.x {
					m := 0.0
					for i, x := range l.x[f] {
						t, _ := chance(l.guess[f], x)
						m += t / float64(len(l.x[f]))
						if f == 0 && i == 0 {
							see(0, p.Level(f, i), t)
						}
					}
					if f == 0 {
						see(1, p.Family(f), m)
					}
					all += m / float64(len(l.x))
				}
				see(2, p.All(), all)
			}
			mu.Lock()
			for i := range h {
				hit[i] += h[i]
				tot[i] += c[i]
				width[i] += wd[i]
				miss[i][0] += ms[i][0]
				miss[i][1] += ms[i][1]
			}
			mu.Unlock()
		})
	}
	wg.Wait()
	for i := range cov {
		cov[i] = hit[i] / tot[i]
		width[i] /= tot[i]
		miss[i][0] /= tot[i]
		miss[i][1] /= tot[i]
	}
	return
}

func same(c float64) float64    { return c }
func nothing(c float64) float64 { return 0 }
func pick(g, p []float64) func(r *rand.Rand) float64 {
	return func(r *rand.Rand) float64 {
		u := r.Float64()
		for i := range g {
			if u -= p[i]; u < 0 {
				return g[i]
			}
		}
		return g[len(g)-1]
	}
}

func fixed(v float64) func(*rand.Rand) float64 { return func(*rand.Rand) float64 { return v } }

func betaBinomial(rho float64) func(r *rand.Rand, n int, p float64) int64 {
	// a Polya urn
	return func(r *rand.Rand, n int, p float64) (k int64) {
		s := 1/rho - 1
		a, b := p*s, (1-p)*s
		for range n {
			if r.Float64()*(a+b) < a {
				a++
				k++
			} else {
				b++
			}
		}
		return k
	}
}

func TestExplore(t *testing.T) {
	n := 2000
	if *full {
		n = 10000
	}
	base := world{families: [2]int{1, 8}, levels: [2]int{1, 5}, days: [2]int{1, 30}, tries: [2]int{1, 20}, gap: 3, guess: []float64{0, 0, 0.1, 0.25, 0.5}, tell: same, items: binomial}
	v := func(name string, f func(w *world)) {
		w := base
		f(&w)
		c, wd, ms := w.run(n, 1)
		t.Logf("%-28s level %.3f (%.3f/%.3f, width %.3f)  family %.3f (%.3f/%.3f, %.3f)  all %.3f (%.3f/%.3f, %.3f)", name, c[0], ms[0][0], ms[0][1], wd[0], c[1], ms[1][0], ms[1][1], wd[1], c[2], ms[2][0], ms[2][1], wd[2])
	}
	v("static", func(w *world) {})
	v("static no guess", func(w *world) { w.guess = []float64{0} })
	v("static 1 day", func(w *world) { w.days = [2]int{1, 1} })
	v("static 1 day, no guess", func(w *world) { w.days = [2]int{1, 1}; w.guess = []float64{0} })
	v("static 1 day 1 cell n=1..20", func(w *world) { w.days = [2]int{1, 1}; w.guess = []float64{0}; w.families, w.levels = [2]int{1, 1}, [2]int{1, 1} })
	v("static 60 days of 50", func(w *world) { w.days = [2]int{60, 60}; w.tries = [2]int{50, 50}; w.families = [2]int{4, 4} })
	v("static level 1 only", func(w *world) { w.only = 1 })
	v("from the prior", func(w *world) { w.drift = pick(driftGrid[:], driftPrior[:]); w.luck = pick(dayGrid[:], dayPrior[:]) })
	v("guess unknown", func(w *world) { w.guess = []float64{0.25}; w.tell = nothing })
	v("guess told .25, is 0", func(w *world) { w.guess = []float64{0}; w.tell = fixed2(0.25) })
	v("guess told .25, is .1", func(w *world) { w.guess = []float64{0.1}; w.tell = fixed2(0.25) })
	v("guess told .2, is .33", func(w *world) { w.guess = []float64{0.33}; w.tell = fixed2(0.2) })
	for _, q := range []float64{0.001, 0.01, 0.1} {
		v("drift own", func(w *world) { w.drift = fixed(q); w.days[0] = 5 })
		v("drift shared", func(w *world) { w.drift = fixed(q); w.common = 1; w.days[0] = 5 })
		v("drift half", func(w *world) { w.drift = fixed(q); w.common = .5; w.days[0] = 5 })
	}
	v("trend .02", func(w *world) { w.trend = 0.02; w.days[0] = 5 })
	v("trend .05", func(w *world) { w.trend = 0.05; w.days[0] = 5 })
	v("trend .1", func(w *world) { w.trend = 0.1; w.days[0] = 5 })
	v("luck .1", func(w *world) { w.luck = fixed(0.1); w.days[0] = 5 })
	v("luck .5", func(w *world) { w.luck = fixed(0.5); w.days[0] = 5 })
	v("luck .5 shared", func(w *world) { w.luck = fixed(0.5); w.common = 1; w.days[0] = 5 })
	v("betabin .1", func(w *world) { w.items = betaBinomial(0.1); w.days[0] = 5 })
	v("betabin .3", func(w *world) { w.items = betaBinomial(0.3); w.days[0] = 5 })
}

func fixed2(v float64) func(float64) float64 { return func(float64) float64 { return v } }
