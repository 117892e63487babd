package tensor

import "encoding/binary"

// The loops that dequantize_amd64.s has in assembly.

func float16x8Go(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = Float16(binary.LittleEndian.Uint16(src[2*i:]))
	}
}

func bfloat16x8Go(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = bfloat16(binary.LittleEndian.Uint16(src[2*i:]))
	}
}

// signed32Go is d times 32 signed bytes.
func signed32Go(dst *[run]float32, q *[32]byte, d float32) {
	for i, b := range q {
		dst[i] = float32(int8(b)) * d
	}
}

// centred16Go is d times 32 nibbles less 8: the low ones first, then the high.
func centred16Go(dst *[run]float32, q *[16]byte, d float32) {
	for i, b := range q {
		dst[i] = float32(int32(b&15)-8) * d
		dst[i+16] = float32(int32(b>>4)-8) * d
	}
}

// offset16Go is d times 32 nibbles, plus m.
func offset16Go(dst *[run]float32, q *[16]byte, d, m float32) {
	for i, b := range q {
		// A conversion keeps the product and the sum from being fused.
		dst[i] = float32(float32(b&15)*d) + m
		dst[i+16] = float32(float32(b>>4)*d) + m
	}
}

// affine32Go is 32 integers times their scales, plus their offsets.
func affine32Go(dst *[run]float32, u *Integers) {
	for i, q := range u.Q {
		dst[i] = float32(float32(q)*u.Scale[i/16]) + u.Offset[i/16]
	}
}
