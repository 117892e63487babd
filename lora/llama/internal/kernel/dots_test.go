package kernel

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// TestDots holds that a product with activations of eight bits is that of A's rounded
// values, and has the same bytes on every path, for any number of rows and threads, and
// alone or beside another weight.
func TestDots(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range integerTypes() {
		for _, size := range [][3]int{{31, 1280, 50}, {3, 512, 16}, {2, 96, 20}, {1, 2304, 33}} {
			if values, _ := typ.Block(); size[1]%values != 0 {
				continue
			}
			t.Run(fmt.Sprint(typ, size), func(t *testing.T) {
				rows, k, n := size[0], size[1], size[2]
				w := quantised(t, typ, n, k)
				x := make([]float32, rows*k)
				for i := range x {
					x[i] = float32(r.NormFloat64() * math.Exp(3*r.NormFloat64()))
				}
				clear(x[:dotGroup])
				product := func(threads int, x []float32, b Right, add bool) []float32 {
					_, n := b.dims()
					c := random(5, len(x)/k*n)
					NewPool(threads).Mul(View(c, len(x)/k, n), View(x, len(x)/k, k), b, add)
					return c
				}
				b := CompactDots(NewPool(2), w)
				for _, add := range []bool{false, true} {
					got := product(1, x, b, add)
					checkDots(t, got, x, w, add)
					for i := range rows {
						// As random's values differ by row, only a product that does not add has them alone.
						if alone := product(1, x[i*k:][:k], b, false); !add && !slices.Equal(alone, got[i*n:][:n]) {
							t.Errorf("row %d alone has other bytes", i)
						}
					}
					if two := product(2, x, b, add); !slices.Equal(two, got) {
						t.Errorf("two threads give other bytes, adding: %v", add)
					}
					if setVNNI(false) {
						if narrow := product(2, x, b, add); !slices.Equal(narrow, got) {
							t.Errorf("AVX2 gives other bytes, adding: %v", add)
						}
						setVNNI(true)
					}
					if setAVX2(false) {
						if portable := product(1, x, CompactDots(NewPool(1), w), add); !slices.Equal(portable, got) {
							t.Errorf("Go gives other bytes, adding: %v", add)
						}
						setAVX2(true)
					}
				}
				if CanStandBeside(n) {
					one, both := product(2, x, b, false), product(2, x, Beside(b, b), false)
					for i := range rows {
						if !slices.Equal(both[2*i*n:][:n], one[i*n:][:n]) || !slices.Equal(both[(2*i+1)*n:][:n], one[i*n:][:n]) {
							t.Errorf("side by side, row %d has other bytes", i)
						}
					}
				}
			})
		}
	}
}

// layouts are types of each kind of kernel: whole quanta and halves, without and with offsets.
func layouts(t *testing.T) (all []tensor.Type) {
	seen := map[[2]bool]bool{}
	for _, typ := range integerTypes() {
		b := CompactDots(NewPool(1), quantised(t, typ, nr, 256)).(*Dots)
		if of := [2]bool{b.quantum < dotGroup, b.plus}; !seen[of] {
			seen[of] = true
			all = append(all, typ)
		}
	}
	if len(all) != 4 {
		t.Fatalf("the types %v are of %d layouts, want 4", all, len(seen))
	}
	return all
}

// TestDotsOfAnyRows multiplies 1 to 25 rows, which every kernel for several rows takes part
// in, on every path.
func TestDotsOfAnyRows(t *testing.T) {
	paths := []string{"what the machine has"}
	for _, typ := range layouts(t) {
		w := quantised(t, typ, 2*nr, 256)
		for rows := 1; rows <= 25; rows++ {
			product := func() []float32 {
				c := make([]float32, rows*2*nr)
				NewPool(1).Mul(View(c, rows, 2*nr), View(random(uint64(rows), rows*256), rows, 256), CompactDots(NewPool(1), w), false)
				return c
			}
			got := product()
			checkDots(t, got, random(uint64(rows), rows*256), w, false)
			if setVNNI(false) {
				if narrow := product(); !slices.Equal(narrow, got) {
					t.Errorf("%v, %d rows: AVX2 gives other bytes", typ, rows)
				}
				setVNNI(true)
				paths = append(paths, "AVX2 without VNNI")
			}
			if setAVX2(false) {
				if portable := product(); !slices.Equal(portable, got) {
					t.Errorf("%v, %d rows: Go gives other bytes", typ, rows)
				}
				setAVX2(true)
				paths = append(paths, "Go")
			}
		}
	}
	slices.Sort(paths)
	t.Logf("kernels %s, VNNI %v: compared %q", Set(), setVNNI(true), slices.Compact(paths))
}

// TestDotsSideBySide compares weights of other types and widths, side by side, with each alone.
func TestDotsSideBySide(t *testing.T) {
	const rows, k = 5, 512
	types := layouts(t)
	for i, typ := range types {
		left, right := CompactDots(NewPool(1), quantised(t, typ, 7*nr, k)), CompactDots(NewPool(1), quantised(t, types[(i+1)%4], 11*nr+3, k))
		x := View(random(3, rows*k), rows, k)
		product := func(threads int, b Right) []float32 {
			_, n := b.dims()
			c := make([]float32, rows*n)
			NewPool(threads).Mul(View(c, rows, n), x, b, false)
			return c
		}
		a, b := product(1, left), product(1, right)
		for _, threads := range []int{1, 2} {
			both := product(threads, Beside(left, right))
			for r := range rows {
				row := both[r*(18*nr+3):][:18*nr+3]
				if !slices.Equal(row[:7*nr], a[r*7*nr:][:7*nr]) || !slices.Equal(row[7*nr:], b[r*(11*nr+3):][:11*nr+3]) {
					t.Errorf("%v beside %v, %d threads: row %d has other bytes than alone", typ, types[(i+1)%4], threads, r)
				}
			}
		}
	}
}

