package kernel

// Set names the kernels that this machine runs. Results of different sets differ
// in the last bits.
func Set() string { return "arm64 NEON" }

func micro(rows, k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
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
