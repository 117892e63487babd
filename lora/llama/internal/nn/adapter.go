package nn

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// Adapter is a low-rank change of a model's linear layers (Hu et al., "LoRA",
// 2021): y += Scale * B (A x).
type Adapter struct {
	Rank   int
	Scale  float32
	Layers []AdapterLayer
}

// AdapterLayer is the change of one block, by module.
type AdapterLayer [Modules]LowRank

// LowRank is the change of one linear layer: A is [Rank, in], B [out, Rank]. Both
// are nil where the adapter does not target the layer.
type LowRank struct{ A, B []float32 }

// NewAdapter returns an adapter of zeros on the given modules of every layer.
func NewAdapter(c *Config, rank int, scale float32, modules []Module) *Adapter {
	a := &Adapter{Rank: rank, Scale: scale, Layers: make([]AdapterLayer, c.Layers)}
	for l := range a.Layers {
		for _, m := range modules {
			out, in := c.Shape(m)
			a.Layers[l][m] = LowRank{A: make([]float32, rank*in), B: make([]float32, out*rank)}
		}
	}
	return a
}

// Init draws A as PEFT does, Kaiming-uniform with a = sqrt(5), and leaves B
// zero: the adapter changes nothing until it is trained.
func (a *Adapter) Init(c *Config, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0x6c6f7261))
	for l := range a.Layers {
		for m := range a.Layers[l] {
			_, in := c.Shape(Module(m))
			bound := 1 / math.Sqrt(float64(in))
			for i := range a.Layers[l][m].A {
				a.Layers[l][m].A[i] = float32((2*r.Float64() - 1) * bound)
			}
			clear(a.Layers[l][m].B)
		}
	}
}

// Params are the adapter's values in a fixed order: by layer and module, A
// before B. They share memory with it.
func (a *Adapter) Params() [][]float32 {
	var out [][]float32
	for l := range a.Layers {
		for m := range a.Layers[l] {
			if low := &a.Layers[l][m]; low.A != nil {
				out = append(out, low.A, low.B)
			}
		}
	}
	return out
}

// Like returns an adapter of the same shape, all zero.
func (a *Adapter) Like() *Adapter {
	b := &Adapter{Rank: a.Rank, Scale: a.Scale, Layers: make([]AdapterLayer, len(a.Layers))}
	for l := range a.Layers {
		for m, low := range a.Layers[l] {
			if low.A != nil {
				b.Layers[l][m] = LowRank{A: make([]float32, len(low.A)), B: make([]float32, len(low.B))}
			}
		}
	}
	return b
}

// Modules lists the modules that the adapter targets in any layer.
func (a *Adapter) Modules() []Module {
	var out []Module
	for m := range Modules {
		if slices.ContainsFunc(a.Layers, func(l AdapterLayer) bool { return l[m].A != nil }) {
			out = append(out, m)
		}
	}
	return out
}

// Uniform reports whether every layer has the same modules.
func (a *Adapter) Uniform() bool {
	return !slices.ContainsFunc(a.Layers, func(l AdapterLayer) bool {
		for m := range l {
			if (l[m].A == nil) != (a.Layers[0][m].A == nil) {
				return true
			}
		}
		return false
	})
}

// Apply adds the change of one linear layer to y, [rows, out], for the inputs x,
// [rows, in]. h, of at least rows*Rank values, is Scale * A x afterwards. It does
// nothing where the layer is not targeted; a nil adapter targets nothing.
func (a *Adapter) Apply(p *kernel.Pool, layer int, m Module, y kernel.Matrix, x kernel.Left, h []float32) {
	if a == nil || a.Layers[layer][m].A == nil {
		return
	}
	low := a.Layers[layer][m]
	hidden := kernel.View(h[:y.Rows*a.Rank], y.Rows, a.Rank)
	a.down(p, layer, m, hidden, x)
	p.Mul(y, hidden, kernel.View(low.B, y.Cols, a.Rank).T(), true)
}

// down sets h to Scale * A x.
func (a *Adapter) down(p *kernel.Pool, layer int, m Module, h kernel.Matrix, x kernel.Left) {
	low := a.Layers[layer][m].A
	p.Mul(h, x, kernel.View(low, a.Rank, len(low)/a.Rank).T(), false)
	kernel.Scale(h.Data, a.Scale)
}
