package kernel

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// packA writes rows [i0, i0+mr) of columns [k0, k0+kc) of a, interleaved, the
// rows beyond the last as zeros.
func packA(dst []float32, a Matrix, i0, k0, kc int) {
	rows := min(mr, a.Rows-i0)
	src := a.Data[i0*a.Row+k0*a.Col:]
	if rows < mr && (a.Row == 1 || !avx2) {
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
	if !avx2 {
		for r := range rows {
			row := src[r*a.Row:]
			for k := range kc {
				dst[k*mr+r] = row[k]
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
	const most = 16
	var in [8 * most]float32 // zeros beyond the last row
	var out [mr*most + 2]float32
	for ; k < kc; k += most {
		n := min(most, kc-k)
		for r := range rows {
			copy(in[r*most:][:n], src[r*a.Row+k:])
		}
		transpose8(out[:], mr, in[:], most, (n+7)/8*8)
		copy(dst[k*mr:], out[:n*mr])
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

// spreadRows writes rows [k0, k0+kc) of the whole panels of columns [from, to), at most 8,
// and returns their number. It is 0 unless b is stored by rows: then rows of several panels
// are best read at a time.
func spreadRows(dst []float32, b Right, k0, kc, from, to int) int {
	panels := (to - from) / nr
	m, inPlace := b.(Matrix)
	w, weights := b.(weight)
	if weights && w.m.Type == tensor.F32 {
		m, inPlace = w.floats(), true
	}
	switch {
	case panels == 0:
	case inPlace && m.Col == 1:
		spread(dst, kc*nr, m.Data[k0*m.Row+from:], m.Row, kc, panels)
		return panels
	case weights && !inPlace && !w.transposed:
		var row [8 * nr]float32
		for k := range kc {
			w.m.Dequantize(row[:panels*nr], k0+k, from)
			spread(dst[k*nr:], kc*nr, row[:], 0, 1, panels)
		}
		return panels
	}
	return 0
}

// spreadGo is spread: it writes nr values of each of some rows to each of some panels. Rows
// of src are row values apart, panels of dst stride values.
func spreadGo(dst []float32, stride int, src []float32, row, rows, panels int) {
	for k := range rows {
		for j := range panels {
			copy(dst[j*stride+k*nr:][:nr], src[k*row+j*nr:])
		}
	}
}

// copy4 copies four values, which takes one load and one store. More would take a
// call.
func copy4(dst, src []float32) { *(*[4]float32)(dst) = *(*[4]float32)(src) }
