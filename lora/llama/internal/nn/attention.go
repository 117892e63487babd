package nn

import (
	"math"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// queries is the number of queries of a head that are scored at a time. The
// scores take this many rows of memory, and never the square of the sequence.
const queries = 96

// head is one head of one sequence: views of its queries and of the keys and
// values that it shares with its group.
type head struct {
	start, n, h int
	from, to    int // the queries whose results count
	q, k, v     kernel.Matrix
}

// heads calls f for every head of every sequence, with a pool of one thread and
// memory for queries by n scores, twice. With learned set only the results of learned
// tokens count.
func (p *Pass) heads(b *Batch, learned bool, q, k, v kernel.Matrix, f func(pool *kernel.Pool, scores []float32, h head)) {
	c := p.c
	size := 2 * queries * b.longest()
	for i := range p.scratch.scores {
		grow(&p.scratch.scores[i], size)
	}
	p.pool.ForWorker(len(b.Starts)*c.Heads, func(worker, i int) {
		start, end := b.sequence(i / c.Heads)
		h := head{start: start, n: end - start, h: i % c.Heads, to: end - start}
		if learned {
			h.from, h.to = b.span(i / c.Heads)
		}
		shared := h.h / (c.Heads / c.KVHeads)
		h.q = p.headOf(q, h, h.h)
		h.k = p.headOf(k, h, shared)
		h.v = p.headOf(v, h, shared)
		f(p.serial[worker], p.scratch.scores[worker], h)
	})
}

// headOf is the part of x, [tokens, heads*HeadDim], that belongs to a head.
func (p *Pass) headOf(x kernel.Matrix, h head, i int) kernel.Matrix {
	return kernel.Strided(x.Data[h.start*x.Cols+i*p.c.HeadDim:], h.n, p.c.HeadDim, x.Cols)
}

// attend sets out to the causal attention of every head, of learned tokens only if learned
// is set.
func (p *Pass) attend(b *Batch, learned bool, q, k, v, out kernel.Matrix) {
	p.heads(b, learned, q, k, v, func(pool *kernel.Pool, scores []float32, h head) {
		o := p.headOf(out, h, h.h)
		for from := h.from; from < h.to; from += queries {
			to := min(h.to, from+queries)
			prob := p.probabilities(pool, scores, h, from, to)
			pool.Mul(rowsOf(o, from, to), prob, rowsOf(h.v, 0, to), false)
		}
	})
}

// probabilities are the attention of queries [from, to) on keys [0, to).
func (p *Pass) probabilities(pool *kernel.Pool, scores []float32, h head, from, to int) kernel.Matrix {
	s := kernel.View(scores[:(to-from)*to], to-from, to)
	pool.Mul(s, rowsOf(h.q, from, to), rowsOf(h.k, 0, to).T(), false)
	scale := p.scale()
	for i := range s.Rows {
		row := s.Data[i*to:][:to]
		seen := row[:from+i+1]
		kernel.Scale(seen, scale)
		kernel.Softmax(seen)
		clear(row[from+i+1:])
	}
	return s
}

func (p *Pass) scale() float32 { return float32(1 / math.Sqrt(float64(p.c.HeadDim))) }

// attendGrad sets dq, dk and dv to the gradients of attend's arguments for dout,
// that of its result, which is zero but for learned tokens if learned is set. The
// probabilities are computed again. Heads that share keys write to their own memory first,
// which is added up in their order.
func (p *Pass) attendGrad(b *Batch, learned bool, a *activations, dout, dq, dk, dv kernel.Matrix) {
	c, t := p.c, len(b.Tokens)
	q := kernel.View(a.q, t, c.Heads*c.HeadDim)
	k, v := kernel.View(a.k, t, c.KVHeads*c.HeadDim), kernel.View(a.v, t, c.KVHeads*c.HeadDim)
	att := kernel.View(a.att, t, c.Heads*c.HeadDim)
	dkHeads := p.matrix(&p.scratch.dkHeads, t, c.Heads*c.HeadDim)
	dvHeads := p.matrix(&p.scratch.dvHeads, t, c.Heads*c.HeadDim)
	p.heads(b, learned, q, k, v, func(pool *kernel.Pool, scores []float32, h head) {
		o, do := p.headOf(att, h, h.h), p.headOf(dout, h, h.h)
		hq, hk, hv := p.headOf(dq, h, h.h), p.headOf(dkHeads, h, h.h), p.headOf(dvHeads, h, h.h)
		for i := range h.n {
			clear(hk.Data[i*hk.Row:][:hk.Cols])
			clear(hv.Data[i*hv.Row:][:hv.Cols])
			if i < h.from || i >= h.to {
				clear(hq.Data[i*hq.Row:][:hq.Cols])
			}
		}
		half := len(scores) / 2
		for from := h.from; from < h.to; from += queries {
			to := min(h.to, from+queries)
			prob := p.probabilities(pool, scores[:half], h, from, to)
			ds := kernel.View(scores[half:][:(to-from)*to], to-from, to)
			pool.Mul(ds, rowsOf(do, from, to), rowsOf(h.v, 0, to).T(), false)
			pool.Mul(rowsOf(hv, 0, to), prob.T(), rowsOf(do, from, to), true)
			for i := range ds.Rows {
				// The softmax's gradient: p (dp - sum p dp), and the sum is o do.
				dot := kernel.Dot(do.Data[(from+i)*do.Row:][:do.Cols], o.Data[(from+i)*o.Row:][:o.Cols])
				row, pr := ds.Data[i*to:][:to], prob.Data[i*to:][:to]
				kernel.MulShifted(row, pr, dot, p.scale())
			}
			pool.Mul(rowsOf(hq, from, to), ds, rowsOf(h.k, 0, to), false)
			pool.Mul(rowsOf(hk, 0, to), ds.T(), rowsOf(h.q, from, to), true)
		}
	})
	p.rows(t, func(i int) {
		p.fold(dk.Data[i*dk.Cols:][:dk.Cols], dkHeads.Data[i*dkHeads.Cols:])
		p.fold(dv.Data[i*dv.Cols:][:dv.Cols], dvHeads.Data[i*dvHeads.Cols:])
	})
}

// fold adds up the heads of every group of a row.
func (p *Pass) fold(dst, heads []float32) {
	group, d := p.c.Heads/p.c.KVHeads, p.c.HeadDim
	for i := range p.c.KVHeads {
		out := dst[i*d:][:d]
		copy(out, heads[i*group*d:])
		for g := 1; g < group; g++ {
			kernel.Axpy(out, 1, heads[(i*group+g)*d:][:d])
		}
	}
}

// rowsOf is rows [from, to) of m.
func rowsOf(m kernel.Matrix, from, to int) kernel.Matrix {
	return kernel.Strided(m.Data[from*m.Row:], to-from, m.Cols, m.Row)
}
