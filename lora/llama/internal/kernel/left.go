package kernel

// Left is the left side of a product: a [Matrix], or one whose panels are ready.
type Left interface {
	dims() (rows, cols int)
	// block returns the panels of columns [k0, k0+kc), one after the other. They are in
	// p's scratch memory if they had to be made.
	block(p *Pool, k0, kc, threads int) []float32
	// whole returns the panels of all columns, block after block.
	whole(p *Pool, threads int) []float32
}

func (m Matrix) block(p *Pool, k0, kc, threads int) []float32 {
	panels := (m.Rows + mr - 1) / mr
	p.a = grow(p.a, panels*mr*kc+8)
	m.interleave(p, p.a, k0, kc, threads)
	return p.a
}

func (m Matrix) whole(p *Pool, threads int) []float32 {
	panels := (m.Rows + mr - 1) / mr
	p.a = grow(p.a, panels*mr*m.Cols+8)
	for k0, kc := range blocks(m.Cols) {
		m.interleave(p, p.a[panels*mr*k0:], k0, kc, threads)
	}
	return p.a
}

// interleave writes the panels of columns [k0, k0+kc) to dst, which has room for two
// values more.
func (m Matrix) interleave(p *Pool, dst []float32, k0, kc, threads int) {
	p.chunks(threads, (m.Rows+mr-1)/mr, mc/mr, func(from, to int) {
		for i := from; i < to; i++ {
			packA(dst[i*mr*kc:], m, i*mr, k0, kc)
		}
	})
}

// Interleaved is a Left whose panels are ready, for several products.
type Interleaved struct {
	rows, cols int
	data       []float32
}

// InterleavedSize is the number of values of an Interleaved.
func InterleavedSize(rows, cols int) int { return (rows+mr-1)/mr*mr*cols + 8 }

// Left makes the panels of m in *buf, which grows when it has to.
func (p *Pool) Left(buf *[]float32, m Matrix) *Interleaved {
	size := InterleavedSize(m.Rows, m.Cols)
	if cap(*buf) < size {
		*buf = make([]float32, size)
	}
	out := &Interleaved{rows: m.Rows, cols: m.Cols, data: (*buf)[:size]}
	threads := p.threads
	if m.Rows*m.Cols < 1<<13 { // too little to share
		threads = 1
	}
	for k0, kc := range blocks(m.Cols) {
		m.interleave(p, out.at(k0), k0, kc, threads)
	}
	return out
}

func (l *Interleaved) dims() (rows, cols int) { return l.rows, l.cols }

func (l *Interleaved) at(k0 int) []float32 { return l.data[(l.rows+mr-1)/mr*mr*k0:] }

func (l *Interleaved) block(_ *Pool, k0, _, _ int) []float32 { return l.at(k0) }

func (l *Interleaved) whole(*Pool, int) []float32 { return l.data }
