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
	// Guess is the chance to pass without any skill, in [0, 1). It is taken
	// as 0 when it is not.
	Guess float64
	// Cells may come in any order, and several may be about the same level and
	// day. Those without tries, with a level that the family does not have or
	// with a day that is still to come say nothing; passes are clipped to
	// [0, Tries].
	Cells []Cell
}

// Interval is a mean with the ends of the central 95 % credible interval.
type Interval struct {
	Mean, Low, High float64
}

// Posterior is what is known of the chances to pass: a mixture over how much
// the learner changes.
type Posterior struct {
	parts  []part
	change *change
	// faded[f] is the standard deviation that time since the last evidence
	// has added to family f.
	faded []float64
}

// part is what is known of the chances if the learner changes in one way.
type part struct {
	share float64
	fit   *fit
	hypothesis
	// weights[f][i] is how much day i of family f still counts.
	weights [][]float64
}

// Fit estimates the chances to pass as of a day.
func Fit(families []Family, asOf int) *Posterior {
	evidence := make([]history, len(families))
	for i := range families {
		evidence[i] = newHistory(&families[i], asOf)
	}
	f := newFit(evidence)
	f.count(evidence)
	f.start()
	f.solve()
	c := estimateChange(f, evidence)
	p := &Posterior{change: c, faded: fade(evidence, asOf)}
	all, share := c.likely()
	for i, h := range all {
		p.parts = append(p.parts, c.follow(h, share[i], f, evidence))
	}
	return p
}

// history is the evidence of a family, checked, summed and sorted by day and
// level.
type history struct {
	levels int
	guess  float64
	cells  []Cell
	// weights[i] is how much cells[i] still counts.
	weights []float64
}

func newHistory(f *Family, asOf int) history {
	h := history{levels: min(max(1, f.Levels), MaxLevels), guess: f.Guess}
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
	h.weights = make([]float64, len(sum))
	for i := range h.weights {
		h.weights[i] = 1
	}
	if !(h.guess > 0 && h.guess < 1) || h.contradicts(h.guess) {
		h.guess = 0
	}
	return h
}

// contradicts reports whether some level was passed less often than by
// guessing, by more than a standard error.
func (h *history) contradicts(guess float64) bool {
	n, k := make([]float64, h.levels), make([]float64, h.levels)
	for _, c := range h.cells {
		n[c.Level] += float64(c.Tries)
		k[c.Level] += float64(c.Passes)
	}
	for l := range n {
		if n[l]*guess-k[l] > math.Sqrt(n[l]*guess*(1-guess)) {
			return true
		}
	}
	return false
}

// add is a+b without overflow, for counts that are not negative.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
