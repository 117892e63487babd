package irt

import (
	"math"
	"slices"
)

// The prior of change, in logits²: the variance q of a family's random walk per
// day, and the variance t of the luck that its answers of one day share.
var (
	driftGrid  = [...]float64{0, 0.001, 0.005, 0.025, 0.125}
	driftPrior = [...]float64{0.3, 0.15, 0.25, 0.25, 0.05}
	dayGrid    = [...]float64{0, 0.04, 0.2, 1}
	dayPrior   = [...]float64{0.8, 0.1, 0.06, 0.04}
)

// recent is the number of a series' newest days that decide about q and t.
const recent = 64

// day compares the answers of a day with a fit in which nothing changes: the
// deviation of the ability, in logits, and its precision.
type day struct {
	day       int
	deviation float64
	precision float64
}

// change is the evidence about how a learner changes.
type change struct {
	// views[v] are the days of view v, and shares[v] is its part in its family's
	// evidence. of[f] is the range of family f among the views. shared are the
	// days of all families together.
	views  [][]day
	shares []float64
	of     [][2]int
	shared []day
	// concentration is the sum of the squared shares that the families have in
	// the evidence: the part of their own change that is visible in shared.
	concentration float64
	// rest is the number of days since the newest evidence.
	rest float64
}

func estimateChange(f *fit, p *Posterior) *change {
	c := &change{of: p.of}
	for i := range f.views {
		c.views = append(c.views, deviations(&f.views[i]))
		c.shares = append(c.shares, f.views[i].share)
	}
	c.shared = c.together()
	c.concentration = c.concentrated()
	return c
}

// rested returns c as of a day, where newest is the day of the newest evidence.
func (c *change) rested(day, newest int) *change {
	r := *c
	r.rest = 0
	if newest > math.MinInt {
		r.rest = max(0, float64(day)-float64(newest))
	}
	return &r
}

// deviations measures each day of a family against the fit. The residual is
// the signed root of the deviance, which is nearer to normal than Pearson's
// where the chance is close to 0 or 1.
func deviations(fam *family) []day {
	var days []day
	for _, c := range fam.cells {
		n, k := float64(c.Tries), float64(c.Passes)
		p, slope := chance(fam.guess[c.Level], fam.mean[c.Level])
		q := 1 - p
		if fam.guess[c.Level] == 0 {
			_, q = logistic(fam.mean[c.Level])
		}
		info := n * slope * slope / (p * q)
		if !(info > 1e-9) {
			continue
		}
		if len(days) == 0 || days[len(days)-1].day != c.Day {
			days = append(days, day{day: c.Day})
		}
		d := &days[len(days)-1]
		d.deviation += devianceRoot(n, k, p, q) * math.Sqrt(info)
		d.precision += info
	}
	for i := range days {
		days[i].deviation /= days[i].precision
	}
	return days
}

// devianceRoot is the signed root of the deviance of k passes in n tries with
// the chance p = 1-q.
func devianceRoot(n, k, p, q float64) float64 {
	d := 0.0
	if k > 0 {
		d += k * math.Log(k/(n*p))
	}
	if k < n {
		d += (n - k) * math.Log((n-k)/(n*q))
	}
	return math.Copysign(math.Sqrt(2*max(0, d)), k-n*p)
}

// hypothesis is one way to change: a family walks with variance q a day, and its
// answers of one day share luck of variance t.
type hypothesis struct{ q, t float64 }

// unlikely is the probability below which a hypothesis is not followed.
const unlikely = 0.01

// likely returns the hypotheses that are not unlikely, with their probabilities,
// by the likelihood of the families' days under a local level model. For a frozen
// learner they all have q = 0.
func (c *change) likely(frozen bool) (all []hypothesis, share []float64) {
	for i, q := range driftGrid {
		if frozen && q > 0 {
			continue
		}
		for j, t := range dayGrid {
			sum := math.Log(driftPrior[i] * dayPrior[j])
			for v, days := range c.views {
				sum += c.shares[v] * localLevel(days, q, t)
			}
			all, share = append(all, hypothesis{q, t}), append(share, sum)
		}
	}
	normalise(share)
	kept, total := 0, 0.0
	for i, s := range share {
		if s >= unlikely {
			all[kept], share[kept] = all[i], s
			total += s
			kept++
		}
	}
	all, share = all[:kept], share[:kept]
	for i := range share {
		share[i] /= total
	}
	return all, share
}

// normalise replaces logarithms of weights by shares that sum to 1.
func normalise(logs []float64) {
	top, total := slices.Max(logs), 0.0
	for i, l := range logs {
		logs[i] = math.Exp(l - top)
		total += logs[i]
	}
	for i := range logs {
		logs[i] /= total
	}
}

// localLevel is the log likelihood of the newest deviations from a level that
// walks with variance q a day. Each day has its own noise, and t more.
func localLevel(days []day, q, t float64) float64 {
	days = days[max(0, len(days)-recent):]
	level, vari, sum := 0.0, sq(familySD), 0.0
	for i, d := range days {
		if i > 0 {
			vari += q * float64(d.day-days[i-1].day)
		}
		s := vari + t + 1/d.precision
		e := d.deviation - level
		sum -= 0.5 * (math.Log(s) + e*e/s)
		gain := vari / s
		level += gain * e
		vari *= 1 - gain
	}
	return sum
}

// follow fits the evidence under h. constant is the fit in which nothing changes.
func (c *change) follow(h hypothesis, share float64, constant *fit) part {
	p := part{share: share, hypothesis: h, fit: constant, weights: make([][]float64, len(c.views))}
	cells := make([][]float64, len(c.views)) // how much each cell counts
	discounted := false
	for v, days := range c.views {
		p.weights[v] = h.weigh(days)
		at := 0
		for _, cell := range constant.views[v].cells {
			for at < len(days) && days[at].day < cell.Day {
				at++
			}
			w := 1.0
			if at < len(days) && days[at].day == cell.Day {
				w = p.weights[v][at]
			}
			cells[v] = append(cells[v], w)
			discounted = discounted || w < 1
		}
	}
	if discounted {
		p.fit = constant.clone()
		p.fit.count(cells)
		p.fit.solve()
	}
	return p
}

// weigh returns how much each day counts as of the newest day. A walk of variance
// v leaves the factor 1/(1+pv) of a precision p, the same of all days before it.
// The weights follow a power curve, which is steeper where the precision is
// higher.
func (h hypothesis) weigh(days []day) []float64 {
	w := make([]float64, len(days))
	part := make([]float64, len(days))
	p := 0.0
	for k, d := range days {
		if k > 0 {
			part[k-1] = 1 / (1 + p*h.q*float64(d.day-days[k-1].day))
			p *= part[k-1]
		}
		p += d.precision / (1 + h.t*d.precision)
	}
	kept := 1.0
	for k := len(days) - 1; k >= 0; k-- {
		if k < len(days)-1 {
			kept *= part[k]
		}
		w[k] = kept / (1 + h.t*days[k].precision)
	}
	return w
}
