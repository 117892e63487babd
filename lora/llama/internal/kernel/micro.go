package kernel

// microGo is the micro-kernel in Go: rows (at most mr) by nr values of c become,
// or are increased by, the product of a panel of A and nr columns of B, whose rows
// are ldb values apart, both of k steps. Each value has one accumulator that runs over k in order.
func microGo(rows, k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
	for r := range rows {
		for j := 0; j < nr; j += 4 {
			var s0, s1, s2, s3 float32
			ai := r
			for bi := j; bi < j+k*ldb; bi += ldb {
				x, y := a[ai], (*[4]float32)(b[bi:])
				s0 += x * y[0]
				s1 += x * y[1]
				s2 += x * y[2]
				s3 += x * y[3]
				ai += mr
			}
			out := (*[4]float32)(c[r*ldc+j:])
			if add {
				s0, s1, s2, s3 = out[0]+s0, out[1]+s1, out[2]+s2, out[3]+s3
			}
			*out = [4]float32{s0, s1, s2, s3}
		}
	}
}
