package nn

import (
	"math"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// AdamW is the optimiser of Loshchilov and Hutter ("Decoupled Weight Decay
// Regularization", 2019), as PyTorch computes it.
type AdamW struct {
	Beta1, Beta2, Eps float64
	Decay             float64 // weight decay, times the learning rate
	// Clip is the largest Euclidean norm of all gradients together; larger ones
	// are scaled down. 0 is no limit.
	Clip float64

	// Steps done, and the moments of every parameter, as Step left them; they are
	// exported to be saved and restored.
	Steps  int
	M1, M2 [][]float32
}

// NewAdamW returns the optimiser with the usual constants.
func NewAdamW() *AdamW { return &AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 1} }

// Init makes the moments, all zero, unless they exist.
func (o *AdamW) Init(params [][]float32) {
	for _, v := range params[len(o.M1):] {
		o.M1, o.M2 = append(o.M1, make([]float32, len(v))), append(o.M2, make([]float32, len(v)))
	}
}

// piece is the number of values that one thread updates at a time. Sums of
// squares are taken over pieces and added up in order. After every stride values,
// training may pause.
const (
	piece  = 1 << 15
	stride = 64 * piece
)

// Step changes params by their gradients with learning rate lr, sets the
// gradients to zero, and returns their norm. decay says which parameters weight
// decay applies to; nil means all. When the norm is not a finite number, nothing
// is changed.
func (o *AdamW) Step(p *kernel.Pool, params, grads [][]float32, decay []bool, lr float64) (norm float64) {
	o.Init(params)
	norm = gradNorm(p, grads)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return norm
	}
	scale := 1.0
	if o.Clip > 0 && norm > o.Clip {
		scale = o.Clip / (norm + 1e-6)
	}
	o.Steps++
	step := lr / (1 - math.Pow(o.Beta1, float64(o.Steps)))
	root := float32(1 / math.Sqrt(1-math.Pow(o.Beta2, float64(o.Steps))))
	b1, b2, eps, s := float32(o.Beta1), float32(o.Beta2), float32(o.Eps), float32(scale)
	for n := range params {
		keep := float32(1)
		if decay == nil || decay[n] {
			keep = float32(1 - lr*o.Decay)
		}
		w, g, m1, m2 := params[n], grads[n], o.M1[n], o.M2[n]
		for at := 0; at < len(w); at += stride {
			if p.Idle != nil {
				p.Idle()
			}
			p.Chunks(min(stride, len(w)-at), piece, func(from, to int) {
				from, to = at+from, at+to
				adam(w[from:to], g[from:to], m1[from:to], m2[from:to], b1, b2, eps, s, keep, float32(step), root)
			})
		}
	}
	return norm
}

func adam(w, g, m1, m2 []float32, b1, b2, eps, scale, keep, step, root float32) {
	for i, gi := range g {
		gi *= scale
		m := b1*m1[i] + (1-b1)*gi
		v := b2*m2[i] + (1-b2)*gi*gi
		m1[i], m2[i] = m, v
		w[i] = w[i]*keep - step*m/(float32(math.Sqrt(float64(v)))*root+eps)
		g[i] = 0
	}
}

// gradNorm is the norm of all gradients together.
func gradNorm(p *kernel.Pool, grads [][]float32) float64 {
	var sum float64
	for _, g := range grads {
		parts := make([]float64, (len(g)+piece-1)/piece)
		p.For(len(parts), func(i int) {
			part := g[i*piece : min(len(g), (i+1)*piece)]
			parts[i] = float64(kernel.Dot(part, part))
		})
		for _, s := range parts {
			sum += s
		}
	}
	return math.Sqrt(sum)
}

// Rate is the learning rate of step n of total, counted from 0: it rises
// linearly over warmup steps to peak, then falls along half a cosine to floor
// times peak.
func Rate(n, total, warmup int, peak, floor float64) float64 {
	if n < warmup {
		return peak * float64(n+1) / float64(warmup)
	}
	if total <= warmup {
		return peak
	}
	x := min(1, float64(n-warmup)/float64(total-warmup))
	return peak * (floor + (1-floor)*(1+math.Cos(math.Pi*x))/2)
}
