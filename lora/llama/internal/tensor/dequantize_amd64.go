package tensor

// These need SSE2 only, which every amd64 has. The lengths of dst are multiples
// of 8, and src has two bytes for each value.

//go:noescape
func float16x8(dst []float32, src []byte)

//go:noescape
func bfloat16x8(dst []float32, src []byte)

//go:noescape
func signed32(dst *[run]float32, q *[32]byte, d float32)

//go:noescape
func centred16(dst *[run]float32, q *[16]byte, d float32)

//go:noescape
func offset16(dst *[run]float32, q *[16]byte, d, m float32)

//go:noescape
func affine32(dst *[run]float32, u *Integers)
