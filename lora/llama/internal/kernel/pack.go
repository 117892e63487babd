package kernel

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// packA writes rows [i0, i0+mr) of columns [k0, k0+kc) of a, interleaved, the
// rows beyond the last as zeros.
func packA(dst []float32, a Matrix, i0, k0, kc int) {
	rows := min(mr, a.Rows-i0)
	src := a.Data[i0*a.Row+k0*a.Col:]
	if rows < mr {
		clear(dst[:mr*kc])
	}
	if a.Row == 1 { // stored by columns
		for k := range kc {
			if out, in := dst[k*mr:], src[k*a.Col:]; rows == mr {
				copy4(out, in)
				*(*[2]float32)(out[4:]) = *(*[2]float32)(in[4:])
			} else {
				copy(out[:rows], in)
			}
		}
		return
	}
	k := 0
	if i0+8 <= a.Rows {
		// Eight values are written for every six. The last column is left out,
		// because the next panel follows it, which another thread may be writing.
		k = transpose8(dst, mr, src, a.Row, kc-1)
	}
	for r := range rows {
		row := src[r*a.Row:]
		for k := k; k < kc; k++ {
			dst[k*mr+r] = row[k*a.Col]
		}
	}
}

// packB interleaves cols columns of kc values; element (k, j) of src is at
// k*row+j*col, and one of the strides is 1.
func packB(dst, src []float32, row, col, kc, cols int) {
	if col == 1 {
		for k := range kc {
			if out, in := dst[k*nr:], src[k*row:]; cols == nr {
				copy4(out, in)
				copy4(out[4:], in[4:])
				copy4(out[8:], in[8:])
				copy4(out[12:], in[12:])
			} else {
				copy(out[:cols], in)
				clear(out[cols:nr])
			}
		}
		return
	}
	done, k := 0, 0
	if cols == nr {
		done = transpose8(dst, nr, src, col, kc)
		transpose8(dst[8:], nr, src[8*col:], col, kc)
	}
	for j := range nr {
		if j >= cols {
			for k = range kc {
				dst[k*nr+j] = 0
			}
			continue
		}
		in := src[j*col:]
		for k = done; k < kc; k++ {
			dst[k*nr+j] = in[k*row]
		}
	}
}

// byRows is a Right that is stored by rows, so that several of its panels are best made
// at a time.
type byRows interface {
	byRows() bool
	// row returns columns [from, to) of row k. It uses buf if it has to.
	row(buf []float32, k, from, to int) []float32
}

func (m Matrix) byRows() bool { return m.Col == 1 }

func (m Matrix) row(_ []float32, k, from, to int) []float32 { return m.Data[k*m.Row+from : k*m.Row+to] }

func (w weight) byRows() bool { return !w.transposed }

func (w weight) row(buf []float32, k, from, to int) []float32 {
	if w.m.Type == tensor.F32 {
		return w.m.Floats()[k*w.m.Cols+from : k*w.m.Cols+to]
	}
	w.m.Dequantize(buf[:to-from], k, from)
	return buf[:to-from]
}

// spreadRows writes rows [k0, k0+kc) of columns [from, to), at most 8 panels, as panels.
func spreadRows(dst []float32, b byRows, k0, kc, from, to int) {
	var buf [8 * nr]float32
	whole := (to - from) / nr
	w, quantised := b.(weight)
	for k := range kc {
		var row []float32
		if quantised { // by its own type, so that buf need not be on the heap
			row = w.row(buf[:], k0+k, from, to)
		} else {
			row = b.row(nil, k0+k, from, to)
		}
		spread(dst[k*nr:], kc*nr, row, whole)
		if rest := row[whole*nr:]; len(rest) > 0 {
			out := dst[whole*kc*nr+k*nr:][:nr]
			copy(out, rest)
			clear(out[len(rest):])
		}
	}
}

// spreadGo copies n times nr values to places that are stride values apart.
func spreadGo(dst []float32, stride int, src []float32, n int) {
	for j := range n {
		copy(dst[j*stride:][:nr], src[j*nr:])
	}
}

// copy4 copies four values, which takes one load and one store. More would take a
// call.
func copy4(dst, src []float32) { *(*[4]float32)(dst) = *(*[4]float32)(src) }
