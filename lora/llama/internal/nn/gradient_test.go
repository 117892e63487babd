package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

func TestLogitsAgainstReference(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"plain":     func(*Config) {},
		"one group": func(c *Config) { c.KVHeads = c.Heads },
		"llama3": func(c *Config) {
			c.RopeScaling = &RopeScaling{Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalContext: 64}
		},
	} {
		for _, tied := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, tied %v", name, tied), func(t *testing.T) {
				c := small()
				change(c)
				w, a := randomWeights(c, 1, tied), randomAdapter(c, 2, 3, allModules...)
				tokens := randomBatch(c, 3, 130).Tokens
				got, err := NewPass(c, w, a, kernel.NewPool(2)).Logits(tokens)
				if err != nil {
					t.Fatal(err)
				}
				for i, row := range (&reference{c: c, w: w, a: a}).logits(tokens) {
					for j, want := range row {
						if d := math.Abs(float64(got[i*c.Vocab+j]) - want); d > 2e-4 {
							t.Fatalf("logit %d after token %d is off by %g", j, i, d)
						}
					}
				}
			})
		}
	}
}

// TestGradients compares the gradients of everything that can be trained with
// differences of the float64 reference: within 1e-4 of the largest of a
// parameter's gradients.
func TestGradients(t *testing.T) {
	for i := range 4 {
		tied := i%2 == 1
		c := small()
		w, a := randomWeights(c, 1, tied), randomAdapter(c, 2, 3, allModules...)
		b := randomBatch(c, 3, 5, 11, 1, 8)
		g := &Gradients{Adapter: a.Like(), Weights: Zeros(w)}
		p := NewPass(c, w, a, kernel.NewPool(2))
		if i >= 2 {
			p.Merged = NewPanels(kernel.NewPool(1), w)
			p.Merged.Merge(kernel.NewPool(2), w, a)
		}
		loss, n, err := p.Backward(b, g, 1)
		if err != nil {
			t.Fatal(err)
		}
		ref := &reference{c: c, w: w, a: a}
		if want := ref.loss(b); math.Abs(loss-want) > 1e-4*want || n != b.Learned() || n == 0 {
			t.Fatalf("loss %v of %d targets, want %v", loss, n, want)
		}
		check := func(name string, params, grads []float32) {
			t.Helper()
			compare(t, ref, b, name, params, grads)
		}
		for l := range a.Layers {
			for _, m := range allModules {
				low, grad := a.Layers[l][m], g.Adapter.Layers[l][m]
				check(fmt.Sprintf("layer %d %v A", l, m), low.A, grad.A)
				check(fmt.Sprintf("layer %d %v B", l, m), low.B, grad.B)
				check(fmt.Sprintf("layer %d %v", l, m), w.Layers[l].Linear(m).Floats(), g.Weights.Layers[l].Linear(m).Floats())
			}
			check("attention norm", w.Layers[l].AttnNorm, g.Weights.Layers[l].AttnNorm)
			check("ffn norm", w.Layers[l].FFNNorm, g.Weights.Layers[l].FFNNorm)
		}
		check("embedding", w.Embed.Floats(), g.Weights.Embed.Floats())
		check("last norm", w.Norm, g.Weights.Norm)
		if !tied {
			check("head", w.Head.Floats(), g.Weights.Head.Floats())
		}
	}
}

// TestReplayGradients is TestGradients for sequences of which some are replayed.
func TestReplayGradients(t *testing.T) {
	c := small()
	w, a := randomWeights(c, 1, true), randomAdapter(c, 2, 3, allModules...)
	b := randomBatch(c, 3, 5)
	b.AddReplay(randomBatch(c, 4, 9).Tokens, 3)
	b.Add(randomBatch(c, 5, 4).Tokens, 1)
	b.AddReplay(randomBatch(c, 6, 6).Tokens, 1)
	g := &Gradients{Adapter: a.Like()}
	p := NewPass(c, w, a, kernel.NewPool(2))
	loss, _, err := p.Backward(b, g, 1)
	if err != nil {
		t.Fatal(err)
	}
	ref := &reference{c: c, w: w, a: a}
	if want := ref.loss(b); math.Abs(loss-want) > 1e-4*want {
		t.Fatalf("loss %v, want %v", loss, want)
	}
	if again, _, err := p.Loss(b); err != nil || math.Abs(again-loss) > 1e-6*loss {
		t.Errorf("Loss is %v (%v), Backward's %v", again, err, loss)
	}
	params, grads := a.Params(), g.Adapter.Params()
	for i := range params {
		compare(t, ref, b, fmt.Sprintf("parameter %d", i), params[i], grads[i])
	}
	// An adapter that changes nothing has nothing to unlearn.
	for _, v := range params {
		clear(v)
	}
	only := &Batch{}
	only.AddReplay(b.Tokens[5:14], 3)
	if l, _, err := p.Loss(only); err != nil || math.Abs(l) > 1e-5 {
		t.Errorf("the divergence of an adapter of zeros is %v (%v)", l, err)
	}
}

