//go:build !amd64

package kernel

func widen(dst []float32, q []int8, scale, offset []float32) { widenGo(dst, q, scale, offset) }

// fuse is never called.
func fuse(*[2 * nr]float32, []float32, []int8, []int8, []float32, []float32, []float32, []float32, int) {
}
