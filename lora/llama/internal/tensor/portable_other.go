//go:build !amd64

package tensor

func float16x8(dst []float32, src []byte)  { float16x8Go(dst, src) }
func bfloat16x8(dst []float32, src []byte) { bfloat16x8Go(dst, src) }

func signed32(dst *[run]float32, q *[32]byte, d float32)    { signed32Go(dst, q, d) }
func centred16(dst *[run]float32, q *[16]byte, d float32)   { centred16Go(dst, q, d) }
func offset16(dst *[run]float32, q *[16]byte, d, m float32) { offset16Go(dst, q, d, m) }

func affine32(dst *[run]float32, u *Integers) { affine32Go(dst, u) }