// TestDotsTakeRows holds that a transposed A, which has no groups of values in a row, is refused.
func TestDotsTakeRows(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	b := CompactDots(NewPool(1), quantised(t, tensor.Q8_0, nr, 256))
	NewPool(1).Mul(View(make([]float32, 2*nr), 2, nr), View(make([]float32, 512), 256, 2).T(), b, false)
}

// checkDots compares a product with one in float64 of the values to which A is rounded.
func checkDots(t *testing.T, got, x []float32, w *tensor.Matrix, add bool) {
	t.Helper()
	k, n := w.Cols, w.Rows
	rows := len(x) / k
	rounded, weights := make([]float32, len(x)), make([]float32, n*k)
	for i := 0; i < len(x); i += dotGroup {
		group, most := x[i:][:dotGroup], 0.0
		for _, v := range group {
			most = max(most, math.Abs(float64(v)))
		}
		if most == 0 {
			continue
		}
		for j, v := range group {
			q := math.Round(float64(v) / most * 127)
			rounded[i+j] = float32(q * most / 127)
		}
	}
	for i := range n {
		w.Dequantize(weights[i*k:][:k], i, 0)
	}
	want, scale := naive(View(rounded, rows, k), View(weights, n, k).T())
	before := random(5, rows*n)
	for i := range got {
		if add {
			want[i] += float64(before[i])
		}
		if diff := math.Abs(float64(got[i]) - want[i]); !(diff <= 1e-5*scale[i]+1e-5) {
			t.Fatalf("element %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// TestQuantise compares the assembly with Go, for values of every size, at half steps, and
// for those that are no numbers.
func TestQuantise(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for i := range 2000 {
		x := make([]float32, dotGroup)
		for j := range x {
			switch i % 4 {
			case 0:
				x[j] = math.Float32frombits(r.Uint32())
			case 1:
				x[j] = float32(r.IntN(255)-127) / 2
			case 2:
				x[j] = float32(r.NormFloat64())
			case 3:
				x[j] = math.Float32frombits(r.Uint32() & 0x8dffffff) // small, and partly too small
			}
		}
		switch i {
		case 100:
			x[7] = nan
		case 101:
			x[31] = -inf
		case 102:
			clear(x)
		case 103:
			x[3] = math.MaxFloat32
		}
		got, want := make([]eight, 1), make([]eight, 1)
		quantise(got, 1, x)
		quantiseGo(want, 1, x)
		if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
			t.Fatalf("%v is %s, in Go %s", x, g, w)
		}
	}
}

var noVNNI = flag.Bool("no-vnni", false, "BenchmarkDots of products of bytes with AVX2; those of floats keep AVX-512")

// BenchmarkDots sets products of bytes beside those of floats: a prompt, 16 answers and
// one, on one thread.
func BenchmarkDots(b *testing.B) {
	const k, n = 2048, 2048
	if *noVNNI && setVNNI(false) {
		b.Cleanup(func() { setVNNI(true) })
	}
	pool := NewPool(1)
	for _, typ := range []tensor.Type{tensor.Q4K, tensor.Q6K, tensor.Q8_0, tensor.Q4_1} {
		w := quantised(b, typ, n, k)
		forms := []struct {
			name string
			b    Right
		}{{"floats", Compact(pool, w)}, {"bytes", CompactDots(pool, w)}}
		for _, rows := range []int{128, 16, 1} {
			x, c := random(1, rows*k), make([]float32, rows*n)
			for _, f := range forms {
				b.Run(fmt.Sprintf("%v/%d/%s", typ, rows, f.name), func(b *testing.B) {
					cpu := proc.CPUTime()
					for b.Loop() {
						pool.Mul(View(c, rows, n), View(x, rows, k), f.b, false)
					}
					b.ReportMetric(2*float64(b.N)*float64(rows)*k*n/1e9/max(1e-9, (proc.CPUTime()-cpu).Seconds()), "G/cpu-s")
				})
			}
		}
	}
}

// TestDotsDoNotSaturate multiplies the largest integers of each type with the largest
// values of A, with the same and the other sign: sums of products of bytes stay what they are.
func TestDotsDoNotSaturate(t *testing.T) {
	const k, n = 512, 16
	for _, typ := range integerTypes() {
		for _, fill := range []byte{0x00, 0x7f, 0x80, 0xff} {
			w := quantised(t, typ, n, k)
			_, size := typ.Block()
			for i := range w.Data {
				if at := float16s[typ]; !slices.Contains(at, i%size) && !slices.Contains(at, i%size-1) {
					w.Data[i] = fill
				}
			}
			for _, sign := range []float32{1, -1} {
				x := slices.Repeat([]float32{sign}, 4*k)
				product := func() []float32 {
					c := make([]float32, 4*n)
					NewPool(1).Mul(View(c, 4, n), View(x, 4, k), CompactDots(NewPool(1), w), false)
					return c
				}
				want := product()
				checkDots(t, want, x, w, false)
				if setVNNI(false) {
					if got := product(); !slices.Equal(got, want) {
						t.Errorf("%v, bytes %#x times %v: %v with AVX2, want %v", typ, fill, sign, got[0], want[0])
					}
					setVNNI(true)
				}
				if setAVX2(false) {
					if got := product(); !slices.Equal(got, want) {
						t.Errorf("%v, bytes %#x times %v: %v in Go, want %v", typ, fill, sign, got[0], want[0])
					}
					setAVX2(true)
				}
			}
		}
	}
}
