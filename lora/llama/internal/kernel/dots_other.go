//go:build !amd64

package kernel

func quantise(dst []eight, stride int, x []float32) { quantiseGo(dst, stride, x) }

func asKept() bool { return false }

func (b *Dots) prepare(d *dotting, u *unpacked, panel, k, n int) { b.unpack(d, u, panel, k, n) }

func (b *Dots) unpackRows(q []byte, scales []float32, panel, k, n int) {
	b.unpackGo(q, scales, panel, k, n)
}

func (d *dotting) multiply() { d.multiplyGo() }

// dotArgs are those of assembly.
type dotArgs struct{}
