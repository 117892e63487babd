package reward

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// errSingular says that a fit came to nothing.
var errSingular = errors.New("the ratings cannot be fitted: their information has no inverse")

// totals are what the data of an item say of the intercept (a), of the item's worth (c)
// and of both together (b): slopes and informations. own is the slope of the item's own
// effect, and bend its information: comparisons and the prior are in these too.
type totals struct{ slope0, slope1, a, b, c, own, bend float64 }

func (p *problem) totals(item int) (t totals) {
	for _, i := range p.byItem[item] {
		d, v := &p.data[i], &p.views[i]
		s := p.scales[d.rater]
		if d.sort == preferred {
			if d.over == item {
				t.own -= s * v.slope
			} else {
				t.own += s * v.slope
			}
			t.bend += s * s * v.info
			continue
		}
		t.slope0 += v.slope
		t.slope1 += s * v.slope
		t.a += v.info
		t.b += s * v.info
		t.c += s * s * v.info
	}
	t.own += t.slope1 - p.own[item]/p.spread.Item
	t.bend += t.c + 1/p.spread.Item
	return t
}

// core adds up the information of the weights, from which the items' own effects are
// eliminated, and the slope. slope may be nil.
func (p *problem) core(h *mat.SymDense, slope []float64) {
	raw, n := h.RawSymmetric().Data, len(p.w)
	clear(raw)
	for i := range p.items {
		x, t := &p.items[i], p.totals(i)
		if t.a == 0 {
			continue
		}
		raw[0] += t.a - t.b*t.b/t.bend
		cross, square := t.b-t.b*t.c/t.bend, t.c-t.c*t.c/t.bend
		for k, at := range x.at {
			raw[at] += cross * x.val[k]
			outer(raw[at*n:], x, k, square)
		}
		if slope != nil {
			slope[0] += t.slope0 - t.b/t.bend*t.own
			for k, at := range x.at {
				slope[at] += (t.slope1 - t.c/t.bend*t.own) * x.val[k]
			}
		}
	}
	for i := range p.data {
		d := &p.data[i]
		if d.sort != preferred {
			continue
		}
		x, s, v := p.items[d.item].minus(&p.items[d.over]), p.scales[d.rater], &p.views[i]
		for k, at := range x.at {
			outer(raw[at*n:], &x, k, s*s*v.info)
			if slope != nil {
				slope[at] += s * v.slope * x.val[k]
			}
		}
	}
	for j := range p.w {
		raw[j*n+j] += 1 / p.spread.Group[p.groups[j]]
		if slope != nil {
			slope[j] -= p.w[j] / p.spread.Group[p.groups[j]]
		}
	}
}

// outer adds f times row k of x x' to a row of an upper triangle.
func outer(row []float64, x *vec, k int, f float64) {
	f *= x.val[k]
	for m := k; m < len(x.at); m++ {
		row[x.at[m]] += f * x.val[m]
	}
}

// stepCore moves the weights and the items' own effects by a step of Newton's method
// with the expected information, halved until it is no step back. It says how far.
func (p *problem) stepCore(h *mat.SymDense) (float64, error) {
	slope := make([]float64, len(p.w))
	p.core(h, slope)
	var chol mat.Cholesky
	if !chol.Factorize(h) {
		return 0, errSingular
	}
	step := mat.NewVecDense(len(p.w), nil)
	if err := chol.SolveVecTo(step, mat.NewVecDense(len(slope), slope)); err != nil {
		return 0, errSingular
	}
	dw := step.RawVector().Data
	down := make([]float64, len(p.own)) // of the items' own effects
	for i := range p.items {
		t := p.totals(i)
		down[i] = (t.own - t.b*dw[0] - t.c*p.items[i].dot(dw)) / t.bend
	}
	before, w, own := p.joint, append([]float64(nil), p.w...), append([]float64(nil), p.own...)
	far := 0.0
	for f := 1.0; f > 1e-3; f /= 2 {
		far = 0
		for j := range p.w {
			p.w[j] = w[j] + f*dw[j]
			far = max(far, math.Abs(f*dw[j]))
		}
		for i := range p.own {
			p.own[i] = own[i] + f*down[i]
		}
		if p.see(); p.joint >= before-1e-9*math.Abs(before) {
			return far, nil
		}
	}
	copy(p.w, w)
	copy(p.own, own)
	p.see()
	return 0, nil
}

