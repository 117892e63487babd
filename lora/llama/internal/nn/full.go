package nn

import (
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// Parameters are what is trained: an adapter, all weights (as F32), or both. Nil
// ones are not trained.
type Parameters struct {
	Adapter *Adapter
	Weights *Weights
}

// Values returns the parameters' values in a fixed order, and whether weight
// decay applies to them: to all but norms. The values share the parameters'
// memory.
func (p *Parameters) Values() (values [][]float32, decay []bool) {
	if p.Adapter != nil {
		values = p.Adapter.Params()
		decay = slices.Repeat([]bool{true}, len(values))
	}
	if p.Weights != nil {
		v, d := p.Weights.Params()
		values, decay = append(values, v...), append(decay, d...)
	}
	return values, decay
}

// Zeros returns parameters of the same shape, all zero.
func (p *Parameters) Zeros() *Parameters {
	out := &Parameters{}
	if p.Adapter != nil {
		out.Adapter = p.Adapter.Like()
	}
	if p.Weights != nil {
		out.Weights = Zeros(p.Weights)
	}
	return out
}

// Set copies the values of parameters of the same shape.
func (p *Parameters) Set(from *Parameters) {
	to, _ := p.Values()
	values, _ := from.Values()
	for i, v := range values {
		copy(to[i], v)
	}
}

// Count is the number of values of w.
func (w *Weights) Count() int64 {
	n := int64(0)
	w.each(func(m *tensor.Matrix) tensor.Matrix {
		n += int64(m.Rows) * int64(m.Cols)
		return *m
	}, func(v []float32) []float32 {
		n += int64(len(v))
		return v
	})
	return n
}

// Trainable returns a copy of w in float32, which training may change. Its parts
// share memory where w's do.
func Trainable(w *Weights) *Weights {
	return w.each(func(m *tensor.Matrix) tensor.Matrix {
		v := make([]float32, m.Rows*m.Cols)
		for i := range m.Rows {
			m.Dequantize(v[i*m.Cols:][:m.Cols], i, 0)
		}
		return tensor.FromFloats(m.Rows, m.Cols, v)
	}, func(v []float32) []float32 { return append([]float32(nil), v...) })
}

// Zeros returns weights of w's shape in float32, all zero.
func Zeros(w *Weights) *Weights {
	return w.each(func(m *tensor.Matrix) tensor.Matrix {
		return tensor.FromFloats(m.Rows, m.Cols, make([]float32, m.Rows*m.Cols))
	}, func(v []float32) []float32 { return make([]float32, len(v)) })
}

// each builds weights of the same structure.
func (w *Weights) each(matrix func(*tensor.Matrix) tensor.Matrix, vector func([]float32) []float32) *Weights {
	out := &Weights{Embed: matrix(&w.Embed), Norm: vector(w.Norm), Layers: make([]Layer, len(w.Layers))}
	if out.Head = out.Embed; !w.Tied() {
		out.Head = matrix(&w.Head)
	}
	for l := range w.Layers {
		from, to := &w.Layers[l], &out.Layers[l]
		to.AttnNorm, to.FFNNorm = vector(from.AttnNorm), vector(from.FFNNorm)
		for m := range Modules {
			*to.Linear(m) = matrix(from.Linear(m))
		}
	}
	return out
}

// Params returns the values of weights in float32, in a fixed order, and whether
// weight decay applies to them: to matrices, not to norms.
func (w *Weights) Params() (values [][]float32, decay []bool) {
	add := func(v []float32, d bool) { values, decay = append(values, v), append(decay, d) }
	add(w.Embed.Floats(), true)
	if !w.Tied() {
		add(w.Head.Floats(), true)
	}
	for l := range w.Layers {
		add(w.Layers[l].AttnNorm, false)
		add(w.Layers[l].FFNNorm, false)
		for m := range Modules {
			add(w.Layers[l].Linear(m).Floats(), true)
		}
	}
	add(w.Norm, false)
	return values, decay
}
