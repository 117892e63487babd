package adapter

import (
	"bytes"
	"encoding/binary"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"github.com/pastime-go/pastime/lora/llama/internal/train"
)

// testdata/peft was written by .ci/peers peft: a small random Llama, what
// transformers and PEFT compute with it, and an adapter that PEFT trained. The
// versions are in vectors.safetensors.
const peftDir = "testdata/peft"

// peftShape is testdata/peft/base/config.json.
var peftShape = &nn.Config{
	Vocab: 64, Dim: 24, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 8, FFN: 40, Context: 256, Eps: 1e-5, RopeTheta: 10000,
	RopeScaling: &nn.RopeScaling{Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalContext: 64},
}

type vectors map[string]tensor.Matrix

func openVectors(t *testing.T, path string) vectors {
	t.Helper()
	s, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	t.Logf("peer: %v", s.Metadata)
	out := vectors{}
	for _, name := range s.Names() {
		v, _ := s.Get(name)
		if v.DType == "I32" {
			v.DType = "F32" // the bits are what ints takes out
		}
		m, err := v.Matrix()
		if err != nil {
			t.Fatal(err)
		}
		out[name] = m
	}
	return out
}

func (v vectors) floats(t *testing.T, name string) []float32 {
	t.Helper()
	m, ok := v[name]
	if !ok {
		t.Fatalf("no tensor %q", name)
	}
	out := make([]float32, m.Rows*m.Cols)
	for i := range m.Rows {
		m.Dequantize(out[i*m.Cols:][:m.Cols], i, 0)
	}
	return out
}

func (v vectors) ints(name string) (out []int) {
	data := v[name].Data
	for ; len(data) > 0; data = data[4:] {
		out = append(out, int(int32(binary.LittleEndian.Uint32(data))))
	}
	return out
}

// hfWeights arranges tensors by their Hugging Face names.
func hfWeights(t *testing.T, v vectors, prefix string) *nn.Weights {
	matrix := func(name string) tensor.Matrix {
		m := v[prefix+name]
		return tensor.FromFloats(m.Rows, m.Cols, v.floats(t, prefix+name))
	}
	w := &nn.Weights{Embed: matrix("model.embed_tokens.weight"), Head: matrix("lm_head.weight"), Norm: v.floats(t, prefix+"model.norm.weight")}
	for l := range peftShape.Layers {
		at := prefix + "model.layers." + string(rune('0'+l)) + "."
		layer := nn.Layer{AttnNorm: v.floats(t, at+"input_layernorm.weight"), FFNNorm: v.floats(t, at+"post_attention_layernorm.weight")}
		for m := range nn.Modules {
			*layer.Linear(m) = matrix(strings.TrimPrefix(at, prefix) + block(m) + "." + m.String() + ".weight")
		}
		w.Layers = append(w.Layers, layer)
	}
	return w
}

// fromPEFT reads an adapter's values, or gradients, from tensors.
func fromPEFT(t *testing.T, v vectors, prefix string, like *nn.Adapter) *nn.Adapter {
	t.Helper()
	a := like.Like()
	for l := range a.Layers {
		for m, low := range a.Layers[l] {
			name := prefix + peftName(l, nn.Module(m))
			copy(low.A, v.floats(t, name+".lora_A.weight"))
			copy(low.B, v.floats(t, name+".lora_B.weight"))
		}
	}
	return a
}

// same compares within a share of the largest value.
func same(t *testing.T, what string, got, want []float32, within float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	var top, off float64
	for i, w := range want {
		top = max(top, math.Abs(float64(w)))
		off = max(off, math.Abs(float64(got[i])-float64(w)))
	}
	if !(off <= within*top) {
		t.Errorf("%s is off by %.3g of its largest value, more than %g", what, off/top, within)
	}
}

