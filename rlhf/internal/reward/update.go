package reward

import (
	"cmp"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Update learns from one more observation at once: a step of an extended Kalman filter,
// which is one step of Newton's method for that observation alone. before is what the
// same rater said of the same item earlier, and nil when nothing: it is taken back.
func (m *Model) Update(o, before *Observation) {
	m.meet(o)
	old := map[bool]datum{} // by whether it is a rating
	if before != nil {
		for _, d := range before.data() {
			if d.sort != preferred {
				old[d.sort <= stars] = d
			}
		}
	}
	for _, d := range o.data() {
		was, again := old[d.sort <= stars]
		if d.sort == preferred || !again {
			m.learn(o, d, nil)
		} else if was.sort != d.sort {
			m.learn(o, d, &was)
		}
	}
	if o.At.After(m.last) {
		m.last = o.At
	}
}

// strangerNoise is the chance that a rating of somebody says nothing who was in no fit. A
// fit finds a lower one where they agree with others.
const strangerNoise = 0.2

// meet makes room for a rater, an item and features that are new.
func (m *Model) meet(o *Observation) {
	if m.raters[o.Rater] == nil {
		m.raters[o.Rater] = &rater{Noise: strangerNoise, Variance: m.spread.Bias, Share: 1}
	}
	of := []*Item{&o.Item}
	if o.Over != nil {
		of = append(of, o.Over)
	}
	for _, i := range of {
		m.grow(i)
		if m.items[i.ID] == nil {
			m.items[i.ID] = &effect{Variance: m.spread.Item}
			v := m.cols.vector(i)
			m.sawItem(i, &v)
		}
	}
}

// grow adds columns for the names of an item that have none.
func (m *Model) grow(i *Item) {
	for _, n := range i.names() {
		if _, ok := m.cols.at[n]; ok || len(m.cols.names) >= maxNames {
			continue
		}
		at := m.cols.len()
		m.cols.names = append(m.cols.names, n)
		m.cols.at[n] = at
		m.w = append(m.w, 0)
		next := mat.NewSymDense(at+1, nil)
		for r := range at {
			for c := r; c < at; c++ {
				next.SetSym(r, c, m.cov.At(r, c))
			}
		}
		next.SetSym(at, at, m.spread.Group[groupOf(n)])
		m.cov = next
	}
}

// learn moves all that a datum tells of. was is what it replaces.
func (m *Model) learn(o *Observation, d datum, was *datum) {
	r, e := m.raters[o.Rater], m.items[o.Item.ID]
	x := m.cols.vector(&o.Item)
	scale, bias, start := math.Exp(r.Scale), 1.0, 1.0
	worth := x.dot(m.w) + e.Mean
	var over *effect
	if d.sort == preferred {
		y := m.cols.vector(o.Over)
		over, bias, start = m.items[o.Over.ID], 0, 0
		x = x.minus(&y)
		worth = x.dot(m.w) + e.Mean - over.Mean
	}
	z := start*m.w[0] + bias*r.Bias + scale*worth
	d.weight = m.fresh(o, r, e, was != nil)
	v := m.seen(&d, r, z)
	if was != nil { // its information was counted, and its slope is taken back
		was.weight = d.weight
		v.slope -= m.seen(was, r, z).slope
		v.info = 0
	}
	if o.Claimed || r.Count < m.opts.Newcomer {
		start = 0 // what people are like is learned of those who are known, and at a fit
	}
	k := make([]float64, len(m.w)) // the covariance times the direction
	column := func(at int, f float64) {
		for j := range k {
			k[j] += f * m.cov.At(j, at)
		}
	}
	column(0, start)
	for i, at := range x.at {
		column(at, scale*x.val[i])
	}
	own := scale * e.Variance
	total := start*k[0] + scale*x.dot(k) + bias*r.Variance + scale*own
	if over != nil {
		total += scale * scale * over.Variance
	}
	step, shrink := v.slope/(1+v.info*total), v.info/(1+v.info*total)
	raw, n := m.cov.RawSymmetric(), len(k)
	for i := range k {
		m.w[i] += k[i] * step
		row := raw.Data[i*raw.Stride : i*raw.Stride+n]
		for j, f := i, k[i]*shrink; j < n; j++ {
			row[j] -= f * k[j]
		}
	}
	e.Mean += own * step
	e.Variance -= own * own * shrink
	if over != nil {
		other := scale * over.Variance
		over.Mean -= other * step
		over.Variance -= other * other * shrink
	}
	r.Bias += bias * r.Variance * step
	r.Variance -= bias * r.Variance * r.Variance * shrink
}

// seen is the view of a datum at z, with noise and its weight.
func (m *Model) seen(d *datum, r *rater, z float64) view {
	var v view
	switch d.sort {
	case helpful, unhelpful:
		v = flagged(d.sort == helpful, z-m.flag)
	case preferred:
		v = flagged(true, z)
	default:
		v = m.cuts.rated(int(d.sort), z)
	}
	genuine := (1 - r.Noise) * v.p / ((1-r.Noise)*v.p + r.Noise*d.noise())
	return view{v.p, v.slope * genuine * d.weight, v.info * genuine * d.weight}
}

// fresh counts an observation that was not in the fit, and says what it weighs: see
// weigh.
func (m *Model) fresh(o *Observation, r *rater, e *effect, again bool) float64 {
	w := cmp.Or(o.Weight, 1)
	if !again {
		m.count++
		r.Count++
		e.Count++
		m.kind(o.Item.Kind).Count++
	}
	if !o.Claimed && r.Count >= m.opts.Newcomer {
		e.Known += w
		return w
	}
	w = min(w, max(0, newcomerFew+newcomerShare*e.Known-e.Fresh))
	e.Fresh += w
	return w
}
