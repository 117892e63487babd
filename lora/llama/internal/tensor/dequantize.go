package tensor

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// block is how many values of a row a quantised block holds.
const block = 32

// New returns a matrix over data, which it does not copy. It is an error when
// the size of data is not what the shape and the type say, or when a row is not
// a whole number of blocks.
func New(t Type, rows, cols int, data []byte) (Matrix, error) {
	if int(t) >= len(names) {
		return Matrix{}, fmt.Errorf("tensor: unknown %v", t)
	}
	if rows < 0 || cols < 0 {
		return Matrix{}, fmt.Errorf("tensor: a shape of [%d,%d]", rows, cols)
	}
	values, size := t.Block()
	if cols%values != 0 {
		return Matrix{}, fmt.Errorf("tensor: rows of %d values, and %v has blocks of %d", cols, t, values)
	}
	// Compared by division, since the product of a lying shape may overflow.
	row := cols / values
	if row > len(data)/size || row > 0 && (len(data)/size/row != rows || len(data)%(row*size) != 0) || row == 0 && len(data) != 0 {
		return Matrix{}, fmt.Errorf("tensor: %d bytes for [%d,%d] of %v", len(data), rows, cols, t)
	}
	return Matrix{Type: t, Rows: rows, Cols: cols, Data: data}, nil
}

// FromFloats returns v as a matrix of type F32 that shares v's memory. It panics
// unless v has rows*cols values.
func FromFloats(rows, cols int, v []float32) Matrix {
	if len(v) != rows*cols {
		panic(fmt.Sprintf("tensor: %d values for [%d,%d]", len(v), rows, cols))
	}
	return Matrix{Type: F32, Rows: rows, Cols: cols, Data: bytesOf(v)}
}

// Floats returns the values of a matrix of type F32, sharing its memory. It
// panics for any other type, and when Data is not aligned to 4 bytes.
func (m *Matrix) Floats() []float32 {
	if m.Type != F32 {
		panic("tensor: the values of " + m.Type.String() + " as float32")
	}
	if len(m.Data) == 0 {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(m.Data))
	if uintptr(p)%unsafe.Alignof(float32(0)) != 0 {
		panic("tensor: values that are not aligned")
	}
	return unsafe.Slice((*float32)(p), len(m.Data)/4)
}

// Dequantize fills dst with the values of a row from column col on. Any column
// and length within the row will do; it panics beyond.
func (m *Matrix) Dequantize(dst []float32, row, col int) {
	if col < 0 || col+len(dst) > m.Cols {
		panic(fmt.Sprintf("tensor: columns %d to %d of %d", col, col+len(dst), m.Cols))
	}
	size := m.RowBytes()
	src := m.Data[row*size : (row+1)*size]
	switch m.Type {
	case F32:
		copy(bytesOf(dst), src[col*4:])
	case F16:
		float16s(dst, src[col*2:])
	case BF16:
		bfloat16s(dst, src[col*2:])
	case Q8_0:
		blocks(dst, src, col, q8_0)
	case Q4_0:
		blocks(dst, src, col, q4_0)
	case Q4_1:
		blocks(dst, src, col, q4_1)
	default:
		panic("tensor: unknown " + m.Type.String())
	}
}

// bytesOf is the memory of v. Files are little-endian, as is every platform
// that Go's float32 is read on here.
func bytesOf(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

// Float16 returns the value of an IEEE 754 half-precision number.
func Float16(h uint16) float32 {
	// The exponent's bias grows by 112, which a multiplication does for
	// subnormal numbers too.
	f := math.Float32frombits(uint32(h&0x7fff)<<13) * 0x1p112
	bits := math.Float32bits(f) | uint32(h&0x8000)<<16
	if h&0x7c00 == 0x7c00 { // infinite, or not a number
		bits |= 0x7f800000
	}
	return math.Float32frombits(bits)
}

func float16s(dst []float32, src []byte) {
	for len(dst) >= 4 {
		four := binary.LittleEndian.Uint64(src)
		d := dst[:4:4]
		d[0] = Float16(uint16(four))
		d[1] = Float16(uint16(four >> 16))
		d[2] = Float16(uint16(four >> 32))
		d[3] = Float16(uint16(four >> 48))
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		dst[i] = Float16(binary.LittleEndian.Uint16(src[2*i:]))
	}
}

func bfloat16s(dst []float32, src []byte) {
	for len(dst) >= 4 {
		four := binary.LittleEndian.Uint64(src)
		d := dst[:4:4]
		d[0] = math.Float32frombits(uint32(four) << 16)
		d[1] = math.Float32frombits(uint32(four) & 0xffff0000)
		d[2] = math.Float32frombits(uint32(four>>32) << 16)
		d[3] = math.Float32frombits(uint32(four>>32) & 0xffff0000)
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
	}
}

// format is how the values of one block are read.
type format struct {
	size int
	read func(dst *[block]float32, src []byte)
}

var (
	q8_0 = format{34, readQ8_0}
	q4_0 = format{18, readQ4_0}
	q4_1 = format{20, readQ4_1}
)

// blocks reads whole blocks straight into dst, and what begins or ends within
// a block by way of a buffer.
func blocks(dst []float32, src []byte, col int, f format) {
	src = src[col/block*f.size:]
	var part [block]float32
	if skip := col % block; skip > 0 && len(dst) > 0 {
		f.read(&part, src)
		dst = dst[copy(dst, part[skip:]):]
		src = src[f.size:]
	}
	for len(dst) >= block {
		f.read((*[block]float32)(dst), src)
		dst, src = dst[block:], src[f.size:]
	}
	if len(dst) > 0 {
		f.read(&part, src)
		copy(dst, part[:])
	}
}

func readQ8_0(dst *[block]float32, src []byte) {
	b := (*[34]byte)(src)
	d := Float16(binary.LittleEndian.Uint16(b[:]))
	for i := 0; i < block; i += 4 {
		dst[i] = float32(int8(b[i+2])) * d
		dst[i+1] = float32(int8(b[i+3])) * d
		dst[i+2] = float32(int8(b[i+4])) * d
		dst[i+3] = float32(int8(b[i+5])) * d
	}
}

func readQ4_0(dst *[block]float32, src []byte) {
	b := (*[18]byte)(src)
	d := Float16(binary.LittleEndian.Uint16(b[:]))
	for i := 0; i < 16; i++ {
		q := b[i+2]
		dst[i] = float32(int32(q&15)-8) * d
		dst[i+16] = float32(int32(q>>4)-8) * d
	}
}

func readQ4_1(dst *[block]float32, src []byte) {
	b := (*[20]byte)(src)
	d := Float16(binary.LittleEndian.Uint16(b[:]))
	m := Float16(binary.LittleEndian.Uint16(b[2:]))
	for i := 0; i < 16; i++ {
		q := b[i+4]
		dst[i] = float32(int32(q&15))*d + m
		dst[i+16] = float32(int32(q>>4))*d + m
	}
}
