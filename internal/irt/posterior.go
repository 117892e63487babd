package irt

import (
	"cmp"
	"math"
	"slices"
)

// Level is the chance to pass at level l, from 0, of family f.
func (p *Posterior) Level(f, l int) Interval {
	mean, shapes := 0.0, p.shapes(f, l)
	for i := range p.parts {
		for v := p.of[f][0]; v < p.of[f][1]; v++ {
			fam := &p.parts[i].fit.views[v]
			mean += p.parts[i].share * fam.share * average(fam.mean[l], fam.vari[l], fam.chance(l))
		}
	}
	return interval(mean, func(x float64) float64 { return 1 - p.above(f, l, shapes, x) })
}

// Above is the probability that the chance to pass at level l of family f is
// above a value.
func (p *Posterior) Above(f, l int, value float64) float64 {
	return min(1, p.above(f, l, p.shapes(f, l), value))
}

// shapes returns the shapes of a level by part and view.
func (p *Posterior) shapes(f, l int) [][]shape {
	shapes := make([][]shape, len(p.parts))
	for i := range p.parts {
		if i > 0 && p.parts[i].fit == p.parts[i-1].fit {
			shapes[i] = shapes[i-1]
			continue
		}
		for v := p.of[f][0]; v < p.of[f][1]; v++ {
			shapes[i] = append(shapes[i], p.parts[i].fit.views[v].shape(l))
		}
	}
	return shapes
}

func (p *Posterior) above(f, l int, shapes [][]shape, value float64) float64 {
	switch {
	case !(value > 0):
		return 1
	case value >= 1:
		return 0
	}
	sum := 0.0
	for i := range p.parts {
		for j := range shapes[i] {
			v := p.of[f][0] + j
			fam := &p.parts[i].fit.views[v]
			share := p.parts[i].share * fam.share
			skill := (value - fam.guess[l]) / (1 - fam.guess[l])
			if !(skill > 0) {
				sum += share
				continue
			}
			x := math.Log(skill / (1 - skill))
			// Rest stretches the shape around its mean.
			z := (x - fam.mean[l]) / math.Sqrt(fam.vari[l]+p.parts[i].q*p.views[v].rest)
			sum += share * (1 - shapes[i][j].below(z))
		}
	}
	return sum
}

