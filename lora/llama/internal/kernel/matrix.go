package kernel

import (
	"fmt"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// Matrix is a view of float32 values: element (i, j) is Data[i*Row+j*Col]. One
// of the strides is 1.
type Matrix struct {
	Data       []float32
	Rows, Cols int
	Row, Col   int
}

// View is a row-major rows by cols matrix over data.
func View(data []float32, rows, cols int) Matrix { return Strided(data, rows, cols, cols) }

// Strided is View with row starts stride values apart.
func Strided(data []float32, rows, cols, stride int) Matrix {
	if rows > 0 && cols > 0 && len(data) < (rows-1)*stride+cols {
		panic(fmt.Sprintf("kernel: %d values are not a matrix of %d by %d with stride %d", len(data), rows, cols, stride))
	}
	return Matrix{Data: data, Rows: rows, Cols: cols, Row: stride, Col: 1}
}

// T is m transposed; it shares m's values.
func (m Matrix) T() Matrix {
	return Matrix{Data: m.Data, Rows: m.Cols, Cols: m.Rows, Row: m.Col, Col: m.Row}
}

// Right is the right side of a product.
type Right interface {
	// dims returns the rows (the sum's length) and the columns.
	dims() (rows, cols int)
	// panel returns rows [k0, k0+kc) of columns [j0, j0+nr), interleaved, the
	// columns beyond the last as zeros. It uses buf, of kc*nr values, if it has to.
	panel(buf []float32, k0, kc, j0 int) []float32
}

func (m Matrix) dims() (rows, cols int) { return m.Rows, m.Cols }

func (m Matrix) panel(buf []float32, k0, kc, j0 int) []float32 {
	packB(buf, m.Data[k0*m.Row+j0*m.Col:], m.Row, m.Col, kc, min(nr, m.Cols-j0))
	return buf
}

// weight is a tensor.Matrix of any type on the right.
type weight struct {
	m          *tensor.Matrix
	transposed bool
}

// Quantised is a weight in its file's number format.
type Quantised = weight

// Weight makes an operand of w, [rows, cols] as stored. w's values are turned
// into float32 a panel at a time.
func Weight(w *tensor.Matrix) Quantised { return weight{m: w} }

// T is w transposed: what y = x w^T needs.
func (w weight) T() Quantised { return weight{m: w.m, transposed: !w.transposed} }

func (w weight) dims() (rows, cols int) {
	if w.transposed {
		return w.m.Cols, w.m.Rows
	}
	return w.m.Rows, w.m.Cols
}

// floats is a weight of float32 where it lies.
func (w weight) floats() Matrix {
	m := View(w.m.Floats(), w.m.Rows, w.m.Cols)
	if w.transposed {
		return m.T()
	}
	return m
}

func (w weight) panel(buf []float32, k0, kc, j0 int) []float32 {
	if w.m.Type == tensor.F32 {
		return w.floats().panel(buf, k0, kc, j0)
	}
	_, cols := w.dims()
	cols = min(nr, cols-j0)
	if !w.transposed {
		for k := range kc {
			row := buf[k*nr:][:nr]
			w.m.Dequantize(row[:cols], k0+k, j0)
			clear(row[cols:])
		}
		return buf
	}
	var rows [nr * piece]float32
	for k := 0; k < kc; k += piece {
		n := min(piece, kc-k)
		for j := range cols {
			w.m.Dequantize(rows[j*piece:][:n], j0+j, k0+k)
		}
		packB(buf[k*nr:], rows[:], 1, piece, n, cols)
	}
	return buf
}

// piece is the number of values of a row that are dequantised at a time: a block
// of the quantised types, where the sum's blocks allow it.
const piece = 32

// Packed is a Right whose panels are ready, in float32.
type Packed struct {
	rows, cols int
	data       []float32
}

// PackedSize is the number of bytes that a packed matrix takes.
func PackedSize(rows, cols int) int64 {
	return int64(rows) * int64((cols+nr-1)/nr*nr) * 4
}

// Pack packs b once.
func Pack(p *Pool, b Right) *Packed {
	rows, cols := b.dims()
	out := &Packed{rows: rows, cols: cols, data: alloc[float32](p, rows*((cols+nr-1)/nr)*nr)}
	p.For((cols+nr-1)/nr, func(j int) { out.fill(b, j) })
	return out
}

// Fill packs another matrix of the same shape in the place of the one before, on one
// thread.
func (b *Packed) Fill(of Right) {
	if rows, cols := of.dims(); rows != b.rows || cols != b.cols {
		panic(fmt.Sprintf("kernel: a matrix of %d by %d in the place of one of %d by %d", rows, cols, b.rows, b.cols))
	}
	for j := range (b.cols + nr - 1) / nr {
		b.fill(of, j)
	}
}

// fill makes the j-th panel.
func (b *Packed) fill(of Right, j int) {
	for k0, kc := range blocks(b.rows) {
		buf := b.panel(nil, k0, kc, j*nr)
		copy(buf, of.panel(buf, k0, kc, j*nr))
	}
}

func (b *Packed) dims() (rows, cols int) { return b.rows, b.cols }

func (b *Packed) panel(_ []float32, k0, kc, j0 int) []float32 {
	return b.data[j0*b.rows+k0*nr:][:kc*nr]
}
