package kernel

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

// copy4 copies four values, which takes one load and one store. More would take a
// call.
func copy4(dst, src []float32) { *(*[4]float32)(dst) = *(*[4]float32)(src) }
