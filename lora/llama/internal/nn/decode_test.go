package nn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// shapes are models whose heads fill whole panels, and whose heads do not, with
// and without shared keys.
func shapes() map[string]*Config {
	return map[string]*Config{
		"small":     small(),
		"odd":       {Vocab: 37, Dim: 24, Layers: 2, Heads: 3, KVHeads: 1, HeadDim: 10, FFN: 20, Context: 200, Eps: 1e-5, RopeTheta: 1e4},
		"wide":      {Vocab: 64, Dim: 64, Layers: 2, Heads: 8, KVHeads: 1, HeadDim: 32, FFN: 48, Context: 200, Eps: 1e-5, RopeTheta: 1e4},
		"quantised": {Vocab: 64, Dim: 64, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 16, FFN: 96, Context: 200, Eps: 1e-5, RopeTheta: 1e4},
	}
}

// exponents are where the exponents of a block's float16 numbers are, and what they become.
var exponents = map[tensor.Type]struct {
	at    []int
	small byte
}{
	tensor.Q4_1: {[]int{1, 3}, 0x18}, tensor.Q8_0: {[]int{1}, 0x10},
	tensor.Q4K: {[]int{1, 3}, 0x08}, tensor.Q5K: {[]int{1, 3}, 0x08}, tensor.Q6K: {[]int{209}, 0x04},
}

// quantise makes random weights of integers of w's linear layers, whose widths must
// allow it: the types in turn.
func quantise(w *Weights, types ...tensor.Type) *Weights {
	q := *w
	q.Layers = slices.Clone(w.Layers)
	one := func(m tensor.Matrix, typ tensor.Type) tensor.Matrix {
		values, size := typ.Block()
		data := make([]byte, m.Rows*m.Cols/values*size)
		r := rand.New(rand.NewPCG(uint64(m.Rows), uint64(m.Cols)))
		for i := range data {
			data[i] = byte(r.Uint32())
			if e := exponents[typ]; slices.Contains(e.at, i%size) {
				data[i] = data[i]&0x83 | e.small
			}
		}
		out, err := tensor.New(typ, m.Rows, m.Cols, data)
		if err != nil {
			panic(err)
		}
		return out
	}
	for l := range q.Layers {
		for m := range Modules {
			*q.Layers[l].Linear(m) = one(*w.Layers[l].Linear(m), types[int(m)%len(types)])
		}
	}
	q.Head = one(w.Head, types[0])
	return &q
}

// halve is w with its linear layers in BF16.
func halve(w *Weights) *Weights {
	return w.each(func(m *tensor.Matrix) tensor.Matrix {
		var data []byte
		for _, v := range m.Floats() {
			data = binary.LittleEndian.AppendUint16(data, uint16(math.Float32bits(v)>>16))
		}
		return tensor.Matrix{Type: tensor.BF16, Rows: m.Rows, Cols: m.Cols, Data: data}
	}, slices.Clone[[]float32])
}

func randomTokens(r *rand.Rand, c *Config, n int) []int {
	tokens := make([]int, n)
	for i := range tokens {
		tokens[i] = r.IntN(c.Vocab)
	}
	return tokens
}

// text is a prompt and an answer with what must come out for it: the logits
// after the prompt's last token and each token of the answer.
type text struct {
	prompt, answer []int
	adapter        *Adapter
}

// alone decodes a text by itself, a token at a time.
func (x *text) alone(t testing.TB, d *Decoder, cache *Cache) [][]float32 {
	t.Helper()
	var out [][]float32
	seq := cache.Sequence()
	defer seq.Free()
	for i, token := range x.prompt {
		logits := step(t, d, Row{seq, token, x.adapter, i == len(x.prompt)-1})
		if i == len(x.prompt)-1 {
			out = append(out, slices.Clone(logits))
		}
	}
	seq = seq.Fork()
	defer seq.Free()
	for _, token := range x.answer {
		out = append(out, slices.Clone(step(t, d, Row{seq, token, x.adapter, true})))
	}
	return out
}

func step(t testing.TB, d *Decoder, rows ...Row) []float32 {
	t.Helper()
	logits, err := d.Step(rows)
	if err != nil {
		t.Fatal(err)
	}
	return logits
}

