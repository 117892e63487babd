package tensor

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// New returns a matrix over data, which it does not copy. It is an error when
// the size of data is not what the shape and the type say, or when a row is not
// a whole number of blocks. A matrix without rows or without columns has no data.
func New(t Type, rows, cols int, data []byte) (Matrix, error) {
	if t >= types {
		return Matrix{}, fmt.Errorf("tensor: unknown %v", t)
	}
	if rows < 0 || cols < 0 {
		return Matrix{}, fmt.Errorf("tensor: a shape of [%d,%d]", rows, cols)
	}
	values, size := t.Block()
	if cols%values != 0 {
		return Matrix{}, fmt.Errorf("tensor: rows of %d values, and %v has blocks of %d", cols, t, values)
	}
	// The product of a wrong shape may overflow. There are never more blocks than
	// bytes.
	over, blocks := bits.Mul64(uint64(rows), uint64(cols/values))
	if over != 0 || blocks > uint64(len(data)) || blocks*uint64(size) != uint64(len(data)) {
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

// Dequantize fills dst with the values of a row from column col on. It panics
// beyond the row's end. The values are the same on every platform.
func (m *Matrix) Dequantize(dst []float32, row, col int) {
	if col < 0 || col+len(dst) > m.Cols || row < 0 || row >= m.Rows {
		panic(fmt.Sprintf("tensor: row %d, columns %d to %d of [%d,%d]", row, col, col+len(dst), m.Rows, m.Cols))
	}
	at := m.Stored(row)*m.Cols + col // rows are whole blocks, so all blocks are one sequence
	switch m.Type {
	case F32:
		copy(bytesOf(dst), m.Data[4*at:])
	case F16:
		src, n := m.Data[2*at:], len(dst)&^7
		float16x8(dst[:n], src[:2*n])
		for i := n; i < len(dst); i++ {
			dst[i] = Float16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case BF16:
		src, n := m.Data[2*at:], len(dst)&^7
		bfloat16x8(dst[:n], src[:2*n])
		for i := n; i < len(dst); i++ {
			dst[i] = bfloat16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	default:
		m.blocks(dst, at)
	}
}

// bytesOf returns the memory of v. Files are little-endian, as are the supported
// platforms.
func bytesOf(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

// Float16 returns the value of an IEEE 754 half-precision number.
func Float16(h uint16) float32 {
	// The exponent's bias grows by 112. A multiplication does that for subnormal
	// numbers, too.
	f := math.Float32frombits(uint32(h&0x7fff)<<13) * 0x1p112
	bits := math.Float32bits(f) | uint32(h&0x8000)<<16
	if h&0x7c00 == 0x7c00 { // infinite, or not a number
		bits |= 0x7f800000
	}
	return math.Float32frombits(bits)
}

func bfloat16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// blocks reads whole runs straight into dst, and parts of a run by way of a
// buffer.
func (m *Matrix) blocks(dst []float32, at int) {
	var part [run]float32
	for len(dst) > 0 {
		skip := at % run
		if skip == 0 && len(dst) >= run {
			m.run((*[run]float32)(dst), at/run)
			dst, at = dst[run:], at+run
			continue
		}
		m.run(&part, at/run)
		n := copy(dst, part[skip:])
		dst, at = dst[n:], at+n
	}
}

// run reads the i-th 32 values of the matrix.
func (m *Matrix) run(dst *[run]float32, i int) {
	switch m.Type {
	case Q8_0:
		b := (*[34]byte)(m.Data[34*i:])
		signed32(dst, (*[32]byte)(b[2:]), half(b[:]))
	case Q4_0:
		b := (*[18]byte)(m.Data[18*i:])
		centred16(dst, (*[16]byte)(b[2:]), half(b[:]))
	case Q4_1:
		b := (*[20]byte)(m.Data[20*i:])
		offset16(dst, (*[16]byte)(b[4:]), half(b[:]), half(b[2:]))
	default:
		var u Integers
		m.unpack(&u, i)
		affine32(dst, &u)
	}
}
