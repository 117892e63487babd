package kernel

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// integers is a compact quantised weight, in about as many bits as its file has.
type integers struct {
	rows, cols int
	layout
	quads   bool // four rows stand together: see place
	quantum int  // the number of values with one scale
	block   int  // the number of values with one float16, where there are factors
	// data is [panels, rows/quantum] groups: the scales of nr columns, their offsets
	// where there are some, and [quantum, nr] integers. Of nibbles, a byte has the
	// numbers of an even row and of the one that follows.
	data []byte
	// units are [panels, rows/block, nr] float16, which the factors are multiplied by;
	// with offsets [panels, rows/block, 2, nr].
	units []uint16
}

// layout is how the integers of a type are kept.
type layout struct {
	nibbles bool // four bits each, those without an offset 8 larger
	sixes   bool // six bits each, 32 larger: as nibbles, and after a group's the bits above them, of four rows in a byte
	plus    bool // there are offsets
	factors bool // scales and offsets are integers of eight bits times units; else they are float16
}

// layoutOf is the layout of a type.
func layoutOf(t tensor.Type) layout {
	switch t {
	case tensor.Q4_0:
		return layout{nibbles: true}
	case tensor.Q4_1:
		return layout{nibbles: true, plus: true}
	case tensor.Q8_0, tensor.Q5_0, tensor.IQ4NL:
		return layout{}
	case tensor.Q5_1:
		return layout{plus: true}
	case tensor.Q2K, tensor.Q4K:
		return layout{nibbles: true, plus: true, factors: true}
	case tensor.Q3K:
		return layout{nibbles: true, factors: true}
	case tensor.Q5K:
		return layout{plus: true, factors: true}
	case tensor.Q6K:
		return layout{sixes: true, factors: true}
	case tensor.IQ4XS:
		return layout{factors: true}
	}
	panic(fmt.Sprintf("kernel: the integers of %v", t))
}

// header is the number of bytes of a group before its integers.
func (l layout) header() int {
	n := 2 * nr
	if l.factors {
		n = nr
	}
	if l.plus {
		n *= 2
	}
	return n
}

// bytes is the number of bytes of some rows of integers.
func (l layout) bytes(rows int) int {
	switch {
	case l.nibbles:
		return rows * nr / 2
	case l.sixes:
		return rows * nr * 3 / 4
	}
	return rows * nr
}

// perBlock is the number of units of a block, of nr columns.
func (l layout) perBlock() int {
	if l.plus {
		return 2 * nr
	}
	return nr
}

// isIntegers reports whether w's type is one of integers.
func isIntegers(w *tensor.Matrix) bool { return w.Type.Quantum() > 0 }

// newIntegers is w's form without its data, whose sizes it returns.
func newIntegers(w *tensor.Matrix) (b *integers, data, units int) {
	block, _ := w.Type.Block()
	b = &integers{rows: w.Cols, cols: w.Rows, layout: layoutOf(w.Type), quantum: w.Type.Quantum(), block: block}
	panels := (w.Rows + nr - 1) / nr
	data = panels * (w.Cols / b.quantum) * b.group()
	if b.factors {
		units = panels * (w.Cols / block) * b.perBlock()
	}
	return b, data, units
}

func integersSize(w *tensor.Matrix) int64 {
	_, data, units := newIntegers(w)
	return int64(data) + 2*int64(units)
}

func packIntegers(p *Pool, w *tensor.Matrix) *integers { return packPlaced(p, w, false) }

func packPlaced(p *Pool, w *tensor.Matrix, quads bool) *integers {
	b, data, units := newIntegers(w)
	b.quads = quads
	b.data, b.units = alloc[byte](p, data), alloc[uint16](p, units)
	p.For((w.Rows+nr-1)/nr, func(j int) {
		var u tensor.Integers
		for c := range min(nr, w.Rows-j*nr) {
			for k := 0; k < w.Cols; k += len(u.Q) {
				w.Integers(&u, j*nr+c, k/len(u.Q))
				b.put(j, c, k, &u)
			}
		}
	})
	return b
}

// put keeps a run of a column's integers.
func (b *integers) put(panel, column, k int, u *tensor.Integers) {
	if b.factors && k%b.block == 0 {
		units := b.units[b.unit(panel, k):]
		units[column] = u.D
		if b.plus {
			units[nr+column] = u.Least
		}
	}
	for i := range len(u.Q) / b.quantum {
		g := b.data[b.at(panel, k+i*b.quantum):][:b.group()]
		switch {
		case b.factors:
			g[column] = byte(u.Factor[i])
			if b.plus {
				g[nr+column] = byte(u.LeastFactor[i])
			}
		default:
			binary.LittleEndian.PutUint16(g[2*column:], u.D)
			if b.plus {
				binary.LittleEndian.PutUint16(g[2*(nr+column):], u.Least)
			}
		}
		b.putColumn(g[b.header():], column, u.Q[i*b.quantum:][:b.quantum])
	}
}

// place is where a row's integer of a column is among those of a group, whose lines have
// this width: row and column, or with quads four rows of a column next to each other, as
// products of bytes take them.
func (b *integers) place(row, column int) (line, at, width int) {
	if b.quads {
		return row / 4, 4*column + row%4, 4 * nr
	}
	return row, column, nr
}

// more is how much larger integers are kept than they are.
func (b *integers) more() int {
	switch {
	case b.plus:
		return 0
	case b.nibbles:
		return 8
	case b.sixes:
		return 32
	case b.quads:
		return centre
	}
	return 0
}

