package llama

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// eightParts are testParts with weights in Q8_0.
func eightParts(t *testing.T) parts {
	p := testParts()
	p.config.FFN = 64
	p.weights = randomWeights(&p.config, 7)
	quantised := func(m *tensor.Matrix) {
		var data []byte
		for i, v := range m.Floats() {
			if i%32 == 0 {
				data = append(data, 0, 0x24) // 1/64, as a float16
			}
			data = append(data, byte(int8(max(-127, min(127, math.Round(float64(v)*64))))))
		}
		var err error
		if *m, err = tensor.New(tensor.Q8_0, m.Rows, m.Cols, data); err != nil {
			t.Fatal(err)
		}
	}
	for l := range p.weights.Layers {
		for m := range nn.Modules {
			quantised(p.weights.Layers[l].Linear(m))
		}
	}
	quantised(&p.weights.Head)
	return p
}

// openParts makes a model with adapters "a" and "b".
func openParts(t *testing.T, p parts, o Options) *Model {
	t.Helper()
	m, err := newModel(p, &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	for i, name := range []string{"a", "b"} {
		if err := m.use(name, randomAdapter(&m.config, uint64(i)), name, ""); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// TestEightBit holds that activations of eight bits give answers near those without, under
// a key of their own, and the same ones alone and together, on one thread and two.
func TestEightBit(t *testing.T) {
	plain, eight := openParts(t, eightParts(t), Options{Threads: 1}), openParts(t, eightParts(t), Options{Threads: 1, EightBit: true})
	for _, adapter := range []string{"", "a"} {
		a, err1 := plain.InfoWith(t.Context(), adapter)
		b, err2 := eight.InfoWith(t.Context(), adapter)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if a.Key == b.Key || a.Base != b.Base || a.Adapter != b.Adapter {
			t.Errorf("adapter %q: %+v and in eight bits %+v: want other keys, the rest as it is", adapter, a, b)
		}
	}
	rs := manyRequests(16)
	var want []hobby.Response
	var same, tokens, compared int
	for _, r := range rs {
		got, err := eight.Generate(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, got)
		floats, err := plain.Generate(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.LogProbs) == 0 || len(floats.LogProbs) == 0 {
			continue
		}
		tokens++
		x, y := got.LogProbs[0], floats.LogProbs[0]
		if x == y {
			same++
		}
		if x.Token != y.Token {
			continue
		}
		if compared++; math.Abs(x.LogProb-y.LogProb) > 0.5 {
			t.Errorf("the first token's log-probability is %v, without eight bits %v", x, y)
		}
	}
	if compared < tokens/2 {
		t.Errorf("%d of %d first tokens are the same as without eight bits", compared, tokens)
	}
	if tokens == 0 || same > tokens/2 {
		t.Errorf("%d of %d first tokens have the same log-probability: nothing is rounded", same, tokens)
	}
	for _, o := range []Options{{Threads: 1, EightBit: true}, {Threads: 2, EightBit: true}} {
		got, err := openParts(t, eightParts(t), o).GenerateBatch(t.Context(), rs)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%+v (-alone +together):\n%s", o, d)
		}
	}
}

// TestEightBitIsRefused where it would do nothing, and where the copy of the weights does not fit.
func TestEightBitIsRefused(t *testing.T) {
	o := Options{EightBit: true, Threads: 1, MaxMemory: 1}
	if _, err := newModel(testParts(), &o); !errors.Is(err, ErrNotQuantised) {
		t.Errorf("without quantised weights: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end() // so its files cannot be hashed
	if _, err := Open(ended, "testdata/tiny/model", &o); !errors.Is(err, ErrNotQuantised) {
		t.Errorf("a directory without quantised weights: %v", err)
	}
	p := eightParts(t)
	o = Options{EightBit: true, Threads: 1, Batch: 1, MaxMemory: 1 << 30}
	needs, err := least(&p.config, 0, o)
	if err != nil {
		t.Fatal(err)
	}
	o.MaxMemory = needs.Total() + nn.PackedBytes(&p.config, &p.weights) - 1
	if _, err := newModel(p, &o); !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), "EightBit") {
		t.Errorf("without memory for the copy: %v", err)
	}
	o.MaxMemory++
	openParts(t, p, o)
}
