package irt

import (
	"math"
	"slices"
)

// Level is the chance to pass at level l, from 0, of family f.
func (p *Posterior) Level(f, l int) Interval {
	mean, shapes := 0.0, p.shapes(f, l)
	for i := range p.parts {
		fam := &p.parts[i].fit.families[f]
		mean += p.parts[i].share * average(fam.mean[l], fam.vari[l], fam.chance)
	}
	return interval(mean, func(v float64) float64 { return 1 - p.above(f, l, shapes, v) })
}

// Above is the probability that the chance to pass at level l of family f is
// above a value.
func (p *Posterior) Above(f, l int, value float64) float64 {
	return p.above(f, l, p.shapes(f, l), value)
}

// shapes are those of a level by part.
func (p *Posterior) shapes(f, l int) []shape {
	shapes := make([]shape, len(p.parts))
	for i := range p.parts {
		if i > 0 && p.parts[i].fit == p.parts[i-1].fit {
			shapes[i] = shapes[i-1]
			continue
		}
		shapes[i] = p.parts[i].fit.families[f].shape(l)
	}
	return shapes
}

func (p *Posterior) above(f, l int, shapes []shape, value float64) float64 {
	sum := 0.0
	for i := range p.parts {
		fam := &p.parts[i].fit.families[f]
		skill := (value - fam.guess) / (1 - fam.guess)
		switch {
		case !(skill > 0):
			return 1
		case skill >= 1:
			return 0
		}
		x := math.Log(skill / (1 - skill))
		// Time stretches the shape around its mean.
		z := (x - fam.mean[l]) / math.Sqrt(fam.vari[l]+sq(p.faded[f]))
		sum += p.parts[i].share * (1 - shapes[i].below(z))
	}
	return sum
}

// normal is the standard normal distribution function.
func normal(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// interval is the central 95 % of a distribution on [0, 1].
func interval(mean float64, below func(v float64) float64) Interval {
	quantile := func(u float64) float64 {
		low, high := 0.0, 1.0
		for range 36 {
			if mid := (low + high) / 2; below(mid) < u {
				low = mid
			} else {
				high = mid
			}
		}
		return (low + high) / 2
	}
	return ordered(mean, quantile(0.025), quantile(0.975))
}

// Family is the chance to pass a task of family f whose level is drawn
// uniformly.
func (p *Posterior) Family(f int) Interval {
	one := make([]float64, len(p.faded))
	one[f] = 1
	return p.mixture(one)
}

// All is the chance to pass a task whose family is drawn uniformly, and then
// its level.
func (p *Posterior) All() Interval {
	n := len(p.faded)
	if n == 0 {
		return Interval{}
	}
	even := make([]float64, n)
	for f := range even {
		even[f] = 1 / float64(n)
	}
	return p.mixture(even)
}

// curve is a distribution on [0, 1]: its values where something normal with the
// mean 0 is at even steps between -reach and reach, and what its standard
// deviation may be.
type curve struct {
	values  [33]float64
	reach   float64
	spreads []spread
}

func (c *curve) at(i int) float64 {
	half := len(c.values) / 2
	return c.reach * float64(i-half) / float64(half)
}

// below is the probability of less than v.
func (c *curve) below(v float64) (sum float64) {
	i, _ := slices.BinarySearch(c.values[:], v)
	switch i {
	case 0:
		return 0
	case len(c.values):
		return 1
	}
	low, high := c.values[i-1], c.values[i]
	at := c.at(i-1) + (c.at(i)-c.at(i-1))*(v-low)/(high-low)
	for _, s := range c.spreads {
		sum += s.share * normal(at/s.sd)
	}
	return sum
}

// mixture is the chance to pass a task whose family is drawn with the given
// weights and whose level is drawn uniformly.
func (p *Posterior) mixture(weights []float64) Interval {
	mean, curves := 0.0, make([]curve, len(p.parts))
	for i := range p.parts {
		mean += p.parts[i].share * p.drawn(&p.parts[i], weights, &curves[i])
	}
	return interval(mean, func(v float64) (sum float64) {
		for i := range curves {
			sum += p.parts[i].share * curves[i].below(v)
		}
		return sum
	})
}

// drawn is the mixture if the learner changes in one way: its mean, and its
// values where the levels are moved along the direction in which they vary
// with it, so that they keep within what is possible. They are exact for a
// single level.
func (p *Posterior) drawn(part *part, weights []float64, c *curve) (mean float64) {
	slopes, follow := make([][]float64, len(weights)), make([]float64, len(weights))
	for f, w := range weights {
		if w == 0 {
			continue
		}
		fam := &part.fit.families[f]
		slopes[f] = make([]float64, len(fam.mean))
		w /= float64(len(fam.mean))
		for l, m := range fam.mean {
			mean += w * average(m, fam.vari[l], fam.chance)
			slopes[f][l] = w * average(m, fam.vari[l]+sq(p.faded[f]), func(x float64) float64 { _, s := chance(fam.guess, x); return s })
			follow[f] += slopes[f][l]
		}
	}
	along, variance := part.covary(slopes, follow, p.faded)
	variance = max(variance, 1e-300) // what is certain has slopes of 0
	c.spreads = p.change.spreads(variance, follow, part)
	for _, s := range c.spreads {
		c.reach = max(c.reach, 4*s.sd)
	}
	for f, w := range weights {
		if w == 0 {
			continue
		}
		fam := &part.fit.families[f]
		w /= float64(len(fam.mean))
		for l, m := range fam.mean {
			for i := range c.values {
				c.values[i] += w * fam.chance(m+c.at(i)*along[f][l]/variance)
			}
		}
	}
	for i := 1; i < len(c.values); i++ { // levels that go the other way must not make it fall
		c.values[i] = max(c.values[i], c.values[i-1])
	}
	return mean
}

// covary returns the covariance of every level with the sum of slopes times
// levels, and that sum's variance. Fading is common to all families.
func (p *part) covary(slopes [][]float64, follow, fade []float64) (along [][]float64, variance float64) {
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
		faded += fade[f] * follow[f]
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
			x[l] += fam.reach[0][l]*shared[0] + fam.reach[1][l]*shared[1] + fade[f]*faded
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
