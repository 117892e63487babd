package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"pgregory.net/rapid"
)

// random is n seeded values around zero.
func random(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// naive is the product in float64, and the sum of the absolute terms: the scale
// of what rounding may do.
func naive(a, b Matrix) (product, scale []float64) {
	product, scale = make([]float64, a.Rows*b.Cols), make([]float64, a.Rows*b.Cols)
	for i := range a.Rows {
		for j := range b.Cols {
			for k := range a.Cols {
				t := float64(a.Data[i*a.Row+k*a.Col]) * float64(b.Data[k*b.Row+j*b.Col])
				product[i*b.Cols+j] += t
				scale[i*b.Cols+j] += math.Abs(t)
			}
		}
	}
	return product, scale
}

func bothPaths(t *testing.T, f func(t *testing.T)) {
	t.Run("default", f)
	if setAVX2(false) {
		defer setAVX2(true)
		t.Run("portable", f)
	}
}

func TestMulIsTheProduct(t *testing.T) {
	bothPaths(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			m, n, k := rapid.IntRange(0, 40).Draw(t, "m"), rapid.IntRange(0, 70).Draw(t, "n"), rapid.IntRange(0, 500).Draw(t, "k")
			gap := rapid.IntRange(0, 3).Draw(t, "gap")
			matrix := func(name string, rows, cols int) Matrix {
				if rapid.Bool().Draw(t, name+" transposed") {
					return Strided(random(1, (rows+gap)*(cols+gap)+7), cols, rows, rows+gap).T()
				}
				return Strided(random(2, (rows+gap)*(cols+gap)+7), rows, cols, cols+gap)
			}
			a, b := matrix("a", m, k), matrix("b", k, n)
			add := rapid.Bool().Draw(t, "add")
			c := Strided(random(3, m*(n+gap+1)+7), m, n, n+gap+1)
			before := slices.Clone(c.Data)
			NewPool(rapid.IntRange(1, 3).Draw(t, "threads")).Mul(c, a, b, add)
			want, scale := naive(a, b)
			for i, got := range c.Data {
				row, col := i/c.Row, i%c.Row
				if row >= m || col >= n {
					if got != before[i] {
						t.Fatalf("value %d outside of the result was written", i)
					}
					continue
				}
				w, s := want[row*n+col], scale[row*n+col]
				if add {
					w, s = w+float64(before[i]), s+math.Abs(float64(before[i]))
				}
				if diff := math.Abs(float64(got) - w); diff > 1e-6*s+1e-6 {
					t.Fatalf("[%d,%d] is %v, want %v", row, col, got, w)
				}
			}
		})
	})
}

// TestMulOrder holds what package doc promises: threads, other rows and packing
// change no byte.
func TestMulOrder(t *testing.T) {
	bothPaths(t, func(t *testing.T) {
		const m, n, k = 250, 40, 400
		a, w := View(random(1, m*k), m, k), tensor.FromFloats(n, k, random(2, n*k))
		b := Weight(&w).T()
		want := make([]float32, m*n)
		NewPool(1).Mul(View(want, m, n), a, b, false)
		for threads := 1; threads <= 4; threads++ {
			p := NewPool(threads)
			if threads%2 == 0 { // on two processors two spin, and four do not
				defer p.Work()()
			}
			got := make([]float32, m*n)
			for range 20 {
				p.Mul(View(got, m, n), a, b, false)
				if !slices.Equal(got, want) {
					t.Fatalf("%d threads give other bytes", threads)
				}
			}
			packed := Pack(p, b)
			for rows := 1; rows <= 14; rows++ {
				got := make([]float32, rows*n)
				p.Mul(View(got, rows, n), View(a.Data[2*k:], rows, k), packed, false)
				if !slices.Equal(got, want[2*n:][:rows*n]) {
					t.Errorf("%d rows of a packed weight on %d threads give other bytes", rows, threads)
				}
			}
		}
	})
}

