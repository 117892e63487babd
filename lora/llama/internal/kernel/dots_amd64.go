package kernel

import "golang.org/x/sys/cpu"

// vnni is AVX-512 with products of bytes.
var vnni = avx512 && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VNNI

func quantise(dst []eight, x []float32) {
	if !avx2 || len(dst) == 0 {
		quantiseGo(dst, x)
		return
	}
	_ = x[len(dst)*dotGroup-1]
	quantiseAVX2(&dst[0], &x[0], len(dst))
}

func (b *Dots) unpack(q []byte, scales []float32, panel, k, n int) {
	if !vnni {
		b.unpackGo(q, scales, panel, k, n)
		return
	}
	groups := n / b.quantum
	_, _ = q[n*nr-1], scales[groups*2*nr-1]
	g := b.data[b.at(panel, k):][:groups*b.group()]
	numbers, more, plus := &g[b.header()], centre-b.more(), 0
	if b.plus {
		more, plus = 0, 1
	}
	switch {
	case b.sixes:
		unpackSixes512(&q[0], numbers, groups, b.group())
	case b.nibbles:
		unpackNibbles512(&q[0], numbers, groups, b.group(), b.quantum/8, more)
	default:
		unpackBytes512(&q[0], numbers, groups, b.group(), b.quantum/4)
	}
	if b.factors {
		scaleFactors512(&scales[0], &g[0], b.unitsAt(panel, k), groups, b.group(), plus)
	} else {
		scaleHalves512(&scales[0], &g[0], groups, b.group(), plus)
	}
}

// dotArgs are those of the assembly. Strides are in bytes.
type dotArgs struct {
	a      *eight
	stride int
	q      *byte
	scales *float32
	c      *float32
	ldc    int
	groups int
	add    int
}

func (d *dotting) multiply() {
	if !vnni {
		d.multiplyGo()
		return
	}
	// The assembly checks no bounds.
	_, _ = d.a[(d.rows-1)*d.stride+d.groups-1], d.c[(d.rows-1)*d.ldc+nr-1]
	_, _ = d.q[d.groups*dotGroup*nr-1], d.scales[d.groups*2*nr-1]
	f := dotArgs{a: &d.a[0], stride: d.stride * record, q: &d.q[0], scales: &d.scales[0], c: &d.c[0], ldc: d.ldc * 4, groups: d.groups}
	if d.add {
		f.add = 1
	}
	switch {
	case d.halves && d.plus:
		d.halvesPlus(&f)
	case d.halves:
		d.halved(&f)
	case d.plus:
		d.wholePlus(&f)
	default:
		d.whole(&f)
	}
}

func (d *dotting) whole(f *dotArgs) {
	switch d.rows {
	case 12:
		dots12(f)
	case 8:
		dots8(f)
	case 4:
		dots4(f)
	case 2:
		dots2(f)
	case 1:
		dots1(f)
	}
}

func (d *dotting) wholePlus(f *dotArgs) {
	switch d.rows {
	case 12:
		dotsPlus12(f)
	case 8:
		dotsPlus8(f)
	case 4:
		dotsPlus4(f)
	case 2:
		dotsPlus2(f)
	case 1:
		dotsPlus1(f)
	}
}

func (d *dotting) halved(f *dotArgs) {
	switch d.rows {
	case 12:
		dotsHalves12(f)
	case 8:
		dotsHalves8(f)
	case 4:
		dotsHalves4(f)
	case 2:
		dotsHalves2(f)
	case 1:
		dotsHalves1(f)
	}
}

func (d *dotting) halvesPlus(f *dotArgs) {
	switch d.rows {
	case 12:
		dotsHalvesPlus12(f)
	case 8:
		dotsHalvesPlus8(f)
	case 4:
		dotsHalvesPlus4(f)
	case 2:
		dotsHalvesPlus2(f)
	case 1:
		dotsHalvesPlus1(f)
	}
}

//go:noescape
func quantiseAVX2(dst *eight, x *float32, groups int)

//go:noescape
func unpackBytes512(dst, src *byte, groups, stride, lines int)

//go:noescape
func unpackNibbles512(dst, src *byte, groups, stride, lines, more int)

//go:noescape
func unpackSixes512(dst, src *byte, groups, stride int)

//go:noescape
func scaleHalves512(dst *float32, group *byte, groups, stride, plus int)

//go:noescape
func scaleFactors512(dst *float32, group *byte, units *uint16, groups, stride, plus int)

//go:noescape
func dots12(f *dotArgs)

//go:noescape
func dots8(f *dotArgs)

//go:noescape
func dots4(f *dotArgs)

//go:noescape
func dots2(f *dotArgs)

//go:noescape
func dots1(f *dotArgs)

//go:noescape
func dotsPlus12(f *dotArgs)

//go:noescape
func dotsPlus8(f *dotArgs)

//go:noescape
func dotsPlus4(f *dotArgs)

//go:noescape
func dotsPlus2(f *dotArgs)

//go:noescape
func dotsPlus1(f *dotArgs)

//go:noescape
func dotsHalves12(f *dotArgs)

//go:noescape
func dotsHalves8(f *dotArgs)

//go:noescape
func dotsHalves4(f *dotArgs)

//go:noescape
func dotsHalves2(f *dotArgs)

//go:noescape
func dotsHalves1(f *dotArgs)

//go:noescape
func dotsHalvesPlus12(f *dotArgs)

//go:noescape
func dotsHalvesPlus8(f *dotArgs)

//go:noescape
func dotsHalvesPlus4(f *dotArgs)

//go:noescape
func dotsHalvesPlus2(f *dotArgs)

//go:noescape
func dotsHalvesPlus1(f *dotArgs)
