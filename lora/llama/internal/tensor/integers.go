package tensor

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// run is the number of values that are unpacked at a time.
const run = 32

// Integers are a run of 32 values as they are stored: value i is Q[i]*Scale +
// Offset of its half, rounded to float32 after each of the two operations.
type Integers struct {
	Q             [run]int8
	Scale, Offset [2]float32
	// D and Least are float16: Scale and Offset or, of the types with blocks of 256
	// values, what these are Factor and LeastFactor times.
	D, Least            uint16
	Factor, LeastFactor [2]int8
}

// Integers fills u with the at-th 32 values of a row of a quantised matrix. Of
// types whose Quantum is 32, both halves have the same scale and offset. It panics
// for types of floats.
func (m *Matrix) Integers(u *Integers, row, at int) { m.unpack(u, m.Stored(row)*m.Cols/run+at) }

// unpack fills u with the i-th 32 values of the matrix.
func (m *Matrix) unpack(u *Integers, i int) {
	f := m.Type.format()
	runs := max(1, f.values/run)
	b := m.Data[i/runs*f.bytes:][:f.bytes]
	n := i % runs
	switch m.Type { // a table of functions would move u to the heap
	case Q8_0:
		unpackQ8_0(u, b, n)
	case Q4_0:
		unpackQ4_0(u, b, n)
	case Q4_1:
		unpackQ4_1(u, b, n)
	case Q5_0:
		unpackQ5_0(u, b, n)
	case Q5_1:
		unpackQ5_1(u, b, n)
	case Q2K:
		unpackQ2K(u, b, n)
	case Q3K:
		unpackQ3K(u, b, n)
	case Q4K:
		unpackQ4K(u, b, n)
	case Q5K:
		unpackQ5K(u, b, n)
	case Q6K:
		unpackQ6K(u, b, n)
	case IQ4NL:
		unpackIQ4NL(u, b, n)
	case IQ4XS:
		unpackIQ4XS(u, b, n)
	default:
		panic("tensor: the integers of " + f.name)
	}
}

// none is an offset that changes no value, not even the sign of a zero.
var none = float32(math.Copysign(0, -1))

// halves sets one scale and one offset, which are float16; b has no offset where plus
// is false.
func (u *Integers) halves(b []byte, plus bool) {
	u.D = binary.LittleEndian.Uint16(b)
	scale, offset := Float16(u.D), none
	if plus {
		u.Least = binary.LittleEndian.Uint16(b[2:])
		offset = Float16(u.Least)
	}
	u.Scale, u.Offset = [2]float32{scale, scale}, [2]float32{offset, offset}
}

// factors sets scales that are d, a float16, times an integer.
func (u *Integers) factors(d []byte, first, second int8) {
	u.D, u.Factor = binary.LittleEndian.Uint16(d), [2]int8{first, second}
	scale := Float16(u.D)
	u.Scale, u.Offset = [2]float32{scale * float32(first), scale * float32(second)}, [2]float32{none, none}
}

// subtrahends sets offsets that are a float16 times an integer, and subtracted.
func (u *Integers) subtrahends(d []byte, first, second byte) {
	u.Least, u.LeastFactor = binary.LittleEndian.Uint16(d)^0x8000, [2]int8{int8(first), int8(second)}
	least := Float16(u.Least)
	u.Offset = [2]float32{least * float32(first), least * float32(second)}
}

// Integers are unpacked eight at a time, in the bytes of a word.

// all is a word of one byte.
func all(b byte) uint64 { return uint64(b) * 0x0101010101010101 }

func word(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }

// put sets the i-th eight integers.
func (u *Integers) put(i int, x uint64) {
	binary.LittleEndian.PutUint64((*[run]byte)(unsafe.Pointer(&u.Q))[8*i:], x)
}

// less subtracts c, a power of two, from each byte of x. The bytes are below 2*c.
func less(x uint64, c byte) uint64 {
	x ^= all(c) // this bit is now the sign; it is copied to the bits above it
	return x | x&all(c)/uint64(c)*uint64(256-2*int(c))
}

// nibbles are eight numbers each of words 0 and 1 in the low halves of 16 bytes,
// and of words 2 and 3 in the high ones.
func nibbles(q []byte, i int) uint64 { return word(q, i%2) >> (i / 2 * 4) & all(15) }

// bit4 is bits 8i to 8i+7 of a word, each as bit 4 of a byte.
func bit4(b []byte, i int) uint64 {
	x := all(b[i]) & 0x8040201008040201
	return (x + all(0x7f)) >> 7 & all(1) << 4
}

func half(b []byte) float32 { return Float16(binary.LittleEndian.Uint16(b)) }

// A float16 scale and 32 int8.
func unpackQ8_0(u *Integers, b []byte, _ int) {
	u.halves(b, false)
	for i := range run / 8 {
		u.put(i, word(b[2:], i))
	}
}

// A float16 scale and 32 nibbles, less 8.
func unpackQ4_0(u *Integers, b []byte, _ int) {
	u.halves(b, false)
	for i := range run / 8 {
		u.put(i, less(nibbles(b[2:], i), 8))
	}
}

