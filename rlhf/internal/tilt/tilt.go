// Package tilt moves a distribution towards what is expected to be liked, and no further
// than a bound.
package tilt

import "math"

// Limits bound a tilt.
type Limits struct {
	// KL is the largest divergence from the distribution that was given, in nats.
	KL float64
	// Floor in [0, 1) is the share of each probability that stays. A weight that judges
	// the given distribution later is at most 1/Floor.
	Floor float64
	// Sharpness is the largest tilt, in nats for each unit of reward.
	Sharpness float64
}

// By returns q, where q[i] is Floor*p[i] and for the rest in proportion to
// p[i]*exp(b*reward[i]). b is Sharpness, or less where else the Kullback-Leibler
// divergence of q from p would exceed KL: the largest that is allowed. p sums to 1. What
// has no chance in p has none in q.
func By(p, reward []float64, l Limits) (q []float64, divergence float64) {
	q = make([]float64, len(p))
	if divergence = by(q, p, reward, l.Sharpness, l.Floor); divergence <= l.KL {
		return q, divergence
	}
	// The divergence grows with b, so that a false position closes in on the limit (the
	// Illinois method, Dowell and Jarratt 1971).
	low, high := 0.0, l.Sharpness
	below, above := -l.KL, divergence-l.KL
	for range 40 {
		b := low + (high-low)*below/(below-above)
		divergence = by(q, p, reward, b, l.Floor)
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
	return q, by(q, p, reward, low, l.Floor)
}

// by fills q for a given b, and returns its divergence from p.
func by(q, p, reward []float64, b, floor float64) (divergence float64) {
	most, sum := math.Inf(-1), 0.0
	for i, r := range reward {
		if p[i] > 0 {
			most = max(most, r)
		}
	}
	for i, r := range reward {
		q[i] = 0
		if p[i] > 0 {
			q[i] = p[i] * math.Exp(b*(r-most))
			sum += q[i]
		}
	}
	for i := range q {
		if p[i] > 0 {
			q[i] = floor*p[i] + (1-floor)*q[i]/sum
			if q[i] > 0 {
				divergence += q[i] * math.Log(q[i]/p[i])
			}
		}
	}
	return max(divergence, 0)
}
