// Package tensor holds weight matrices in the number formats that model files
// use, and turns them into float32 a piece at a time.
package tensor

import "fmt"

// Type is a number format.
type Type uint8

// The formats. The quantised ones store blocks of 32 values of a row: Q8_0 a
// float16 scale and 32 int8, Q4_0 a float16 scale and 32 nibbles, Q4_1 a float16
// scale, a float16 minimum and 32 nibbles. Q6_K has blocks of 256: numbers of six
// bits with a scale of eight bits for each 16 of them and a float16 scale of
// these. (llama.cpp keeps the embeddings of models in Q4_0 and Q4_1 in it.)
const (
	F32 Type = iota
	F16
	BF16
	Q8_0
	Q4_0
	Q4_1
	Q6K
)

var names = [...]string{"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q6_K"}

// String returns the format's usual name.
func (t Type) String() string {
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Block returns how many values a block of t has and how many bytes it takes.
func (t Type) Block() (values, bytes int) {
	switch t {
	case F32:
		return 1, 4
	case F16, BF16:
		return 1, 2
	case Q8_0:
		return 32, 34
	case Q4_0:
		return 32, 18
	case Q4_1:
		return 32, 20
	case Q6K:
		return 256, 210
	}
	panic("tensor: unknown " + t.String())
}

// Matrix is a row-major matrix, [out, in] for a weight. Data is often a view of
// a memory-mapped file, and never written to.
type Matrix struct {
	Type       Type
	Rows, Cols int
	Data       []byte
}

// RowBytes is the size of a row.
func (m *Matrix) RowBytes() int {
	values, bytes := m.Type.Block()
	return m.Cols / values * bytes
}
