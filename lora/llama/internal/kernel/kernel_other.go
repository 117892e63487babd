//go:build !amd64

package kernel

const avx2, avx512 = false, false

// wide is never called without AVX-512.
func wide(int, int, []float32, []float32, []float32, int, []float32, int, bool) {}

func transpose8([]float32, int, []float32, int, int) int { return 0 }

func spread(dst []float32, stride int, src []float32, row, rows, panels int) {
	spreadGo(dst, stride, src, row, rows, panels)
}
