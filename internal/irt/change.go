package irt

import (
	"cmp"
	"math"
	"slices"
)

// The prior of change: the variance q of a random walk per day, of a family and
// of all together, and the variance t that the answers of one day have in
// common, in logits².
var (
	driftGrid   = [...]float64{0, 0.001, 0.005, 0.025, 0.125}
	driftPrior  = [...]float64{0.3, 0.15, 0.25, 0.25, 0.05}
	sharedPrior = [...]float64{0.65, 0.1, 0.12, 0.1, 0.03}
	dayGrid     = [...]float64{0, 0.04, 0.2, 1}
	dayPrior    = [...]float64{0.8, 0.1, 0.06, 0.04}
)

// tails is by how much the variance of a Gaussian must exceed that of the
// mixture which it stands for.
const tails = 1.06

// recent is how many of a series' newest days decide about q and t.
const recent = 64

// day is what the answers of a day say, against a fit in which nothing
// changes: the deviation of the ability, in logits, and its precision.
type day struct {
	day       int
	deviation float64
	precision float64
}

// change is what was found out about it.
type change struct {
	// families[f] are the days of family f, shared those of all together.
	families [][]day
	shared   []day
	// own is the posterior of (q, t) of a family, pooled over the families,
	// common that of their mean.
	own, common grid
	// part is the share of a family's own change that its part in the mean
	// makes visible there: 1 with a single family.
	part float64
	// weights[f][i] is how much day i of family f still counts.
	weights [][]float64
}

// grid is a probability for each pair of q and t.
type grid [len(driftGrid)][len(dayGrid)]float64

func (g *grid) mean() (drift, luck float64) {
	for i, row := range g {
		for j, p := range row {
			drift += p * driftGrid[i]
			luck += p * dayGrid[j]
		}
	}
	return drift, luck
}

func estimateChange(f *fit, evidence []history) *change {
	c := &change{families: make([][]day, len(evidence)), weights: make([][]float64, len(evidence))}
	for i := range evidence {
		c.families[i] = deviations(&f.families[i], &evidence[i])
	}
	c.shared = together(c.families)
	c.own = posterior(c.families, driftPrior)
	c.common = posterior([][]day{c.shared}, sharedPrior)
	c.part = concentration(c.families)
	return c
}

// concentration is the sum of the squared shares that the families have in the
// evidence, 1 when there is only one.
func concentration(families [][]day) float64 {
	total, squares := 0.0, 0.0
	for _, days := range families {
		own := 0.0
		for _, d := range days {
			own += d.precision
		}
		total += own
		squares += own * own
	}
	if total == 0 {
		return 1
	}
	return squares / (total * total)
}

// deviations measures each day of a family against the fit. The residual is
// the signed root of the deviance, which is nearer to normal than Pearson's
// where the chance is close to 0 or 1.
func deviations(fam *family, h *history) []day {
	var days []day
	for _, c := range h.cells {
		n, k := float64(c.Tries), float64(c.Passes)
		p, slope := chance(fam.guess, fam.mean[c.Level])
		q := 1 - p
		if fam.guess == 0 {
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

// together merges the days of all families.
func together(families [][]day) []day {
	var all []day
	for _, days := range families {
		for _, d := range days {
			d.deviation *= d.precision
			all = append(all, d)
		}
	}
	// A total order, so that sums do not depend on the order of the families.
	slices.SortFunc(all, func(a, b day) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.deviation, b.deviation), cmp.Compare(a.precision, b.precision))
	})
	merged := all[:0]
	for _, d := range all {
		if last := len(merged) - 1; last >= 0 && merged[last].day == d.day {
			merged[last].deviation += d.deviation
			merged[last].precision += d.precision
			continue
		}
		merged = append(merged, d)
	}
	for i := range merged {
		merged[i].deviation /= merged[i].precision
	}
	return merged
}

// posterior weighs the grid by the likelihood of the days under a local level
// model, which a Kalman filter computes.
func posterior(series [][]day, driftPrior [len(driftGrid)]float64) grid {
	var g grid
	best := math.Inf(-1)
	for i, q := range driftGrid {
		for j, t := range dayGrid {
			sum := math.Log(driftPrior[i] * dayPrior[j])
			for _, days := range series {
				sum += localLevel(days[max(0, len(days)-recent):], q, t)
			}
			g[i][j] = sum
			best = max(best, sum)
		}
	}
	total := 0.0
	for i := range g {
		for j := range g[i] {
			g[i][j] = math.Exp(g[i][j] - best)
			total += g[i][j]
		}
	}
	for i := range g {
		for j := range g[i] {
			g[i][j] /= total
		}
	}
	return g
}

