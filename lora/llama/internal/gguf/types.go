package gguf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// Type is ggml's code of a number format.
type Type uint32

// The formats that this package can turn into a matrix.
const (
	F32   Type = 0
	F16   Type = 1
	Q4_0  Type = 2
	Q4_1  Type = 3
	Q5_0  Type = 6
	Q5_1  Type = 7
	Q8_0  Type = 8
	Q2K   Type = 10
	Q3K   Type = 11
	Q4K   Type = 12
	Q5K   Type = 13
	Q6K   Type = 14
	IQ4NL Type = 20
	IQ4XS Type = 23
	BF16  Type = 30
)

// layout is a format's name and block. Formats that cannot become a matrix have
// one, too, so that their sizes are checked and errors name them.
type layout struct {
	name          string
	values, bytes int
}

var layouts = map[Type]layout{
	F32: {"F32", 1, 4}, F16: {"F16", 1, 2}, Q4_0: {"Q4_0", 32, 18}, Q4_1: {"Q4_1", 32, 20},
	Q5_0: {"Q5_0", 32, 22}, Q5_1: {"Q5_1", 32, 24}, Q8_0: {"Q8_0", 32, 34}, 9: {"Q8_1", 32, 36},
	Q2K: {"Q2_K", 256, 84}, Q3K: {"Q3_K", 256, 110}, Q4K: {"Q4_K", 256, 144}, Q5K: {"Q5_K", 256, 176},
	Q6K: {"Q6_K", 256, 210}, 15: {"Q8_K", 256, 292}, 16: {"IQ2_XXS", 256, 66}, 17: {"IQ2_XS", 256, 74},
	18: {"IQ3_XXS", 256, 98}, 19: {"IQ1_S", 256, 50}, IQ4NL: {"IQ4_NL", 32, 18}, 21: {"IQ3_S", 256, 110},
	22: {"IQ2_S", 256, 82}, IQ4XS: {"IQ4_XS", 256, 136}, 24: {"I8", 1, 1}, 25: {"I16", 1, 2},
	26: {"I32", 1, 4}, 27: {"I64", 1, 8}, 28: {"F64", 1, 8}, 29: {"IQ1_M", 256, 56},
	BF16: {"BF16", 1, 2}, 34: {"TQ1_0", 256, 54}, 35: {"TQ2_0", 256, 66}, 39: {"MXFP4", 32, 17},
}

// String returns ggml's name of the format.
func (t Type) String() string {
	if l, ok := layouts[t]; ok {
		return l.name
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// kinds are the formats that matrices have.
var kinds = map[Type]tensor.Type{
	F32: tensor.F32, F16: tensor.F16, BF16: tensor.BF16, Q8_0: tensor.Q8_0, Q4_0: tensor.Q4_0, Q4_1: tensor.Q4_1,
	Q5_0: tensor.Q5_0, Q5_1: tensor.Q5_1, Q2K: tensor.Q2K, Q3K: tensor.Q3K, Q4K: tensor.Q4K, Q5K: tensor.Q5K, Q6K: tensor.Q6K,
	IQ4NL: tensor.IQ4NL, IQ4XS: tensor.IQ4XS,
}

// supported lists the formats of kinds, for errors.
func supported() string {
	var names []string
	for _, t := range slices.Sorted(maps.Keys(kinds)) {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}

// TypeOf is the number that ggml gives to a matrix's format.
func TypeOf(t tensor.Type) Type {
	for n, kind := range kinds {
		if kind == t {
			return n
		}
	}
	panic("gguf: unknown " + t.String())
}
