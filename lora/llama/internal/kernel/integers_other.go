//go:build !amd64

package kernel

func (b *integers) widen(dst []float32, panel, k int) { b.widenGo(dst, panel, k) }

// fuse is never called.
func (b *integers) fuse(*[4 * nr]float32, []float32, *[4]int, int, int) {}
