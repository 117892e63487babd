//go:build !amd64 && !arm64

package kernel

import "runtime"

// Set names the kernels that this machine runs. Results of different sets differ
// in the last bits.
func Set() string { return runtime.GOARCH + " portable" }

func micro(rows, k int, a, b []float32, ldb int, c []float32, ldc int, add bool) {
	microGo(rows, k, a, b, ldb, c, ldc, add)
}