// putColumn keeps a column's integers of a group, which was zero.
func (b *integers) putColumn(g []byte, column int, q []int8) {
	more := byte(b.more())
	switch {
	case b.quads:
		b.putQuads(g, column, q, more)
		return
	case !b.nibbles && !b.sixes:
		for i, v := range q {
			g[i*nr+column] = byte(v)
		}
		return
	}
	high := g[len(q)*nr/2:]
	for i := 0; i < len(q); i += 2 {
		low, next := byte(q[i])+more, byte(q[i+1])+more
		g[i/2*nr+column] = low&15 | next<<4
		if b.sixes {
			high[i/4*nr+column] |= (low>>4 | next>>4<<2) << (i % 4 * 2)
		}
	}
}

// putQuads is putColumn with four rows next to each other.
func (b *integers) putQuads(g []byte, column int, q []int8, more byte) {
	if !b.nibbles && !b.sixes {
		for i, v := range q {
			g[i/4*4*nr+4*column+i%4] = byte(v) + more
		}
		return
	}
	high := g[len(q)*nr/2:]
	for i := 0; i < len(q); i += 8 {
		for j := range 4 {
			low, next := byte(q[i+j])+more, byte(q[i+4+j])+more
			g[i*nr/2+4*column+j] = low&15 | next<<4
			if b.sixes {
				high[i/16*4*nr+4*column+j] |= (low>>4 | next>>4<<2) << (i % 16 / 2)
			}
		}
	}
}

// number is the integer of a row of a column from the integers of a group, as it is kept.
func (b *integers) number(q []byte, row, column int) int {
	line, at, width := b.place(row, column)
	switch {
	case !b.nibbles && !b.sixes && b.quads:
		return int(q[line*width+at])
	case !b.nibbles && !b.sixes:
		return int(int8(q[line*width+at]))
	}
	v := int(q[line/2*width+at]) >> (line % 2 * 4) & 15
	if b.sixes {
		v |= int(q[b.quantum*nr/2+line/4*width+at]) >> (line % 4 * 2) & 3 << 4
	}
	return v
}

func (b *integers) dims() (rows, cols int) { return b.rows, b.cols }

// group is the number of bytes of a group.
func (b *integers) group() int { return b.header() + b.bytes(b.quantum) }

// at is where the group of row k of a panel begins.
func (b *integers) at(panel, k int) int { return (panel*(b.rows/b.quantum) + k/b.quantum) * b.group() }

// unit is where the units of row k of a panel are.
func (b *integers) unit(panel, k int) int {
	return (panel*(b.rows/b.block) + k/b.block) * b.perBlock()
}

// spans divides rows [k0, k0+kc) where the units change.
func (b *integers) spans(k0, kc int) iter.Seq2[int, int] {
	return func(yield func(k, n int) bool) {
		for k := k0; k < k0+kc; {
			n := k0 + kc - k
			if b.factors {
				n = min(n, b.block-k%b.block)
			}
			if !yield(k, n) {
				return
			}
			k += n
		}
	}
}

func (b *integers) panel(buf []float32, k0, kc, j0 int) []float32 {
	buf = buf[:kc*nr]
	for k, n := range b.spans(k0, kc) {
		b.widen(buf[(k-k0)*nr:][:n*nr], j0/nr, k)
	}
	return buf
}

func (b *integers) onTheFly() bool { return true }

func (b *integers) oneRow(c, a []float32, from, to int, add bool) {
	together := 2
	if avx512 {
		together = 4
	}
	strips(together, b.rows, b.cols, c, from, to, add, func(sum *[4 * nr]float32, j *[4]int, k0, kc int) {
		for k, n := range b.spans(k0, kc) {
			b.fuse(sum, a[k*mr:], j, k, n)
		}
	})
}

// scales are the scales and offsets of the group of row k of a panel.
func (b *integers) scales(panel, k int) (scale, offset [nr]float32) {
	g := b.data[b.at(panel, k):][:b.header()]
	number := func(i int) float32 { // the i-th scale, or offset
		if b.factors {
			return tensor.Float16(b.units[b.unit(panel, k)+i]) * float32(int8(g[i]))
		}
		return tensor.Float16(binary.LittleEndian.Uint16(g[2*i:]))
	}
	for i := range nr {
		scale[i] = number(i)
		switch {
		case b.plus:
			offset[i] = number(nr + i)
		case b.nibbles: // The scale is short enough for the product and the sum to be exact.
			offset[i] = -8 * scale[i]
		default: // the zero that changes not even a zero's sign
			offset[i] = float32(math.Copysign(0, -1))
		}
	}
	return scale, offset
}

// widenGo turns rows from k on of a panel into q*scale + offset.
func (b *integers) widenGo(dst []float32, panel, k int) {
	for len(dst) > 0 {
		scale, offset := b.scales(panel, k)
		q := b.data[b.at(panel, k)+b.header():]
		row := k % b.quantum
		n := min(b.quantum-row, len(dst)/nr)
		for at := range n * nr {
			i := at % nr
			v := float32(b.number(q, row+at/nr, i))
			if b.sixes { // The product may not be exact.
				v -= 32
			}
			// The product is rounded before the sum, as dequantising does it.
			dst[at] = float32(v*scale[i]) + offset[i]
		}
		k, dst = k+n, dst[n*nr:]
	}
}
