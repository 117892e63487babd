package reward

import (
	"math"
	"time"
)

// Changed says when tastes changed, zero when there is no sign that they did. It
// compares, for a number of moments, how well two memories predict what was rated after
// the moment: one of everything, and one that started anew at the moment (Adams and MacKay
// 2007, with the moments on a grid). Both keep a normal belief of the mean of each kind,
// family and level, after the raters' own means were taken off.
//
// A moment counts when the ratio of the densities is above their number times 20. Without
// a change that happens with a chance of at most one in twenty at one look, by Markov's
// inequality, where ratings are as these memories take them.
func Changed(observations []Observation) time.Time {
	rows := adjusted(observations)
	var at time.Time
	for first := 0; len(rows)-first >= 2*leastAfter; {
		i := change(rows[first:])
		if i < 0 {
			break
		}
		first += i
		at = rows[first].at
	}
	return at
}

// leastAfter is how many ratings there are at least on each side of a moment, moments is
// how many there are.
const (
	leastAfter = 20
	moments    = 32
)

// row is a rating without the rater's mean.
type row struct {
	cell  int
	stars float64
	at    time.Time
}

func adjusted(observations []Observation) (rows []row) {
	b := newBaseline(observations)
	cells := map[string]int{}
	for i := range observations {
		o := &observations[i]
		if o.Stars < 1 || o.Stars > stars {
			continue
		}
		key := cellKey(o)
		c, ok := cells[key]
		if !ok {
			c = len(cells)
			cells[key] = c
		}
		rows = append(rows, row{c, float64(o.Stars) - b.all - b.rater[o.Rater], o.At})
	}
	return rows
}

// change is the index of the row at which tastes changed most clearly; -1 for none.
func change(rows []row) int {
	noise, between := variances(rows)
	whole := newMemory(rows, noise, between)
	said := make([]float64, len(rows)+1) // the logarithm of the density of the first rows
	for i, r := range rows {
		said[i+1] = said[i] + whole.see(r)
	}
	best, at := math.Log(20*moments), -1
	for k := range moments {
		i := leastAfter + k*(len(rows)-2*leastAfter)/moments
		anew, sum := newMemory(rows, noise, between), 0.0
		for _, r := range rows[i:] {
			sum += anew.see(r)
		}
		if ratio := sum - (said[len(rows)] - said[i]); ratio > best {
			best, at = ratio, i
		}
	}
	return at
}

// variances are that of a rating around its cell's mean and that of the means, by the
// differences of ratings of a cell that follow each other: a change of tastes hardly
// counts in them.
func variances(rows []row) (noise, between float64) {
	last := map[int]float64{}
	var within, n, sum, square float64
	for _, r := range rows {
		if before, ok := last[r.cell]; ok {
			within += (r.stars - before) * (r.stars - before) / 2
			n++
		}
		last[r.cell] = r.stars
		sum += r.stars
		square += r.stars * r.stars
	}
	all := float64(len(rows))
	total := square/all - sum/all*sum/all
	noise = max(total, 0.1)
	if n > 0 {
		noise = max(within/n, 0.1)
	}
	return noise, max(total-noise, 0.02)
}

// memory is a normal belief of each cell's mean.
type memory struct {
	mean, variance []float64
	noise          float64
}

func newMemory(rows []row, noise, between float64) *memory {
	n := 0
	for _, r := range rows {
		n = max(n, r.cell+1)
	}
	m := &memory{make([]float64, n), make([]float64, n), noise}
	for i := range m.variance {
		m.variance[i] = between
	}
	return m
}

// see is the logarithm of the density of a rating, which the memory then knows.
func (m *memory) see(r row) float64 {
	v := m.variance[r.cell] + m.noise
	d := r.stars - m.mean[r.cell]
	gain := m.variance[r.cell] / v
	m.mean[r.cell] += gain * d
	m.variance[r.cell] *= 1 - gain
	return -0.5 * (d*d/v + math.Log(2*math.Pi*v))
}
