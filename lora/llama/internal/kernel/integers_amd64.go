package kernel

// widen turns rows from k on of a panel into q*scale + offset; they have the same
// units. Of nibbles, the rows are even in number, of sixes a multiple of four, as k.
func (b *integers) widen(dst []float32, panel, k int) {
	n := len(dst) / nr
	if !avx2 || n == 0 {
		b.widenGo(dst, panel, k)
		return
	}
	_ = b.data[b.at(panel, k+n-1)+b.group()-1]
	g, u, skip := &b.data[b.at(panel, k)], b.unitsAt(panel, k), k%b.quantum
	if avx512 {
		widen512(b.layout, &dst[0], g, u, skip, n, b.quantum)
	} else {
		widen256(b.layout, &dst[0], g, u, skip, n, b.quantum)
	}
}

// unitsAt is the address of the units of row k of a panel; nil where there are none.
func (b *integers) unitsAt(panel, k int) *uint16 {
	if !b.factors {
		return nil
	}
	return &(*[nr]uint16)(b.units[b.unit(panel, k):])[0]
}

// fuse adds to sum the products of n interleaved values of a with n rows from k on of
// the panels of j, which have the same units: the first two, or with AVX-512 all four.
// It needs AVX2.
func (b *integers) fuse(sum *[4 * nr]float32, a []float32, j *[4]int, k, n int) {
	_ = a[(n-1)*mr]
	var f fusing
	for i, panel := range j {
		_ = b.data[b.at(panel, k+n-1)+b.group()-1]
		f.groups[i], f.units[i] = &b.data[b.at(panel, k)], b.unitsAt(panel, k)
	}
	f.sum, f.a, f.skip, f.rows, f.quantum = &sum[0], &a[0], k%b.quantum, n, b.quantum
	if avx512 {
		fuse512(b.layout, &f)
	} else {
		fuse256(b.layout, &f)
	}
}

// fusing is what a product of one row takes.
type fusing struct {
	sum, a              *float32
	groups              [4]*byte
	units               [4]*uint16
	skip, rows, quantum int // skip is the number of rows of the first group that are left out
}

func fuse256(l layout, f *fusing) {
	switch l {
	case layout{}:
		fuseBytes(f)
	case layout{plus: true}:
		fuseBytesPlus(f)
	case layout{nibbles: true}:
		fuseNibbles(f)
	case layout{nibbles: true, plus: true}:
		fuseNibblesPlus(f)
	case layout{factors: true}:
		fuseBytesFactors(f)
	case layout{plus: true, factors: true}:
		fuseBytesPlusFactors(f)
	case layout{nibbles: true, factors: true}:
		fuseNibblesFactors(f)
	case layout{nibbles: true, plus: true, factors: true}:
		fuseNibblesPlusFactors(f)
	case layout{sixes: true, factors: true}:
		fuseSixesFactors(f)
	}
}

func fuse512(l layout, f *fusing) {
	switch l {
	case layout{}:
		fuseBytes512(f)
	case layout{plus: true}:
		fuseBytesPlus512(f)
	case layout{nibbles: true}:
		fuseNibbles512(f)
	case layout{nibbles: true, plus: true}:
		fuseNibblesPlus512(f)
	case layout{factors: true}:
		fuseBytesFactors512(f)
	case layout{plus: true, factors: true}:
		fuseBytesPlusFactors512(f)
	case layout{nibbles: true, factors: true}:
		fuseNibblesFactors512(f)
	case layout{nibbles: true, plus: true, factors: true}:
		fuseNibblesPlusFactors512(f)
	case layout{sixes: true, factors: true}:
		fuseSixesFactors512(f)
	}
}

func widen256(l layout, dst *float32, group *byte, units *uint16, skip, n, quantum int) {
	switch l {
	case layout{}:
		widenBytes(dst, group, units, skip, n, quantum)
	case layout{plus: true}:
		widenBytesPlus(dst, group, units, skip, n, quantum)
	case layout{nibbles: true}:
		widenNibbles(dst, group, units, skip, n, quantum)
	case layout{nibbles: true, plus: true}:
		widenNibblesPlus(dst, group, units, skip, n, quantum)
	case layout{factors: true}:
		widenBytesFactors(dst, group, units, skip, n, quantum)
	case layout{plus: true, factors: true}:
		widenBytesPlusFactors(dst, group, units, skip, n, quantum)
	case layout{nibbles: true, factors: true}:
		widenNibblesFactors(dst, group, units, skip, n, quantum)
	case layout{nibbles: true, plus: true, factors: true}:
		widenNibblesPlusFactors(dst, group, units, skip, n, quantum)
	case layout{sixes: true, factors: true}:
		widenSixesFactors(dst, group, units, skip, n, quantum)
	}
}

func widen512(l layout, dst *float32, group *byte, units *uint16, skip, n, quantum int) {
	switch l {
	case layout{}:
		widenBytes512(dst, group, units, skip, n, quantum)
	case layout{plus: true}:
		widenBytesPlus512(dst, group, units, skip, n, quantum)
	case layout{nibbles: true}:
		widenNibbles512(dst, group, units, skip, n, quantum)
	case layout{nibbles: true, plus: true}:
		widenNibblesPlus512(dst, group, units, skip, n, quantum)
	case layout{factors: true}:
		widenBytesFactors512(dst, group, units, skip, n, quantum)
	case layout{plus: true, factors: true}:
		widenBytesPlusFactors512(dst, group, units, skip, n, quantum)
	case layout{nibbles: true, factors: true}:
		widenNibblesFactors512(dst, group, units, skip, n, quantum)
	case layout{nibbles: true, plus: true, factors: true}:
		widenNibblesPlusFactors512(dst, group, units, skip, n, quantum)
	case layout{sixes: true, factors: true}:
		widenSixesFactors512(dst, group, units, skip, n, quantum)
	}
}

//go:noescape
func fuseBytes(f *fusing)

//go:noescape
func fuseBytes512(f *fusing)

//go:noescape
func widenBytes(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseBytesFactors(f *fusing)

//go:noescape
func fuseBytesFactors512(f *fusing)

//go:noescape
func widenBytesFactors(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseBytesPlus(f *fusing)

//go:noescape
func fuseBytesPlus512(f *fusing)

//go:noescape
func widenBytesPlus(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseBytesPlusFactors(f *fusing)

//go:noescape
func fuseBytesPlusFactors512(f *fusing)

//go:noescape
func widenBytesPlusFactors(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseNibbles(f *fusing)

//go:noescape
func fuseNibbles512(f *fusing)

//go:noescape
func widenNibbles(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseNibblesFactors(f *fusing)

//go:noescape
func fuseNibblesFactors512(f *fusing)

//go:noescape
func widenNibblesFactors(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseNibblesPlus(f *fusing)

//go:noescape
func fuseNibblesPlus512(f *fusing)

//go:noescape
func widenNibblesPlus(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseNibblesPlusFactors(f *fusing)

//go:noescape
func fuseNibblesPlusFactors512(f *fusing)

//go:noescape
func widenNibblesPlusFactors(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenBytes512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenBytesFactors512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenBytesPlus512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenBytesPlusFactors512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenNibbles512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenNibblesFactors512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenNibblesPlus512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func widenNibblesPlusFactors512(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseSixesFactors(f *fusing)

//go:noescape
func widenSixesFactors(dst *float32, group *byte, units *uint16, skip, n, quantum int)

//go:noescape
func fuseSixesFactors512(f *fusing)

//go:noescape
func widenSixesFactors512(dst *float32, group *byte, units *uint16, skip, n, quantum int)
