package nn

import (
	"math"
	"math/rand/v2"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// reference is the transformer again, written plainly in float64 from the
// papers, one sequence and one position at a time: what the fast one is held to.
type reference struct {
	c    *Config
	w    *Weights // F32
	a    *Adapter
	bump *bump // a parameter that differs, for differences
}

// bump adds by to value i of a parameter.
type bump struct {
	param *float32
	by    float64
}

func (r *reference) at(v []float32, i int) float64 {
	x := float64(v[i])
	if r.bump != nil && &v[i] == r.bump.param {
		x += r.bump.by
	}
	return x
}

func (r *reference) norm(x []float64, w []float32) []float64 {
	var ss float64
	for _, v := range x {
		ss += v * v
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v / math.Sqrt(ss/float64(len(x))+float64(r.c.Eps)) * r.at(w, i)
	}
	return out
}

func (r *reference) times(m []float32, rows int, x []float64) []float64 {
	out := make([]float64, rows)
	for i := range out {
		for j, v := range x {
			out[i] += r.at(m, i*len(x)+j) * v
		}
	}
	return out
}

func (r *reference) linear(l int, m Module, x []float64) []float64 {
	w := r.w.Layers[l].Linear(m)
	y := r.times(w.Floats(), w.Rows, x)
	if r.a != nil && r.a.Layers[l][m].A != nil {
		low := r.a.Layers[l][m]
		for i, v := range r.times(low.B, w.Rows, r.times(low.A, r.a.Rank, x)) {
			y[i] += float64(r.a.Scale) * v
		}
	}
	return y
}

func (r *reference) rotate(x []float64, pos int) {
	half := r.c.HeadDim / 2
	for h := 0; h < len(x); h += r.c.HeadDim {
		for j := range half {
			angle := float64(float32(pos) * float32(r.c.frequency(j)))
			a, b := x[h+j], x[h+half+j]
			x[h+j], x[h+half+j] = a*math.Cos(angle)-b*math.Sin(angle), b*math.Cos(angle)+a*math.Sin(angle)
		}
	}
}

// logits are those after every token of one sequence.
func (r *reference) logits(tokens []int) [][]float64 {
	c := r.c
	xs := make([][]float64, len(tokens))
	for t, token := range tokens {
		for j := range c.Dim {
			xs[t] = append(xs[t], r.at(r.w.Embed.Floats(), token*c.Dim+j))
		}
	}
	for l := range r.w.Layers {
		w := &r.w.Layers[l]
		var qs, ks, vs [][]float64
		for t, x := range xs {
			n := r.norm(x, w.AttnNorm)
			q, k := r.linear(l, Q, n), r.linear(l, K, n)
			r.rotate(q, t)
			r.rotate(k, t)
			qs, ks, vs = append(qs, q), append(ks, k), append(vs, r.linear(l, V, n))
		}
		for t, x := range xs {
			var att []float64
			for h := range c.Heads {
				kv := h / (c.Heads / c.KVHeads)
				score, sum := make([]float64, t+1), 0.0
				for s := range score {
					for j := range c.HeadDim {
						score[s] += qs[t][h*c.HeadDim+j] * ks[s][kv*c.HeadDim+j]
					}
					score[s] = math.Exp(score[s] / math.Sqrt(float64(c.HeadDim)))
					sum += score[s]
				}
				for j := range c.HeadDim {
					var o float64
					for s := range score {
						o += score[s] / sum * vs[s][kv*c.HeadDim+j]
					}
					att = append(att, o)
				}
			}
			for i, v := range r.linear(l, O, att) {
				x[i] += v
			}
		}
		for _, x := range xs {
			n := r.norm(x, w.FFNNorm)
			gate, up := r.linear(l, Gate, n), r.linear(l, Up, n)
			for i, g := range gate {
				up[i] *= g / (1 + math.Exp(-g))
			}
			for i, v := range r.linear(l, Down, up) {
				x[i] += v
			}
		}
	}
	for t, x := range xs {
		xs[t] = r.times(r.w.Head.Floats(), c.Vocab, r.norm(x, r.w.Norm))
	}
	return xs
}

// loss is the sum over the batch's targets.
func (r *reference) loss(b *Batch) (sum float64) {
	for i := range b.Starts {
		start, end := b.sequence(i)
		for t, logits := range r.logits(b.Tokens[start:end]) {
			target := b.Targets[start+t]
			if target < 0 {
				continue
			}
			var all float64
			for _, v := range logits {
				all += math.Exp(v)
			}
			if b.Replay[start+t] {
				base := (&reference{c: r.c, w: r.w}).logits(b.Tokens[start:end])[t]
				var total float64
				for _, v := range base {
					total += math.Exp(v)
				}
				for i, v := range base {
					logQ := v - math.Log(total)
					sum += math.Exp(logQ) * (logQ - (logits[i] - math.Log(all)))
				}
				continue
			}
			sum -= logits[target] - math.Log(all)
		}
	}
	return sum
}

// difference is the derivative of the loss with respect to a parameter.
func (r *reference) difference(b *Batch, param *float32) float64 {
	const h = 1e-5
	r.bump = &bump{param, h}
	up := r.loss(b)
	r.bump.by = -h
	down := r.loss(b)
	r.bump = nil
	return (up - down) / (2 * h)
}

// small is a model with grouped heads, several layers and awkward sizes.
func small() *Config {
	return &Config{Vocab: 61, Dim: 20, Layers: 2, Heads: 6, KVHeads: 2, HeadDim: 6, FFN: 37, Context: 256, Eps: 1e-5, RopeTheta: 10000}
}

// randomWeights are seeded float32 weights whose gradients are of one order.
func randomWeights(c *Config, seed uint64, tied bool) *Weights {
	r := rand.New(rand.NewPCG(seed, 3))
	matrix := func(rows, cols int) tensor.Matrix {
		v := make([]float32, rows*cols)
		for i := range v {
			v[i] = float32(r.NormFloat64() / math.Sqrt(float64(cols)))
		}
		return tensor.FromFloats(rows, cols, v)
	}
	ones := func() []float32 {
		v := make([]float32, c.Dim)
		for i := range v {
			v[i] = 1 + float32(r.NormFloat64())/4
		}
		return v
	}
	w := &Weights{Embed: matrix(c.Vocab, c.Dim), Norm: ones()}
	for i, v := range w.Embed.Floats() {
		w.Embed.Floats()[i] = v * 3
	}
	if w.Head = w.Embed; !tied {
		w.Head = matrix(c.Vocab, c.Dim)
	}
	for range c.Layers {
		l := Layer{AttnNorm: ones(), FFNNorm: ones()}
		for m := range Modules {
			out, in := c.Shape(m)
			*l.Linear(m) = matrix(out, in)
		}
		w.Layers = append(w.Layers, l)
	}
	return w
}

// randomAdapter is one whose B is not zero.
func randomAdapter(c *Config, seed uint64, rank int, modules ...Module) *Adapter {
	a := NewAdapter(c, rank, 0.7, modules)
	r := rand.New(rand.NewPCG(seed, 4))
	for _, v := range a.Params() {
		for i := range v {
			v[i] = float32(r.NormFloat64()) / 4
		}
	}
	return a
}

// randomBatch has sequences of these lengths, of which the last two thirds are
// learned.
func randomBatch(c *Config, seed uint64, lengths ...int) *Batch {
	r := rand.New(rand.NewPCG(seed, 5))
	b := &Batch{}
	for _, n := range lengths {
		tokens := make([]int, n)
		for i := range tokens {
			tokens[i] = r.IntN(c.Vocab)
		}
		b.Add(tokens, n/3)
	}
	return b
}

var allModules = []Module{Q, K, V, O, Gate, Up, Down}
