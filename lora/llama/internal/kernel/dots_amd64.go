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
	if !avx2 {
		b.unpackGo(q, scales, panel, k, n)
		return
	}
	groups := n / b.quantum
	// The assembly checks no bounds.
	_, _ = q[n*nr-1], scales[groups*2*nr-1]
	g := b.data[b.at(panel, k):][:groups*b.group()]
	if vnni {
		b.unpack512(&q[0], &scales[0], g, b.unitsAt(panel, k), groups)
	} else {
		b.unpack256(&q[0], &scales[0], g, b.unitsAt(panel, k), groups)
	}
}

// unpacking is what is added to the integers, and whether there are offsets.
func (b *Dots) unpacking() (more, plus int) {
	if b.plus {
		return 0, 1
	}
	return centre - b.more(), 0
}

func (b *Dots) unpack512(q *byte, scales *float32, g []byte, units *uint16, groups int) {
	more, plus := b.unpacking()
	switch numbers := &g[b.header()]; {
	case b.sixes:
		unpackSixes512(q, numbers, groups, b.group())
	case b.nibbles:
		unpackNibbles512(q, numbers, groups, b.group(), b.quantum/8, more)
	default:
		unpackBytes512(q, numbers, groups, b.group(), b.quantum/4)
	}
	if b.factors {
		scaleFactors512(scales, &g[0], units, groups, b.group(), plus)
	} else {
		scaleHalves512(scales, &g[0], groups, b.group(), plus)
	}
}

func (b *Dots) unpack256(q *byte, scales *float32, g []byte, units *uint16, groups int) {
	more, plus := b.unpacking()
	switch numbers := &g[b.header()]; {
	case b.sixes:
		unpackSixes256(q, numbers, groups, b.group())
	case b.nibbles:
		unpackNibbles256(q, numbers, groups, b.group(), b.quantum/8, more)
	default:
		unpackBytes256(q, numbers, groups, b.group(), b.quantum/4)
	}
	if b.factors {
		scaleFactors256(scales, &g[0], units, groups, b.group(), plus)
	} else {
		scaleHalves256(scales, &g[0], groups, b.group(), plus)
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
	if !avx2 {
		d.multiplyGo()
		return
	}
	// The assembly checks no bounds.
	_, _ = d.a[(d.rows-1)*d.stride+d.groups-1], d.c[(d.rows-1)*d.ldc+nr-1]
	_, _ = d.q[d.groups*dotGroup*nr-1], d.scales[d.groups*2*nr-1]
	f := dotArgs{a: &d.a[0], stride: d.stride * record, q: &d.q[0], scales: &d.scales[0], c: &d.c[0], ldc: d.ldc * 4, groups: d.groups}
	if d.halves {
		f.scales = &d.scales[:d.groups*4*nr][0]
	}
	if d.add {
		f.add = 1
	}
	if vnni {
		d.multiply512(&f)
		return
	}
	// Up to four rows by eight columns at a time.
	for row, n := 0, 0; row < d.rows; row += n {
		n = min(4, rowsTogether(d.rows-row))
		for column := 0; column < nr; column += nr / 2 {
			f.a, f.c = &d.a[row*d.stride], &d.c[row*d.ldc+column]
			f.q, f.scales = &d.q[4*column], &d.scales[column]
			d.multiply256(&f, n)
		}
	}
}

func (d *dotting) multiply512(f *dotArgs) {
	switch [2]bool{d.halves, d.plus} {
	case [2]bool{false, false}:
		whole512(f, d.rows)
	case [2]bool{false, true}:
		plus512(f, d.rows)
	case [2]bool{true, false}:
		halves512(f, d.rows)
	case [2]bool{true, true}:
		halvesPlus512(f, d.rows)
	}
}

func whole512(f *dotArgs, rows int) {
	switch rows {
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

func plus512(f *dotArgs, rows int) {
	switch rows {
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

func halves512(f *dotArgs, rows int) {
	switch rows {
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

func halvesPlus512(f *dotArgs, rows int) {
	switch rows {
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

// multiply256 multiplies 4, 2 or 1 rows with eight columns.
func (d *dotting) multiply256(f *dotArgs, rows int) {
	switch [2]bool{d.halves, d.plus} {
	case [2]bool{false, false}:
		whole256(f, rows)
	case [2]bool{false, true}:
		plus256(f, rows)
	case [2]bool{true, false}:
		halves256(f, rows)
	case [2]bool{true, true}:
		halvesPlus256(f, rows)
	}
}

func whole256(f *dotArgs, rows int) {
	switch rows {
	case 4:
		dotsHalf4(f)
	case 2:
		dotsHalf2(f)
	case 1:
		dotsHalf1(f)
	}
}

func plus256(f *dotArgs, rows int) {
	switch rows {
	case 4:
		dotsHalfPlus4(f)
	case 2:
		dotsHalfPlus2(f)
	case 1:
		dotsHalfPlus1(f)
	}
}

func halves256(f *dotArgs, rows int) {
	switch rows {
	case 4:
		dotsHalfHalves4(f)
	case 2:
		dotsHalfHalves2(f)
	case 1:
		dotsHalfHalves1(f)
	}
}

func halvesPlus256(f *dotArgs, rows int) {
	switch rows {
	case 4:
		dotsHalfHalvesPlus4(f)
	case 2:
		dotsHalfHalvesPlus2(f)
	case 1:
		dotsHalfHalvesPlus1(f)
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
func unpackBytes256(dst, src *byte, groups, stride, lines int)

//go:noescape
func unpackNibbles256(dst, src *byte, groups, stride, lines, more int)

//go:noescape
func unpackSixes256(dst, src *byte, groups, stride int)

//go:noescape
func scaleHalves256(dst *float32, group *byte, groups, stride, plus int)

//go:noescape
func scaleFactors256(dst *float32, group *byte, units *uint16, groups, stride, plus int)

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
func dotsHalf4(f *dotArgs)

//go:noescape
func dotsHalf2(f *dotArgs)

//go:noescape
func dotsHalf1(f *dotArgs)

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
func dotsHalfPlus4(f *dotArgs)

//go:noescape
func dotsHalfPlus2(f *dotArgs)

//go:noescape
func dotsHalfPlus1(f *dotArgs)

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
func dotsHalfHalves4(f *dotArgs)

//go:noescape
func dotsHalfHalves2(f *dotArgs)

//go:noescape
func dotsHalfHalves1(f *dotArgs)

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

//go:noescape
func dotsHalfHalvesPlus4(f *dotArgs)

//go:noescape
func dotsHalfHalvesPlus2(f *dotArgs)

//go:noescape
func dotsHalfHalvesPlus1(f *dotArgs)
