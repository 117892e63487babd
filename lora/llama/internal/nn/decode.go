package nn

import (
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// Decoder continues many texts at once. A step takes any tokens of any sequences,
// prompts and answers, with any adapters. A token's result has the same bytes
// whatever else is in the step, and on any number of threads. One goroutine at a
// time may use a Decoder.
type Decoder struct {
	c     *Config
	w     *Weights
	rope  *Rope
	block []rights
	head  stack
	// In wide, all threads work on each product. In each of lanes, one thread
	// works on some of the rows, so the threads of a small model need not wait
	// for each other.
	wide  *lane
	lanes []*lane
	small bool

	// Yield, when set, is called between layers. Its error ends the step, whose
	// sequences must not be used any more. Several goroutines may call it.
	Yield func() error
}

// rights are the weights of a block, in the form for products.
type rights struct{ qkv, o, gateUp, down stack }

// stack is linear layers of one input, whose results are side by side. It takes
// as few products as their widths allow.
type stack []part

type part struct {
	weight   kernel.Right
	at, cols int // its columns of the result
}

// Form is how a Decoder keeps the linear layers.
type Form uint8

const (
	// Stored is as in the model's files, without a copy.
	Stored Form = iota
	// Packed is a copy for fast products.
	Packed
	// EightBit is a copy for products of quantised weights with activations that are rounded
	// to eight bits: faster, and not as exact. Other weights are as in Packed.
	EightBit
)

// kind is how a weight is multiplied: weights of one kind may stand side by side.
type kind uint8

const (
	floats kind = iota
	compact
	dots
)

func (f Form) kind(w *tensor.Matrix) kind {
	switch {
	case f == EightBit && kernel.CanDots(w):
		return dots
	case kernel.CanCompact(w):
		return compact
	}
	return floats
}

// newStack makes a stack of weights, packed by the pool's threads if at all.
func newStack(pool *kernel.Pool, form Form, ws ...*tensor.Matrix) (s stack) {
	at := 0
	for i := 0; i < len(ws); {
		var rs []kernel.Right
		from, kind := at, form.kind(ws[i])
		for more := true; more && i < len(ws) && form.kind(ws[i]) == kind; i++ {
			r := kernel.Right(kernel.Weight(ws[i]).T())
			switch {
			case form == Stored:
			case kind == dots:
				r = kernel.CompactDots(pool, ws[i])
			case kind == compact:
				r = kernel.Compact(pool, ws[i])
			}
			rs = append(rs, r)
			at += ws[i].Rows
			more = kernel.CanStandBeside(ws[i].Rows)
		}
		all := kernel.Beside(rs...)
		if kind == floats && form != Stored {
			all = kernel.Pack(pool, all)
		}
		s = append(s, part{all, from, at - from})
	}
	return s
}

// mul sets y to the layers' results for x, or adds them.
func (s stack) mul(p *kernel.Pool, y, x kernel.Matrix, add bool) {
	for _, part := range s {
		p.Mul(columns(y, part.at, part.cols), x, part.weight, add)
	}
}

// Row is one token of a step.
type Row struct {
	// Seq is the sequence that the token continues. The rows of one sequence must
	// be next to each other and have the same adapter.
	Seq     *Sequence
	Token   int
	Adapter *Adapter
	// Logits asks for the logits after the token.
	Logits bool
}

// smallModel is how many bytes of packed weights a processor's cache may hold.
const smallModel = 8 << 20

// Small reports whether a model is so small that threads had better not share a product:
// each works by itself.
func Small(c *Config, w *Weights) bool { return PackedBytes(c, w) <= smallModel }

// NewDecoder makes a decoder. A form that is a copy of the linear layers takes
// [PackedBytes] of memory and makes it several times as fast.
func NewDecoder(c *Config, w *Weights, threads *kernel.Pool, form Form) *Decoder {
	d := &Decoder{c: c, w: w, rope: NewRope(c, 0), small: form != Stored && Small(c, w)}
	stack := func(ws ...*tensor.Matrix) stack { return newStack(threads, form, ws...) }
	// The largest comes first: until it is packed, it is in memory twice.
	d.head = stack(&w.Head)
	for l := range w.Layers {
		y := &w.Layers[l]
		d.block = append(d.block, rights{
			qkv: stack(&y.Q, &y.K, &y.V), o: stack(&y.O), gateUp: stack(&y.Gate, &y.Up), down: stack(&y.Down),
		})
	}
	d.wide = newLane(d, threads)
	for range threads.Threads() {
		d.lanes = append(d.lanes, newLane(d, kernel.NewPool(1)))
	}
	return d
}

// PackedBytes is the memory of a packed copy.
func PackedBytes(c *Config, w *Weights) int64 {
	size := func(w *tensor.Matrix) int64 {
		if kernel.CanCompact(w) {
			return kernel.CompactSize(w)
		}
		return kernel.PackedSize(w.Cols, w.Rows)
	}
	n := size(&w.Head)
	for l := range w.Layers {
		for m := range Modules {
			n += size(w.Layers[l].Linear(m))
		}
	}
	return n
}

// place is where a row's token goes.
type place struct {
	position int
	page     *page
	i        int // in the page
}

// Step reads the rows' tokens and returns the logits that the rows ask for, in
// order. They are valid until the next step.
func (d *Decoder) Step(rows []Row) ([]float32, error) {
	places := make([]place, len(rows))
	for i, r := range rows {
		places[i].position = r.Seq.extend()
	}
	longest := 0
	for i, r := range rows {
		p := &places[i]
		p.page, p.i = r.Seq.locate(p.position)
		longest = max(longest, p.position+1)
	}
	if d.rope.Positions() < longest {
		d.rope = NewRope(d.c, longest+longest/2)
	}
	if !d.small || len(d.lanes) == 1 || len(rows) < 2*kernel.TileRows*len(d.lanes) {
		return d.wide.step(rows, places)
	}
	return d.inLanes(rows, places)
}

// inLanes gives each lane a share of the rows. A sequence stays in one lane.
func (d *Decoder) inLanes(rows []Row, places []place) ([]float32, error) {
	n := len(d.lanes)
	ends := make([]int, n+1)
	for i := range n {
		end := max(ends[i], len(rows)*(i+1)/n)
		for end > 0 && end < len(rows) && rows[end].Seq == rows[end-1].Seq {
			end++
		}
		ends[i+1] = end
	}
	logits, errs := make([][]float32, n), make([]error, n)
	d.wide.pool.For(n, func(i int) {
		if from, to := ends[i], ends[i+1]; from < to {
			logits[i], errs[i] = d.lanes[i].step(rows[from:to], places[from:to])
		}
	})
	all := d.wide.logits[:0]
	for i := range n {
		if errs[i] != nil {
			return nil, errs[i]
		}
		all = append(all, logits[i]...)
	}
	d.wide.logits = all
	return all, nil
}

// lane is the memory that a step works in.
type lane struct {
	d       *Decoder
	pool    *kernel.Pool
	lookups []lookup // by thread

	x, norm, qkv, att, gateUp, ffn, low, logits []float32
	tiles                                       []tile
	groups                                      []group
	left                                        []Row // of the last block
	leftPlaces                                  []place
}

// tile is the queries [from, to) of one head of one sequence, counted row by row.
type tile struct{ row, head, from, to int }

// group is rows [from, to), which have the same adapter.
type group struct {
	from, to int
	a        *Adapter
}

func newLane(d *Decoder, pool *kernel.Pool) *lane {
	return &lane{d: d, pool: pool, lookups: make([]lookup, pool.Threads())}
}

func (l *lane) step(rows []Row, places []place) ([]float32, error) {
	c, n := l.d.c, len(rows)
	l.plan(rows)
	x := l.matrix(&l.x, n, c.Dim)
	for i, r := range rows {
		l.d.w.Embed.Dequantize(x.Data[i*c.Dim:][:c.Dim], r.Token, 0)
	}
	for i := range l.d.block {
		if err := l.d.yield(); err != nil {
			return nil, err
		}
		qkv := l.remember(i, x, places)
		if i == len(l.d.block)-1 {
			if rows, places = l.asked(rows, places, &x, &qkv); len(rows) == 0 {
				return nil, l.d.yield()
			}
		}
		l.attention(i, x, qkv, rows, places)
		l.feedForward(i, x)
	}
	return l.last(x, rows), l.d.yield()
}

func (d *Decoder) yield() error {
	if d.Yield == nil {
		return nil
	}
	return d.Yield()
}

// plan finds the tiles of the attention and the groups of adapters.
func (l *lane) plan(rows []Row) {
	c := l.d.c
	l.tiles, l.groups = l.tiles[:0], l.groups[:0]
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].Seq == rows[from].Seq {
			to++
		}
		queries := (to - from) * (c.Heads / c.KVHeads)
		for head := range c.KVHeads {
			for q := 0; q < queries; q += kernel.TileRows {
				l.tiles = append(l.tiles, tile{from, head, q, min(queries, q+kernel.TileRows)})
			}
		}
		from = to
	}
	for i, r := range rows {
		if g := len(l.groups) - 1; g >= 0 && l.groups[g].a == r.Adapter {
			l.groups[g].to = i + 1
		} else {
			l.groups = append(l.groups, group{i, i + 1, r.Adapter})
		}
	}
}