// localLevel is the log likelihood of deviations from a level that walks with
// variance q a day, each with a noise of its own and t more.
func localLevel(days []day, q, t float64) float64 {
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

// weigh sets how much the evidence of each day still counts, and reports
// whether any counts less than in full.
func (c *change) weigh(f *fit, evidence []history) bool {
	discounted := false
	for i := range evidence {
		days := c.families[i]
		c.weights[i] = kalmanWeights(days, &c.own)
		h := &evidence[i]
		at := 0
		for j, cell := range h.cells {
			for at < len(days) && days[at].day < cell.Day {
				at++
			}
			if at < len(days) && days[at].day == cell.Day {
				h.weights[j] = c.weights[i][at]
				discounted = discounted || h.weights[j] < 1
			}
		}
	}
	if discounted {
		f.count(evidence)
	}
	return discounted
}

// kalmanWeights is how much each day counts towards the newest. With precision
// p in hand, a walk of variance v takes the factor 1/(1+pv) of it, from all
// days before alike: a power curve, steeper the more sharply something is
// known. The weights are averaged over g and then scaled so that what they
// add up to has the variance of the mixture: that within its parts, and that
// between their means.
func kalmanWeights(days []day, g *grid) []float64 {
	w := make([]float64, len(days))
	part := make([]float64, len(days))
	var within, mean, square, precision float64
	for i, q := range driftGrid {
		for j, t := range dayGrid {
			share := g[i][j]
			if share < 1e-4 {
				continue
			}
			p := 0.0
			for k, d := range days {
				if k > 0 {
					part[k-1] = 1 / (1 + p*q*float64(d.day-days[k-1].day))
					p *= part[k-1]
				}
				p += d.precision / (1 + t*d.precision)
			}
			kept, level := 1.0, 0.0
			for k := len(days) - 1; k >= 0; k-- {
				d := days[k]
				if k < len(days)-1 {
					kept *= part[k]
				}
				counts := kept / (1 + t*d.precision)
				w[k] += share * counts
				level += counts * d.precision * d.deviation
			}
			level /= p
			within += share / p
			precision += share * p
			mean += share * level
			square += share * level * level
		}
	}
	if len(days) > 0 {
		scale := 1 / (precision * tails * (within + max(0, square-mean*mean)))
		for k := range w {
			w[k] = min(1, w[k]*scale)
		}
	}
	return w
}

// stability is the number of days after which FSRS's power forgetting curve
// has come down to 0.9.
const stability = 90

// fade is, per family, the standard deviation that the time since its last
// evidence adds. A family without evidence fades with the newest of the rest.
func fade(evidence []history, asOf int) []float64 {
	newest := math.MinInt
	for i := range evidence {
		if n := len(evidence[i].cells); n > 0 {
			newest = max(newest, evidence[i].cells[n-1].Day)
		}
	}
	sd := make([]float64, len(evidence))
	for i := range evidence {
		last := newest
		if n := len(evidence[i].cells); n > 0 {
			last = evidence[i].cells[n-1].Day
		}
		if last > math.MinInt {
			age := float64(asOf) - float64(last)
			r := 1 / math.Sqrt(1+19.0/81*age/stability)
			sd[i] = familySD * math.Sqrt(1-r)
		}
	}
	return sd
}

// crossed returns by how much one unit of shared drift and one of shared luck
// raise the variance of a sum over the families, beyond what the families' own
// variances have in them. a[f] is how the sum follows family f.
func (c *change) crossed(a []float64) (drift, luck float64) {
	next := make([]int, len(a))
	older := make([]float64, len(a)) // share of the evidence before the day
	total := make([]float64, len(a))
	for f, days := range c.families {
		for i, d := range days {
			total[f] += c.weights[f][i] * d.precision
		}
	}
	for i, s := range c.shared {
		var walk, walkOwn, today, todayOwn float64
		for f, days := range c.families {
			if total[f] == 0 {
				continue
			}
			walk += a[f] * older[f]
			walkOwn += sq(a[f] * older[f])
			if j := next[f]; j < len(days) && days[j].day == s.day {
				w := c.weights[f][j] * days[j].precision / total[f]
				older[f] += w
				today += a[f] * w
				todayOwn += sq(a[f] * w)
				next[f]++
			}
		}
		luck += sq(today) - todayOwn
		if i > 0 {
			drift += float64(s.day-c.shared[i-1].day) * (sq(walk) - walkOwn)
		}
	}
	return drift, luck
}

// widen returns the variance of a sum over the families, given the variance
// that it would have if the families changed independently: the one whose
// precision is the mean over what is known of shared change.
func (c *change) widen(variance float64, a []float64) float64 {
	if c.part > 0.999 || variance == 0 {
		return variance
	}
	drift, luck := c.crossed(a)
	ownDrift, ownLuck := c.own.mean()
	// beyond is what a value in common has beyond the mean of families that
	// change on their own.
	beyond := func(common, own float64) float64 { return max(0, common-c.part*own) / (1 - c.part) }
	precision := 0.0
	for i, q := range driftGrid {
		for j, t := range dayGrid {
			more := beyond(q, ownDrift)*max(0, drift) + beyond(t, ownLuck)*max(0, luck)
			precision += c.common[i][j] / (variance + more)
		}
	}
	return 1 / precision
}
