package kernel

// widen turns rows of nr integers into q*scale + offset.
func widen(dst []float32, q []int8, scale, offset []float32) {
	if !avx2 || len(q) == 0 {
		widenGo(dst, q, scale, offset)
		return
	}
	_, _, _ = dst[len(q)-1], scale[nr-1], offset[nr-1]
	widenAVX2(&dst[0], &q[0], &scale[0], &offset[0], len(q)/nr)
}

//go:noescape
func widenAVX2(dst *float32, q *int8, scale, offset *float32, n int)

// fuse adds to sum the products of n interleaved values of a with n rows of nr
// integers of each of two panels. It needs AVX2.
func fuse(sum *[2 * nr]float32, a []float32, q0, q1 []int8, s0, s1, o0, o1 []float32, n int) {
	_, _, _ = a[(n-1)*mr], q0[n*nr-1], q1[n*nr-1]
	_, _, _, _ = s0[nr-1], s1[nr-1], o0[nr-1], o1[nr-1]
	fuseAVX2(&sum[0], &a[0], &q0[0], &q1[0], &s0[0], &s1[0], &o0[0], &o1[0], n)
}

//go:noescape
func fuseAVX2(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 *float32, n int)
