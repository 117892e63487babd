package kernel

import (
	"math"
	"unsafe"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// Products with activations of eight bits. A row of A is divided into groups of 32
// values, each of which becomes an integer from -127 to 127 times a scale, the group's
// largest absolute value by 127. With a weight q*scale + offset, a group's part of an
// element of C is
//
//	scale * scaleA * (sum of q*qA) + offset * scaleA * (sum of qA)
//
// whose sums are of integers, and exact. The parts are added in their order, each
// operation rounded to float32, so for the same input the bytes are the same on every
// processor, for any number of rows and threads. It is the scheme of llama.cpp's Q8_0 and
// Q8_1; with weights of Q2_K to Q6_K llama.cpp has one scale for 256 values of A.

// Dots are quantised weights for such products.
type Dots struct{ integers }

// CanDots reports whether w has a form for products with activations of eight bits.
func CanDots(w *tensor.Matrix) bool { return isIntegers(w) }

// CompactDots packs w, [out, in], once, so that x times the result is x w^T, x in eight bits.
// It takes [CompactSize] bytes.
func CompactDots(p *Pool, w *tensor.Matrix) Right {
	if p.Packed != nil {
		defer p.Packed(w.Data)
	}
	return &Dots{*packPlaced(p, w, true)}
}

// panel is never called: such weights stand beside others of their form only.
func (b *Dots) panel([]float32, int, int, int) []float32 {
	panic("kernel: a weight for products of bytes in another product")
}

func (b *Dots) onTheFly() bool { return false }

// dotsOf are the weights of b and where each begins, side by side, if they are of this form.
func dotsOf(b Right) (of []*Dots, starts []int) {
	switch b := b.(type) {
	case *Dots:
		return []*Dots{b}, []int{0}
	case *beside:
		return b.dots, b.starts
	}
	return nil, nil
}

// allDots are the weights if all are of this form.
func allDots(rs []Right) (of []*Dots) {
	for _, r := range rs {
		d, ok := r.(*Dots)
		if !ok {
			return nil
		}
		of = append(of, d)
	}
	return of
}

const (
	// centre is what is added to integers without an offset. So they are from 0 to 255.
	centre = 128
	// dotGroup is the number of values of A with one scale, record the bytes that they
	// take as an eight: 32 integers of eight bits, and eight numbers of four bytes.
	dotGroup = 32
	record   = 64
	// dotRows is the most rows that are multiplied at a time.
	dotRows = 12
	// dotDepth is the number of rows of a panel that are unpacked at a time.
	dotDepth = 1024
)

// eight is a group of A in eight bits, with what integers that are kept larger than they are
// have in their sums too much.
type eight struct {
	q          [dotGroup]int8
	scale, sum float32    // sum is the scale times the sum of q
	less       int32      // -128 times the sum of q
	less32     int32      // -32 times
	lessHalf   [2]int32   // -32 times the sum of each half
	sumHalf    [2]float32 // the scale times
}

// largestGo is the largest absolute value of a group, as the bits of a float32.
// Infinity and NaN are larger than all numbers.
func largestGo(x *[dotGroup]float32) (bits uint32) {
	for _, v := range x {
		bits = max(bits, math.Float32bits(v)&^(1<<31))
	}
	return bits
}

// leastBits is the bits of 2^-100. Groups whose largest value is below it become zeros.
const leastBits = (127 - 100) << 23

// roundUp is 1.5 * 2^23: a float32 of at most 127 plus roundUp is rounded to a whole number.
const roundUp = 3 << 22

// quantiseGo makes a group of eight bits. One with a value that is infinite or not a number
// has a scale that is not a number.
func (e *eight) quantiseGo(x *[dotGroup]float32) {
	*e = eight{}
	bits := largestGo(x)
	switch {
	case bits < leastBits:
		return
	case bits >= 0xff<<23:
		e.scale = float32(math.NaN())
	default:
		most := math.Float32frombits(bits)
		e.scale = most / 127
		inverse := 127 / most
		for i, v := range x {
			whole := float32(v*inverse) + roundUp
			e.q[i] = int8(int32(math.Float32bits(whole)) - int32(math.Float32bits(roundUp)))
		}
	}
	var sums [2]int32
	for i, q := range e.q {
		sums[i/(dotGroup/2)] += int32(q)
	}
	for i, s := range sums {
		e.lessHalf[i], e.sumHalf[i] = -32*s, e.scale*float32(s)
	}
	all := sums[0] + sums[1]
	e.less, e.less32, e.sum = -centre*all, -32*all, e.scale*float32(all)
}

// quantiseGo makes groups of a row, whose places are stride apart.
func quantiseGo(dst []eight, stride int, x []float32) {
	for i := range len(x) / dotGroup {
		dst[i*stride].quantiseGo((*[dotGroup]float32)(x[i*dotGroup:]))
	}
}

// unpackGo turns n rows from k on of a panel, whole groups with the same units, into
// bytes that are centre larger, without an offset, and scales: of each group nr scales and nr offsets.
func (b *Dots) unpackGo(q []byte, scales []float32, panel, k, n int) {
	more := 0
	if !b.plus {
		more = centre - b.more()
	}
	for end := k + n; k < end; k += b.quantum {
		g := b.data[b.at(panel, k)+b.header():]
		for row := range b.quantum {
			for column := range nr {
				q[row/4*4*nr+column*4+row%4] = byte(b.number(g, row, column) + more)
			}
		}
		scale, offset := b.scales(panel, k)
		copy(scales, scale[:])
		copy(scales[nr:], offset[:])
		q, scales = q[b.quantum*nr:], scales[2*nr:]
	}
}

// dotting is what a product of some rows of A with rows of a panel takes.
type dotting struct {
	a      []eight // the rows next to each other
	stride int     // of a, from a group to the next
	q      []byte  // the integers, as unpackGo makes them, or as they are kept
	step   int     // of q, from a group of A to the next
	scales []float32
	c      []float32
	ldc    int
	groups int // of A
	rows   int
	halves bool     // a quantum is half a group
	few    bool     // rows: kernels of several take no part
	units  []uint16 // where there are factors
	add    bool
	layout
	args dotArgs
}

func (d *dotting) multiplyGo() {
	for r := range d.rows {
		for j := range nr {
			var sum float32
			if d.add {
				sum = d.c[r*d.ldc+j]
			}
			for g := range d.groups {
				a := &d.a[g*d.stride+r]
				if d.halves {
					sum = d.part(sum, a, a.q[:dotGroup/2], 2*g, j, a.sumHalf[0])
					sum = d.part(sum, a, a.q[dotGroup/2:], 2*g+1, j, a.sumHalf[1])
				} else {
					sum = d.part(sum, a, a.q[:], g, j, a.sum)
				}
			}
			d.c[r*d.ldc+j] = sum
		}
	}
}

// part adds the part of the g-th quantum to the element of column j.
func (d *dotting) part(sum float32, a *eight, qa []int8, g, j int, sumA float32) float32 {
	more := int32(centre)
	if d.plus {
		more = 0
	}
	q, total := d.q[g*len(qa)*nr:], int32(0)
	for i, v := range qa {
		total += int32(v) * (int32(q[i/4*4*nr+j*4+i%4]) - more)
	}
	scales := d.scales[g*2*nr:]
	sum += float32(float32(float32(total)*scales[j]) * a.scale)
	if d.plus {
		sum += float32(scales[nr+j] * sumA)
	}
	return sum
}

// mulDots is Mul for weights side by side of this form.
func (p *Pool) mulDots(c, a Matrix, of []*Dots, starts []int, add bool, threads int) {
	if a.Col != 1 {
		panic("kernel: A is row-major in a product of bytes")
	}
	if p.Idle != nil {
		p.Idle()
	}
	k := a.Cols
	// Twelve rows are kept together, group by group, as they are read.
	together, groups := min(dotRows, a.Rows), k/dotGroup
	if n := (a.Rows + dotRows - 1) / dotRows * together * groups; len(p.eights) < n {
		p.eights = make([]eight, n)
	}
	p.chunks(threads, a.Rows, 4, func(from, to int) {
		for i := from; i < to; i++ {
			quantise(p.eights[i/dotRows*together*groups+i%dotRows:], together, a.Data[i*a.Row:][:k])
		}
	})
	for len(p.unpacked) < threads {
		p.unpacked = append(p.unpacked, &unpacked{})
	}
	panels := (c.Cols + nr - 1) / nr
	each := max(1, min(16, panels/(16*threads)))
	p.eachWorker(threads, (panels+each-1)/each, func(worker, t int) {
		at := len(of) - 1
		for j := t * each; j < min(panels, (t+1)*each); j++ {
			for at > 0 && starts[at] > j*nr {
				at--
			}
			for at+1 < len(of) && starts[at+1] <= j*nr {
				at++
			}
			b := of[at]
			b.multiply(p.unpacked[worker], c, p.eights, together, j-starts[at]/nr, j*nr, add)
		}
	})
}

// DotsScratch is the number of bytes that a pool keeps for such products with at most this
// many rows of A, of so many values.
func DotsScratch(rows, cols, threads int) int64 {
	return int64(rows+dotRows-1)*int64(cols/dotGroup)*record + int64(threads)*int64(unsafe.Sizeof(unpacked{}))
}

// unpacked is the memory of a thread.
type unpacked struct {
	q      [dotDepth * nr]byte // these begin where a line of the cache does
	scales [dotDepth / (dotGroup / 2) * 2 * nr]float32
	edge   [dotRows * nr]float32
	dotting
}

// multiply computes a panel's columns of c, from col on.
func (b *Dots) multiply(u *unpacked, c Matrix, a []eight, together, panel, col int, add bool) {
	cols := min(nr, c.Cols-col)
	d := &u.dotting
	d.stride, d.halves, d.layout = together, b.quantum < dotGroup, b.layout
	d.few = c.Rows < 4
	depth := dotDepth
	if d.few && !asKept() {
		depth = 256 // so that reading from memory and multiplying overlap
	}
	for k := 0; k < b.rows; k += depth {
		n := min(depth, b.rows-k)
		b.prepare(d, u, panel, k, n)
		d.groups, d.add = n/dotGroup, add || k > 0
		for row := 0; row < c.Rows; row += d.rows {
			d.rows, d.a = min(dotRows, c.Rows-row), a[(row/dotRows*(b.rows/dotGroup)+k/dotGroup)*together:]
			d.c, d.ldc = c.Data[row*c.Row+col:], c.Row
			if cols == nr {
				d.multiply()
				continue
			}
			for r := range d.rows {
				copy(u.edge[r*nr:][:cols], d.c[r*c.Row:])
			}
			d.c, d.ldc = u.edge[:], nr
			d.multiply()
			for r := range d.rows {
				copy(c.Data[(row+r)*c.Row+col:][:cols], u.edge[r*nr:])
			}
		}
	}
}

// unpack sets the integers and scales of n rows from k on of a panel.
func (b *Dots) unpack(d *dotting, u *unpacked, panel, k, n int) {
	d.q, d.step, d.scales = u.q[:], dotGroup*nr, u.scales[:]
	q, scales := d.q, d.scales
	for k, n := range b.spans(k, n) {
		b.unpackRows(q, scales, panel, k, n)
		q, scales = q[n*nr:], scales[n/b.quantum*2*nr:]
	}
}
