package stat

import "math"

// Mean is a confidence sequence for the mean of values between Low and High: an
// interval that holds the mean at all times with a chance of 1 - Alpha, whatever the
// values' distribution. It bets on values against every candidate for the mean, and
// keeps those against which it has not won enough: Waudby-Smith and Ramdas,
// Estimating means of bounded random variables by betting (2023), the hedged capital
// with predictable plug-in bets.
type Mean struct {
	low, high float64
	most      float64 // logarithm of the capital at which a candidate is given up
	logs      [2][]float64
	n         int
	sum       float64 // of the values in [0, 1], with half a value before the first
	squares   float64 // of their distances from the mean, with a quarter before
	from, to  int     // the candidates that are left
}

// candidates is how many means are bet against: the interval's ends are known to a
// two-thousandth of the range.
const candidates = 2001

// NewMean makes a sequence for values in [low, high].
func NewMean(low, high, alpha float64) *Mean {
	m := &Mean{low: low, high: high, most: math.Log(2 / alpha), sum: 0.5, squares: 0.25, to: candidates - 1}
	m.logs = [2][]float64{make([]float64, candidates), make([]float64, candidates)}
	return m
}

// Add takes the next value. One outside of the range counts as the nearest in it.
func (m *Mean) Add(value float64) {
	x := min(max((value-m.low)/(m.high-m.low), 0), 1)
	n := float64(m.n + 1)
	variance := m.squares / n
	bet := math.Sqrt(2 * m.most / (variance * n * math.Log(n+1)))
	for i := m.from; i <= m.to; i++ {
		c := float64(i) / (candidates - 1)
		// A bet loses at most half of what there is.
		up, down := min(bet, 0.5/max(c, 1e-9)), min(bet, 0.5/max(1-c, 1e-9))
		m.logs[0][i] += math.Log1p(up * (x - c))
		m.logs[1][i] += math.Log1p(-down * (x - c))
	}
	for m.from < m.to && m.lost(m.from) {
		m.from++
	}
	for m.to > m.from && m.lost(m.to) {
		m.to--
	}
	m.n++
	m.sum += x
	mean := m.sum / float64(m.n+1)
	m.squares += (x - mean) * (x - mean)
}

// lost tells whether a candidate is given up. Once it is it stays so, since the
// sequence is the intersection of its intervals.
func (m *Mean) lost(i int) bool { return max(m.logs[0][i], m.logs[1][i]) >= m.most }

// N is how many values there were.
func (m *Mean) N() int { return m.n }

// Interval is the confidence sequence now: the whole range before the first value.
// Its ends are rounded outwards.
func (m *Mean) Interval() (low, high float64) {
	at := func(i int) float64 { return m.low + (m.high-m.low)*min(max(float64(i)/(candidates-1), 0), 1) }
	from, to := m.from, m.to
	if from > 0 {
		from--
	}
	if to < candidates-1 {
		to++
	}
	return at(from), at(to)
}
