// Package tilt moves a distribution towards what is expected to be liked, and no further
// than a bound.
package tilt

import "math"

// Limits bound a tilt.
type Limits struct {
	// KL is the largest divergence from the distribution that was given, in nats.
	KL float64
	// Sharpness is the largest tilt, in nats for each unit of reward.
	Sharpness float64
}

// By returns q, where q[i] is keep[i] and for the rest in proportion to
// (p[i]-keep[i])*exp(b*reward[i]). b is Sharpness, or less where else the Kullback-Leibler
// divergence of q from p would exceed KL: one at which it is KL. p sums to 1, and keep is
// between 0 and p. What has no chance in p has none in q. A weight that judges p later, of
// what was chosen by q, is at most the largest p[i]/keep[i].
func By(p, keep, reward []float64, l Limits) (q []float64, divergence float64) {
	q = make([]float64, len(p))
	if divergence = by(q, p, keep, reward, l.Sharpness); divergence <= l.KL {
		return q, divergence
	}
	// The divergence is 0 at b = 0, so that a false position closes in on the limit (the
	// Illinois method, Dowell and Jarratt 1971).
	low, high := 0.0, l.Sharpness
	below, above := -l.KL, divergence-l.KL
	for range 40 {
		b := low + (high-low)*below/(below-above)
		divergence = by(q, p, keep, reward, b)
		switch d := divergence - l.KL; {
		case d > 0:
			high, above = b, d
			below /= 2
		case d < -1e-6*l.KL:
			low, below = b, d
			above /= 2
		default:
			return q, divergence
		}
	}
	return q, by(q, p, keep, reward, low)
}

// by fills q for a given b, and returns its divergence from p.
func by(q, p, keep, reward []float64, b float64) (divergence float64) {
	most, sum, rest := math.Inf(-1), 0.0, 0.0
	for i, r := range reward {
		if p[i] > keep[i] {
			most = max(most, r)
			rest += p[i] - keep[i]
		}
	}
	for i, r := range reward {
		q[i] = 0
		if p[i] > keep[i] {
			q[i] = (p[i] - keep[i]) * math.Exp(b*(r-most))
			sum += q[i]
		}
	}
	for i := range q {
		if q[i] > 0 {
			q[i] *= rest / sum
		}
		if q[i] += keep[i]; q[i] > 0 {
			divergence += q[i] * math.Log(q[i]/p[i])
		}
	}
	return max(divergence, 0)
}
