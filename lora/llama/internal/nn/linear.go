package nn

import "github.com/pastime-go/pastime/lora/llama/internal/kernel"

// input is what linear layers have in common: their input, and its panels, unless
// there are none.
type input struct {
	kernel.Matrix
	panels *kernel.Interleaved
}

// left is the input as the left side of a product.
func (x input) left() kernel.Left {
	if x.panels == nil {
		return x.Matrix
	}
	return x.panels
}

// shared makes x the input of several products.
func (p *Pass) shared(x kernel.Matrix) input {
	return input{x, p.pool.Left(&p.scratch.left, x)}
}

// linear sets y to x W^T plus the adapter's change, or adds that to y.
func (p *Pass) linear(l int, m Module, y kernel.Matrix, x input, a *activations, add bool) {
	p.pool.Mul(y, x.left(), p.forwardRight(l, m), add)
	if p.adapter == nil || p.adapter.Layers[l][m].A == nil {
		return
	}
	h := p.matrix(&a.h[m], x.Rows, p.adapter.Rank)
	if p.merged() {
		p.adapter.down(p.pool, l, m, h, x.left())
		return
	}
	if p.Dropout > 0 {
		x = input{Matrix: p.dropped(l, m, x.Matrix)}
	}
	p.adapter.Apply(p.pool, l, m, y, x.left(), h.Data)
}

// linearGrad adds the gradients of linear's parameters, given dy, the gradient of
// its result. It sets dx to the gradient of its input, or adds it. It leaves dx
// out when dx has no columns.
func (p *Pass) linearGrad(l int, m Module, dx, dy, x kernel.Matrix, a *activations, g *Gradients, add bool) {
	adapted := p.adapter != nil && p.adapter.Layers[l][m].A != nil && g.Adapter != nil
	out := input{Matrix: dy}
	if adapted && dx.Cols > 0 {
		out = p.shared(dy)
	}
	if dx.Cols > 0 {
		p.pool.Mul(dx, out.left(), p.backRight(l, m), add)
	}
	if g.Weights != nil {
		w := g.Weights.Layers[l].Linear(m)
		p.pool.Mul(kernel.View(w.Floats(), w.Rows, w.Cols), dy.T(), x, true)
	}
	if !adapted {
		return
	}
	rank, low, grad := p.adapter.Rank, p.adapter.Layers[l][m], g.Adapter.Layers[l][m]
	// h is already scaled; so is dh, the gradient of A x.
	h := kernel.View(a.h[m], x.Rows, rank)
	dh := p.matrix(&p.scratch.g, x.Rows, rank)
	p.pool.Mul(dh, out.left(), kernel.View(low.B, dy.Cols, rank), false)
	kernel.Scale(dh.Data, p.adapter.Scale)
	p.gradB(grad.B, dy, h)
	p.pool.Mul(kernel.View(grad.A, rank, x.Cols), dh.T(), p.dropped(l, m, x), true)
	if dx.Cols == 0 || p.merged() {
		return
	}
	down := kernel.View(low.A, rank, x.Cols)
	if p.Dropout == 0 {
		p.pool.Mul(dx, dh, down, true)
		return
	}
	back := p.matrix(&p.scratch.dropBack, x.Rows, x.Cols)
	p.pool.Mul(back, dh, down, false)
	p.drop(l, m, back.Data, back.Data)
	p.wide(len(back.Data), func(from, to int) { kernel.Axpy(dx.Data[from:to], 1, back.Data[from:to]) })
}

// gradB adds dy^T h to the gradient of an adapter's B. It is computed transposed: few
// rows by many columns, which are read where they are.
func (p *Pass) gradB(grad []float32, dy, h kernel.Matrix) {
	turned := sized(&p.scratch.gradB, h.Cols, dy.Cols)
	for r := range h.Cols {
		row := turned.Data[r*dy.Cols:][:dy.Cols]
		for i := range row {
			row[i] = grad[i*h.Cols+r]
		}
	}
	p.pool.Mul(turned, h.T(), dy, true)
	for r := range h.Cols {
		for i, v := range turned.Data[r*dy.Cols:][:dy.Cols] {
			grad[i*h.Cols+r] = v
		}
	}
}

// dropped returns x after dropout for a module.
func (p *Pass) dropped(l int, m Module, x kernel.Matrix) kernel.Matrix {
	if p.Dropout == 0 {
		return x
	}
	out := p.matrix(&p.scratch.drop, x.Rows, x.Cols)
	p.drop(l, m, out.Data, x.Data)
	return out
}

// drop decides by a hash of the value's place, so that the backward pass and any
// number of threads agree.
func (p *Pass) drop(l int, m Module, dst, src []float32) {
	seed := mix(mix(p.Seed) + uint64(l)*uint64(Modules) + uint64(m))
	limit, scale := uint64(float64(p.Dropout)*(1<<32)), 1/(1-p.Dropout)
	p.wide(len(dst), func(from, to int) {
		for i := from; i < to; i++ {
			if mix(seed+uint64(i))>>32 < limit {
				dst[i] = 0
			} else {
				dst[i] = src[i] * scale
			}
		}
	})
}

// mix is the finaliser of SplitMix64 (Steele et al., 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
