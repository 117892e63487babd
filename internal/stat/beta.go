package stat

import "math"

// logBeta is the logarithm of the beta function.
func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// betaBelow is the chance that a Beta(a, b) is below x: the regularised incomplete
// beta function, by its continued fraction (Press et al., Numerical Recipes, 6.4).
func betaBelow(x, a, b float64) float64 { return math.Exp(logBetaBelow(x, a, b)) }

// logBetaBelow is the logarithm of betaBelow, also where that is too small for a
// float64.
func logBetaBelow(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return math.Inf(-1)
	case x >= 1:
		return 0
	case x > (a+1)/(a+b+2): // where the fraction converges slowly
		return math.Log1p(-betaBelow(1-x, b, a))
	}
	return a*math.Log(x) + b*math.Log1p(-x) - logBeta(a, b) + math.Log(fraction(x, a, b)/a)
}

// fraction is the continued fraction of betaBelow, evaluated by Lentz's method.
func fraction(x, a, b float64) float64 {
	const tiny, most = 1e-300, 100_000
	away := func(v float64) float64 { // from zero
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1))
	f := d
	for m := 1.0; m < most; m++ {
		for _, k := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d = 1 / away(1+k*d)
			c = away(1 + k/c)
			f *= c * d
		}
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	return f
}

// betaQuantile is the value below which a Beta(a, b) is with chance p, by bisection.
func betaQuantile(p, a, b float64) float64 {
	lo, hi := 0.0, 1.0
	for range 80 {
		if mid := (lo + hi) / 2; betaBelow(mid, a, b) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}
