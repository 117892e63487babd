//go:build !amd64

package kernel

func quantise(dst []eight, x []float32) { quantiseGo(dst, x) }

func (b *Dots) unpack(q []byte, scales []float32, panel, k, n int) {
	b.unpackGo(q, scales, panel, k, n)
}

func (d *dotting) multiply() { d.multiplyGo() }