// normal is the standard normal distribution function.
func normal(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// interval is the central 95 % of a distribution on [0, 1].
func interval(mean float64, below func(v float64) float64) Interval {
	return ordered(mean, quantile(below, 0.025), quantile(below, 0.975))
}

// quantile returns the value below which a share u of a distribution on [0, 1] is. It
// uses the ITP method (Oliveira and Takahashi 2021): a point near where the chord
// crosses, no further from the middle than bisection with nine more steps allows.
func quantile(below func(v float64) float64, u float64) float64 {
	const close = 0x1p-52
	low, high, atLow, atHigh := 0.0, 1.0, -u, 1-u
	for slack := 256.0; high-low > close; slack /= 2 {
		middle, wide := (low+high)/2, high-low
		chord := low - atLow*wide/(atHigh-atLow)
		toMiddle := middle - chord
		step := min(max(0.2*wide*wide, close/2), math.Abs(toMiddle))
		at := chord + math.Copysign(step, toMiddle)
		if far := slack - wide/2; math.Abs(at-middle) > far {
			at = middle - math.Copysign(far, toMiddle)
		}
		switch y := below(at) - u; {
		case y < 0:
			low, atLow = at, y
		case y > 0:
			high, atHigh = at, y
		default:
			return at
		}
	}
	return (low + high) / 2
}

// Family is the chance to pass a task of family f whose level is drawn
// uniformly.
func (p *Posterior) Family(f int) Interval {
	return p.Mean(func(g, _ int) bool { return g == f })
}

// All is the chance to pass a task whose family is drawn uniformly, and its level
// uniformly among the family's.
func (p *Posterior) All() Interval {
	return p.Mean(func(int, int) bool { return true })
}

// Mean is the chance to pass a task whose family is drawn uniformly from those
// with a level that asked selects, and its level uniformly among the selected
// ones.
func (p *Posterior) Mean(asked func(f, l int) bool) Interval {
	weights := make([][]float64, len(p.of)) // by family and level
	families := 0.0
	for f, views := range p.of {
		weights[f] = make([]float64, p.views[views[0]].levels)
		n := 0.0
		for l := range weights[f] {
			if asked(f, l) {
				weights[f][l] = 1
				n++
			}
		}
		if n == 0 {
			continue
		}
		families++
		for l := range weights[f] {
			weights[f][l] /= n
		}
	}
	if families == 0 {
		return Interval{}
	}
	for _, levels := range weights {
		for l := range levels {
			levels[l] /= families
		}
	}
	return p.mixture(weights)
}

// curve is a distribution on [0, 1]: a function of a normal variable with mean 0,
// plus an offset. It has the function's values at even steps between -reach and
// reach, the possible standard deviations of the variable, and the possible
// offsets, which come from the floors.
type curve struct {
	values  [33]float64
	reach   float64
	spreads []spread
	offsets []offset
}

// offset is a shift of a sum with its probability.
type offset struct{ by, share float64 }

// maxOffsets is the largest number of offsets that are kept apart.
const maxOffsets = 16

// with adds an independent offset of mean 0 that has two values: off[i] with the
// probability share[i].
func with(all []offset, off, share [2]float64) []offset {
	sums := make([]offset, 0, 2*len(all))
	for _, o := range all {
		for i := range off {
			sums = append(sums, offset{o.by + off[i], o.share * share[i]})
		}
	}
	if len(sums) <= maxOffsets {
		return sums
	}
	slices.SortFunc(sums, func(a, b offset) int { return cmp.Compare(a.by, b.by) })
	for i := range len(sums) / 2 {
		a, b := sums[2*i], sums[2*i+1]
		both := a.share + b.share
		if both > 0 {
			a.by = (a.share*a.by + b.share*b.by) / both
		}
		sums[i] = offset{a.by, both}
	}
	return sums[:len(sums)/2]
}

func (c *curve) at(i int) float64 {
	half := len(c.values) / 2
	return c.reach * float64(i-half) / float64(half)
}

// below is the probability of less than v.
func (c *curve) below(v float64) (sum float64) {
	for _, o := range c.offsets {
		sum += o.share * c.smooth(v-o.by)
	}
	return sum
}

// smooth is below without the offsets.
func (c *curve) smooth(v float64) (sum float64) {
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

// mixture is the sum of the chances to pass, weighted by family and level.
func (p *Posterior) mixture(weights [][]float64) Interval {
	mean, curves := 0.0, make([]curve, len(p.parts))
	for i := range p.parts {
		mean += p.parts[i].share * p.sum(&p.parts[i], weights, &curves[i])
	}
	return interval(mean, func(v float64) (sum float64) {
		for i := range curves {
			sum += p.parts[i].share * curves[i].below(v)
		}
		return sum
	})
}

// sum computes the weighted sum if the learner changes in one way. It returns the
// mean, and fills c with the sum's values where the levels are moved along the
// direction in which they vary with it, so that each value is a possible one.
// They are exact for a single level.
func (p *Posterior) sum(part *part, weights [][]float64, c *curve) (mean float64) {
	slopes, follow := make([][]float64, len(p.views)), make([]float64, len(p.views))
	c.offsets = []offset{{0, 1}}
	for f, views := range p.of {
		var means, shares [2]float64 // of the views
		own := 0.0
		for v := views[0]; v < views[1]; v++ {
			fam, rest := &part.fit.views[v], part.q*p.views[v].rest
			slopes[v] = make([]float64, len(fam.mean))
			m := 0.0
			for l, w := range weights[f] {
				if w == 0 {
					continue
				}
				m += w * average(fam.mean[l], fam.vari[l], fam.chance(l))
				slopes[v][l] = w * average(fam.mean[l], fam.vari[l]+rest, func(x float64) float64 { _, s := chance(fam.guess[l], x); return s })
				follow[v] += fam.share * slopes[v][l]
			}
			means[v-views[0]], shares[v-views[0]] = m, fam.share
			own += fam.share * m
		}
		mean += own
		if views[1]-views[0] == 2 && min(shares[0], shares[1]) > unlikely/10 && means != [2]float64{} {
			c.offsets = with(c.offsets, [2]float64{means[0] - own, means[1] - own}, shares)
		}
	}
	along, variance := p.covary(part, slopes, follow)
	variance = max(variance, 1e-300) // what is certain has slopes of 0
	c.spreads = p.change.spreads(variance, follow, part)
	for _, s := range c.spreads {
		c.reach = max(c.reach, 4*s.sd)
	}
	for f, views := range p.of {
		for v := views[0]; v < views[1]; v++ {
			fam := &part.fit.views[v]
			for l, w := range weights[f] {
				if w == 0 {
					continue
				}
				for i := range c.values {
					c.values[i] += fam.share * w * fam.chance(l)(fam.mean[l]+c.at(i)*along[v][l]/variance)
				}
			}
		}
	}
	for i := 1; i < len(c.values); i++ { // levels that go the other way must not make it fall
		c.values[i] = max(c.values[i], c.values[i-1])
	}
	return mean
}

// covary returns the covariance of every level with the sum of slopes times
// levels, and that sum's variance. follow[v] is the sum of the slopes of v, times
// v's probability.
func (p *Posterior) covary(part *part, slopes [][]float64, follow []float64) (along [][]float64, variance float64) {
	along = make([][]float64, len(slopes))
	shared := 0.0
	for v, g := range slopes {
		shared += p.views[v].share * dot(part.fit.views[v].reach, g)
	}
	shared *= part.fit.mu.vari
	for _, views := range p.of {
		family := 0.0 // how the sum follows what moves all levels and views
		for v := views[0]; v < views[1]; v++ {
			family += follow[v]
		}
		for v := views[0]; v < views[1]; v++ {
			fam := &part.fit.views[v]
			x := append([]float64(nil), slopes[v]...)
			fam.solve(x)
			for l := range x {
				x[l] += fam.reach[l]*shared + part.q*p.views[v].rest*family
			}
			along[v] = x
			variance += fam.share * dot(slopes[v], x)
		}
	}
	return along, variance
}

// MeanOf is the mean of independent chances. The distances of an interval's ends
// from its mean add up like standard deviations, each side by itself.
func MeanOf(all []Interval) Interval {
	if len(all) == 0 {
		return Interval{}
	}
	n, mean, low, high := float64(len(all)), 0.0, 0.0, 0.0
	for _, i := range all {
		mean += i.Mean / n
		low += sq(i.Mean - i.Low)
		high += sq(i.High - i.Mean)
	}
	return ordered(mean, mean-math.Sqrt(low)/n, mean+math.Sqrt(high)/n)
}

// ordered clips the interval to [0, 1], and to hold its mean.
func ordered(mean, low, high float64) Interval {
	mean = min(max(mean, 0), 1)
	return Interval{mean, max(0, min(low, mean)), min(1, max(high, mean))}
}
