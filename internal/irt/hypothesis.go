package irt

import (
	"cmp"
	"math"
	"slices"
)

// The prior of change, in logits and logits²: the variance q of a family's random
// walk per day, the variance t of the luck that its answers of one day share, and the
// gain g by practice. A gain is as likely as a loss.
var (
	driftGrid  = [...]float64{0, 0.004, 0.025, 0.16, 1}
	driftPrior = [...]float64{0.3, 0.38, 0.25, 0.05, 0.02}
	dayGrid    = [...]float64{0, 0.04, 0.2, 1}
	dayPrior   = [...]float64{0.7, 0.1, 0.1, 0.1}
	gainGrid   = [...]float64{0, 0.6, -0.6, 1.5, -1.5}
	gainPrior  = [...]float64{0.95, 0.02, 0.02, 0.005, 0.005}
)

// hypothesis is one way to change: a family walks with variance q a day, its answers
// of one day share luck of variance t, and n days of practice raise it by g log(1+n),
// which is the power law of practice (Newell and Rosenbloom 1981).
type hypothesis struct{ q, t, g float64 }

// hypotheses are all of them, those with the same q and t beside each other, with
// their prior probabilities.
var hypotheses, hypothesisPrior = func() (all []hypothesis, prior []float64) {
	for i, q := range driftGrid {
		for j, t := range dayGrid {
			for k, g := range gainGrid {
				all = append(all, hypothesis{q, t, g})
				prior = append(prior, driftPrior[i]*dayPrior[j]*gainPrior[k])
			}
		}
	}
	return all, prior
}()

// unlikely is the probability below which a hypothesis is not followed.
const unlikely = 0.01

// evidence is the log likelihood of each hypothesis, by the families' days under a
// local level model.
func (c *change) evidence() []float64 {
	logs := make([]float64, len(hypotheses))
	for i, h := range hypotheses {
		for v, days := range c.views {
			logs[i] += c.shares[v] * localLevel(days, h)
		}
	}
	return logs
}

// likely returns the hypotheses that are not unlikely, with their probabilities. For a
// frozen learner they all have neither drift nor gain.
func (c *change) likely(frozen bool, prior []float64) (all []hypothesis, share []float64) {
	logs := c.evidence()
	for i, h := range hypotheses {
		if frozen && (h.q > 0 || h.g != 0) {
			continue
		}
		all, share = append(all, h), append(share, logs[i]+math.Log(prior[i]))
	}
	normalise(share)
	return merged(all, share)
}

// merged leaves out the hypotheses that are unlikely, and gives what each had to the
// likeliest with the nearest drift, and of these the nearest luck: together they may be
// what widens an interval.
func merged(all []hypothesis, share []float64) (kept []hypothesis, sum []float64) {
	least := min(unlikely, slices.Max(share))
	for i, h := range all {
		if share[i] >= least {
			kept, sum = append(kept, h), append(sum, share[i])
		}
	}
	own := slices.Clone(sum)
	for i, h := range all {
		if share[i] >= least {
			continue
		}
		best := 0
		for j, k := range kept {
			if c := cmp.Or(cmp.Compare(math.Abs(k.q-h.q), math.Abs(kept[best].q-h.q)),
				cmp.Compare(math.Abs(k.t-h.t), math.Abs(kept[best].t-h.t)), cmp.Compare(own[best], own[j])); c < 0 {
				best = j
			}
		}
		sum[best] += share[i]
	}
	return kept, sum
}

// learnChange learns the prior of the hypotheses from learners that can change, by
// expectation maximisation. The prior for anybody counts as much as a few learners.
func learnChange(fits []*fit) []float64 {
	var all [][]float64
	for _, f := range fits {
		p := &Posterior{}
		for v := range f.views {
			p.of = append(p.of, [2]int{v, v + 1})
		}
		all = append(all, estimateChange(f, p).evidence())
	}
	prior, share := slices.Clone(hypothesisPrior), make([]float64, len(hypotheses))
	for range changeRounds {
		sums := make([]float64, len(hypotheses))
		for _, logs := range all {
			for i, l := range logs {
				share[i] = l + math.Log(prior[i])
			}
			normalise(share)
			for i, s := range share {
				sums[i] += s
			}
		}
		for i, s := range sums {
			prior[i] = (doubt*hypothesisPrior[i] + s) / (doubt + float64(len(all)))
		}
	}
	return prior
}

// changeRounds is the number of rounds in which learnChange settles. Each learner says
// little about its own change, so they are many more than [rounds].
const changeRounds = 200

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

// localLevel is the log likelihood of the newest deviations from a level that changes
// as h says. Each day has its own noise.
func localLevel(days []day, h hypothesis) float64 {
	days = days[max(0, len(days)-recent):]
	level, vari, sum := 0.0, sq(familySD), 0.0
	for i, d := range days {
		if i > 0 {
			vari += h.q * float64(d.day-days[i-1].day)
			level += h.g * (d.practice - days[i-1].practice)
		}
		s := vari + h.t + 1/d.precision
		e := d.deviation - level
		sum -= 0.5 * (math.Log(s) + e*e/s)
		gain := vari / s
		level += gain * e
		vari *= 1 - gain
	}
	return sum
}
