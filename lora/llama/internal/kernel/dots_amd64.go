package kernel

import "golang.org/x/sys/cpu"

// vnni is AVX-512 with products of bytes.
var vnni = avx512 && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VNNI

func quantise(dst []eight, stride int, x []float32) {
	groups := len(x) / dotGroup
	if !avx2 || groups == 0 {
		quantiseGo(dst, stride, x)
		return
	}
	_ = dst[(groups-1)*stride]
	quantiseAVX2(&dst[0], stride*record, &x[0], groups)
}

// asKept reports whether the kernels take integers as they are kept.
func asKept() bool { return vnni }

// prepare sets the integers and scales of n rows from k on of a panel.
func (b *Dots) prepare(d *dotting, u *unpacked, panel, k, n int) {
	if !asKept() {
		b.unpack(d, u, panel, k, n)
		return
	}
	d.q, d.scales = b.data[b.at(panel, k)+b.header():][:n/b.quantum*b.group()-b.header()], u.scales[:]
	d.step, d.units = dotGroup/b.quantum*b.group(), nil
	if b.factors {
		d.units = b.units[b.unit(panel, k):]
	}
	if d.few {
		return
	}
	scales := d.scales
	for k, n := range b.spans(k, n) {
		groups := n / b.quantum
		_ = scales[groups*2*nr-1] // The assembly checks no bounds.
		g := b.data[b.at(panel, k):][:groups*b.group()]
		if b.factors {
			scaleFactors512(&scales[0], &g[0], b.unitsAt(panel, k), groups, b.group(), b.offsets())
		} else {
			scaleHalves512(&scales[0], &g[0], groups, b.group(), b.offsets())
		}
		scales = scales[groups*2*nr:]
	}
}

// offsets is 1 if there are offsets.
func (b *Dots) offsets() int {
	if b.plus {
		return 1
	}
	return 0
}

// unpackRows is unpackGo.
func (b *Dots) unpackRows(q []byte, scales []float32, panel, k, n int) {
	if !avx2 {
		b.unpackGo(q, scales, panel, k, n)
		return
	}
	groups := n / b.quantum
	// The assembly checks no bounds.
	_, _ = q[n*nr-1], scales[groups*2*nr-1]
	g := b.data[b.at(panel, k):][:groups*b.group()]
	switch numbers := &g[b.header()]; {
	case b.sixes:
		unpackSixes256(&q[0], numbers, groups, b.group())
	case b.nibbles && b.plus:
		unpackNibbles256(&q[0], numbers, groups, b.group(), b.quantum/8, 0)
	case b.nibbles:
		unpackNibbles256(&q[0], numbers, groups, b.group(), b.quantum/8, centre-b.more())
	default:
		unpackBytes256(&q[0], numbers, groups, b.group(), b.quantum/4)
	}
	if b.factors {
		scaleFactors256(&scales[0], &g[0], b.unitsAt(panel, k), groups, b.group(), b.offsets())
	} else {
		scaleHalves256(&scales[0], &g[0], groups, b.group(), b.offsets())
	}
}

// dotArgs are those of the assembly. Strides are in bytes.
type dotArgs struct {
	a       *eight
	aStride int // from a group to the next
	q       *byte
	qStride int
	scales  *float32
	units   *uint16 // of one row, in place of scales
	c       *float32
	ldc     int
	groups  int
	add     int
}

// adds says whether the products are added to what is in c.
func (f *dotArgs) adds(yes bool) {
	f.add = 0
	if yes {
		f.add = 1
	}
}

func (d *dotting) multiply() {
	if !avx2 {
		d.multiplyGo()
		return
	}
	// The assembly checks no bounds.
	_, _, _ = d.a[(d.groups-1)*d.stride+d.rows-1], d.c[(d.rows-1)*d.ldc+nr-1], d.q[(d.groups-1)*d.step+1]
	f := &d.args
	*f = dotArgs{aStride: d.stride * record, qStride: d.step, ldc: d.ldc * 4, groups: d.groups}
	f.adds(d.add)
	kernels, columns, row := d.kernels256(), nr/2, 0
	if vnni {
		kernels, columns = d.kernels512(), nr
	}
	for _, kernel := range kernels {
		for ; d.rows-row >= kernel.rows; row += kernel.rows {
			for column := 0; column < nr; column += columns {
				f.a, f.c = &d.a[row], &d.c[row*d.ldc+column]
				f.q, f.scales = &d.q[4*column], &d.scales[column]
				kernel.multiply(f)
			}
		}
	}
	for ; row < d.rows; row++ {
		d.oneRow(row)
	}
}

// oneRow multiplies a row with VNNI. It reads a panel, scales and integers, from one end to the
// other, which is how memory gives it soonest; block by block where there are units.
func (d *dotting) oneRow(row int) {
	f, one := &d.args, d.kernel1()
	f.groups, f.c = d.groups, &d.c[row*d.ldc]
	f.adds(d.add)
	if d.units == nil {
		f.a, f.q = &d.a[row], &d.q[0]
		one(f)
		return
	}
	const block = 256 / dotGroup
	for g, units := 0, d.units; g < d.groups; g += block {
		f.a, f.q, f.groups = &d.a[g*d.stride+row], &d.q[g*d.step], min(block, d.groups-g)
		f.units = &units[:d.perBlock()][0]
		one(f)
		units, f.add = units[d.perBlock():], 1
	}
}