// A float16 scale, a float16 offset and 32 nibbles.
func unpackQ4_1(u *Integers, b []byte, _ int) {
	u.halves(b, true)
	for i := range run / 8 {
		u.put(i, nibbles(b[4:], i))
	}
}

// A float16 scale, 32 fifth bits and 32 nibbles, less 16.
func unpackQ5_0(u *Integers, b []byte, _ int) {
	u.halves(b, false)
	for i := range run / 8 {
		u.put(i, less(nibbles(b[6:], i)|bit4(b[2:], i), 16))
	}
}

// A float16 scale, a float16 offset, 32 fifth bits and 32 nibbles.
func unpackQ5_1(u *Integers, b []byte, _ int) {
	u.halves(b, true)
	for i := range run / 8 {
		u.put(i, nibbles(b[8:], i)|bit4(b[4:], i))
	}
}

// Numbers of two bits, four runs in 32 bytes; for each 16 values a scale and an
// offset of four bits, and for these a float16 each.
func unpackQ2K(u *Integers, b []byte, n int) {
	q := b[16+n/4*32:]
	for i := range run / 8 {
		u.put(i, word(q, i)>>(n%4*2)&all(3))
	}
	s := b[2*n:][:2]
	u.factors(b[80:], int8(s[0]&15), int8(s[1]&15))
	u.subtrahends(b[82:], s[0]>>4, s[1]>>4)
}

// Numbers of three bits, less 4: the high bits of all runs in 32 bytes, the lower
// two as in Q2_K; a scale of six bits for each 16 values, less 32: its low four
// bits in eight bytes, its high two in four; and a float16 for the scales.
func unpackQ3K(u *Integers, b []byte, n int) {
	q := b[32+n/4*32:]
	for i := range run / 8 {
		u.put(i, less(word(q, i)>>(n%4*2)&all(3)|word(b, i)>>n&all(1)<<2, 4))
	}
	scale := func(k int) int8 { return int8(b[96+k%8]>>(k/8*4)&15|b[104+k%4]>>(k/4*2)&3<<4) - 32 }
	u.factors(b[108:], scale(2*n), scale(2*n+1))
}

// sixBits finds a run's scale and offset, of six bits each, among twelve bytes.
// Eight bytes have those of the first four runs. Their upper bits have the high
// two bits of those of the last four runs, whose low four bits are in the other
// four bytes.
func (u *Integers) sixBits(b []byte, n int) {
	s := b[4:16]
	scale, offset := s[n%4]&63, s[n%4+4]&63
	if n >= 4 {
		scale, offset = s[n+4]&15|s[n-4]>>6<<4, s[n+4]>>4|s[n]>>6<<4
	}
	u.factors(b, int8(scale), int8(scale))
	u.subtrahends(b[2:], offset, offset)
}

// A float16 each for scales and offsets, which are six bits of each run, and
// nibbles: two runs in 32 bytes.
func unpackQ4K(u *Integers, b []byte, n int) {
	u.sixBits(b, n)
	q := b[16+n/2*32:]
	for i := range run / 8 {
		u.put(i, word(q, i)>>(n%2*4)&all(15))
	}
}

// As Q4_K, with the fifth bits of all runs in 32 bytes.
func unpackQ5K(u *Integers, b []byte, n int) {
	u.sixBits(b, n)
	q := b[48+n/2*32:]
	for i := range run / 8 {
		u.put(i, word(q, i)>>(n%2*4)&all(15)|word(b[16:], i)>>n&all(1)<<4)
	}
}

// Numbers of six bits, less 32: the low nibbles in 128 bytes, the two bits above
// them in 64; a scale of eight bits for each 16 values and a float16 for these.
func unpackQ6K(u *Integers, b []byte, n int) {
	part, k := n/4, n%4
	low, high := b[64*part+32*(k%2):], b[128+32*part:]
	for i := range run / 8 {
		u.put(i, less(word(low, i)>>(k/2*4)&all(15)|word(high, i)>>(2*k)&all(3)<<4, 32))
	}
	u.factors(b[208:], int8(b[192+2*n]), int8(b[193+2*n]))
}

// levels are the values of the nibbles of IQ4_NL and IQ4_XS.
var levels = [16]int8{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

func (u *Integers) levels(q []byte) {
	for i, b := range q[:run/2] {
		u.Q[i], u.Q[i+run/2] = levels[b&15], levels[b>>4]
	}
}

// A float16 scale and 32 nibbles.
func unpackIQ4NL(u *Integers, b []byte, _ int) {
	u.halves(b, false)
	u.levels(b[2:])
}

// A float16 for the scales, which are six bits of each run, less 32: the high two
// in two bytes, the low four in four; and nibbles.
func unpackIQ4XS(u *Integers, b []byte, n int) {
	s := b[4+n/2]>>(n%2*4)&15 | byte(binary.LittleEndian.Uint16(b[2:])>>(2*n)&3<<4)
	u.factors(b, int8(s)-32, int8(s)-32)
	u.levels(b[8+16*n:])
}