// asked leaves the rows that ask for logits. In the last block, the others have nothing
// to say after their keys and values.
func (l *lane) asked(rows []Row, places []place, xs ...*kernel.Matrix) ([]Row, []place) {
	l.left, l.leftPlaces = l.left[:0], l.leftPlaces[:0]
	for i, r := range rows {
		if !r.Logits {
			continue
		}
		if n := len(l.left); n < i {
			for _, x := range xs {
				copy(x.Data[n*x.Row:][:x.Cols], x.Data[i*x.Row:])
			}
		}
		l.left, l.leftPlaces = append(l.left, r), append(l.leftPlaces, places[i])
	}
	for _, x := range xs {
		x.Rows = len(l.left)
	}
	l.plan(l.left)
	return l.left, l.leftPlaces
}

// remember puts keys and values where they are looked up, and returns them with the
// queries.
func (l *lane) remember(layer int, x kernel.Matrix, places []place) kernel.Matrix {
	c, w, n := l.d.c, &l.d.w.Layers[layer], x.Rows
	qd, kd := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	norm := l.norms(x, w.AttnNorm)
	qkv := l.matrix(&l.qkv, n, qd+2*kd)
	l.d.block[layer].qkv.mul(l.pool, qkv, norm, false)
	l.adapt(layer, Q, columns(qkv, 0, qd), norm)
	l.adapt(layer, K, columns(qkv, qd, kd), norm)
	l.adapt(layer, V, columns(qkv, qd+kd, kd), norm)
	l.rows(n, func(i int) {
		row := qkv.Data[i*qkv.Row:][:qkv.Cols]
		l.d.rope.Rotate(row[:qd+kd], places[i].position)
		places[i].page.put(c, layer, places[i].i, row[qd:], row[qd+kd:])
	})
	return qkv
}

