//go:build !amd64

package kernel

import "runtime"

const avx2, avx512 = false, false

// Set names the kernels that this machine runs. Results of different sets differ
// in the last bits.
func Set() string { return runtime.GOARCH + " portable" }

func micro(rows, k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
	microGo(rows, k, a, b, ldb, c, ldc, add)
}

// wide is never called without AVX-512.
func wide(int, int, []float32, []float32, []float32, int, []float32, int, bool) {}

func transpose8([]float32, int, []float32, int, int) int { return 0 }

func spread(dst []float32, stride int, src []float32, n int) { spreadGo(dst, stride, src, n) }