// kernel1 is the kernel of one row.
func (d *dotting) kernel1() func(f *dotArgs) {
	switch {
	case d.sixes:
		return dotsSixesHalvesFactor1
	case d.nibbles && d.halves && d.plus:
		return dotsNibblesHalvesPlusFactor1
	case d.nibbles && d.halves:
		return dotsNibblesHalvesFactor1
	case d.nibbles && d.plus && d.factors:
		return dotsNibblesPlusFactor1
	case d.nibbles && d.plus:
		return dotsNibblesPlusHalf1
	case d.nibbles:
		return dotsNibblesHalf1
	case d.plus && d.factors:
		return dotsBytesPlusFactor1
	case d.plus:
		return dotsBytesPlusHalf1
	case d.factors:
		return dotsBytesFactor1
	}
	return dotsBytesHalf1
}

// dotKernel multiplies some rows.
type dotKernel struct {
	rows     int
	multiply func(f *dotArgs)
}

// kernels512 are the kernels with VNNI, of 16 columns.
func (d *dotting) kernels512() []dotKernel {
	switch {
	case d.sixes: // of halves
		return sixesHalves512
	case d.nibbles && d.halves && d.plus:
		return nibblesHalvesPlus512
	case d.nibbles && d.halves:
		return nibblesHalves512
	case d.nibbles && d.plus:
		return nibblesPlus512
	case d.nibbles:
		return nibbles512
	case d.plus: // bytes, whose quanta are all of a group
		return bytesPlus512
	}
	return bytes512
}

// kernels256 are the kernels with AVX2, of eight columns.
func (d *dotting) kernels256() []dotKernel {
	switch {
	case d.halves && d.plus:
		return halvesPlus256
	case d.halves:
		return halves256
	case d.plus:
		return plus256
	}
	return whole256
}

var (
	bytes512             = []dotKernel{{12, dotsBytes12}, {4, dotsBytes4}}
	bytesPlus512         = []dotKernel{{12, dotsBytesPlus12}, {4, dotsBytesPlus4}}
	nibbles512           = []dotKernel{{12, dotsNibbles12}, {4, dotsNibbles4}}
	nibblesPlus512       = []dotKernel{{12, dotsNibblesPlus12}, {4, dotsNibblesPlus4}}
	nibblesHalves512     = []dotKernel{{12, dotsNibblesHalves12}, {4, dotsNibblesHalves4}}
	nibblesHalvesPlus512 = []dotKernel{{12, dotsNibblesHalvesPlus12}, {4, dotsNibblesHalvesPlus4}}
	sixesHalves512       = []dotKernel{{12, dotsSixesHalves12}, {4, dotsSixesHalves4}}

	whole256      = []dotKernel{{4, dotsHalf4}, {2, dotsHalf2}, {1, dotsHalf1}}
	plus256       = []dotKernel{{4, dotsHalfPlus4}, {2, dotsHalfPlus2}, {1, dotsHalfPlus1}}
	halves256     = []dotKernel{{4, dotsHalfHalves4}, {2, dotsHalfHalves2}, {1, dotsHalfHalves1}}
	halvesPlus256 = []dotKernel{{4, dotsHalfHalvesPlus4}, {2, dotsHalfHalvesPlus2}, {1, dotsHalfHalvesPlus1}}
)

//go:noescape
func quantiseAVX2(dst *eight, stride int, x *float32, groups int)

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
func dotsBytes12(f *dotArgs)

//go:noescape
func dotsBytes4(f *dotArgs)

//go:noescape
func dotsBytesPlus12(f *dotArgs)

//go:noescape
func dotsBytesPlus4(f *dotArgs)

//go:noescape
func dotsNibbles12(f *dotArgs)

//go:noescape
func dotsNibbles4(f *dotArgs)

//go:noescape
func dotsNibblesPlus12(f *dotArgs)

//go:noescape
func dotsNibblesPlus4(f *dotArgs)

//go:noescape
func dotsNibblesHalves12(f *dotArgs)

//go:noescape
func dotsNibblesHalves4(f *dotArgs)

//go:noescape
func dotsNibblesHalvesPlus12(f *dotArgs)

//go:noescape
func dotsNibblesHalvesPlus4(f *dotArgs)

//go:noescape
func dotsSixesHalves12(f *dotArgs)

//go:noescape
func dotsSixesHalves4(f *dotArgs)

//go:noescape
func dotsHalf4(f *dotArgs)

//go:noescape
func dotsHalf2(f *dotArgs)

//go:noescape
func dotsHalf1(f *dotArgs)

//go:noescape
func dotsHalfPlus4(f *dotArgs)

//go:noescape
func dotsHalfPlus2(f *dotArgs)

//go:noescape
func dotsHalfPlus1(f *dotArgs)

//go:noescape
func dotsHalfHalves4(f *dotArgs)

//go:noescape
func dotsHalfHalves2(f *dotArgs)

//go:noescape
func dotsHalfHalves1(f *dotArgs)

//go:noescape
func dotsHalfHalvesPlus4(f *dotArgs)

//go:noescape
func dotsHalfHalvesPlus2(f *dotArgs)

//go:noescape
func dotsHalfHalvesPlus1(f *dotArgs)

//go:noescape
func dotsBytesHalf1(f *dotArgs)

//go:noescape
func dotsBytesPlusHalf1(f *dotArgs)

//go:noescape
func dotsBytesFactor1(f *dotArgs)

//go:noescape
func dotsBytesPlusFactor1(f *dotArgs)

//go:noescape
func dotsNibblesHalf1(f *dotArgs)

//go:noescape
func dotsNibblesPlusHalf1(f *dotArgs)

//go:noescape
func dotsNibblesPlusFactor1(f *dotArgs)

//go:noescape
func dotsNibblesHalvesFactor1(f *dotArgs)

//go:noescape
func dotsNibblesHalvesPlusFactor1(f *dotArgs)

//go:noescape
func dotsSixesHalvesFactor1(f *dotArgs)