// TestMulTypes holds that a weight of any type gives the bytes of its values.
func TestMulTypes(t *testing.T) {
	const m, rows, cols = 9, 45, 416
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range []tensor.Type{tensor.F32, tensor.F16, tensor.BF16, tensor.Q8_0, tensor.Q4_0, tensor.Q4_1} {
		w := tensor.Matrix{Type: typ, Rows: rows, Cols: cols}
		w.Data = make([]byte, rows*w.RowBytes())
		for i := range w.Data {
			w.Data[i] = byte(r.Uint32()) & 0xbf // no infinities
		}
		values := make([]float32, rows*cols)
		for i := range rows {
			w.Dequantize(values[i*cols:][:cols], i, 0)
		}
		for _, transposed := range []bool{false, true} {
			plain, b := View(values, rows, cols), Weight(&w)
			if transposed {
				plain, b = plain.T(), b.T()
			}
			a := View(random(3, m*plain.Rows), m, plain.Rows)
			want, got := make([]float32, m*plain.Cols), make([]float32, m*plain.Cols)
			p := NewPool(2)
			p.Mul(View(want, m, plain.Cols), a, plain, false)
			p.Mul(View(got, m, plain.Cols), a, b, false)
			if !slices.Equal(got, want) {
				t.Errorf("%v, transposed %v: other bytes than its values", typ, transposed)
			}
		}
	}
}

// TestTile holds that panels multiplied together have the bytes of each by itself, and
// that nothing is written beside them.
func TestTile(t *testing.T) {
	const k, apart, ldc = 21, 21*nr + 5, 6 * nr
	a, b := random(1, k*mr), random(2, 5*apart)
	for rows := 1; rows <= mr; rows++ {
		for panels := 1; panels <= 5; panels++ {
			for _, add := range []bool{false, true} {
				got, want := random(3, rows*ldc), random(3, rows*ldc)
				Tile(rows, k, a, b, panels, apart, got, ldc, add)
				for j := range panels {
					micro(rows, k, a, b[j*apart:], nr, want[j*nr:], ldc, add)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d rows by %d panels, added %v: other bytes than panel by panel", rows, panels, add)
				}
			}
		}
	}
}

func TestMulRefusesOtherShapes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	NewPool(1).Mul(View(make([]float32, 6), 2, 3), View(make([]float32, 8), 2, 4), View(make([]float32, 15), 5, 3), false)
}

func TestForRunsEachOnce(t *testing.T) {
	t.Run("threads that are started", func(t *testing.T) { runsEachOnce(t, NewPool(4)) })
	for _, threads := range []int{2, 4} { // on two processors two spin, and four do not
		t.Run(fmt.Sprint(threads, " threads that are ready"), func(t *testing.T) {
			p := NewPool(threads)
			defer p.Work()()
			for range 100 {
				runsEachOnce(t, p)
			}
		})
	}
}

func runsEachOnce(t *testing.T, p *Pool) {
	seen := make([]int, 1000)
	p.For(len(seen), func(i int) { seen[i]++ })
	for i, n := range seen {
		if n != 1 {
			t.Fatalf("%d ran %d times", i, n)
		}
	}
	defer func() {
		if r := recover(); r != "bad" {
			t.Errorf("recovered %v", r)
		}
	}()
	p.For(100, func(i int) {
		if i == 70 {
			panic("bad")
		}
	})
}

// BenchmarkMul reports GFLOP/s: x w^T as packed on the fly, packed before, and
// x w, on one thread and two.
func BenchmarkMul(b *testing.B) {
	for _, s := range [][3]int{{256, 576, 1536}, {256, 1536, 576}, {256, 576, 576}, {256, 576, 8}, {256, 8, 576}, {128, 576, 49152},
		{1024, 1024, 1024}, {1, 576, 1536}, {8, 576, 1536}, {1400, 128, 128}} {
		m, k, n := s[0], s[1], s[2]
		x, w, c := View(random(1, m*k), m, k), View(random(2, k*n), n, k), View(make([]float32, m*n), m, n)
		packed := Pack(NewPool(2), w.T())
		straight := View(w.Data, k, n)
		for _, threads := range []int{1, 2} {
			p := NewPool(threads)
			for _, form := range []struct {
				name string
				b    Right
			}{{"transposed", w.T()}, {"packed", packed}, {"straight", straight}} {
				b.Run(fmt.Sprintf("%dx%dx%d/%s/%d", m, k, n, form.name, threads), func(b *testing.B) {
					for b.Loop() {
						p.Mul(c, x, form.b, false)
					}
					b.ReportMetric(2*float64(m*n*k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
				})
			}
		}
	}
}