// covariance is that of the weights, with the items' own effects and the raters'
// biases and scales integrated out.
func (p *problem) covariance(h *mat.SymDense) (*mat.SymDense, error) {
	p.core(h, nil)
	p.withoutRaters(h)
	var chol mat.Cholesky
	if !chol.Factorize(h) {
		return nil, errSingular
	}
	inverse := mat.NewSymDense(len(p.w), nil)
	if err := chol.InverseTo(inverse); err != nil {
		return nil, errSingular
	}
	// A rating is of these raters. What is not known of the mean of their biases, which is
	// a part of the intercept, is no doubt of what they say.
	people := 0.0
	for i := range p.raters {
		people += p.raters[i].Share
	}
	known := inverse.At(0, 0) - p.spread.Bias/people
	inverse.SetSym(0, 0, max(known, inverse.At(0, 0)/10))
	return inverse, nil
}

// withoutRaters eliminates the raters from the information of the weights.
func (p *problem) withoutRaters(h *mat.SymDense) {
	raw, n := h.RawSymmetric().Data, len(p.w)
	share := make([]float64, len(p.items)) // of an item's information that is not of its own effect
	for i := range p.items {
		share[i] = 1 / (1 + p.totals(i).c*p.spread.Item)
	}
	bias, scale, seen := make([]float64, n), make([]float64, n), make([]bool, n)
	for k := range p.raters {
		r := &p.raters[k]
		s := p.scales[k]
		bb, bs, ss := p.inside(r)/p.spread.Bias, 0.0, r.Share/p.spread.Scale
		touched := []int{0}
		seen[0] = true
		for _, i := range p.byRater[k] {
			d := &p.data[i]
			if d.sort == preferred {
				continue
			}
			info, worth := p.views[i].info, s*p.worth[d.item]
			bb += info
			bs += info * worth
			ss += info * worth * worth
			info *= share[d.item]
			bias[0] += info
			scale[0] += info * worth
			x := &p.items[d.item]
			for m, at := range x.at {
				if !seen[at] {
					seen[at] = true
					touched = append(touched, at)
				}
				bias[at] += info * s * x.val[m]
				scale[at] += info * s * x.val[m] * worth
			}
		}
		det := bb*ss - bs*bs
		slices.Sort(touched)
		for first, i := range touched {
			fb, fs, row := (ss*bias[i]-bs*scale[i])/det, (bb*scale[i]-bs*bias[i])/det, raw[i*n:(i+1)*n]
			for _, j := range touched[first:] {
				row[j] -= fb*bias[j] + fs*scale[j]
			}
		}
		for _, i := range touched {
			bias[i], scale[i], seen[i] = 0, 0, false
		}
	}
}

// learnSpread moves the prior variances to what the effects and their uncertainty say:
// the sum of squares for each effect that the data determine (MacKay 1992). Each is drawn
// to half of where it started, as if by six effects.
func (p *problem) learnSpread(cov *mat.SymDense) {
	start := startSpread()
	var of [groups]evidence
	for j, w := range p.w {
		of[p.groups[j]].add(w, cov.At(j, j)/p.spread.Group[p.groups[j]], 1)
	}
	for g := ofKind; g < groups; g++ {
		p.spread.Group[g] = of[g].variance(start.Group[g] / 2)
	}
	var own, bias, scale evidence
	for i, v := range p.own {
		own.add(v, 1/p.totals(i).bend/p.spread.Item, 1)
	}
	for i := range p.raters {
		r := &p.raters[i]
		in := p.inside(r)
		bias.add(r.Bias*math.Sqrt(in/r.Share), r.Variance*in/p.spread.Bias, r.Share)
		scale.add(r.Scale, 0, r.Share)
	}
	p.spread.Item = own.variance(start.Item / 2)
	p.spread.Bias = bias.variance(start.Bias)
	p.spread.Scale = within(scale.variance(start.Scale), 0.1)
}

// evidence is what effects say of their variance.
type evidence struct{ square, known float64 }

// add takes an effect, what its variance is of the prior's, and how much it counts.
func (e *evidence) add(x, unknown, share float64) {
	e.square += share * x * x
	e.known += share * max(0, 1-unknown)
}

func (e *evidence) variance(start float64) float64 {
	const seen = 6
	return min(max((e.square+seen*start)/(e.known+seen), 1e-4), 10)
}
