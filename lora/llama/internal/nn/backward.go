package nn

import (
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// Gradients are of the shape of what is trained: an adapter, all weights (as
// F32), or both; what is nil is not trained.
type Gradients struct {
	Adapter *Adapter
	Weights *Weights
}

// logitRows is how many tokens' logits are in memory at a time.
const logitRows = 256

// Loss is the sum over a batch's targets of their cross-entropy, in nats, and
// how many targets there are.
func (p *Pass) Loss(b *Batch) (sum float64, n int, err error) {
	dropout := p.Dropout
	p.Dropout = 0
	defer func() { p.Dropout = dropout }()
	if err := p.forward(b, false); err != nil {
		return 0, 0, err
	}
	sum, err = p.head(b, p.block(p.c.Layers, false), nil, nil, 0)
	return sum, b.Learned(), err
}

// Backward is Loss, and adds to g the gradients of the sum times scale.
func (p *Pass) Backward(b *Batch, g *Gradients, scale float32) (sum float64, n int, err error) {
	if err := p.forward(b, true); err != nil {
		return 0, 0, err
	}
	c, t := p.c, len(b.Tokens)
	d := p.matrix(&p.scratch.d, t, c.Dim)
	clear(d.Data)
	sum, err = p.head(b, p.block(c.Layers, true), &d, g, scale)
	if err != nil {
		return 0, 0, err
	}
	for l := c.Layers - 1; l >= 0; l-- {
		if err := p.gate(); err != nil {
			return 0, 0, err
		}
		p.backwardBlock(b, l, d, g)
	}
	if g.Weights != nil {
		embed := g.Weights.Embed.Floats()
		for i, token := range b.Tokens {
			kernel.Axpy(p.row(embed, token), 1, p.row(d.Data, i))
		}
	}
	return sum, b.Learned(), nil
}

// head is the last norm, the logits of the tokens that have targets, and the
// loss. When d is not nil, the gradient of the last block's result is added to
// it.
func (p *Pass) head(b *Batch, last *activations, d *kernel.Matrix, g *Gradients, scale float32) (sum float64, err error) {
	c := p.c
	var learned []int
	for i, t := range b.Targets {
		if t >= 0 {
			learned = append(learned, i)
		}
	}
	for len(learned) > 0 {
		if err := p.gate(); err != nil {
			return 0, err
		}
		n := min(logitRows, len(learned))
		at := learned[:n]
		learned = learned[n:]
		hidden, logits := p.matrix(&p.scratch.hidden, n, c.Dim), p.matrix(&p.scratch.logits, n, c.Vocab)
		r, loss := make([]float32, n), make([]float64, n)
		p.rows(n, func(i int) {
			r[i] = kernel.Norm(p.row(hidden.Data, i), p.row(last.x, at[i]), p.w.Norm, c.Eps)
		})
		p.pool.Mul(logits, hidden, kernel.Weight(&p.w.Head).T(), false)
		p.pool.Chunks(n, 4, func(from, to int) {
			for i := from; i < to; i++ {
				var soft []float32
				if b.Soft != nil {
					soft = b.Soft[at[i]]
				}
				loss[i] = crossEntropy(logits.Data[i*c.Vocab:][:c.Vocab], b.Targets[at[i]], soft, scale)
			}
		})
		for _, l := range loss {
			sum += l
		}
		if d == nil {
			continue
		}
		if err := p.gate(); err != nil {
			return 0, err
		}
		dHidden := p.matrix(&p.scratch.dHidden, n, c.Dim)
		p.pool.Mul(dHidden, logits, kernel.Weight(&p.w.Head), false)
		p.rows(n, func(i int) {
			kernel.NormGrad(p.row(d.Data, at[i]), p.row(last.x, at[i]), p.w.Norm, p.row(dHidden.Data, i), r[i])
		})
		if g.Weights != nil {
			head := &g.Weights.Head
			p.pool.Mul(kernel.View(head.Floats(), head.Rows, head.Cols), logits.T(), hidden, true)
			for i := range n {
				kernel.NormWeightGrad(g.Weights.Norm, p.row(last.x, at[i]), p.row(dHidden.Data, i), r[i])
			}
		}
	}
	return sum, nil
}

// crossEntropy turns logits into the loss's gradient times scale, and returns
// the loss: for a token, or for the probabilities soft when they are there, the
// Kullback-Leibler divergence from them plus their entropy.
func crossEntropy(logits []float32, target int, soft []float32, scale float32) float64 {
	if soft == nil {
		at := float64(logits[target])
		loss := float64(kernel.Softmax(logits)) - at
		logits[target]--
		kernel.Scale(logits, scale)
		return loss
	}
	at := float64(kernel.Dot(logits, soft))
	mass := kernel.Sum(soft)
	loss := float64(kernel.Softmax(logits))*float64(mass) - at
	kernel.Scale(logits, mass)
	kernel.Axpy(logits, -1, soft)
	kernel.Scale(logits, scale)
	return loss
}

// backwardBlock turns d, the gradient of block l's result, into that of its
// input.
func (p *Pass) backwardBlock(b *Batch, l int, d kernel.Matrix, g *Gradients) {
	c, w, a, t := p.c, &p.w.Layers[l], p.block(l, true), len(b.Tokens)
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

	dq, dout := p.matrix(&s.dq, t, c.Heads*c.HeadDim), p.matrix(&s.ffn2, t, c.Heads*c.HeadDim)
	dk, dv := p.matrix(&s.dk, t, c.KVHeads*c.HeadDim), p.matrix(&s.dv, t, c.KVHeads*c.HeadDim)
	p.linearGrad(l, O, dout, d, kernel.View(a.att, t, c.Heads*c.HeadDim), a, g, false)
	p.attendGrad(b, a, dout, dq, dk, dv)
	p.rotate(b, dq, (*Rope).Back)
	p.rotate(b, dk, (*Rope).Back)
	p.rows(t, func(i int) { kernel.MulScaled(p.row(norm.Data, i), p.row(a.x, i), w.AttnNorm, a.r1[i]) })
	if l == 0 && g.Weights == nil {
		dNorm = none // nothing below is trained
	}
	p.linearGrad(l, Q, dNorm, dq, norm, a, g, false)
	p.linearGrad(l, K, dNorm, dk, norm, a, g, true)
	p.linearGrad(l, V, dNorm, dv, norm, a, g, true)
	if dNorm.Cols > 0 {
		p.normGrad(d, dNorm, a.x, w.AttnNorm, a.r1, g, func(w *Weights) []float32 { return w.Layers[l].AttnNorm })
	}
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
