package reward

import "math"

// stars is the number of categories.
const stars = 5

// cuts are the thresholds between the stars. A rating exceeds k stars with chance
// logistic(z - cuts[k-1]). The second is 0, since the intercept says where they are.
type cuts [stars - 1]float64

// cutsOf makes the thresholds of the logarithms of their distances.
func cutsOf(gaps [stars - 2]float64) cuts {
	c := cuts{-math.Exp(gaps[0]), 0, math.Exp(gaps[1]), 0}
	c[3] = c[2] + math.Exp(gaps[2])
	return c
}

// logistic is 1 / (1 + exp(-x)).
func logistic(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// view is what a likelihood says at z: the chance of what was seen, the slope of its
// logarithm, and the information that such an observation has of z.
type view struct{ p, slope, info float64 }

// tiny keeps chances away from 0.
const tiny = 1e-12

// odds are exp(cuts): a rating exceeds k stars with chance e / (e + odds[k-1]), where e is
// expOf(z). One exponential for a rating is most of what its view takes.
type odds [stars - 1]float64

func (c *cuts) odds() (o odds) {
	for k := range c {
		o[k] = math.Exp(c[k])
	}
	return o
}

// expOf is exp(z), kept so far from 0 and from infinity that chances are numbers.
func expOf(z float64) float64 { return math.Exp(within(z, 300)) }

// rated is the view of a rating.
func (c *cuts) rated(y int, z float64) view {
	o := c.odds()
	return o.rated(y, z)
}

func (o *odds) rated(y int, z float64) view {
	above, f := 1.0, 0.0
	e := expOf(z)
	var v view
	for k := 1; k <= stars; k++ {
		next, g := 0.0, 0.0
		if k < stars {
			next = e / (e + o[k-1])
			g = next * (1 - next)
		}
		p, d := max(above-next, tiny), f-g
		v.info += d * d / p
		if k == y {
			v.p, v.slope = p, d/p
		}
		above, f = next, g
	}
	return v
}

// flagged is the view of something that has a chance of logistic(z).
func flagged(yes bool, z float64) view {
	p := logistic(z)
	if yes {
		return view{max(p, tiny), 1 - p, p * (1 - p)}
	}
	return view{max(1-p, tiny), -p, p * (1 - p)}
}
