package kernel

import "unsafe"

// widen turns rows of nr integers into q*scale + offset. Of nibbles, the rows are even
// in number.
func widen(nibbles bool, dst []float32, q []int8, scale, offset *[nr]float32) {
	if !avx2 || len(dst) == 0 {
		widenGo(nibbles, dst, q, scale, offset)
		return
	}
	if nibbles {
		_ = q[len(dst)/2-1]
		widenNibblesAVX2(&dst[0], &q[0], &scale[0], &offset[0], len(dst)/nr)
	} else {
		_ = q[len(dst)-1]
		widenAVX2(&dst[0], &q[0], &scale[0], &offset[0], len(dst)/nr)
	}
}

//go:noescape
func widenAVX2(dst *float32, q *int8, scale, offset *float32, n int)

//go:noescape
func widenNibblesAVX2(dst *float32, q *int8, scale, offset *float32, n int)

// fuse adds to sum the products of n interleaved values of a with n rows of two
// panels, whose integers begin at q0 and q1 and whose scales at s0 and s1. It needs AVX2.
func (b *integers) fuse(sum *[2 * nr]float32, a []float32, q0, q1, s0, s1, n int) {
	size := n * nr
	if b.nibbles {
		size /= 2
	}
	_, _, _ = a[(n-1)*mr], b.q[q0+size-1], b.q[q1+size-1]
	if avx512 {
		fuseAVX512(b.layout, sum, &a[0], &b.q[q0], &b.q[q1], b.scale.at(s0), b.scale.at(s1), b.offset.at(s0), b.offset.at(s1), n)
	} else {
		fuseAVX2(b.layout, sum, &a[0], &b.q[q0], &b.q[q1], b.scale.at(s0), b.scale.at(s1), b.offset.at(s0), b.offset.at(s1), n)
	}
}

// at is the address of nr scales; nil where there are none.
func (s *scales) at(i int) unsafe.Pointer {
	switch {
	case s.h != nil:
		return unsafe.Pointer((*[nr]uint16)(s.h[i:]))
	case s.f != nil:
		return unsafe.Pointer((*[nr]float32)(s.f[i:]))
	}
	return nil
}

func fuseAVX2(l layout, sum *[2 * nr]float32, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int) {
	switch l {
	case layout{}:
		fuseBytesF32(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{halves: true}:
		fuseBytesF16(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{plus: true}:
		fuseBytesPlusF32(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{plus: true, halves: true}:
		fuseBytesPlusF16(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true}:
		fuseNibblesF32(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true, halves: true}:
		fuseNibblesF16(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true, plus: true}:
		fuseNibblesPlusF32(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true, plus: true, halves: true}:
		fuseNibblesPlusF16(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	}
}

func fuseAVX512(l layout, sum *[2 * nr]float32, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int) {
	switch l {
	case layout{}:
		fuseBytesF32x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{halves: true}:
		fuseBytesF16x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{plus: true}:
		fuseBytesPlusF32x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{plus: true, halves: true}:
		fuseBytesPlusF16x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true}:
		fuseNibblesF32x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true, halves: true}:
		fuseNibblesF16x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true, plus: true}:
		fuseNibblesPlusF32x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	case layout{nibbles: true, plus: true, halves: true}:
		fuseNibblesPlusF16x512(&sum[0], a, q0, q1, s0, s1, o0, o1, n)
	}
}

//go:noescape
func fuseBytesF32(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseBytesF16(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseBytesPlusF32(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseBytesPlusF16(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesF32(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesF16(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesPlusF32(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesPlusF16(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseBytesF32x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseBytesF16x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseBytesPlusF32x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseBytesPlusF16x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesF32x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesF16x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesPlusF32x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)

//go:noescape
func fuseNibblesPlusF16x512(sum, a *float32, q0, q1 *int8, s0, s1, o0, o1 unsafe.Pointer, n int)
