package kernel

import (
	"slices"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"golang.org/x/sys/cpu"
	"pgregory.net/rapid"
)

// setAVX2 switches the assembly, when the machine has what it needs, and
// reports whether it has.
func setAVX2(on bool) bool {
	has := avx2 || on
	avx2 = on && has
	avx512 = avx2 && cpu.X86.HasAVX512 && cpu.X86.HasAVX512F
	vnni = avx512 && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VNNI
	return has
}

// setVNNI switches the products of bytes of AVX-512, and reports whether the machine has them.
func setVNNI(on bool) bool {
	has := avx512 && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VNNI
	vnni = on && has
	return has
}

// TestAVX512ChangesNoByte multiplies matrices of any shape, and weights of any
// form, with and without the larger tiles.
func TestAVX512ChangesNoByte(t *testing.T) {
	if !avx512 {
		t.Skip("this processor has no AVX-512")
	}
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(0, 40).Draw(t, "m"), rapid.IntRange(1, 120).Draw(t, "n")
		k := 32 * rapid.IntRange(1, 32).Draw(t, "k")
		var b Right
		switch form := rapid.SampledFrom([]string{"weight", "packed", "16 bits", "integers"}).Draw(t, "form"); form {
		case "weight":
			b = View(random(2, n*k), n, k).T()
		case "packed":
			b = Pack(NewPool(1), View(random(2, n*k), n, k).T())
		case "16 bits":
			b = Compact(NewPool(1), halved(t, tensor.BF16, n, k))
		default:
			typ := rapid.SampledFrom(integerTypes()).Draw(t, "type")
			values, _ := typ.Block()
			k = values * max(1, k/values)
			b = Compact(NewPool(1), quantised(t, typ, n, k))
		}
		x, add := View(random(1, m*k), m, k), rapid.Bool().Draw(t, "add")
		pool := NewPool(rapid.IntRange(1, 3).Draw(t, "threads"))
		product := func() []float32 {
			c := random(3, m*n)
			pool.Mul(View(c, m, n), x, b, add)
			return c
		}
		got := product()
		avx512 = false
		defer func() { avx512 = true }()
		if want := product(); !slices.Equal(got, want) {
			t.Errorf("other bytes than without AVX-512")
		}
	})
}
