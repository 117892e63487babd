package irt

import "math"

// recent is the number of a series' newest days that decide about the hypotheses.
const recent = 64

// day compares the answers of a day with a fit in which nothing changes: the
// deviation of the ability, in logits, and its precision.
type day struct {
	day       int
	deviation float64
	precision float64
	// practice is the logarithm of 1 and the days of practice before.
	practice float64
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
			days = append(days, day{day: c.Day, practice: math.Log1p(float64(len(days)))})
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
	if discounted || h.g != 0 {
		p.fit = constant.clone()
		p.fit.count(cells)
		p.fit.solve()
	}
	if h.g != 0 {
		for range gainRounds {
			for v, days := range c.views {
				p.fit.views[v].practised(days, h.g, cells[v])
			}
			p.fit.solve()
		}
	}
	return p
}

// gainRounds is the number of fits that find what was gained.
const gainRounds = 4

// practised counts the passes as they would be after all practice, at a gain g: each
// cell has more by what the fit's present abilities are above those of its day.
func (fam *family) practised(days []day, g float64, weights []float64) {
	clear(fam.passes)
	all, at := math.Log1p(float64(len(days))), 0
	for j, c := range fam.cells {
		for at < len(days) && days[at].day < c.Day {
			at++
		}
		more := 0.0
		if at < len(days) && days[at].day == c.Day {
			now, _ := chance(fam.guess[c.Level], fam.mean[c.Level])
			then, _ := chance(fam.guess[c.Level], fam.mean[c.Level]-g*(all-days[at].practice))
			more = now - then
		}
		n := float64(c.Tries)
		fam.passes[c.Level] += weights[j] * min(max(0, float64(c.Passes)+n*more), n)
	}
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
