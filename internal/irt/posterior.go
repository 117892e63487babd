package irt

import "math"

// z975 is the standard normal's quantile at 0.975.
const z975 = 1.959963984540054

// Level is the chance to pass at level l, from 0, of family f.
func (p *Posterior) Level(f, l int) Interval {
	fam := &p.fit.families[f]
	at := func(x float64) float64 { c, _ := chance(fam.guess, x); return c }
	half := z975 * math.Sqrt(fam.vari[l]+sq(p.faded[f]))
	return ordered(average(fam.mean[l], fam.vari[l], at), at(fam.mean[l]-half), at(fam.mean[l]+half))
}

// Above is the probability that the chance to pass at level l of family f is
// above a value.
func (p *Posterior) Above(f, l int, value float64) float64 {
	fam := &p.fit.families[f]
	skill := (value - fam.guess) / (1 - fam.guess)
	switch {
	case !(skill > 0):
		return 1
	case skill >= 1:
		return 0
	}
	x := math.Log(skill / (1 - skill))
	return 0.5 * math.Erfc((x-fam.mean[l])/math.Sqrt(2*(fam.vari[l]+sq(p.faded[f]))))
}

// Family is the chance to pass a task of family f whose level is drawn
// uniformly.
func (p *Posterior) Family(f int) Interval {
	one := make([]float64, len(p.fit.families))
	one[f] = 1
	return p.mixture(one)
}

// All is the chance to pass a task whose family is drawn uniformly, and then
// its level.
func (p *Posterior) All() Interval {
	n := len(p.fit.families)
	if n == 0 {
		return Interval{}
	}
	even := make([]float64, n)
	for f := range even {
		even[f] = 1 / float64(n)
	}
	return p.mixture(even)
}

// mixture is the chance to pass a task whose family is drawn with the given
// weights and whose level is drawn uniformly. The ends of its interval are its
// values where the levels are moved along the direction in which they vary
// with it, so that they keep within what is possible; they are exact for a
// single level.
func (p *Posterior) mixture(weights []float64) Interval {
	var in Interval
	slopes, follow := make([][]float64, len(weights)), make([]float64, len(weights))
	for f, w := range weights {
		if w == 0 {
			continue
		}
		fam := &p.fit.families[f]
		slopes[f] = make([]float64, len(fam.mean))
		w /= float64(len(fam.mean))
		for l, m := range fam.mean {
			in.Mean += w * average(m, fam.vari[l], func(x float64) float64 { c, _ := chance(fam.guess, x); return c })
			slopes[f][l] = w * average(m, fam.vari[l]+sq(p.faded[f]), func(x float64) float64 { _, s := chance(fam.guess, x); return s })
			follow[f] += slopes[f][l]
		}
	}
	along, variance := p.covary(slopes, follow)
	reach := 0.0
	if variance > 0 {
		reach = z975 * math.Sqrt(p.change.widen(variance, follow)) / variance
	}
	for f, w := range weights {
		if w == 0 {
			continue
		}
		fam := &p.fit.families[f]
		w /= float64(len(fam.mean))
		for l, m := range fam.mean {
			low, _ := chance(fam.guess, m-reach*along[f][l])
			high, _ := chance(fam.guess, m+reach*along[f][l])
			in.Low += w * low
			in.High += w * high
		}
	}
	return ordered(in.Mean, in.Low, in.High)
}

// covary returns the covariance of every level with the sum of slopes times
// levels, and that sum's variance. Fading is common to all families.
func (p *Posterior) covary(slopes [][]float64, follow []float64) (along [][]float64, variance float64) {
	along = make([][]float64, len(slopes))
	var shared pair
	faded := 0.0
	for f, g := range slopes {
		if g == nil {
			continue
		}
		fam := &p.fit.families[f]
		for j := range shared {
			shared[j] += dot(fam.reach[j], g)
		}
		faded += p.faded[f] * follow[f]
	}
	c := p.fit.cov
	shared = pair{c[0][0]*shared[0] + c[0][1]*shared[1], c[1][0]*shared[0] + c[1][1]*shared[1]}
	for f, g := range slopes {
		if g == nil {
			continue
		}
		fam := &p.fit.families[f]
		x := append([]float64(nil), g...)
		fam.solve(x)
		for l := range x {
			x[l] += fam.reach[0][l]*shared[0] + fam.reach[1][l]*shared[1] + p.faded[f]*faded
		}
		along[f] = x
		variance += dot(g, x)
	}
	return along, variance
}

// ordered clips the interval to [0, 1], and to hold its mean.
func ordered(mean, low, high float64) Interval {
	mean = min(max(mean, 0), 1)
	return Interval{mean, max(0, min(low, mean)), min(1, max(high, mean))}
}
