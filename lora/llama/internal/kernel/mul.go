package kernel

import (
	"fmt"
	"iter"
)

// The tile of the micro-kernel, and the blocks that keep panels in the caches:
// a panel of B, maxKC by nr, in the first level, mc rows of packed A in the
// second, nc columns of packed B in the third.
const (
	mr, nr = 6, 16
	maxKC  = 384
	mc     = 96
	nc     = 2048
)

// blocks yields the blocks of a sum of k terms: their start and length. They are
// even, and depend on k alone.
func blocks(k int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		n := max(1, (k+maxKC-1)/maxKC)
		size := (k + n - 1) / n
		size = min(maxKC, (size+7)/8*8)
		for k0 := 0; k0 < k; k0 += size {
			if !yield(k0, min(size, k-k0)) {
				return
			}
		}
	}
}

// Mul sets c to a b, or adds a b to c. c is row-major (Col is 1) and overlaps
// neither a nor b.
func (p *Pool) Mul(c Matrix, a Left, b Right, add bool) {
	k, n := checkDims(c, a, b)
	if c.Rows == 0 || n == 0 {
		return
	}
	if k == 0 {
		zero(c, add)
		return
	}
	threads := p.threads
	if c.Rows*n*k < 1<<16 { // too little to share
		threads = 1
	}
	if of, starts := dotsOf(b); of != nil {
		p.mulDots(c, a.(Matrix), of, starts, add, threads) // which takes A by rows
		return
	}
	if f, ok := b.(onTheFly); ok && f.onTheFly() {
		p.mulOnTheFly(c, a, b, add, threads)
		return
	}
	aPanels := (c.Rows + mr - 1) / mr
	for k0, kc := range blocks(k) {
		left := a.block(p, k0, kc, threads)
		for j0 := 0; j0 < n; j0 += nc {
			if p.Idle != nil {
				p.Idle()
			}
			panel := p.panels(b, aPanels, j0, k0, kc, threads)
			// Tiles of mc rows by some columns. Few rows are divided by columns.
			bPanels, rows := (min(nc, n-j0)+nr-1)/nr, (aPanels+mc/mr-1)/(mc/mr)
			each := max(2, min(16, bPanels*rows/(4*threads))&^1)
			columns := (bPanels + each - 1) / each
			p.each(threads, rows*columns, func(t int) {
				from, end := t/columns*(mc/mr), min(bPanels, (t%columns+1)*each)
				for j, taken := t%columns*each, 0; j < end; j += taken {
					r := right{kc: kc}
					r.b0, r.stride = panel(j)
					if taken = together(c, j0+j*nr, end-j); taken == 2 {
						r.b1, _ = panel(j + 1)
					}
					r.tiles(c, left, from, min(aPanels, from+mc/mr), j0+j*nr, add || k0 > 0)
				}
			})
		}
	}
}

// panels makes ready the panels of b from column j0 on, at most nc columns. It returns
// where each begins, and how far apart its rows are.
func (p *Pool) panels(b Right, aPanels, j0, k0, kc, threads int) func(j int) (at []float32, stride int) {
	if packed, ok := b.(*Packed); ok {
		return func(j int) ([]float32, int) { return packed.panel(nil, k0, kc, j0+j*nr), nr }
	}
	_, n := b.dims()
	panels := (min(nc, n-j0) + nr - 1) / nr
	p.b = grow(p.b, panels*nr*kc)
	ready := func(j int) []float32 { return p.b[j*nr*kc:][:nr*kc] }
	// What is used by few rows is better read where it is, but for a narrow last panel.
	if m, ok := b.(Matrix); ok && m.Col == 1 && aPanels <= 3 {
		if n-j0 < panels*nr {
			b.panel(ready(panels-1), k0, kc, j0+(panels-1)*nr)
		}
		return func(j int) ([]float32, int) {
			if j0+(j+1)*nr > n {
				return ready(j), nr
			}
			return m.Data[k0*m.Row+j0+j*nr:], m.Row
		}
	}
	p.chunks(threads, panels, 8, func(from, to int) {
		made := spreadRows(p.b[from*nr*kc:], b, k0, kc, j0+from*nr, min(n, j0+to*nr))
		for j := from + made; j < to; j++ {
			b.panel(ready(j), k0, kc, j0+j*nr)
		}
	})
	return func(j int) ([]float32, int) { return ready(j), nr }
}

// right is kc rows of a panel of B, or of two that are next to each other when b1 is
// not nil. Rows are stride values apart.
type right struct {
	b0, b1     []float32
	kc, stride int
}

// together is how many panels of B, 1 or 2, are multiplied at a time, of those left
// from a column on.
func together(c Matrix, col, left int) int {
	if avx512 && left > 1 && col+2*nr <= c.Cols {
		return 2
	}
	return 1
}

// tiles multiplies the panels [from, to) of A.
func (b *right) tiles(c Matrix, a []float32, from, to, col int, add bool) {
	for b.b1 != nil && from < to {
		rows := min(c.Rows-from*mr, mr)
		if c.Rows >= (from+2)*mr && from+2 <= to {
			rows = 2 * mr
		}
		wide(rows, b.kc, a[from*mr*b.kc:], b.b0, b.b1, b.stride, c.Data[from*mr*c.Row+col:], c.Row, add)
		from += (rows + mr - 1) / mr
	}
	b.narrow(c, a, b.b0, from, to, col, add)
}

// narrow multiplies the panels [from, to) of A by one of B.
func (b *right) narrow(c Matrix, a, panel []float32, from, to, col int, add bool) {
	cols := min(nr, c.Cols-col)
	for i := from; i < to; i++ {
		row := i * mr
		rows := min(mr, c.Rows-row)
		if cols == nr {
			micro(rows, b.kc, a[i*mr*b.kc:], panel, b.stride, c.Data[row*c.Row+col:], c.Row, add)
			continue
		}
		var edge [mr * nr]float32
		if add {
			for r := range rows {
				copy(edge[r*nr:][:cols], c.Data[(row+r)*c.Row+col:])
			}
		}
		micro(rows, b.kc, a[i*mr*b.kc:], panel, b.stride, edge[:], nr, add)
		for r := range rows {
			copy(c.Data[(row+r)*c.Row+col:][:cols], edge[r*nr:])
		}
	}
}

func checkDims(c Matrix, a Left, b Right) (k, n int) {
	k, n = b.dims()
	if rows, cols := a.dims(); cols != k || c.Cols != n || rows != c.Rows {
		panic(fmt.Sprintf("kernel: [%d,%d] = [%d,%d] [%d,%d]", c.Rows, c.Cols, rows, cols, k, n))
	}
	if c.Col != 1 {
		panic("kernel: the result of a product is row-major")
	}
	return k, n
}

func zero(c Matrix, add bool) {
	for i := 0; !add && i < c.Rows; i++ {
		clear(c.Data[i*c.Row:][:c.Cols])
	}
}
