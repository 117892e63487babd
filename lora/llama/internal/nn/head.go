package nn

import (
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// logitRows is the number of tokens whose logits are in memory at a time.
const logitRows = 256

// base returns the last norm's result in the model without its adapter, for the
// learned tokens of the sequences to replay. It computes what b.Base lacks.
func (p *Pass) base(b *Batch) ([]float32, error) {
	if err := b.check(p.c); err != nil {
		return nil, err
	}
	if err := p.ask(b); err != nil {
		return nil, err
	}
	out := p.scratch.base[:0]
	for i := range b.Starts {
		if b.replays(i) {
			out = append(out, b.Base[i]...)
		}
	}
	p.scratch.base = out
	return out, nil
}

// ask fills in what b.Base lacks.
func (p *Pass) ask(b *Batch) error {
	replay, which := b.unknown()
	if len(which) == 0 {
		return nil
	}
	adapter := p.adapter
	p.adapter = nil
	defer func() { p.adapter = adapter }()
	at := replay.learned()
	if err := p.forward(replay, at, false); err != nil {
		return err
	}
	x := p.block(p.c.Layers, false).x
	out := make([]float32, len(at)*p.c.Dim)
	p.rows(len(at), func(i int) { kernel.Norm(p.row(out, i), p.row(x, i), p.w.Norm, p.c.Eps) })
	for i, n := range which {
		_, end := replay.sequence(i)
		rows := 0
		for rows < len(at) && at[rows] < end {
			rows++
		}
		b.Base[n], out, at = out[:rows*p.c.Dim:rows*p.c.Dim], out[rows*p.c.Dim:], at[rows:]
	}
	return nil
}

// head computes the last norm, the logits of the tokens that have targets, and
// the loss. last has the last block's result for those tokens. base is the result of the
// method base. When d is not nil, the gradient of that result is added to it.
func (p *Pass) head(b *Batch, base []float32, last *activations, d *kernel.Matrix, g *Gradients, scale float32) (sum float64, err error) {
	x := last.x
	var dx []float32
	if d != nil {
		dx = d.Data
	}
	for at := range slices.Chunk(b.learned(), logitRows) {
		if err := p.yield(); err != nil {
			return 0, err
		}
		loss, logits, hidden, r := p.losses(b, at, &base, x, scale)
		sum += loss
		if d == nil {
			x = x[len(at)*p.c.Dim:]
			continue
		}
		if err := p.yield(); err != nil {
			return 0, err
		}
		dHidden := sized(&p.scratch.dHidden, len(at), p.c.Dim)
		p.pool.Mul(dHidden, logits, kernel.Weight(&p.w.Head), false)
		p.rows(len(at), func(i int) {
			kernel.NormGrad(p.row(dx, i), p.row(x, i), p.w.Norm, p.row(dHidden.Data, i), r[i])
		})
		if g.Weights != nil {
			p.headGrad(&g.Weights.Head, logits, hidden)
			for i := range at {
				kernel.NormWeightGrad(g.Weights.Norm, p.row(x, i), p.row(dHidden.Data, i), r[i])
			}
		}
		x, dx = x[len(at)*p.c.Dim:], dx[len(at)*p.c.Dim:]
	}
	return sum, nil
}

// headRows is the number of tokens of the vocabulary for which the head's gradient
// is computed at a time. Between them, training may pause.
const headRows = 6144

func (p *Pass) headGrad(head *tensor.Matrix, logits, hidden kernel.Matrix) {
	values := head.Floats()
	for from := 0; from < head.Rows; from += headRows {
		n := min(headRows, head.Rows-from)
		part := logits.T()
		part.Data, part.Rows = part.Data[from:], n
		p.pool.Mul(kernel.View(values[from*head.Cols:][:n*head.Cols], n, head.Cols), part, hidden, true)
	}
}

// losses returns the loss of the tokens at some places, whose last block's result is x,
// and its gradient times scale with respect to their logits. It takes the replayed rows from the front
// of base.
func (p *Pass) losses(
	b *Batch, at []int, base *[]float32, x []float32, scale float32,
) (sum float64, logits, hidden kernel.Matrix, r []float32) {
	c, n := p.c, len(at)
	hidden, logits = sized(&p.scratch.hidden, n, c.Dim), sized(&p.scratch.logits, n, c.Vocab)
	r = make([]float32, n)
	p.rows(n, func(i int) {
		r[i] = kernel.Norm(p.row(hidden.Data, i), p.row(x, i), p.w.Norm, c.Eps)
	})
	p.pool.Mul(logits, hidden, kernel.Weight(&p.w.Head).T(), false)

	// Which row of the base's logits each place has, if any.
	soft, replayed := make([]int, n), 0
	for i := range at {
		soft[i] = -1
		if b.Replay != nil && b.Replay[at[i]] {
			soft[i] = replayed
			replayed++
		}
	}
	probs := sized(&p.scratch.probs, replayed, c.Vocab)
	p.pool.Mul(probs, kernel.View((*base)[:replayed*c.Dim], replayed, c.Dim), kernel.Weight(&p.w.Head).T(), false)
	*base = (*base)[replayed*c.Dim:]

	loss := make([]float64, n)
	p.pool.Chunks(n, 4, func(from, to int) {
		for i := from; i < to; i++ {
			row := logits.Data[i*c.Vocab:][:c.Vocab]
			if soft[i] < 0 {
				loss[i] = crossEntropy(row, b.Targets[at[i]])
			} else {
				loss[i] = divergence(row, probs.Data[soft[i]*c.Vocab:][:c.Vocab])
			}
			kernel.Scale(row, scale)
		}
	})
	for _, l := range loss {
		sum += l
	}
	return sum, logits, hidden, r
}

// crossEntropy returns the loss, and turns logits into its gradient.
func crossEntropy(logits []float32, target int) float64 {
	at := float64(logits[target])
	loss := float64(kernel.SoftmaxLog(logits)) - at
	logits[target]--
	return loss
}

// divergence is the Kullback-Leibler divergence of the softmax of logits from
// that of base; it turns logits into its gradient, and base into probabilities.
func divergence(logits, base []float32) float64 {
	// sum q (log q - log p), and a logarithm is the logit less the log sum.
	raw := slices.Clone(base)
	logQ := float64(kernel.SoftmaxLog(base))
	kernel.Axpy(raw, -1, logits)
	mean := float64(kernel.Dot(base, raw))
	logP := float64(kernel.SoftmaxLog(logits))
	kernel.Axpy(logits, -1, base)
	return mean - logQ + logP
}

// sized makes *buf a matrix.
func sized(buf *[]float32, rows, cols int) kernel.Matrix {
	return kernel.View(grow(buf, rows*cols), rows, cols)
}
