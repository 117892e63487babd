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
func (p *Pool) Mul(c, a Matrix, b Right, add bool) {
	k, n := checkDims(c, a, b)
	if c.Rows == 0 || n == 0 {
		return
	}
	if k == 0 {
		zero(c, add)
		return
	}
	if f, ok := b.(onTheFly); ok && f.onTheFly() {
		p.mulOnTheFly(c, a, b, add)
		return
	}
	threads := p.threads
	if c.Rows*n*k < 1<<16 { // too little to share
		threads = 1
	}
	_, packed := b.(*Packed)
	aPanels := (c.Rows + mr - 1) / mr
	p.a = grow(p.a, aPanels*mr*min(k, maxKC)+8)
	if !packed {
		p.b = grow(p.b, min((n+nr-1)/nr*nr, nc)*min(k, maxKC))
	}
	serial := Pool{threads: threads}
	for k0, kc := range blocks(k) {
		serial.Chunks(aPanels, mc/mr, func(from, to int) {
			for i := from; i < to; i++ {
				packA(p.a[i*mr*kc:], a, i*mr, k0, kc)
			}
		})
		for j0 := 0; j0 < n; j0 += nc {
			if p.Idle != nil {
				p.Idle()
			}
			bPanels := (min(nc, n-j0) + nr - 1) / nr
			panel := func(j int) []float32 { return p.b[j*nr*kc:][:nr*kc] }
			if packed {
				panel = func(j int) []float32 { return b.panel(nil, k0, kc, j0+j*nr) }
			} else {
				serial.Chunks(bPanels, 8, func(from, to int) {
					for j := from; j < to; j++ {
						b.panel(panel(j), k0, kc, j0+j*nr)
					}
				})
			}
			// Tiles of mc rows by some columns. Few rows are divided by columns.
			wide := max(2, min(16, bPanels*((aPanels+mc/mr-1)/(mc/mr))/(4*threads))&^1)
			columns := (bPanels + wide - 1) / wide
			rows := (aPanels + mc/mr - 1) / (mc / mr)
			serial.For(rows*columns, func(t int) {
				iFrom, jFrom := t/columns*(mc/mr), t%columns*wide
				for j, n := jFrom, 0; j < min(bPanels, jFrom+wide); j += n {
					var b1 []float32
					if n = together(c, j0+j*nr, min(bPanels, jFrom+wide)-j); n == 2 {
						b1 = panel(j + 1)
					}
					tiles(c, p.a, panel(j), b1, kc, iFrom, min(aPanels, iFrom+mc/mr), j0+j*nr, add || k0 > 0)
				}
			})
		}
	}
}

// together is how many panels of B, 1 or 2, are multiplied at a time, of those left
// from a column on.
func together(c Matrix, col, left int) int {
	if avx512 && left > 1 && c.Rows >= mr && col+2*nr <= c.Cols {
		return 2
	}
	return 1
}

// tiles multiplies the panels [from, to) of A by one of B, or by two that are next
// to each other when b1 is not nil.
func tiles(c Matrix, a, b0, b1 []float32, kc, from, to, col int, add bool) {
	if b1 != nil {
		for n := 0; from < min(to, c.Rows/mr); from += n {
			n = min(2, min(to, c.Rows/mr)-from)
			wide(n, kc, a[from*mr*kc:], b0, b1, c.Data[from*mr*c.Row+col:], c.Row, add)
		}
		narrow(c, a, b1, kc, from, to, col+nr, add)
	}
	narrow(c, a, b0, kc, from, to, col, add)
}

// narrow multiplies the panels [from, to) of A by one of B.
func narrow(c Matrix, a, b []float32, kc, from, to, col int, add bool) {
	cols := min(nr, c.Cols-col)
	for i := from; i < to; i++ {
		row := i * mr
		rows := min(mr, c.Rows-row)
		if cols == nr {
			micro(rows, kc, a[i*mr*kc:], b, c.Data[row*c.Row+col:], c.Row, add)
			continue
		}
		var edge [mr * nr]float32
		if add {
			for r := range rows {
				copy(edge[r*nr:][:cols], c.Data[(row+r)*c.Row+col:])
			}
		}
		micro(rows, kc, a[i*mr*kc:], b, edge[:], nr, add)
		for r := range rows {
			copy(c.Data[(row+r)*c.Row+col:][:cols], edge[r*nr:])
		}
	}
}

func checkDims(c, a Matrix, b Right) (k, n int) {
	k, n = b.dims()
	if a.Cols != k || c.Cols != n || a.Rows != c.Rows {
		panic(fmt.Sprintf("kernel: [%d,%d] = [%d,%d] [%d,%d]", c.Rows, c.Cols, a.Rows, a.Cols, k, n))
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
