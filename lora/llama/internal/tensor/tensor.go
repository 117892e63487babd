// Package tensor holds weight matrices in the number formats that model files
// use, and turns them into float32 a piece at a time.
package tensor

import (
	"fmt"
	"slices"
)

// Type is a number format. The quantised ones store blocks of 32 or 256 values of
// a row: small integers, and the scales and offsets that make values of them.
type Type uint8

// The formats. llama.cpp mixes those of 256 values: a file that is called Q4_K_M
// has some matrices in Q6_K, and where rows are no multiple of 256, in Q5_0 and
// Q8_0.
const (
	F32 Type = iota
	F16
	BF16
	Q8_0
	Q4_0
	Q4_1
	Q5_0
	Q5_1
	Q2K
	Q3K
	Q4K
	Q5K
	Q6K
	IQ4NL
	IQ4XS
	types
)

// format describes a type.
type format struct {
	name          string
	values, bytes int // of a block
	// integers says that the type's numbers are not floats.
	integers bool
	// halves says that 16 values share a scale, where others have one for 32.
	halves bool
	// floats are where a block has numbers of type float16.
	floats []int
}

// formats are all types.
var formats = [types]format{
	F32:   {name: "F32", values: 1, bytes: 4},
	F16:   {name: "F16", values: 1, bytes: 2},
	BF16:  {name: "BF16", values: 1, bytes: 2},
	Q8_0:  {"Q8_0", 32, 34, true, false, []int{0}},
	Q4_0:  {"Q4_0", 32, 18, true, false, []int{0}},
	Q4_1:  {"Q4_1", 32, 20, true, false, []int{0, 2}},
	Q5_0:  {"Q5_0", 32, 22, true, false, []int{0}},
	Q5_1:  {"Q5_1", 32, 24, true, false, []int{0, 2}},
	Q2K:   {"Q2_K", 256, 84, true, true, []int{80, 82}},
	Q3K:   {"Q3_K", 256, 110, true, true, []int{108}},
	Q4K:   {"Q4_K", 256, 144, true, false, []int{0, 2}},
	Q5K:   {"Q5_K", 256, 176, true, false, []int{0, 2}},
	Q6K:   {"Q6_K", 256, 210, true, true, []int{208}},
	IQ4NL: {"IQ4_NL", 32, 18, true, false, []int{0}},
	IQ4XS: {"IQ4_XS", 256, 136, true, false, []int{0}},
}

// String returns the format's usual name.
func (t Type) String() string {
	if t < types {
		return formats[t].name
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// ParseType finds the format of a name.
func ParseType(name string) (Type, bool) {
	i := slices.IndexFunc(formats[:], func(f format) bool { return f.name == name })
	return Type(i), i >= 0
}

// format panics for an unknown type.
func (t Type) format() *format {
	if t >= types {
		panic("tensor: unknown " + t.String())
	}
	return &formats[t]
}

// Block returns how many values a block of t has and how many bytes it takes.
func (t Type) Block() (values, bytes int) {
	f := t.format()
	return f.values, f.bytes
}

// Quantum is the number of values that share a scale; 0 for types of floats.
func (t Type) Quantum() int {
	switch f := t.format(); {
	case !f.integers:
		return 0
	case f.halves:
		return run / 2
	}
	return run
}

// Matrix is a row-major matrix, [out, in] for a weight. Data is often a view of
// a memory-mapped file, and never written to.
type Matrix struct {
	Type       Type
	Rows, Cols int
	Data       []byte
	// Paired, when it is not 0, is the number of rows of a head. The first halves' rows
	// and the second halves' are stored in turns: a head of four as its rows 0, 2, 1, 3.
	// It is for quantised types only.
	Paired int
}

// Finite reports whether all scales and offsets of a quantised matrix are finite numbers,
// and if not, which block is the first that has another. It reads one number or two of a
// block. Products with others would have a NaN here and there, depending on the kernel.
func (m *Matrix) Finite() (block int, ok bool) {
	f := m.Type.format()
	for at := 0; at+f.bytes <= len(m.Data); at += f.bytes {
		for _, i := range f.floats {
			if m.Data[at+i+1]&0x7c == 0x7c {
				return at / f.bytes, false
			}
		}
	}
	return 0, true
}

// RowBytes is the size of a row.
func (m *Matrix) RowBytes() int {
	values, bytes := m.Type.Block()
	return m.Cols / values * bytes
}

// Stored is where a row is among those of Data.
func (m *Matrix) Stored(row int) int {
	if m.Paired == 0 {
		return row
	}
	i, half := row%m.Paired, m.Paired/2
	return row - i + i%half*2 + i/half
}