func TestPEFTVectors(t *testing.T) {
	v := openVectors(t, filepath.Join(peftDir, "vectors.safetensors"))
	w := hfWeights(t, openVectors(t, filepath.Join(peftDir, "base/model.safetensors")), "")
	tokens, learn := v.ints("tokens"), v.ints("learn")[0]
	pool := kernel.NewPool(2)
	batch := &nn.Batch{}
	batch.Add(tokens, learn)

	t.Run("base", func(t *testing.T) {
		logits, err := nn.NewPass(peftShape, w, nil, pool).Logits(tokens)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the base's logits", logits, v.floats(t, "base.logits"), 1e-5)
	})

	t.Run("full gradients", func(t *testing.T) {
		g := &nn.Gradients{Weights: nn.Zeros(w)}
		sum, n, err := nn.NewPass(peftShape, w, nil, pool).Backward(batch, g, 1/float32(batch.Learned()))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the loss", []float32{float32(sum / float64(n))}, v.floats(t, "full.loss"), 1e-5)
		want, _ := hfWeights(t, v, "full.grad.").Params()
		got, _ := g.Weights.Params()
		for i := range want {
			same(t, "a gradient", got[i], want[i], 1e-4)
		}
	})

	trained, conf, err := ReadPEFT(filepath.Join(peftDir, "adapter"), peftShape)
	if err != nil {
		t.Fatal(err)
	}
	if conf.Rank != 4 || conf.Alpha != 12 || !conf.RSLoRA || trained.Scale != 6 {
		t.Errorf("the adapter's configuration is %+v, its scale %v", conf, trained.Scale)
	}
	t.Run("adapter", func(t *testing.T) {
		p := nn.NewPass(peftShape, w, trained, pool)
		logits, err := p.Logits(tokens)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the logits", logits, v.floats(t, "adapter.logits"), 1e-5)
		g := &nn.Gradients{Adapter: trained.Like()}
		if _, _, err := p.Backward(batch, g, 1/float32(batch.Learned())); err != nil {
			t.Fatal(err)
		}
		want := fromPEFT(t, v, "adapter.grad.", trained).Params()
		for i, got := range g.Adapter.Params() {
			same(t, "a gradient", got, want[i], 1e-4)
		}
	})

	// The same training, step by step: losses, and where it ends.
	t.Run("training", func(t *testing.T) {
		a := fromPEFT(t, v, "start.", trained)
		a.Scale = trained.Scale
		p, g, o := nn.NewPass(peftShape, w, a, pool), &nn.Gradients{Adapter: a.Like()}, nn.NewAdamW()
		o.Decay = 0.1
		for step, want := range v.floats(t, "losses") {
			sum, n, err := p.Backward(batch, g, 1/float32(batch.Learned()))
			if err != nil {
				t.Fatal(err)
			}
			if got := sum / float64(n); math.Abs(got-float64(want)) > 2e-3 {
				t.Errorf("step %d: loss %.5f, PEFT's %.5f", step, got, want)
			}
			o.Step(pool, a.Params(), g.Adapter.Params(), nil, 0.004)
		}
		logits, err := p.Logits(tokens)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the logits after training", logits, v.floats(t, "adapter.logits"), 2e-2)
	})
}

var peerOut = flag.String("peer-out", "", "write adapters trained here, and their logits, under this directory for .ci/peers peft")

// TestPeerAdapters trains adapters for PEFT to load.
func TestPeerAdapters(t *testing.T) {
	if *peerOut == "" {
		t.Skip("-peer-out is not set")
	}
	w := hfWeights(t, openVectors(t, filepath.Join(peftDir, "base/model.safetensors")), "")
	tokens := openVectors(t, filepath.Join(peftDir, "vectors.safetensors")).ints("tokens")
	for name, c := range map[string]lora.Config{
		"all":    {Rank: 4, Epochs: 30, LearningRate: 0.02},
		"rslora": {Rank: 3, Alpha: 5, RSLoRA: true, Epochs: 30, LearningRate: 0.02, Modules: []string{"q_proj", "v_proj"}},
		"mlp":    {Rank: 8, Dropout: 0.1, Epochs: 30, LearningRate: 0.02, Modules: []string{"gate_proj", "down_proj"}},
	} {
		c := c.WithDefaults()
		a, _, err := train.Run(t.Context(), &train.Spec{
			Model: peftShape, Weights: w, Base: "x", Job: lora.Job{Dir: t.TempDir(), Config: c},
			Train: []train.Sequence{{Tokens: tokens, Learn: 40}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		logits, err := nn.NewPass(peftShape, w, a, kernel.NewPool(2)).Logits(tokens)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(*peerOut, "ours", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var ids []byte
		for _, n := range tokens {
			ids = binary.LittleEndian.AppendUint32(ids, uint32(n))
		}
		var model, out bytes.Buffer
		conf, err := Config{Rank: c.Rank, Alpha: c.Alpha, RSLoRA: c.RSLoRA, Dropout: c.Dropout, Modules: c.Modules}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteModel(&model, peftShape, a, testBase); err != nil {
			t.Fatal(err)
		}
		if err := safetensors.Write(&out, []safetensors.Tensor{
			floats("logits", logits, len(tokens), peftShape.Vocab), {Name: "tokens", DType: "I32", Shape: []int{len(tokens)}, Data: ids},
		}, nil); err != nil {
			t.Fatal(err)
		}
		for file, data := range map[string][]byte{ConfigName: conf, ModelName: model.Bytes(), "logits.safetensors": out.Bytes()} {
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
