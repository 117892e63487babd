package irt

import "math"

// Averages over N(m, v) are sums over nodes that are a standard deviation apart:
// the trapezoid rule. For a smooth function it is as good as Gauss's.
const nodes = 9

// nodeWeights are the weights of the nodes at -4, ..., 4 standard deviations.
var nodeWeights = func() (w [nodes]float64) {
	sum := 0.0
	for i := range w {
		z := float64(i - nodes/2)
		w[i] = math.Exp(-z * z / 2)
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}()

// average is the mean of g over N(m, v).
func average(m, v float64, g func(x float64) float64) float64 {
	if v == 0 {
		return g(m)
	}
	sd, sum := math.Sqrt(v), 0.0
	for i, w := range nodeWeights {
		sum += w * g(m+sd*float64(i-nodes/2))
	}
	return sum
}

// logistic returns 1/(1+exp(-x)) and 1/(1+exp(x)), both to full precision.
func logistic(x float64) (p, q float64) {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e), 1 / (1 + e)
	}
	e := math.Exp(-x)
	return 1 / (1 + e), e / (1 + e)
}

// chance is the chance to pass at x over the guessing floor c, and slope its
// derivative.
func chance(c, x float64) (p, slope float64) {
	s, r := logistic(x)
	return c + (1-c)*s, (1 - c) * s * r
}

// logLikelihood is the log likelihood of k passes in n tries at x.
func logLikelihood(n, k, c, x float64) float64 {
	// log q = log(1-c) - log(1+exp(x)), and log p = log q + x when c = 0.
	q := -math.Max(x, 0) - math.Log1p(math.Exp(-math.Abs(x)))
	p := q + x
	if c > 0 {
		s, _ := logistic(x)
		p, q = math.Log(c+(1-c)*s), q+math.Log1p(-c)
	}
	return k*p + (n-k)*q
}

// scoreInfo returns the first derivative of the log likelihood, and the negative
// of the second. A guessing floor can make the latter negative; it is 0 then.
func scoreInfo(n, k, c, x float64) (score, info float64) {
	s, r := logistic(x)
	if c == 0 {
		return k - n*s, n * s * r
	}
	p, slope := chance(c, x)
	h := slope / p // of log p; that of log q is -s
	return k*h - (n-k)*s, max(0, (n-k)*s*r-k*(h*(r-s)-h*h))
}

// tilted returns the mean, less m, and the variance of the product of a
// likelihood with a Gaussian. The Gaussian has the precision rest and the slope
// -score at m. m and v are near the result and say where to look.
func tilted(n, k, c, m, v, rest, score float64) (shift, vari float64) {
	var logs [nodes]float64
	sd, top := math.Sqrt(v), math.Inf(-1)
	for i := range logs {
		z := sd * float64(i-nodes/2)
		logs[i] = logLikelihood(n, k, c, m+z) - z*(score+rest*z/2)
		top = max(top, logs[i])
	}
	total, square := 0.0, 0.0
	for i, l := range logs {
		z, w := sd*float64(i-nodes/2), math.Exp(l-top)
		total += w
		shift += w * z
		square += w * z * z
	}
	shift /= total
	return shift, square/total - shift*shift
}
