package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// TestAdamW compares with the published formulas in float64, for gradients of
// w*w/2 clipped to a norm of 1.
func TestAdamW(t *testing.T) {
	o := NewAdamW()
	o.Decay = 0.1
	w, g := []float32{1, -2, 3}, make([]float32, 3)
	want := []float64{1, -2, 3}
	m1, m2 := make([]float64, 3), make([]float64, 3)
	for n := 1; n <= 50; n++ {
		copy(g, w)
		norm := o.Step(kernel.NewPool(2), [][]float32{w}, [][]float32{g}, nil, 0.1)
		var ss float64
		for _, v := range want {
			ss += v * v
		}
		if math.Abs(norm-math.Sqrt(ss)) > 1e-4 {
			t.Fatalf("step %d: norm %v, want %v", n, norm, math.Sqrt(ss))
		}
		for i, v := range want {
			d := v / max(1, math.Sqrt(ss))
			m1[i] = 0.9*m1[i] + 0.1*d
			m2[i] = 0.999*m2[i] + 0.001*d*d
			hat1, hat2 := m1[i]/(1-math.Pow(0.9, float64(n))), m2[i]/(1-math.Pow(0.999, float64(n)))
			want[i] = v*(1-0.01) - 0.1*hat1/(math.Sqrt(hat2)+1e-8)
			if math.Abs(float64(w[i])-want[i]) > 1e-4 {
				t.Fatalf("step %d: parameter %d is %v, want %v", n, i, w[i], want[i])
			}
		}
		if !slices.Equal(g, make([]float32, 3)) {
			t.Fatal("gradients are not cleared")
		}
	}
}

// TestAdamWPauses holds that a step over many values may pause, and changes each of
// them once.
func TestAdamWPauses(t *testing.T) {
	o, p, pauses := NewAdamW(), kernel.NewPool(2), 0
	p.Idle = func() { pauses++ }
	w, g := make([]float32, stride+5), slices.Repeat([]float32{1}, stride+5)
	o.Step(p, [][]float32{w}, [][]float32{g}, nil, 0.1)
	for i, v := range w {
		if v != w[0] || v > -0.09 || g[i] != 0 {
			t.Fatalf("value %d is %v, its gradient %v; the first is %v", i, v, g[i], w[0])
		}
	}
	if pauses != 2 {
		t.Errorf("%d pauses", pauses)
	}
}

func TestAdamWKeepsAwayFromNaN(t *testing.T) {
	o := NewAdamW()
	w, g := []float32{1, 2}, []float32{1, float32(math.NaN())}
	if norm := o.Step(kernel.NewPool(1), [][]float32{w}, [][]float32{g}, nil, 0.1); norm == norm || w[0] != 1 || w[1] != 2 {
		t.Errorf("norm %v, parameters %v", norm, w)
	}
}

func TestRate(t *testing.T) {
	var all []float64
	for n := range 100 {
		all = append(all, Rate(n, 100, 10, 2, 0.1))
	}
	if d := cmp.Diff([]float64{0.2, 2, 2}, []float64{all[0], all[9], all[10]}); d != "" {
		t.Errorf("the rates of steps 0, 9 and 10 (-want +got):\n%s", d)
	}
	if math.Abs(all[99]-0.2) > 0.01 || math.Abs(all[55]-1.1) > 1e-9 {
		t.Errorf("the rate is %v at step 55 and %v at step 99", all[55], all[99])
	}
	if Rate(5, 3, 3, 1, 0) != 1 {
		t.Error("a schedule that is all warm-up")
	}
}

// BenchmarkFull is a step of full training of the tiny base's shape: 128 short
// sequences, of which the answer's tokens are learned.
func BenchmarkFull(b *testing.B) {
	c := &Config{Vocab: 96, Dim: 128, Layers: 4, Heads: 4, KVHeads: 2, HeadDim: 32, FFN: 352, Context: 48, Eps: 1e-5, RopeTheta: 10000}
	w := Trainable(randomWeights(c, 1, true))
	lengths := make([]int, 128)
	for i := range lengths {
		lengths[i] = 12 + i%12
	}
	benchmark(b, c, w, nil, randomBatch(c, 1, lengths...))
}

// BenchmarkLora is a step of LoRA training of SmolLM2-135M's shape.
func BenchmarkLora(b *testing.B) {
	c := &Config{Vocab: 49152, Dim: 576, Layers: 30, Heads: 9, KVHeads: 3, HeadDim: 64, FFN: 1536, Context: 2048, Eps: 1e-5, RopeTheta: 100000}
	benchmark(b, c, randomWeights(c, 1, true), randomAdapter(c, 1, 8, allModules...), randomBatch(c, 1, 256))
}

func benchmark(b *testing.B, c *Config, w *Weights, a *Adapter, batch *Batch) {
	p := NewPass(c, w, a, kernel.NewPool(0))
	defer p.pool.Work()()
	g := &Gradients{}
	var params, grads [][]float32
	var decay []bool
	if a != nil {
		g.Adapter = a.Like()
		params, grads = a.Params(), g.Adapter.Params()
	} else {
		g.Weights = Zeros(w)
		params, decay = w.Params()
		grads, _ = g.Weights.Params()
	}
	o := NewAdamW()
	for b.Loop() {
		if _, _, err := p.Backward(batch, g, 1/float32(batch.Learned())); err != nil {
			b.Fatal(err)
		}
		o.Step(p.pool, params, grads, decay, 1e-4)
	}
	b.ReportMetric(float64(len(batch.Tokens))*float64(b.N)/b.Elapsed().Seconds(), "tok/s")
}
