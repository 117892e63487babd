package kernel

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// float16s are where the float16 scales and offsets of a type's blocks are.
var float16s = map[tensor.Type][]int{
	tensor.Q8_0: {0}, tensor.Q4_0: {0}, tensor.Q4_1: {0, 2}, tensor.Q5_0: {0}, tensor.Q5_1: {0, 2}, tensor.Q2K: {80, 82},
	tensor.Q3K: {108}, tensor.Q4K: {0, 2}, tensor.Q5K: {0, 2}, tensor.Q6K: {208}, tensor.IQ4NL: {0}, tensor.IQ4XS: {0},
}

// integerTypes are the types of integers, in order.
func integerTypes() []tensor.Type { return slices.Sorted(maps.Keys(float16s)) }

// quantised is a random weight of a type.
func quantised(t interface{ Fatal(...any) }, typ tensor.Type, rows, cols int) *tensor.Matrix {
	r := rand.New(rand.NewPCG(uint64(typ), 9))
	values, size := typ.Block()
	data := make([]byte, rows*cols/values*size)
	for i := range data {
		data[i] = byte(r.Uint32())
		if slices.Contains(float16s[typ], i%size-1) { // moderate
			data[i] = data[i]&0x83 | 0x20
		}
	}
	m, err := tensor.New(typ, rows, cols, data)
	if err != nil {
		t.Fatal(err)
	}
	return &m
}

// TestIntegersAreTheSameBytes compares products with integers, with the weight
// and with its packed form, on one and two threads, alone and side by side.
func TestIntegersAreTheSameBytes(t *testing.T) { bothPaths(t, integersAreTheSameBytes) }

func integersAreTheSameBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range integerTypes() {
		for _, size := range [][3]int{{1, 32, 16}, {1, 576, 192}, {3, 1536, 100}, {7, 2048, 64}, {130, 96, 33}, {200, 576, 80},
			{1, 256, 50}, {130, 256, 33}, {1, 2048, 80}} {
			if values, _ := typ.Block(); size[1]%values != 0 {
				continue
			}
			t.Run(fmt.Sprint(typ, size), func(t *testing.T) {
				rows, k, n := size[0], size[1], size[2]
				w := quantised(t, typ, n, k)
				x := make([]float32, rows*k)
				for i := range x {
					x[i] = float32(r.NormFloat64())
				}
				product := func(threads int, b Right, cols int, add bool) []float32 {
					c := make([]float32, rows*cols)
					for i := range c {
						c[i] = 1
					}
					NewPool(threads).Mul(View(c, rows, cols), View(x, rows, k), b, add)
					return c
				}
				for _, add := range []bool{false, true} {
					want := product(1, Weight(w).T(), n, add)
					for _, threads := range []int{1, 2} {
						pool := NewPool(threads)
						if got := product(threads, packIntegers(pool, w), n, add); !slices.Equal(got, want) {
							t.Errorf("integers differ from the weight, %d threads, adding: %v", threads, add)
						}
						if got := product(threads, Pack(pool, Weight(w).T()), n, add); !slices.Equal(got, want) {
							t.Errorf("the packed weight differs, %d threads, adding: %v", threads, add)
						}
						if CanStandBeside(n) {
							want := product(1, Beside(Weight(w).T(), Weight(w).T()), 2*n, add)
							if got := product(threads, Beside(packIntegers(pool, w), packIntegers(pool, w)), 2*n, add); !slices.Equal(got, want) {
								t.Errorf("integers side by side differ, %d threads, adding: %v", threads, add)
							}
						}
					}
				}
			})
		}
	}
}

func TestWidenInGo(t *testing.T) {
	for _, typ := range integerTypes() {
		b := packIntegers(NewPool(1), quantised(t, typ, 48, 512))
		for _, span := range [][2]int{{0, 8}, {16, 24}, {8, 200}, {264, 8}, {280, 232}, {0, 256}} {
			k, rows := span[0], span[1]
			got, want := make([]float32, rows*nr), make([]float32, rows*nr)
			b.widen(got, 1, k)
			b.widenGo(want, 1, k)
			if !slices.Equal(got, want) {
				t.Errorf("%v, %d rows from %d on: the assembly and Go differ", typ, rows, k)
			}
		}
	}
}

// BenchmarkOneRow is a product of decoding, against the weight's other forms.
func BenchmarkOneRow(b *testing.B) {
	const k, n = 576, 1536 * 8
	w := quantised(b, tensor.Q4_1, n, k)
	pool := NewPool(1)
	x, c := make([]float32, k), make([]float32, n)
	for name, r := range map[string]Right{"integers": packIntegers(pool, w), "packed": Pack(pool, Weight(w).T()),
		"weight": Weight(w).T(), "halves": Compact(pool, halved(b, tensor.BF16, n, k))} {
		b.Run(name, func(b *testing.B) {
			cpu := proc.CPUTime()
			for b.Loop() {
				pool.Mul(View(c, 1, n), View(x, 1, k), r, false)
			}
			// Of the processor's time, since a machine may have other things to do.
			b.ReportMetric(float64(b.N)*k*n/1e6/max(1e-9, (proc.CPUTime()-cpu).Seconds()), "Mweights/cpu-s")
		})
	}
}
