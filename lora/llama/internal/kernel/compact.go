package kernel

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// CanCompact reports whether [Compact] takes w: whether its type has fewer bits
// than float32 and this machine can multiply with them.
func CanCompact(w *tensor.Matrix) bool { return isIntegers(w) || isHalves(w) }

// Compact packs w, [out, in], once, so that x times the result is x w^T. It keeps
// nearly the type of w: panels are widened when they are used. When few rows are
// multiplied, reading the weights from memory takes most of the time, and this
// reads less. The products have the same bytes as those of a [Packed].
func Compact(p *Pool, w *tensor.Matrix) Right {
	if p.Packed != nil {
		defer p.Packed(w.Data)
	}
	if isIntegers(w) {
		return packIntegers(p, w)
	}
	return packHalves(p, w)
}

// CompactSize is the number of bytes that w takes when compact.
func CompactSize(w *tensor.Matrix) int64 {
	if isIntegers(w) {
		return integersSize(w)
	}
	return PackedSize(w.Cols, w.Rows) / 2
}

// onTheFly is a Right whose panels are made when they are used, each by the
// thread that uses it.
type onTheFly interface {
	onTheFly() bool
	// oneRow is the product of one row of A, interleaved, with panels [from, to).
	// c begins with the first panel's columns and has room for whole panels.
	oneRow(c, a []float32, from, to int, add bool)
}

// strips is oneRow with some panels at a time, at most 4: the sums of one panel are too
// few to keep the processor busy. fuse adds the products of rows [k0, k0+kc) of the
// panels of j to sum.
func strips(together, rows, cols int, c []float32, from, to int, add bool, fuse func(sum *[4 * nr]float32, j *[4]int, k0, kc int)) {
	panels := (cols + nr - 1) / nr
	var sum [4 * nr]float32
	var j [4]int
	for ; from < to; from += together {
		for i := range j {
			j[i] = min(from+i, panels-1) // the last panel is taken several times
		}
		out := c[:min(together, to-from)*nr]
		for k0, kc := range blocks(rows) {
			clear(sum[:])
			fuse(&sum, &j, k0, kc)
			if add || k0 > 0 {
				for i, v := range sum[:len(out)] {
					out[i] += v
				}
			} else {
				copy(out, sum[:])
			}
		}
		c = c[len(out):]
	}
}

func (b *beside) onTheFly() bool {
	for _, r := range b.of {
		if f, ok := r.(onTheFly); !ok || !f.onTheFly() {
			return false
		}
	}
	return true
}

func (b *beside) oneRow(c, a []float32, from, to int, add bool) {
	for i, r := range b.of {
		_, cols := r.dims()
		start, end := b.starts[i]/nr, (b.starts[i]+cols+nr-1)/nr
		if x, y := max(from, start), min(to, end); x < y {
			r.(onTheFly).oneRow(c[(x-from)*nr:], a, x-start, y-start, add)
		}
	}
}

// mulOnTheFly is Mul for such a Right. Each of its panels is multiplied as soon
// as it is made, while it is in the nearest cache.
func (p *Pool) mulOnTheFly(c Matrix, a Left, b Right, add bool, threads int) {
	k, n := b.dims()
	if p.Idle != nil {
		p.Idle()
	}
	aPanels := (c.Rows + mr - 1) / mr
	left := a.whole(p, threads)
	for len(p.made) < threads {
		p.made = append(p.made, make([]float32, 2*maxKC*nr))
	}
	if c.Rows == 1 && avx2 {
		p.mulOneRow(c, left, b, add, threads)
		return
	}
	bPanels := (n + nr - 1) / nr
	rows := (aPanels + mc/mr - 1) / (mc / mr)
	wide := max(1, min(16, bPanels*rows/(4*threads)))
	if avx512 {
		wide = max(2, wide&^1)
	}
	columns := (bPanels + wide - 1) / wide
	p.eachWorker(threads, rows*columns, func(worker, t int) {
		from := t / columns * (mc / mr)
		to, buf := min(aPanels, from+mc/mr), p.made[worker]
		end := min(bPanels, (t%columns+1)*wide)
		for j, n := t%columns*wide, 0; j < end; j += n {
			n = together(c, j*nr, end-j)
			for k0, kc := range blocks(k) {
				r := right{b0: b.panel(buf, k0, kc, j*nr), kc: kc, stride: nr}
				if n == 2 {
					r.b1 = b.panel(buf[maxKC*nr:], k0, kc, (j+1)*nr)
				}
				r.tiles(c, left[aPanels*k0*mr:], from, to, j*nr, add || k0 > 0)
			}
		}
	})
}

// mulOneRow is mulOnTheFly for one row, a, interleaved.
func (p *Pool) mulOneRow(c Matrix, a []float32, b Right, add bool, threads int) {
	k, n := b.dims()
	whole := n / nr
	wide := max(4, min(32, whole/(4*threads))&^3)
	p.each(threads, (whole+wide-1)/wide, func(t int) {
		b.(onTheFly).oneRow(c.Data[t*wide*nr:], a, t*wide, min(whole, (t+1)*wide), add)
	})
	if n%nr == 0 {
		return
	}
	for k0, kc := range blocks(k) { // the last panel, which is narrower
		r := right{kc: kc, stride: nr}
		r.narrow(c, a[k0*mr:], b.panel(p.made[0], k0, kc, whole*nr), 0, 1, whole*nr, add || k0 > 0)
	}
}
