package nn

import "github.com/pastime-go/pastime/lora/llama/internal/kernel"

// Panels are the linear layers of a model as products read them, in float32, there and
// back. Several passes may share them.
type Panels [][Modules]struct{ forward, back *kernel.Packed }

// NewPanels makes the panels of weights that do not change.
func NewPanels(pool *kernel.Pool, w *Weights) Panels {
	ps := make(Panels, len(w.Layers))
	for l := range ps {
		for m := range Modules {
			right := kernel.Weight(w.Layers[l].Linear(m))
			ps[l][m].forward, ps[l][m].back = kernel.Pack(pool, right.T()), kernel.Pack(pool, right)
		}
	}
	return ps
}

// PanelsSize is the number of bytes of a model's Panels.
func PanelsSize(c *Config) (size int64) {
	for m := range Modules {
		out, in := c.Shape(m)
		size += int64(c.Layers) * (kernel.PackedSize(in, out) + kernel.PackedSize(out, in))
	}
	return size
}

// Merge makes ps those of w with an adapter's change, W + Scale * B A.
func (ps Panels) Merge(pool *kernel.Pool, w *Weights, a *Adapter) {
	pool.For(len(ps)*int(Modules), func(i int) {
		l, m := i/int(Modules), Module(i%int(Modules))
		from := w.Layers[l].Linear(m)
		low := a.Layers[l][m]
		if low.A == nil {
			return
		}
		sum := kernel.View(make([]float32, from.Rows*from.Cols), from.Rows, from.Cols)
		for row := range from.Rows {
			from.Dequantize(sum.Data[row*from.Cols:][:from.Cols], row, 0)
		}
		b := make([]float32, len(low.B))
		kernel.Axpy(b, a.Scale, low.B)
		kernel.NewPool(1).Mul(sum, kernel.View(b, from.Rows, a.Rank), kernel.View(low.A, a.Rank, from.Cols), true)
		ps[l][m].forward.Fill(sum.T())
		ps[l][m].back.Fill(sum)
	})
}

// merged reports whether products are those of the weights with the adapter in them.
func (p *Pass) merged() bool { return p.Merged != nil && p.adapter != nil && p.Dropout == 0 }

func (p *Pass) panels() Panels {
	if p.merged() {
		return p.Merged
	}
	return p.Panels
}

func (p *Pass) forwardRight(l int, m Module) kernel.Right {
	if ps := p.panels(); ps != nil {
		return ps[l][m].forward
	}
	return kernel.Weight(p.w.Layers[l].Linear(m)).T()
}

func (p *Pass) backRight(l int, m Module) kernel.Right {
	if ps := p.panels(); ps != nil {
		return ps[l][m].back
	}
	return kernel.Weight(p.w.Layers[l].Linear(m))
}