func (l *lane) attention(layer int, x, qkv kernel.Matrix, rows []Row, places []place) {
	c, n := l.d.c, x.Rows
	qd := c.Heads * c.HeadDim
	att := l.matrix(&l.att, n, qd)
	group := c.Heads / c.KVHeads
	l.pool.ForWorker(len(l.tiles), func(worker, i int) {
		t := l.tiles[i]
		var qs [kernel.TileRows]query
		for j := t.from; j < t.to; j++ {
			row, at := t.row+j/group, (t.head*group+j%group)*c.HeadDim
			qs[j-t.from] = query{
				q:    qkv.Data[row*qkv.Row+at:][:c.HeadDim],
				out:  att.Data[row*att.Row+at:][:c.HeadDim],
				seen: places[row].position + 1,
			}
		}
		l.lookups[worker].attend(c, rows[t.row].Seq, layer, t.head, qs[:t.to-t.from])
	})
	l.d.block[layer].o.mul(l.pool, x, att, true)
	l.adapt(layer, O, x, att)
}

func (l *lane) feedForward(layer int, x kernel.Matrix) {
	c, n := l.d.c, x.Rows
	norm := l.norms(x, l.d.w.Layers[layer].FFNNorm)
	both := l.matrix(&l.gateUp, n, 2*c.FFN)
	l.d.block[layer].gateUp.mul(l.pool, both, norm, false)
	l.adapt(layer, Gate, columns(both, 0, c.FFN), norm)
	l.adapt(layer, Up, columns(both, c.FFN, c.FFN), norm)
	ffn := l.matrix(&l.ffn, n, c.FFN)
	l.rows(n, func(i int) {
		row := both.Data[i*both.Row:]
		kernel.Silu(ffn.Data[i*c.FFN:][:c.FFN], row[:c.FFN], row[c.FFN:][:c.FFN])
	})
	l.d.block[layer].down.mul(l.pool, x, ffn, true)
	l.adapt(layer, Down, x, ffn)
}

// last computes the last norm and the head, for the rows that ask for logits.
func (l *lane) last(x kernel.Matrix, rows []Row) []float32 {
	c, n := l.d.c, 0
	norm := l.matrix(&l.norm, x.Rows, c.Dim)
	for i, r := range rows {
		if r.Logits {
			kernel.Norm(norm.Data[n*c.Dim:][:c.Dim], x.Data[i*c.Dim:][:c.Dim], l.d.w.Norm, c.Eps)
			n++
		}
	}
	norm.Rows = n
	logits := l.matrix(&l.logits, n, c.Vocab)
	l.d.head.mul(l.pool, logits, norm, false)
	return logits.Data
}

// adapt adds the adapters' changes of a linear layer.
func (l *lane) adapt(layer int, m Module, y, x kernel.Matrix) {
	for _, g := range l.groups {
		if g.a != nil {
			l.low = grown(l.low, (g.to-g.from)*g.a.Rank)
			g.a.Apply(l.pool, layer, m, rowsOf(y, g.from, g.to), rowsOf(x, g.from, g.to), l.low)
		}
	}
}

func (l *lane) norms(x kernel.Matrix, w []float32) kernel.Matrix {
	c := l.d.c
	norm := l.matrix(&l.norm, x.Rows, c.Dim)
	l.rows(x.Rows, func(i int) { kernel.Norm(norm.Data[i*c.Dim:][:c.Dim], x.Data[i*c.Dim:][:c.Dim], w, c.Eps) })
	return norm
}

// rows calls f for every row, some at a time.
func (l *lane) rows(n int, f func(i int)) {
	l.pool.Chunks(n, 16, func(from, to int) {
		for i := from; i < to; i++ {
			f(i)
		}
	})
}

func (l *lane) matrix(buf *[]float32, rows, cols int) kernel.Matrix {
	*buf = grown(*buf, rows*cols)
	return kernel.View(*buf, rows, cols)
}

// columns is columns [from, from+n) of m.
func columns(m kernel.Matrix, from, n int) kernel.Matrix {
	return kernel.Strided(m.Data[from:], m.Rows, n, m.Row)
}
