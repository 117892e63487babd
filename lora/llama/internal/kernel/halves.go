package kernel

import (
	"encoding/binary"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// halves is a compact weight of 16-bit floats. It takes half the memory of a
// [Packed].
type halves struct {
	rows, cols int
	typ        tensor.Type
	h          []uint16 // [panels, rows, nr]
}

// isHalves reports whether w's type is one of 16-bit floats that this machine
// widens quickly.
func isHalves(w *tensor.Matrix) bool {
	return avx2 && (w.Type == tensor.BF16 || w.Type == tensor.F16)
}

func packHalves(p *Pool, w *tensor.Matrix) *halves {
	panels := (w.Rows + nr - 1) / nr
	b := &halves{rows: w.Cols, cols: w.Rows, typ: w.Type, h: alloc[uint16](p, panels*nr*w.Cols)}
	p.For(panels, func(j int) {
		panel := b.h[j*nr*w.Cols:][:nr*w.Cols]
		for c := range min(nr, w.Rows-j*nr) {
			row := w.Data[2*(j*nr+c)*w.Cols:]
			for k := range w.Cols {
				panel[k*nr+c] = binary.LittleEndian.Uint16(row[2*k:])
			}
		}
	})
	return b
}

func (b *halves) dims() (rows, cols int) { return b.rows, b.cols }

func (b *halves) panel(buf []float32, k0, kc, j0 int) []float32 {
	buf = buf[:kc*nr]
	widenHalves(b.typ, buf, b.h[j0*b.rows+k0*nr:][:kc*nr])
	return buf
}

func (b *halves) onTheFly() bool { return true }

func (b *halves) oneRow(c, a []float32, from, to int, add bool) {
	strips(2, b.rows, b.cols, c, from, to, add, func(sum *[4 * nr]float32, j *[4]int, k0, kc int) {
		fuseHalves(b.typ, sum, a[k0*mr:], b.h[(j[0]*nr*b.rows+k0*nr):], b.h[(j[1]*nr*b.rows+k0*nr):], kc)
	})
}
