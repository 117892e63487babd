package nn

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// Module is one of the linear layers of a block: what an adapter may target.
type Module uint8

// The modules, in the order in which a block uses them.
const (
	Q Module = iota
	K
	V
	O
	Gate
	Up
	Down
	Modules // the number of modules
)

var moduleNames = [Modules]string{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}

// String is the name in Hugging Face's files.
func (m Module) String() string { return moduleNames[m] }

// ParseModule finds the module of a name such as "q_proj".
func ParseModule(name string) (m Module, ok bool) {
	for m, n := range moduleNames {
		if n == name {
			return Module(m), true
		}
	}
	return 0, false
}

// Shape is the size of m's weight, [out, in].
func (c *Config) Shape(m Module) (out, in int) {
	switch m {
	case Q:
		return c.Heads * c.HeadDim, c.Dim
	case K, V:
		return c.KVHeads * c.HeadDim, c.Dim
	case O:
		return c.Dim, c.Heads * c.HeadDim
	case Gate, Up:
		return c.FFN, c.Dim
	default:
		return c.Dim, c.FFN
	}
}

// Linear is the weight of m.
func (l *Layer) Linear(m Module) *tensor.Matrix {
	return [Modules]*tensor.Matrix{&l.Q, &l.K, &l.V, &l.O, &l.Gate, &l.Up, &l.Down}[m]
}

// Tied reports whether the head is the embedding.
func (w *Weights) Tied() bool {
	return len(w.Head.Data) == len(w.Embed.Data) && (len(w.Head.Data) == 0 || &w.Head.Data[0] == &w.Embed.Data[0])
}

// Quantised reports whether a linear layer, or the head, has weights of integers.
func (w *Weights) Quantised() bool {
	for l := range w.Layers {
		for m := range Modules {
			if w.Layers[l].Linear(m).Type.Quantum() > 0 {
				return true
			}
		}
	}
	return w.Head.Type.Quantum() > 0
}
