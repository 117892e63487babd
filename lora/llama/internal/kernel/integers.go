package kernel

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// integers is a compact quantised weight: integers of 8 bits, and a scale and an
// offset for each 16 or 32 of a column, as the type has them. It takes about a
// third of the memory of a [Packed].
type integers struct {
	rows, cols int
	quantum    int       // the number of values with one scale
	q          []int8    // [panels, rows, nr]
	scale      []float32 // [panels, rows/quantum, nr]
	offset     []float32
}

// isIntegers reports whether w's type is one of integers.
func isIntegers(w *tensor.Matrix) bool { return w.Type.Quantum() > 0 }

func integersSize(w *tensor.Matrix) int64 {
	padded, quantum := int64((w.Rows+nr-1)/nr*nr), int64(w.Type.Quantum())
	return padded * int64(w.Cols) * (quantum + 8) / quantum
}

func packIntegers(p *Pool, w *tensor.Matrix) *integers {
	quantum := w.Type.Quantum()
	panels, scales := (w.Rows+nr-1)/nr, w.Cols/quantum
	b := &integers{
		rows: w.Cols, cols: w.Rows, quantum: quantum,
		q:      alloc[int8](p, panels*nr*w.Cols),
		scale:  alloc[float32](p, panels*nr*scales),
		offset: alloc[float32](p, panels*nr*scales),
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
				column := b.q[(j*w.Cols+k)*nr+c:]
				for i, v := range u.Q {
					column[i*nr] = v
				}
			}
		}
	})
	return b
}

func (b *integers) dims() (rows, cols int) { return b.rows, b.cols }

func (b *integers) panel(buf []float32, k0, kc, j0 int) []float32 {
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

func (b *integers) onTheFly() bool { return true }

func (b *integers) oneRow(c, a []float32, from, to int, add bool) {
	pairs(b.rows, b.cols, c, from, to, add, func(sum *[2 * nr]float32, j0, j1, k0, kc int) {
		for k := k0; k < k0+kc; {
			n := min(k0+kc-k, b.quantum-k%b.quantum)
			q0, q1 := (j0*b.rows+k)*nr, (j1*b.rows+k)*nr
			s0, s1 := (j0*b.rows+k)/b.quantum*nr, (j1*b.rows+k)/b.quantum*nr
			fuse(sum, a[k*mr:], b.q[q0:], b.q[q1:], b.scale[s0:], b.scale[s1:], b.offset[s0:], b.offset[s1:], n)
			k += n
		}
	})
}

// widenGo turns rows of nr integers into q*scale + offset.
func widenGo(dst []float32, q []int8, scale, offset []float32) {
	for ; len(q) > 0; dst, q = dst[nr:], q[nr:] {
		for i, v := range q[:nr] {
			// The product is rounded before the sum, as dequantising does it.
			x := float32(v) * scale[i]
			dst[i] = float32(x) + offset[i]
		}
	}
}
