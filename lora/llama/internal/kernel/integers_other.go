//go:build !amd64

package kernel

func widen(nibbles bool, dst []float32, q []int8, scale, offset *[nr]float32) {
	widenGo(nibbles, dst, q, scale, offset)
}

// fuse is never called.
func (b *integers) fuse(*[2 * nr]float32, []float32, int, int, int, int, int) {}
