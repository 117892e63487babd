package reward

import "math"

// Informative orders items so that ratings of the first ones teach most: it returns the
// indices of at most n of them, the best first. The measure is the information that a
// rating is expected to give of the weights, which other items share, in nats (Lindley
// 1956), given that those before are rated too. So alike ones do not follow each other.
// seen says how often each was rated or is being asked, which leaves less to learn; it may
// be nil.
func (m *Model) Informative(items []Item, seen []int, n int) []Gain {
	c := m.clone()
	for i := range items {
		c.grow(&items[i])
	}
	vectors, left, own, info := make([]vec, len(items)), make([]float64, len(items)), make([]float64, len(items)), make([]float64, len(items))
	for i := range items {
		vectors[i] = c.cols.vector(&items[i])
		left[i] = c.variance(&vectors[i])
		own[i] = m.spread.Item
		if e := m.items[items[i].ID]; e != nil {
			own[i] = e.Variance
		}
		z := c.w[0] + vectors[i].dot(c.w)
		info[i] = c.cuts.rated(1, z).info // the same for each number of stars
		if seen != nil {
			info[i] /= 1 + float64(max(seen[i], 0))
		}
		info[i] /= 1 + info[i]*(own[i]+m.spread.Bias/4) // what a rating says of the item and the rater is no news of others
	}
	var picked []Gain
	var known [][]float64 // for each pick, what it shares with each item
	done := make([]bool, len(items))
	for len(picked) < min(n, len(items)) {
		best, at := -1.0, -1
		for i := range items {
			if g := 0.5 * math.Log1p(info[i]*left[i]); !done[i] && g > best {
				best, at = g, i
			}
		}
		if at < 0 {
			break
		}
		done[at] = true
		picked = append(picked, Gain{at, best})
		shared := c.shared(&vectors[at], vectors)
		for _, k := range known {
			for i := range shared {
				shared[i] -= k[i] * k[at]
			}
		}
		// A rating has an error with a variance of 1/info around what is shared.
		scale := math.Sqrt(left[at] + 1/max(info[at], tiny))
		for i := range shared {
			shared[i] /= scale
			left[i] = max(left[i]-shared[i]*shared[i], 0)
		}
		known = append(known, shared)
	}
	return picked
}

// Gain is an item and the information that its rating is expected to give, in nats.
type Gain struct {
	Item int
	Nats float64
}

// shared is the covariance of the worth of one item with that of each.
func (m *Model) shared(of *vec, with []vec) []float64 {
	dense := make([]float64, len(m.w))
	add := func(at int, f float64) {
		for j := range dense {
			dense[j] += f * m.cov.At(j, at)
		}
	}
	add(0, 1)
	for i, at := range of.at {
		add(at, of.val[i])
	}
	s := make([]float64, len(with))
	for i := range with {
		s[i] = dense[0] + with[i].dot(dense)
	}
	return s
}

// clone is a copy whose columns can grow.
func (m *Model) clone() *Model {
	c := *m
	c.cols = columnsOf(append([]string(nil), m.cols.names...), m.cols.center)
	c.w = append([]float64(nil), m.w...)
	return &c // cov is replaced when it grows, never changed by what is done with a clone
}
