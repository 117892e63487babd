package irt

import (
	"cmp"
	"math"
	"slices"
)

// MaxLevels bounds the levels of a family.
const MaxLevels = 64

// Cell counts the answers of one day at one level.
type Cell struct {
	// Level counts from 0.
	Level int
	// Day counts from any origin.
	Day           int
	Tries, Passes int64
}

// Family is the evidence in one family of tasks.
type Family struct {
	// Levels is clipped to [1, MaxLevels].
	Levels int
	// Guess is the chance to pass without any skill, in [0, 1). Any other value
	// is taken as 0.
	Guess float64
	// LevelGuess has the chance at each level, instead of Guess, as far as it goes.
	LevelGuess []float64
	// Cells may come in any order, and several may be about the same level and
	// day. A cell without tries, with a level that the family does not have or
	// with a day in the future is ignored. Passes are clipped to [0, Tries].
	Cells []Cell
}

// Interval is a mean with the ends of the central 95 % credible interval.
type Interval struct {
	Mean, Low, High float64
}

// Options says what is known beforehand. Nil and the zero value are legal.
type Options struct {
	// Frozen is for a learner who cannot change from day to day.
	Frozen bool
	// Population is the prior of a learner. Nil is the default prior.
	Population *Population
}

// Posterior is what is known of the chances to pass. It is a mixture over how
// much the learner changes, and over whether the families have their floors.
type Posterior struct {
	parts  []part
	change *change
	// views are the views of the families in every part's fit, and of[f] is the
	// range of family f among them.
	views []view
	of    [][2]int
}

// view is one family's evidence, seen with its guessing floor or without.
type view struct {
	*history
	// share is the probability of this view among the family's. voice is its
	// prior probability, which is how much it counts where the families learn of
	// each other. One more pass makes a floor likelier, and with it a low
	// ability, which must not pull other families down.
	share, voice float64
	guess        []float64 // by level
	// rest is the number of days since the family's last evidence.
	rest float64
}

// part is what is known of the chances if the learner changes in one way.
type part struct {
	share float64
	fit   *fit
	hypothesis
	// weights[v][i] is how much day i of view v still counts.
	weights [][]float64
}

// Fit estimates the chances to pass as of a day.
func Fit(families []Family, asOf int, o *Options) *Posterior {
	if o == nil {
		o = &Options{}
	}
	p := &Posterior{}
	priors := make([]chain, 0, len(families))
	kind := anybody.kind
	if o.Population != nil {
		kind = o.Population.kind
	}
	histories, chains := make([]*history, len(families)), make([]chain, len(families))
	for i := range families {
		histories[i] = newHistory(&families[i], asOf)
		chains[i] = o.Population.of(i, histories[i].levels)
	}
	for i, views := range floors(families, histories, kind, chains) {
		first := len(p.views)
		for _, v := range views {
			p.views = append(p.views, v)
			priors = append(priors, chains[i])
		}
		p.of = append(p.of, [2]int{first, len(p.views)})
	}
	f := newFit(kind, priors, p.views)
	f.count(nil)
	f.start()
	f.solve()
	p.change = estimateChange(f, p)
	prior := o.Population.change()
	if o.Frozen { // the others are those who could change
		prior = hypothesisPrior
	}
	all, share := p.change.likely(o.Frozen, prior)
	for i, h := range all {
		p.parts = append(p.parts, p.change.follow(h, share[i], f))
	}
	return p.At(asOf)
}

// At returns the posterior as of a day that is not before the last evidence. What
// the learner may have changed since then widens the intervals. Time alone never
// moves a mean.
func (p *Posterior) At(day int) *Posterior {
	q := *p
	q.views = slices.Clone(p.views)
	newest := math.MinInt
	for _, v := range q.views {
		newest = max(newest, v.last())
	}
	for i := range q.views {
		v := &q.views[i]
		last := v.last()
		if last == math.MinInt { // never practised: it changes with the rest
			last = newest
		}
		v.rest = 0
		if last > math.MinInt {
			v.rest = max(0, float64(day)-float64(last))
		}
	}
	q.change = p.change.rested(day, newest)
	return &q
}

// history is the evidence of a family, checked, summed and sorted by day and
// level.
type history struct {
	levels int
	cells  []Cell
}

func newHistory(f *Family, asOf int) *history {
	h := &history{levels: min(max(1, f.Levels), MaxLevels)}
	for _, c := range f.Cells {
		if c.Tries <= 0 || c.Level < 0 || c.Level >= h.levels || c.Day > asOf {
			continue
		}
		c.Passes = min(max(0, c.Passes), c.Tries)
		h.cells = append(h.cells, c)
	}
	slices.SortFunc(h.cells, func(a, b Cell) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Level, b.Level)) })
	sum := h.cells[:0]
	for _, c := range h.cells {
		if last := len(sum) - 1; last >= 0 && sum[last].Day == c.Day && sum[last].Level == c.Level {
			sum[last].Tries = add(sum[last].Tries, c.Tries)
			sum[last].Passes = add(sum[last].Passes, c.Passes)
			continue
		}
		sum = append(sum, c)
	}
	h.cells = sum
	return h
}

// last is the day of the newest evidence, or math.MinInt without any.
func (h *history) last() int {
	if len(h.cells) == 0 {
		return math.MinInt
	}
	return h.cells[len(h.cells)-1].Day
}

// add is a+b without overflow, for counts that are not negative.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
