package kernel

import "golang.org/x/sys/cpu"

// avx2 stands for AVX2, FMA and F16C, which processors have together. That the operating
// system saves the registers, those of AVX-512 too, cpu has checked (OSXSAVE and XCR0).
var avx2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C

// avx512 multiplies larger tiles at a time. It changes no bytes. GODEBUG=cpu.avx512=off
// clears HasAVX512 alone.
var avx512 = avx2 && cpu.X86.HasAVX512 && cpu.X86.HasAVX512F

// Set names the kernels that this machine runs. Results of different sets differ
// in the last bits.
func Set() string {
	if avx2 {
		return "amd64 AVX2"
	}
	return "amd64 portable"
}

func micro(rows, k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
	if !avx2 {
		microGo(rows, k, a, b, ldb, c, ldc, add)
		return
	}
	// The assembly checks no bounds.
	_, _, _ = a[k*mr-1], b[(k-1)*ldb+nr-1], c[(rows-1)*ldc+nr-1]
	flag := 0
	if add {
		flag = 1
	}
	switch rows {
	case 6:
		micro6(k, &a[0], &b[0], ldb*4, &c[0], ldc*4, flag)
	case 5:
		micro5(k, &a[0], &b[0], ldb*4, &c[0], ldc*4, flag)
	case 4:
		micro4(k, &a[0], &b[0], ldb*4, &c[0], ldc*4, flag)
	case 3:
		micro3(k, &a[0], &b[0], ldb*4, &c[0], ldc*4, flag)
	case 2:
		micro2(k, &a[0], &b[0], ldb*4, &c[0], ldc*4, flag)
	case 1:
		micro1(k, &a[0], &b[0], ldb*4, &c[0], ldc*4, flag)
	}
}

// wide multiplies up to two panels of A, which follow each other, with two whole panels
// of B: c is rows by 2*nr. Two panels of A are whole. It needs AVX-512.
func wide(rows, k int, a, b0, b1 []float32, ldb int, c []float32, ldc int, add bool) {
	_, _, _, _ = a[(rows+mr-1)/mr*k*mr-1], b0[(k-1)*ldb+nr-1], b1[(k-1)*ldb+nr-1], c[(rows-1)*ldc+2*nr-1]
	flag := 0
	if add {
		flag = 1
	}
	switch rows {
	case 2 * mr:
		micro12x32(k, &a[0], &b0[0], &b1[0], ldb*4, &c[0], ldc*4, flag)
	case 6:
		micro6x32(k, &a[0], &b0[0], &b1[0], ldb*4, &c[0], ldc*4, flag)
	case 5:
		micro5x32(k, &a[0], &b0[0], &b1[0], ldb*4, &c[0], ldc*4, flag)
	case 4:
		micro4x32(k, &a[0], &b0[0], &b1[0], ldb*4, &c[0], ldc*4, flag)
	case 3:
		micro3x32(k, &a[0], &b0[0], &b1[0], ldb*4, &c[0], ldc*4, flag)
	case 2:
		micro2x32(k, &a[0], &b0[0], &b1[0], ldb*4, &c[0], ldc*4, flag)
	case 1:
		micro1x32(k, &a[0], &b0[0], &b1[0], ldb*4, &c[0], ldc*4, flag)
	}
}

// transpose8 writes dst[k*dstStride+i] = src[i*srcStride+k] for i < 8 and k below
// the returned count, a multiple of 8 at most n (0 without AVX2).
func transpose8(dst []float32, dstStride int, src []float32, srcStride, n int) int {
	n = n / 8 * 8
	if !avx2 || n == 0 {
		return 0
	}
	_, _ = dst[(n-1)*dstStride+7], src[7*srcStride+n-1]
	transpose8AVX2(&dst[0], dstStride*4, &src[0], srcStride*4, n)
	return n
}

// spread writes nr values of each of some rows to each of some panels. Rows of src are row
// values apart, panels of dst stride values.
func spread(dst []float32, stride int, src []float32, row, rows, panels int) {
	if !avx2 {
		spreadGo(dst, stride, src, row, rows, panels)
		return
	}
	_, _ = dst[(panels-1)*stride+rows*nr-1], src[(rows-1)*row+panels*nr-1]
	spreadAVX2(&dst[0], stride*4, &src[0], row*4, rows, panels)
}

//go:noescape
func spreadAVX2(dst *float32, stride int, src *float32, row, rows, panels int)

//go:noescape
func micro6(k int, a, b *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro5(k int, a, b *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro4(k int, a, b *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro3(k int, a, b *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro2(k int, a, b *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro1(k int, a, b *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro12x32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro5x32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro4x32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro3x32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro2x32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro1x32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func micro6x32(k int, a, b0, b1 *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func transpose8AVX2(dst *float32, dstStride int, src *float32, srcStride, n int)
