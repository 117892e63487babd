package kernel

import (
	"fmt"
	"math"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// integers is a compact quantised weight: its integers, and a scale and maybe an
// offset for each 16 or 32 of a column, as the type has them. Four bits stay four bits
// and float16 stays float16, so a weight of the type Q4_0, Q4_1 or Q8_0 takes as many
// bytes as in its file.
type integers struct {
	rows, cols int
	layout
	quantum int // the number of values with one scale
	// q is [panels, rows, nr]. Of nibbles it is [panels, rows/2, nr], and a byte has the
	// numbers of an even row and of the one that follows.
	q             []int8
	scale, offset scales // [panels, rows/quantum, nr]
}

// layout is how the integers of a type are kept.
type layout struct {
	nibbles bool // four bits each, those without an offset 8 larger
	plus    bool // there are offsets
	halves  bool // scales and offsets are float16, else float32
}

// layoutOf is the layout of a type. The scales of K-quants are products, which take more
// bits than a float16 has.
func layoutOf(t tensor.Type) layout {
	switch t {
	case tensor.Q4_0:
		return layout{nibbles: true, halves: true}
	case tensor.Q4_1:
		return layout{nibbles: true, plus: true, halves: true}
	case tensor.Q8_0, tensor.Q5_0, tensor.IQ4NL:
		return layout{halves: true}
	case tensor.Q5_1:
		return layout{plus: true, halves: true}
	case tensor.Q2K, tensor.Q4K:
		return layout{nibbles: true, plus: true}
	case tensor.Q3K:
		return layout{nibbles: true}
	case tensor.Q5K:
		return layout{plus: true}
	case tensor.Q6K, tensor.IQ4XS:
		return layout{}
	}
	panic(fmt.Sprintf("kernel: the integers of %v", t))
}

// scales are float16 or float32.
type scales struct {
	h []uint16
	f []float32
}

func newScales(p *Pool, halves bool, n int) scales {
	if halves {
		return scales{h: alloc[uint16](p, n)}
	}
	return scales{f: alloc[float32](p, n)}
}

func (s *scales) set(i int, v float32) {
	if s.h != nil {
		s.h[i] = float16(v)
	} else {
		s.f[i] = v
	}
}

// floats are nr of the scales from i on.
func (s *scales) floats(dst *[nr]float32, i int) {
	switch {
	case s.h == nil:
		copy(dst[:], s.f[i:])
	case avx2:
		widenHalves(tensor.F16, dst[:], s.h[i:][:nr])
	default:
		for j, h := range s.h[i:][:nr] {
			dst[j] = tensor.Float16(h)
		}
	}
}

// float16 is the number that [tensor.Float16] turns into v.
func float16(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	if bits>>23&0xff == 0xff { // infinite, or not a number
		return sign | 0x7c00 | uint16(bits>>13&0x3ff)
	}
	return sign | uint16(math.Float32bits(math.Float32frombits(bits&^(1<<31))*0x1p-112)>>13)
}

// isIntegers reports whether w's type is one of integers.
func isIntegers(w *tensor.Matrix) bool { return w.Type.Quantum() > 0 }

func integersSize(w *tensor.Matrix) int64 {
	values, l := int64((w.Rows+nr-1)/nr*nr)*int64(w.Cols), layoutOf(w.Type)
	size, scale := values, int64(4)
	if l.nibbles {
		size /= 2
	}
	if l.halves {
		scale = 2
	}
	if l.plus {
		scale *= 2
	}
	return size + values/int64(w.Type.Quantum())*scale
}

func packIntegers(p *Pool, w *tensor.Matrix) *integers {
	quantum := w.Type.Quantum()
	panels, each := (w.Rows+nr-1)/nr, w.Cols/quantum
	b := &integers{rows: w.Cols, cols: w.Rows, layout: layoutOf(w.Type), quantum: quantum}
	if b.nibbles {
		b.q = alloc[int8](p, panels*nr*w.Cols/2)
	} else {
		b.q = alloc[int8](p, panels*nr*w.Cols)
	}
	b.scale = newScales(p, b.halves, panels*nr*each)
	if b.plus {
		b.offset = newScales(p, b.halves, panels*nr*each)
	}
	p.For(panels, func(j int) {
		var u tensor.Integers
		for c := range min(nr, w.Rows-j*nr) {
			for k := 0; k < w.Cols; k += len(u.Q) {
				w.Integers(&u, j*nr+c, k/len(u.Q))
				for i := range len(u.Q) / quantum {
					at := (j*each+k/quantum+i)*nr + c
					b.scale.set(at, u.Scale[i])
					if b.plus {
						b.offset.set(at, u.Offset[i])
					}
				}
				b.put(j*w.Cols+k, c, &u)
			}
		}
	})
	return b
}

// put keeps a run of a column's integers.
func (b *integers) put(row, column int, u *tensor.Integers) {
	if !b.nibbles {
		for i, v := range u.Q {
			b.q[(row+i)*nr+column] = v
		}
		return
	}
	more := int8(8)
	if b.plus {
		more = 0
	}
	for i := 0; i < len(u.Q); i += 2 {
		b.q[(row+i)/2*nr+column] = (u.Q[i] + more) | (u.Q[i+1]+more)<<4
	}
}

func (b *integers) dims() (rows, cols int) { return b.rows, b.cols }

// at is where row k of a panel is in q, and in the scales. k is even.
func (b *integers) at(j0, k int) (q, scale int) {
	q, scale = (j0*b.rows + k*nr), j0*(b.rows/b.quantum)+k/b.quantum*nr
	if b.nibbles {
		q /= 2
	}
	return q, scale
}

func (b *integers) panel(buf []float32, k0, kc, j0 int) []float32 {
	buf = buf[:kc*nr]
	var scale, offset [nr]float32
	for k := k0; k < k0+kc; {
		n := min(k0+kc-k, b.quantum-k%b.quantum)
		q, s := b.at(j0, k)
		b.scale.floats(&scale, s)
		if b.plus {
			b.offset.floats(&offset, s)
		} else {
			for i := range offset {
				offset[i] = b.least(scale[i])
			}
		}
		widen(b.nibbles, buf[(k-k0)*nr:][:n*nr], b.q[q:], &scale, &offset)
		k += n
	}
	return buf
}

// least is the offset of integers without one. Nibbles are kept 8 too large; their
// scales are short enough for the products and the sum to be exact. Otherwise it is
// the zero that changes not even a zero's sign.
func (b *integers) least(scale float32) float32 {
	if b.nibbles {
		return -8 * scale
	}
	return float32(math.Copysign(0, -1))
}

func (b *integers) onTheFly() bool { return true }

func (b *integers) oneRow(c, a []float32, from, to int, add bool) {
	pairs(b.rows, b.cols, c, from, to, add, func(sum *[2 * nr]float32, j0, j1, k0, kc int) {
		for k := k0; k < k0+kc; {
			n := min(k0+kc-k, b.quantum-k%b.quantum)
			q0, s0 := b.at(j0*nr, k)
			q1, s1 := b.at(j1*nr, k)
			b.fuse(sum, a[k*mr:], q0, q1, s0, s1, n)
			k += n
		}
	})
}

// widenGo turns rows of nr integers into q*scale + offset.
func widenGo(nibbles bool, dst []float32, q []int8, scale, offset *[nr]float32) {
	for at := range dst {
		row, i := at/nr, at%nr
		v := 0
		if nibbles {
			v = int(uint8(q[row/2*nr+i])) >> (row % 2 * 4) & 15
		} else {
			v = int(q[at])
		}
		// The product is rounded before the sum, as dequantising does it.
		dst[at] = float32(float32(v)*scale[i]) + offset[i]
	}
}
