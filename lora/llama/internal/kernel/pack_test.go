package kernel

import (
	"slices"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"pgregory.net/rapid"
)

// TestPanelsByRows holds that several panels made at a time are those made one by one,
// and that a left side made once is the same as one made for each product.
func TestPanelsByRows(t *testing.T) {
	bothPaths(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			k, n := rapid.IntRange(1, 400).Draw(t, "k"), 32*rapid.IntRange(1, 12).Draw(t, "n")
			typ := rapid.SampledFrom([]tensor.Type{tensor.F32, tensor.BF16, tensor.Q4_0, tensor.Q8_0}).Draw(t, "type")
			var b Right
			switch typ {
			case tensor.F32:
				n -= rapid.IntRange(0, 31).Draw(t, "less")
				b = View(random(1, k*n), k, n)
			case tensor.BF16:
				n -= rapid.IntRange(0, 31).Draw(t, "less")
				b = Weight(halved(t, typ, k, n))
			default:
				b = Weight(quantised(t, typ, k, n))
			}
			p := NewPool(rapid.IntRange(1, 3).Draw(t, "threads"))
			for k0, kc := range blocks(k) {
				panel := p.panels(b, 9, 0, k0, kc, p.threads)
				for j := range (n + nr - 1) / nr {
					want := b.panel(make([]float32, kc*nr), k0, kc, j*nr)
					if got, stride := panel(j); stride != nr || !slices.Equal(got, want) {
						t.Fatalf("panel %d of rows %d to %d of %v differs", j, k0, k0+kc, typ)
					}
				}
			}
		})
	})
}

// TestLeft holds that the panels of a left side may be made before.
func TestLeft(t *testing.T) {
	bothPaths(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			m, n, k := rapid.IntRange(0, 40).Draw(t, "m"), rapid.IntRange(1, 70).Draw(t, "n"), rapid.IntRange(0, 500).Draw(t, "k")
			x, w := View(random(1, m*k), m, k), View(random(2, n*k), n, k)
			if rapid.Bool().Draw(t, "by columns") {
				x = View(x.Data, k, m).T()
			}
			pool, add := NewPool(rapid.IntRange(1, 3).Draw(t, "threads")), rapid.Bool().Draw(t, "add")
			got, want := random(3, m*n), random(3, m*n)
			var buf []float32
			pool.Mul(View(got, m, n), pool.Left(&buf, x), w.T(), add)
			pool.Mul(View(want, m, n), x, w.T(), add)
			if !slices.Equal(got, want) {
				t.Error("other bytes than a matrix")
			}
		})
	})
}