// TestDecodeAgainstReference holds decoding to the plain transformer in float64,
// with prompts longer than a page.
func TestDecodeAgainstReference(t *testing.T) {
	for name, c := range shapes() {
		t.Run(name, func(t *testing.T) {
			c.Context = 200
			w := randomWeights(c, 3, name == "odd")
			r := rand.New(rand.NewPCG(1, 1))
			x := text{prompt: randomTokens(r, c, 2*PageTokens+5), answer: randomTokens(r, c, 6), adapter: randomAdapter(c, 5, 3, Q, V, Down)}
			ref := &reference{c: c, w: w, a: x.adapter}
			want := ref.logits(append(slices.Clone(x.prompt), x.answer...))[len(x.prompt)-1:]
			for i, got := range x.alone(t, NewDecoder(c, w, kernel.NewPool(1), Packed), NewCache(c)) {
				for j := range got {
					if d := math.Abs(float64(got[j]) - want[i][j]); d > 1e-4 {
						t.Fatalf("token %d, logit %d: %v, want %v", i, j, got[j], want[i][j])
					}
				}
			}
		})
	}
}

// TestBatchesChangeNothing decodes texts with several adapters, alone and in
// batches of several sizes, with prompts in one step or in pieces, shared or not,
// on one and on two threads, with packed and with stored weights: always the same
// bytes.
func TestBatchesChangeNothing(t *testing.T) {
	all := shapes()
	all["K-quants"] = &Config{Vocab: 64, Dim: 256, Layers: 1, Heads: 4, KVHeads: 1, HeadDim: 64, FFN: 512, Context: 200, Eps: 1e-5, RopeTheta: 1e4}
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			c.Context = 200
			w := randomWeights(c, 3, true)
			switch name {
			case "K-quants":
				w = quantise(w, tensor.Q6K, tensor.Q4K, tensor.Q5K, tensor.Q8_0)
			case "quantised":
				w = quantise(w, tensor.Q4_1)
			case "wide":
				w = halve(w)
			}
			r := rand.New(rand.NewPCG(1, 1))
			adapters := []*Adapter{nil, randomAdapter(c, 5, 3, Q, V, Down), randomAdapter(c, 6, 2, K, O, Gate, Up)}
			texts := make([]text, 32)
			for i := range texts {
				texts[i] = text{randomTokens(r, c, 1+r.IntN(PageTokens+20)), randomTokens(r, c, 5), adapters[i/11]}
				if i%4 == 3 { // asks the same as the one before
					texts[i].prompt, texts[i].adapter = texts[i-1].prompt, texts[i-1].adapter
				}
			}
			alike := [][]Form{{Packed, Stored}}
			if w.Layers[0].Down.Type.Quantum() > 0 {
				alike = append(alike, []Form{EightBit})
			}
			for _, forms := range alike {
				one, want := NewDecoder(c, w, kernel.NewPool(1), forms[0]), make([][][]float32, len(texts))
				for i := range texts {
					want[i] = texts[i].alone(t, one, NewCache(c))
				}
				for _, form := range forms {
					for _, threads := range []int{1, 2} {
						sameTogether(t, NewDecoder(c, w, kernel.NewPool(threads), form), texts, want)
					}
				}
			}
		})
	}
}

// sameTogether decodes several of the texts at a time, and compares.
func sameTogether(t *testing.T, d *Decoder, texts []text, want [][][]float32) {
	for _, n := range []int{1, 2, 7, 32} {
		cache := NewCache(d.c)
		got := together(t, d, cache, texts[:n])
		for i := range got {
			for j := range got[i] {
				if !slices.Equal(got[i][j], want[i][j]) {
					t.Fatalf("%d texts on %d threads: text %d, token %d differs", n, len(d.lanes), i, j)
				}
			}
		}
		if cache.Used() != 0 {
			t.Errorf("%d pages are still in use", cache.Used())
		}
	}
}

// together decodes texts in one batch: prompts in pieces among the answers of
// others, every fourth text on its neighbour's prompt.
func together(t testing.TB, d *Decoder, cache *Cache, texts []text) [][][]float32 {
	n := len(texts)
	out, seqs := make([][][]float32, n), make([]*Sequence, n)
	prompts, read := make([]*Sequence, n), make([]int, n)
	asks := func(i int) []int { // those who ask prompt i
		switch {
		case i%4 == 3:
			return nil
		case i%4 == 2 && i+1 < n:
			return []int{i, i + 1}
		}
		return []int{i}
	}
	for {
		var rows []Row
		var wants [][]int // who gets the logits
		for i, x := range texts {
			if left := len(x.prompt) - read[i]; left > 0 && asks(i) != nil {
				if prompts[i] == nil {
					prompts[i] = cache.Sequence()
				}
				piece := min(left, 9+i%5)
				for k := range piece {
					rows = append(rows, Row{prompts[i], x.prompt[read[i]+k], x.adapter, k == left-1})
				}
				if read[i] += piece; piece == left {
					wants = append(wants, asks(i))
				}
			}
			if k := len(out[i]) - 1; seqs[i] != nil && k < len(x.answer) {
				rows = append(rows, Row{seqs[i], x.answer[k], x.adapter, true})
				wants = append(wants, []int{i})
			}
		}
		if len(rows) == 0 {
			break
		}
		logits := step(t, d, rows...)
		for k, who := range wants {
			for _, i := range who {
				out[i] = append(out[i], slices.Clone(logits[k*d.c.Vocab:][:d.c.Vocab]))
				if seqs[i] == nil {
					seqs[i] = prompts[who[0]].Fork()
				}
			}
		}
	}
	for i := range seqs {
		seqs[i].Free()
		if prompts[i] != nil {
			prompts[i].Free()
		}
	}
	return out
}

