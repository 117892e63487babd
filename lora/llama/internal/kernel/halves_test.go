package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// halved is a random weight of 16-bit floats, some of them the smallest.
func halved(t interface{ Fatal(...any) }, typ tensor.Type, rows, cols int) *tensor.Matrix {
	r := rand.New(rand.NewPCG(uint64(typ), 9))
	var data []byte
	for range rows * cols {
		h := uint16(math.Float32bits(float32(r.NormFloat64())) >> 16)
		if typ == tensor.F16 {
			h = uint16(r.Uint32()) &^ 0x4000 // at most 2, subnormal ones too
		}
		data = binary.LittleEndian.AppendUint16(data, h)
	}
	m, err := tensor.New(typ, rows, cols, data)
	if err != nil {
		t.Fatal(err)
	}
	return &m
}

// TestHalvesAreTheSameBytes compares products with halves and with the weight, on
// one and two threads, alone and side by side.
func TestHalvesAreTheSameBytes(t *testing.T) {
	if !avx2 {
		t.Skip("halves are for AVX2")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range []tensor.Type{tensor.BF16, tensor.F16} {
		for _, size := range [][3]int{{1, 1, 1}, {1, 35, 16}, {1, 576, 192}, {1, 1536, 100}, {7, 2048, 64}, {130, 90, 33}} {
			rows, k, n := size[0], size[1], size[2]
			w := halved(t, typ, n, k)
			if !CanCompact(w) {
				t.Fatalf("%v is not compacted", typ)
			}
			x := make([]float32, rows*k)
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
			product := func(threads int, b Right, cols int, add bool) []float32 {
				c := slices.Repeat([]float32{1}, rows*cols)
				NewPool(threads).Mul(View(c, rows, cols), View(x, rows, k), b, add)
				return c
			}
			for _, add := range []bool{false, true} {
				for threads := 1; threads <= 2; threads++ {
					name := fmt.Sprint(typ, size, threads, " threads, adding ", add)
					packed, weight := Compact(NewPool(threads), w), Weight(w).T()
					if !slices.Equal(product(threads, packed, n, add), product(1, weight, n, add)) {
						t.Errorf("%s: halves differ from the weight", name)
					}
					if CanStandBeside(n) && !slices.Equal(product(threads, Beside(packed, packed), 2*n, add),
						product(1, Beside(weight, weight), 2*n, add)) {
						t.Errorf("%s: halves side by side differ", name)
					}
				}
			}
			if got, want := int64(2*len(packHalves(NewPool(1), w).h)), CompactSize(w); got != want {
				t.Errorf("%v: %d bytes, said %d", size, got, want)
			}
		}
	}
}