// compare compares some of a parameter's gradients with differences.
func compare(t *testing.T, ref *reference, b *Batch, name string, params, grads []float32) {
	t.Helper()
	var top float32
	for _, v := range grads {
		top = max(top, float32(math.Abs(float64(v))))
	}
	if top == 0 {
		t.Errorf("%s has no gradient", name)
	}
	for i := 0; i < len(params); i += 1 + len(params)/4 {
		want := ref.difference(b, &params[i])
		if d := math.Abs(float64(grads[i])-want) / float64(top); d > 1e-4 {
			t.Errorf("%s[%d]: gradient %v, want %v: off by %.2g of the largest", name, i, grads[i], want, d)
		}
	}
}

// TestGradientsByDifferences compares with differences of the float32 loss
// itself, which dropout and long sequences take part in.
func TestGradientsByDifferences(t *testing.T) {
	c := small()
	w, a := randomWeights(c, 1, true), randomAdapter(c, 2, 3, allModules...)
	b := randomBatch(c, 3, 150, 20)
	p := NewPass(c, w, a, kernel.NewPool(2))
	p.Dropout, p.Seed = 0.3, 9
	g := &Gradients{Adapter: a.Like()}
	if _, _, err := p.Backward(b, g, 1); err != nil {
		t.Fatal(err)
	}
	loss := func() float64 {
		l, _, err := p.Backward(b, &Gradients{Adapter: a.Like()}, 1) // Loss would not drop
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	params, grads := a.Params(), g.Adapter.Params()
	for n := range params {
		top := slices.Max(grads[n])
		for i := 1; i < len(params[n]); i += 1 + len(params[n])/2 {
			const h = 0.01
			old := params[n][i]
			params[n][i] = old + h
			up := loss()
			params[n][i] = old - h
			down := loss()
			params[n][i] = old
			want := (up - down) / (2 * h)
			if d := math.Abs(float64(grads[n][i])-want) / float64(top); d > 1e-2 {
				t.Errorf("parameter %d[%d]: gradient %v, differences say %v: off by %.2g", n, i, grads[n][i], want, d)
			}
		}
	}
}

// TestThreadsChangeNothing holds that loss and gradients are the same bytes.
func TestThreadsChangeNothing(t *testing.T) {
	c := small()
	w, a := randomWeights(c, 1, true), randomAdapter(c, 2, 3, allModules...)
	b := randomBatch(c, 3, 120, 7, 31)
	var want *Gradients
	var loss float64
	for _, threads := range []int{1, 2, 3, 4} {
		p := NewPass(c, w, a, kernel.NewPool(threads))
		p.Dropout, p.Seed = 0.1, 1
		if threads > 2 {
			p.Panels = NewPanels(kernel.NewPool(threads), w)
		}
		g := &Gradients{Adapter: a.Like(), Weights: Zeros(w)}
		l, _, err := p.Backward(b, g, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want, loss = g, l
			continue
		}
		all, _ := g.Weights.Params()
		first, _ := want.Weights.Params()
		all, first = append(all, g.Adapter.Params()...), append(first, want.Adapter.Params()...)
		if l != loss {
			t.Errorf("%d threads: loss %v, with one %v", threads, l, loss)
		}
		for i := range all {
			if !slices.Equal(all[i], first[i]) {
				t.Errorf("%d threads: other bytes in parameter %d", threads, i)
			}
		}
	}
}

// TestPackingChangesNothing holds that sequences side by side do not see one
// another: logits and losses are those of each alone.
func TestPackingChangesNothing(t *testing.T) {
	c := small()
	w := randomWeights(c, 1, true)
	p := NewPass(c, w, nil, kernel.NewPool(2))
	var sum float64
	packed := &Batch{}
	for i, n := range []int{3, 100, 1, 17} {
		alone := randomBatch(c, uint64(i), n)
		l, _, err := p.Loss(alone)
		if err != nil {
			t.Fatal(err)
		}
		sum += l
		packed.Add(alone.Tokens, n/3)
	}
	if got, n, err := p.Loss(packed); err != nil || math.Abs(got-sum) > 1e-9*sum || n != packed.Learned() {
		t.Errorf("packed loss %v (%v), alone %v", got, err, sum)
	}
}

func TestBatchIsChecked(t *testing.T) {
	c := small()
	p := NewPass(c, randomWeights(c, 1, true), nil, kernel.NewPool(1))
	long := &Batch{}
	long.Add(make([]int, c.Context+1), 1)
	for name, b := range map[string]*Batch{
		"empty":      {},
		"a token":    {Tokens: []int{c.Vocab}, Starts: []int{0}, Targets: []int{-1}},
		"a target":   {Tokens: []int{1}, Starts: []int{0}, Targets: []int{c.Vocab}},
		"too long":   long,
		"the starts": {Tokens: []int{1, 2}, Starts: []int{0, 5}, Targets: []int{-1, -1}},
	} {
		if _, _, err := p.Loss(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTypesChangeNothing holds that a base in another number format gives the
// bytes that its values in float32 give, and is not written to.
func TestTypesChangeNothing(t *testing.T) {
	c := small()
	c.Dim, c.FFN, c.HeadDim = 32, 64, 16 // whole blocks
	c.Heads, c.KVHeads = 4, 2
	a := randomAdapter(c, 2, 3, allModules...)
	b := randomBatch(c, 3, 40, 7)
	for _, typ := range []tensor.Type{tensor.BF16, tensor.F16, tensor.Q8_0, tensor.Q4_0, tensor.Q4_1} {
		w := randomWeights(c, 1, true)
		r := rand.New(rand.NewPCG(1, 2))
		for l := range w.Layers {
			for m := range Modules {
				x := w.Layers[l].Linear(m)
				q := tensor.Matrix{Type: typ, Rows: x.Rows, Cols: x.Cols}
				q.Data = make([]byte, q.Rows*q.RowBytes())
				for i := range q.Data {
					q.Data[i] = byte(r.Uint32())
				}
				_, size := typ.Block()
				for i := 0; i < len(q.Data); i += size { // small scales and values
					copy(q.Data[i:], []byte{byte(r.Uint32()), 0x1c})
					if typ == tensor.BF16 {
						q.Data[i+1] = 0x3d
					} else if typ == tensor.Q4_1 {
						q.Data[i+3] = 0x9c
					}
				}
				*x = q
			}
		}
		sum := slices.Clone(w.Layers[1].Down.Data)
		var loss [2]float64
		var grads [2][][]float32
		for i, w := range []*Weights{w, Trainable(w)} {
			g := &Gradients{Adapter: a.Like()}
			l, _, err := NewPass(c, w, a, kernel.NewPool(2)).Backward(b, g, 1)
			if err != nil || math.IsNaN(l) {
				t.Fatal(l, err)
			}
			loss[i], grads[i] = l, g.Adapter.Params()
		}
		if loss[0] != loss[1] || !slices.EqualFunc(grads[0], grads[1], slices.Equal[[]float32]) {
			t.Errorf("%v: loss %v, in float32 %v, or other gradients", typ, loss[0], loss[1])
		}
		if !slices.Equal(sum, w.Layers[1].Down.Data) {
			t.Errorf("%v: the base was written to", typ)
		}
	}
}

// TestHeadGradInParts compares the gradient of a head of many tokens with the
// product that it is.
func TestHeadGradInParts(t *testing.T) {
	const rows, dim, n = 2*headRows + 100, 8, 5
	r := rand.New(rand.NewPCG(4, 4))
	random := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return v
	}
	logits, hidden := kernel.View(random(n*rows), n, rows), kernel.View(random(n*dim), n, dim)
	want := random(rows * dim)
	head := tensor.FromFloats(rows, dim, slices.Clone(want))
	pool := kernel.NewPool(2)
	pool.Mul(kernel.View(want, rows, dim), logits.T(), hidden, true)
	p := &Pass{pool: pool}
	p.headGrad(&head, logits, hidden)
	if !slices.Equal(head.Floats(), want) {
		t.Error("other values than in one product")
	}
}

// TestNothingLearned holds that a batch without targets has no loss and no gradient.
func TestNothingLearned(t *testing.T) {
	c := small()
	p := NewPass(c, randomWeights(c, 1, true), randomAdapter(c, 1, 3, allModules...), kernel.NewPool(2))
	b := &Batch{}
	b.Add([]int{1, 2, 3}, 3)
	g := &Gradients{Adapter: p.adapter.Like()}
	sum, n, err := p.Backward(b, g, 1)
	if err != nil || sum != 0 || n != 0 {
		t.Errorf("a loss of %v for %d tokens, %v", sum, n, err)
	}
	for _, v := range g.Adapter.Params() {
		if slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) {
			t.Fatal("a gradient that is not zero")
		}
	}
}
