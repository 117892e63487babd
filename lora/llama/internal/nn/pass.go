package nn

import (
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// Pass runs batches through a model: forward, and backward for training. It keeps
// its buffers between batches. One goroutine at a time may use a Pass.
type Pass struct {
	c       *Config
	w       *Weights
	pool    *kernel.Pool
	serial  []*kernel.Pool // one per thread, for attention
	rope    *Rope
	adapter *Adapter

	// Yield, when set, is called between layers while none of this pass's threads computes. Its
	// error ends the pass.
	Yield func() error
	// Dropout is the share of an adapter's inputs that training drops. Seed
	// decides which, and should be different for every batch.
	Dropout float32
	Seed    uint64

	// Panels are the weights' if they are at hand. Without them each product makes its own.
	// Merged are those of the weights with the adapter's change in them, which then takes
	// no products of its own but for its gradients. Dropout does without.
	Panels, Merged Panels

	// MaxTokens is the largest number of tokens of a batch, if it is known. Buffers
	// are then allocated once, and not again for every longer batch.
	MaxTokens int

	kept    []activations
	scratch scratch
}

// activations are the results of a block that the backward pass needs, by token.
type activations struct {
	x, mid       []float32 // before the block, and after its attention [Dim]
	q, k, v, att []float32 // after rotation; the heads' result
	gate, up     []float32 // [FFN]
	r1, r2       []float32 // what the norms divided by
	h            [Modules][]float32
}

// scratch is memory that one block at a time uses.
type scratch struct {
	norm, att, ffn, ffn2, d, dq, dk, dv, dkHeads, dvHeads, g, gradB, left, drop, dropBack []float32
	hidden, dHidden, logits, base, probs                                                  []float32
	scores                                                                                [][]float32
}

// NewPass returns a pass over w with an adapter, which may be nil.
func NewPass(c *Config, w *Weights, a *Adapter, pool *kernel.Pool) *Pass {
	p := &Pass{c: c, w: w, adapter: a, pool: pool, rope: NewRope(c, 0)}
	for range pool.Threads() {
		p.serial = append(p.serial, kernel.NewPool(1))
	}
	p.scratch.scores = make([][]float32, pool.Threads())
	return p
}

// Logits returns the model's logits after every token of a sequence,
// [len(tokens), Vocab].
func (p *Pass) Logits(tokens []int) ([]float32, error) {
	b := &Batch{}
	b.Add(tokens, len(tokens))
	if err := p.forward(b, nil, false); err != nil {
		return nil, err
	}
	t := len(tokens)
	hidden := grow(&p.scratch.hidden, t*p.c.Dim)
	x := p.block(p.c.Layers, false).x
	p.rows(t, func(i int) {
		kernel.Norm(p.row(hidden, i), p.row(x, i), p.w.Norm, p.c.Eps)
	})
	out := make([]float32, t*p.c.Vocab)
	p.pool.Mul(kernel.View(out, t, p.c.Vocab), kernel.View(hidden, t, p.c.Dim), kernel.Weight(&p.w.Head).T(), false)
	return out, nil
}

// block returns the activations of block l. For a backward pass all are kept;
// otherwise two take turns.
func (p *Pass) block(l int, keep bool) *activations {
	if !keep {
		l %= 2
	}
	for len(p.kept) <= l {
		p.kept = append(p.kept, activations{})
	}
	return &p.kept[l]
}

// forward leaves the input of every block in the activations. The last block's
// result is the input of block Layers: of the tokens at the given places, of all when
// they are nil. What follows its attention is computed for those only.
func (p *Pass) forward(b *Batch, places []int, keep bool) error {
	if err := b.check(p.c); err != nil {
		return err
	}
	if n := b.longest(); p.rope.Positions() < n {
		p.rope = NewRope(p.c, n+n/4)
	}
	// Blocks are taken by address, so their slice must not move.
	p.block(p.c.Layers, keep)
	p.block(1, keep)
	t := len(b.Tokens)
	x := p.matrix(&p.block(0, keep).x, t, p.c.Dim).Data
	p.rows(t, func(i int) { p.w.Embed.Dequantize(p.row(x, i), b.Tokens[i], 0) })
	for l := range p.c.Layers {
		if err := p.yield(); err != nil {
			return err
		}
		if l < p.c.Layers-1 {
			p.forwardBlock(b, l, nil, keep)
		} else {
			p.forwardBlock(b, l, places, keep)
		}
	}
	return p.yield()
}

func (p *Pass) forwardBlock(b *Batch, l int, places []int, keep bool) {
	c, w, a, t := p.c, &p.w.Layers[l], p.block(l, keep), len(b.Tokens)
	norm := p.matrix(&p.scratch.norm, t, c.Dim)
	x := a.x[:t*c.Dim]
	r1, r2 := grow(&a.r1, t), grow(&a.r2, t)
	p.rows(t, func(i int) { r1[i] = kernel.Norm(p.row(norm.Data, i), p.row(x, i), w.AttnNorm, c.Eps) })

	q, k := p.matrix(&a.q, t, c.Heads*c.HeadDim), p.matrix(&a.k, t, c.KVHeads*c.HeadDim)
	v := p.matrix(&a.v, t, c.KVHeads*c.HeadDim)
	in := p.shared(norm)
	p.linear(l, Q, q, in, a, false)
	p.linear(l, K, k, in, a, false)
	p.linear(l, V, v, in, a, false)
	p.rotate(b, q, (*Rope).Rotate)
	p.rotate(b, k, (*Rope).Rotate)

	att := p.matrix(&a.att, t, c.Heads*c.HeadDim)
	p.attend(b, places != nil, q, k, v, att)
	if places != nil {
		t = len(places)
		att = p.some(&p.scratch.att, att, places)
	}
	mid := p.some(&a.mid, kernel.View(x, len(b.Tokens), c.Dim), places)
	norm = p.matrix(&p.scratch.norm, t, c.Dim)
	p.linear(l, O, mid, p.shared(att), a, true)

	p.rows(t, func(i int) { r2[i] = kernel.Norm(p.row(norm.Data, i), p.row(mid.Data, i), w.FFNNorm, c.Eps) })
	gate, up := p.matrix(&a.gate, t, c.FFN), p.matrix(&a.up, t, c.FFN)
	in = p.shared(norm)
	p.linear(l, Gate, gate, in, a, false)
	p.linear(l, Up, up, in, a, false)
	ffn := p.matrix(&p.scratch.ffn, t, c.FFN)
	p.wide(len(ffn.Data), func(from, to int) { kernel.Silu(ffn.Data[from:to], gate.Data[from:to], up.Data[from:to]) })
	next := p.matrix(&p.block(l+1, keep).x, t, c.Dim)
	copy(next.Data, mid.Data)
	p.linear(l, Down, next, p.shared(ffn), a, true)
}

// some makes *buf the rows of m at the given places, or all of them.
func (p *Pass) some(buf *[]float32, m kernel.Matrix, places []int) kernel.Matrix {
	if places == nil {
		out := p.matrix(buf, m.Rows, m.Cols)
		copy(out.Data, m.Data)
		return out
	}
	out := p.matrix(buf, len(places), m.Cols)
	for i, at := range places {
		copy(out.Data[i*m.Cols:][:m.Cols], m.Data[at*m.Cols:])
	}
	return out
}

// spread puts the first rows of m at their places, which ascend, and zeros elsewhere.
func spread(m kernel.Matrix, places []int) {
	for i, j := m.Rows-1, len(places)-1; i >= 0; i-- {
		row := m.Data[i*m.Cols:][:m.Cols]
		if j < 0 || places[j] != i {
			clear(row)
			continue
		}
		copy(row, m.Data[j*m.Cols:])
		j--
	}
}

// rotate turns all heads of x to their positions, or back.
func (p *Pass) rotate(b *Batch, x kernel.Matrix, turn func(*Rope, []float32, int)) {
	for i := range b.Starts {
		start, end := b.sequence(i)
		p.rows(end-start, func(t int) { turn(p.rope, x.Data[(start+t)*x.Cols:][:x.Cols], t) })
	}
}

func (p *Pass) yield() error {
	if p.Yield == nil {
		return nil
	}
	return p.Yield()
}

// rows calls f for every row, several at a time.
func (p *Pass) rows(n int, f func(i int)) {
	p.pool.Chunks(n, 32, func(from, to int) {
		for i := from; i < to; i++ {
			f(i)
		}
	})
}

// wide calls f for pieces of a long vector.
func (p *Pass) wide(n int, f func(from, to int)) { p.pool.Chunks(n, 1<<14, f) }

// row is the i-th row of [*, Dim].
func (p *Pass) row(x []float32, i int) []float32 { return x[i*p.c.Dim:][:p.c.Dim] }

// matrix makes *buf a matrix of a batch's tokens.
func (p *Pass) matrix(buf *[]float32, tokens, cols int) kernel.Matrix {
	if cap(*buf) < tokens*cols {
		*buf = make([]float32, max(tokens, p.MaxTokens)*cols)
	}
	return kernel.View(grow(buf, tokens*cols), tokens, cols)
}

// grow makes *buf hold n values and returns them, of no particular content.
func grow(buf *[]float32, n int) []float32 {
	if cap(*buf) < n {
		*buf = make([]float32, n)
	}
	*buf = (*buf)[:n]
	return *buf
}
