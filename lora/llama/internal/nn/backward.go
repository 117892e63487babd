package nn

import (
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// Gradients have the shape of the trained parameters.
type Gradients = Parameters

// Loss returns the sum of the losses of a batch's targets, in nats, and the
// number of targets. The loss is the cross-entropy, and for replayed tokens the
// Kullback-Leibler divergence from the model without its adapter.
func (p *Pass) Loss(b *Batch) (sum float64, n int, err error) {
	dropout := p.Dropout
	p.Dropout = 0
	defer func() { p.Dropout = dropout }()
	base, err := p.base(b)
	if err != nil {
		return 0, 0, err
	}
	if err := p.forward(b, b.learned(), false); err != nil {
		return 0, 0, err
	}
	sum, err = p.head(b, base, p.block(p.c.Layers, false), nil, nil, 0)
	return sum, b.Learned(), err
}

// Backward is Loss, and adds to g the gradients of the sum times scale.
func (p *Pass) Backward(b *Batch, g *Gradients, scale float32) (sum float64, n int, err error) {
	base, err := p.base(b)
	if err != nil {
		return 0, 0, err
	}
	places := b.learned()
	if err := p.forward(b, places, true); err != nil {
		return 0, 0, err
	}
	c := p.c
	// First that of the learned tokens, then of all.
	d := rowsOf(p.matrix(&p.scratch.d, len(b.Tokens), c.Dim), 0, len(places))
	clear(d.Data[:len(places)*c.Dim])
	sum, err = p.head(b, base, p.block(c.Layers, true), &d, g, scale)
	if err != nil {
		return 0, 0, err
	}
	for l := c.Layers - 1; l >= 0; l-- {
		if err := p.yield(); err != nil {
			return 0, 0, err
		}
		d = p.backwardBlock(b, l, places, d, g)
		places = nil
	}
	if g.Weights != nil {
		embed := g.Weights.Embed.Floats()
		for i, token := range b.Tokens {
			kernel.Axpy(p.row(embed, token), 1, p.row(d.Data, i))
		}
	}
	return sum, b.Learned(), nil
}

// backwardBlock turns d, the gradient of block l's result, into that of its
// input. The result is of the tokens at the given places, or of all when they are nil.
func (p *Pass) backwardBlock(b *Batch, l int, places []int, d kernel.Matrix, g *Gradients) kernel.Matrix {
	c, w, a, t := p.c, &p.w.Layers[l], p.block(l, true), d.Rows
	s := &p.scratch
	none := kernel.Matrix{}
	norm, dNorm := p.matrix(&s.norm, t, c.Dim), p.matrix(&s.dHidden, t, c.Dim)
	mid := a.mid[:t*c.Dim]
	gate, up := a.gate[:t*c.FFN], a.up[:t*c.FFN]

	ffn, dffn := p.matrix(&s.ffn, t, c.FFN), p.matrix(&s.ffn2, t, c.FFN)
	p.wide(len(ffn.Data), func(from, to int) { kernel.Silu(ffn.Data[from:to], gate[from:to], up[from:to]) })
	p.linearGrad(l, Down, dffn, d, ffn, a, g, false)
	// ffn becomes the gradient of gate, dffn that of up.
	p.wide(len(ffn.Data), func(from, to int) {
		kernel.SiluGrad(ffn.Data[from:to], dffn.Data[from:to], gate[from:to], up[from:to], dffn.Data[from:to])
	})
	p.rows(t, func(i int) { kernel.MulScaled(p.row(norm.Data, i), p.row(mid, i), w.FFNNorm, a.r2[i]) })
	p.linearGrad(l, Gate, dNorm, ffn, norm, a, g, false)
	p.linearGrad(l, Up, dNorm, dffn, norm, a, g, true)
	p.normGrad(d, dNorm, mid, w.FFNNorm, a.r2, g, func(w *Weights) []float32 { return w.Layers[l].FFNNorm })

	all := len(b.Tokens)
	dq, dout := p.matrix(&s.dq, all, c.Heads*c.HeadDim), p.matrix(&s.ffn2, all, c.Heads*c.HeadDim)
	dk, dv := p.matrix(&s.dk, all, c.KVHeads*c.HeadDim), p.matrix(&s.dv, all, c.KVHeads*c.HeadDim)
	att := kernel.View(a.att, all, c.Heads*c.HeadDim)
	if places == nil {
		p.linearGrad(l, O, dout, d, att, a, g, false)
	} else {
		p.linearGrad(l, O, rowsOf(dout, 0, t), d, p.some(&s.att, att, places), a, g, false)
		d = p.matrix(&s.d, all, c.Dim)
		spread(dout, places)
		spread(d, places)
		norm, dNorm = p.matrix(&s.norm, all, c.Dim), p.matrix(&s.dHidden, all, c.Dim)
	}
	p.attendGrad(b, places != nil, a, dout, dq, dk, dv)
	p.rotate(b, dq, (*Rope).Back)
	p.rotate(b, dk, (*Rope).Back)
	p.rows(all, func(i int) { kernel.MulScaled(p.row(norm.Data, i), p.row(a.x, i), w.AttnNorm, a.r1[i]) })
	if l == 0 && g.Weights == nil {
		dNorm = none // no parameter below is trained
	}
	p.linearGrad(l, Q, dNorm, dq, norm, a, g, false)
	p.linearGrad(l, K, dNorm, dk, norm, a, g, true)
	p.linearGrad(l, V, dNorm, dv, norm, a, g, true)
	if dNorm.Cols > 0 {
		p.normGrad(d, dNorm, a.x, w.AttnNorm, a.r1, g, func(w *Weights) []float32 { return w.Layers[l].AttnNorm })
	}
	return d
}

// normGrad adds to d the gradient of a norm's input x, and to its weight's.
func (p *Pass) normGrad(d, dNorm kernel.Matrix, x, weight, r []float32, g *Gradients, of func(*Weights) []float32) {
	p.rows(d.Rows, func(i int) {
		kernel.NormGrad(p.row(d.Data, i), p.row(x, i), weight, p.row(dNorm.Data, i), r[i])
	})
	if g.Weights != nil {
		for i := range d.Rows {
			kernel.NormWeightGrad(of(g.Weights), p.row(x, i), p.row(dNorm.Data, i), r[i])
		}
	}
}
