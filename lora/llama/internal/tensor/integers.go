package tensor

import "encoding/binary"

// Integers fills dst with the integers of a block of a row of a quantised matrix
// and returns what makes values of them: integer*scale + offset, rounded to
// float32 after each operation, is what Dequantize says. It panics for types
// without integers.
func (m *Matrix) Integers(dst *[block]int8, row, at int) (scale, offset float32) {
	_, size := m.Type.Block()
	src := m.Data[row*m.RowBytes()+at*size:]
	nibbles := func(q []byte, bias int8) {
		for i, b := range q[:block/2] {
			dst[i], dst[i+block/2] = int8(b&15)-bias, int8(b>>4)-bias
		}
	}
	switch m.Type {
	case Q8_0:
		for i, b := range src[2:][:block] {
			dst[i] = int8(b)
		}
	case Q4_0:
		nibbles(src[2:], 8)
	case Q4_1:
		nibbles(src[4:], 0)
		offset = Float16(binary.LittleEndian.Uint16(src[2:]))
	default:
		panic("tensor: the integers of " + m.Type.String())
	}
	return Float16(binary.LittleEndian.Uint16(src)), offset
}