func TestYieldEndsAStep(t *testing.T) {
	c := small()
	for _, threads := range []int{1, 2} {
		d := NewDecoder(c, randomWeights(c, 3, true), kernel.NewPool(threads), Packed)
		var calls atomic.Int32
		enough := errors.New("enough")
		d.Yield = func() error {
			if calls.Add(1) > 1 {
				return enough
			}
			return nil
		}
		var rows []Row
		for range 40 {
			rows = append(rows, Row{NewCache(c).Sequence(), 1, nil, true})
		}
		if _, err := d.Step(rows); err != enough {
			t.Errorf("on %d threads: %v, want the error of Yield", threads, err)
		}
	}
}

// tinyConfig is the shape of the base that ships with the library.
func tinyConfig() *Config {
	return &Config{Vocab: 96, Dim: 128, Layers: 4, Heads: 4, KVHeads: 2, HeadDim: 32, FFN: 352, Context: 64, Eps: 1e-5, RopeTheta: 1e4}
}

// BenchmarkAnswers answers prompts of 11 tokens with 8 tokens, 8 answers to each
// of 8 prompts at a time, without drawing.
func BenchmarkAnswers(b *testing.B) {
	c := tinyConfig()
	w := randomWeights(c, 1, true)
	r := rand.New(rand.NewPCG(1, 1))
	for name, threads := range map[string]int{"1 thread": 1, "2 threads": 2} {
		b.Run(name, func(b *testing.B) {
			d, cache := NewDecoder(c, w, kernel.NewPool(threads), Packed), NewCache(c)
			defer d.wide.pool.Work()()
			answers := 0
			for b.Loop() {
				var rows []Row
				var prompts, seqs []*Sequence
				for range 8 {
					p := cache.Sequence()
					prompts = append(prompts, p)
					for i, token := range randomTokens(r, c, 11) {
						rows = append(rows, Row{p, token, nil, i == 10})
					}
				}
				step(b, d, rows...)
				for _, p := range prompts {
					for range 8 {
						seqs = append(seqs, p.Fork())
					}
					p.Free()
				}
				for range 7 {
					rows = rows[:0]
					for _, s := range seqs {
						rows = append(rows, Row{s, r.IntN(c.Vocab), nil, true})
					}
					step(b, d, rows...)
				}
				for _, s := range seqs {
					s.Free()
				}
				answers += len(seqs)
			}
			b.ReportMetric(float64(answers)/b.Elapsed().Seconds(), "answers/s")
		})
	}
}

// BenchmarkDecode is a model of SmolLM2-135M's shape with weights as its files
// have them: reading a prompt, and answering one or several at a time.
func BenchmarkDecode(b *testing.B) {
	c := &Config{Vocab: 49152, Dim: 576, Layers: 30, Heads: 9, KVHeads: 3, HeadDim: 64, FFN: 1536, Context: 2048, Eps: 1e-5, RopeTheta: 1e5}
	w := quantise(randomWeights(c, 1, true), tensor.Q4_1)
	r := rand.New(rand.NewPCG(1, 1))
	d, cache := NewDecoder(c, w, kernel.NewPool(0), Packed), NewCache(c)
	defer d.wide.pool.Work()()
	b.Run("prompt of 64", func(b *testing.B) {
		for b.Loop() {
			seq := cache.Sequence()
			var rows []Row
			for i, t := range randomTokens(r, c, 64) {
				rows = append(rows, Row{seq, t, nil, i == 63})
			}
			step(b, d, rows...)
			seq.Free()
		}
		b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
	})
	for _, n := range []int{1, 8, 32} {
		b.Run(fmt.Sprint("answers at once: ", n), func(b *testing.B) {
			seqs := make([]*Sequence, n)
			for i := range seqs {
				seqs[i] = cache.Sequence()
				step(b, d, Row{seqs[i], 1, nil, true})
			}
			for b.Loop() {
				var rows []Row
				for _, s := range seqs {
					rows = append(rows, Row{s, r.IntN(c.Vocab), nil, true})
				}
				step(b, d, rows...)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tokens/s")
			for _, s := range seqs {
				s.Free()
			}
		})
	}
}
