package irt

import (
	"cmp"
	"math"
	"slices"
)

// The priors of the part of a family's change that all families share: drift at even
// odds none, and a day's luck as likely all as none.
var (
	commonGrid  = [...]float64{0, 0.5, 1}
	commonDrift = [...]float64{0.5, 0.25, 0.25}
	commonLuck  = [...]float64{0.4, 0.2, 0.4}
)

// concentrated returns the sum of the squared shares that the families have in
// the evidence. It is 1 when there is only one family.
func (c *change) concentrated() float64 {
	total, squares := 0.0, 0.0
	for _, views := range c.of {
		own := 0.0
		for v := views[0]; v < views[1]; v++ {
			for _, d := range c.views[v] {
				own += c.shares[v] * d.precision
			}
		}
		total += own
		squares += own * own
	}
	if total == 0 {
		return 1
	}
	return squares / (total * total)
}

// together merges the days of all families.
func (c *change) together() []day {
	var all []day
	for v, days := range c.views {
		for _, d := range days {
			d.precision *= c.shares[v]
			d.deviation *= d.precision
			d.practice *= d.precision
			all = append(all, d)
		}
	}
	// A total order makes the sums independent of the order of the families.
	slices.SortFunc(all, func(a, b day) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.deviation, b.deviation), cmp.Compare(a.precision, b.precision),
			cmp.Compare(a.practice, b.practice))
	})
	merged := all[:0]
	for _, d := range all {
		if last := len(merged) - 1; last >= 0 && merged[last].day == d.day {
			merged[last].deviation += d.deviation
			merged[last].precision += d.precision
			merged[last].practice += d.practice
			continue
		}
		merged = append(merged, d)
	}
	for i := range merged {
		merged[i].deviation /= merged[i].precision
		merged[i].practice /= merged[i].precision
	}
	return merged
}

// common returns the probability of each pair of shared parts, of drift and of
// luck, by the likelihood of all families' days together.
func (c *change) common(h hypothesis) (p [len(commonGrid)][len(commonGrid)]float64) {
	var logs []float64
	seen := func(v, common float64) float64 { return v * (common + (1-common)*c.concentration) }
	for i, drift := range commonGrid {
		for j, luck := range commonGrid {
			shared := hypothesis{seen(h.q, drift), seen(h.t, luck), h.g}
			logs = append(logs, math.Log(commonDrift[i]*commonLuck[j])+localLevel(c.shared, shared))
		}
	}
	normalise(logs)
	for i := range p {
		copy(p[i][:], logs[i*len(commonGrid):])
	}
	return p
}

// crossed returns by how much one unit of shared drift, and one of shared luck,
// raise the variance of a sum over the families above that of independent
// families. a[v] is how the sum follows view v.
func (c *change) crossed(a []float64, weights [][]float64) (drift, luck float64) {
	next := make([]int, len(a))
	older := make([]float64, len(a)) // share of the evidence before the day
	today := make([]float64, len(a))
	total := make([]float64, len(a))
	for v, days := range c.views {
		for i, d := range days {
			total[v] += weights[v][i] * d.precision
		}
	}
	// between is the square of a sum over the families less the squares of its
	// terms.
	between := func(moved []float64) float64 {
		sum, own := 0.0, 0.0
		for _, views := range c.of {
			family := 0.0
			for v := views[0]; v < views[1]; v++ {
				family += a[v] * moved[v]
			}
			sum += family
			own += sq(family)
		}
		return sq(sum) - own
	}
	for i, s := range c.shared {
		if i > 0 {
			drift += float64(s.day-c.shared[i-1].day) * between(older)
		}
		for v, days := range c.views {
			today[v] = 0
			if j := next[v]; j < len(days) && days[j].day == s.day && total[v] > 0 {
				today[v] = weights[v][j] * days[j].precision / total[v]
				next[v]++
			}
		}
		luck += between(today)
		for v := range older {
			older[v] += today[v]
		}
	}
	return drift + c.rest*between(older), luck
}

// spread is a standard deviation of a sum over the families, with its
// probability.
type spread struct{ sd, share float64 }

// spreads returns the spreads of a sum over the families under one hypothesis.
// variance is the sum's variance if the families changed independently. a[v] is
// how the sum follows view v.
func (c *change) spreads(variance float64, a []float64, p *part) []spread {
	drift, luck := c.crossed(a, p.weights)
	if drift == 0 && luck == 0 {
		return []spread{{math.Sqrt(variance), 1}}
	}
	var all []spread
	for i, row := range c.common(p.hypothesis) {
		for j, share := range row {
			more := commonGrid[i]*p.q*max(0, drift) + commonGrid[j]*p.t*max(0, luck)
			all = append(all, spread{math.Sqrt(variance + more), share})
		}
	}
	return all
}
