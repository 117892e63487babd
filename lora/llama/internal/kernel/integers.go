package kernel

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// Integers is a quantised weight, transposed, whose panels are nearly ready:
// integers of 8 bits, and a scale and an offset for each 16 or 32 of a column, as
// the type has them. It takes about a third of the memory of a [Packed],
// which counts when few rows are multiplied: then the weights' way from memory
// takes most of the time. Its values, and so its products, are the same bytes.
type Integers struct {
	rows, cols int
	quantum    int       // the number of values with one scale
	q          []int8    // [panels, rows, nr]
	scale      []float32 // [panels, rows/quantum, nr]
	offset     []float32
}

// CanPackIntegers reports whether w's type is one of integers.
func CanPackIntegers(w *tensor.Matrix) bool { return w.Type.Quantum() > 0 }

// IntegersSize is the number of bytes that w's Integers take.
func IntegersSize(w *tensor.Matrix) int64 {
	padded, quantum := int64((w.Rows+nr-1)/nr*nr), int64(w.Type.Quantum())
	return padded * int64(w.Cols) * (quantum + 8) / quantum
}

// PackIntegers packs w, [out, in], so that x times it is x w^T.
func PackIntegers(p *Pool, w *tensor.Matrix) *Integers {
	quantum := w.Type.Quantum()
	panels, scales := (w.Rows+nr-1)/nr, w.Cols/quantum
	b := &Integers{
		rows: w.Cols, cols: w.Rows, quantum: quantum,
		q:      make([]int8, panels*nr*w.Cols),
		scale:  make([]float32, panels*nr*scales),
		offset: make([]float32, panels*nr*scales),
	}
	p.For(panels, func(j int) {
		var u tensor.Integers
		for c := range min(nr, w.Rows-j*nr) {
			for k := 0; k < w.Cols; k += len(u.Q) {
				w.Integers(&u, j*nr+c, k/len(u.Q))
				for i := range len(u.Q) / quantum {
					at := (j*scales+k/quantum+i)*nr + c
					b.scale[at], b.offset[at] = u.Scale[i], u.Offset[i]
				}
				for i, v := range u.Q {
					b.q[(j*w.Cols+k+i)*nr+c] = v
				}
			}
		}
	})
	return b
}

func (b *Integers) dims() (rows, cols int) { return b.rows, b.cols }

func (b *Integers) panel(buf []float32, k0, kc, j0 int) []float32 {
	buf = buf[:kc*nr]
	q := b.q[j0*b.rows+k0*nr:]
	for k := 0; k < kc; {
		n := min(kc-k, b.quantum-(k0+k)%b.quantum)
		at := j0*(b.rows/b.quantum) + (k0+k)/b.quantum*nr
		widen(buf[k*nr:][:n*nr], q[k*nr:][:n*nr], b.scale[at:][:nr], b.offset[at:][:nr])
		k += n
	}
	return buf
}

// onTheFly is a Right whose panels are made when they are used, each by the
// thread that uses it, rather than all before.
type onTheFly interface {
	onTheFly() bool
	// oneRow is the product of one row of A, interleaved, with panels [from, to).
	// c begins with the first panel's columns and has room for whole panels.
	oneRow(c, a []float32, from, to int, add bool)
}

func (b *Integers) onTheFly() bool { return true }

// oneRow takes two panels at a time: more sums than one panel has must be under
// way for the processor to be busy.
func (b *Integers) oneRow(c, a []float32, from, to int, add bool) {
	panels := (b.cols + nr - 1) / nr
	for j := from; j < to; j += 2 {
		other := min(j+1, panels-1) // the last one twice rather than none
		for k0, kc := range blocks(b.rows) {
			var sum [2 * nr]float32
			for k := k0; k < k0+kc; {
				n := min(k0+kc-k, b.quantum-k%b.quantum)
				q0, q1 := (j*b.rows+k)*nr, (other*b.rows+k)*nr
				s0, s1 := (j*b.rows+k)/b.quantum*nr, (other*b.rows+k)/b.quantum*nr
				fuse(&sum, a[k*mr:], b.q[q0:], b.q[q1:], b.scale[s0:], b.scale[s1:], b.offset[s0:], b.offset[s1:], n)
				k += n
			}
			out := c[(j-from)*nr:][:min(2, to-j)*nr]
			if add || k0 > 0 {
				for i, v := range sum[:len(out)] {
					out[i] += v
				}
			} else {
				copy(out, sum[:])
			}
		}
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

// mulOnTheFly is Mul for such a Right: each of its panels is made and multiplied
// at once, while it is in the nearest cache.
func (p *Pool) mulOnTheFly(c, a Matrix, b Right, add bool) {
	k, n := b.dims()
	threads := p.threads
	if c.Rows*n*k < 1<<16 {
		threads = 1
	}
	if p.Idle != nil {
		p.Idle()
	}
	serial := Pool{threads: threads}
	aPanels := (c.Rows + mr - 1) / mr
	p.a = grow(p.a, aPanels*mr*k+8)
	pack := func(from, to int) {
		for k0, kc := range blocks(k) {
			for i := from; i < to; i++ {
				packA(p.a[(aPanels*k0+i*kc)*mr:], a, i*mr, k0, kc)
			}
		}
	}
	if aPanels < 4*threads {
		pack(0, aPanels)
	} else {
		serial.Chunks(aPanels, 4, pack)
	}
	for len(p.made) < threads {
		p.made = append(p.made, make([]float32, maxKC*nr))
	}
	bPanels := (n + nr - 1) / nr
	rows := (aPanels + mc/mr - 1) / (mc / mr)
	wide := max(1, min(16, bPanels*rows/(4*threads)))
	columns := (bPanels + wide - 1) / wide
	if whole := n / nr; c.Rows == 1 && avx2 {
		f := b.(onTheFly)
		wide := max(2, min(32, whole/(4*threads))&^1)
		serial.For((whole+wide-1)/wide, func(t int) {
			f.oneRow(c.Data[t*wide*nr:], p.a, t*wide, min(whole, (t+1)*wide), add)
		})
		if whole < bPanels { // the last, which is narrower
			for k0, kc := range blocks(k) {
				tiles(c, p.a[k0*mr:], b.panel(p.made[0], k0, kc, whole*nr), kc, 0, 1, whole*nr, add || k0 > 0)
			}
		}
		return
	}
	serial.ForWorker(rows*columns, func(worker, t int) {
		from := t / columns * (mc / mr)
		to, buf := min(aPanels, from+mc/mr), p.made[worker]
		for j := t % columns * wide; j < min(bPanels, (t%columns+1)*wide); j++ {
			for k0, kc := range blocks(k) {
				tiles(c, p.a[aPanels*k0*mr:], b.panel(buf, k0, kc, j*nr), kc, from, to, j*nr, add || k0 > 0)
			}
		}
	})
}

// widenGo turns rows of nr integers into q*scale + offset.
func widenGo(dst []float32, q []int8, scale, offset []float32) {
	for ; len(q) > 0; dst, q = dst[nr:], q[nr:] {
		for i, v := range q[:nr] {
			// Rounded twice, as the values of the file are.
			x := float32(v) * scale[i]
			dst[i] = float32(x) + offset[i]
		}
	}
}
