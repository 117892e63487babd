package adapter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"github.com/pastime-go/pastime/lora/llama/internal/train"
)

// TestPeerGGUF trains adapters and writes them for llama.cpp, with their base and
// the logits that we compute, for .ci/peers peft.
func TestPeerGGUF(t *testing.T) {
	if *peerOut == "" {
		t.Skip("-peer-out is not set")
	}
	c := *peftShape
	c.RopeScaling = nil // a matter of the base's file, which is not tested here
	w := hfWeights(t, openVectors(t, filepath.Join(peftDir, "base/model.safetensors")), "")
	tokens := openVectors(t, filepath.Join(peftDir, "vectors.safetensors")).ints("tokens")
	dir := filepath.Join(*peerOut, "gguf")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("base.gguf", baseGGUF(t, &c, w))
	logits := map[string][]float32{}
	compute := func(name string, a *nn.Adapter) {
		var err error
		if logits[name], err = nn.NewPass(&c, w, a, kernel.NewPool(2)).Logits(tokens); err != nil {
			t.Fatal(err)
		}
	}
	compute("", nil)
	for name, conf := range map[string]lora.Config{
		"all.gguf":    {Rank: 4, Epochs: 30, LearningRate: 0.02},
		"rslora.gguf": {Rank: 3, Alpha: 5, RSLoRA: true, Epochs: 30, LearningRate: 0.02, Modules: []string{"q_proj", "k_proj", "up_proj"}},
	} {
		a, _, err := train.Run(t.Context(), &train.Spec{
			Model: &c, Weights: w, Base: "x", Job: lora.Job{Dir: t.TempDir(), Config: conf.WithDefaults()},
			Train: []train.Sequence{{Tokens: tokens, Learn: 40}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := WriteGGUF(&b, &c, a, testBase); err != nil {
			t.Fatal(err)
		}
		write(name, b.Bytes())
		compute(name, a)
	}
	text, err := json.Marshal(map[string]any{"tokens": tokens, "vocab": c.Vocab, "logits": logits})
	if err != nil {
		t.Fatal(err)
	}
	write("expected.json", text)
}

// baseGGUF is a base as llama.cpp reads it.
func baseGGUF(t *testing.T, c *nn.Config, w *nn.Weights) []byte {
	t.Helper()
	var words []string
	var types []int32
	for i := range c.Vocab {
		words, types = append(words, fmt.Sprintf("t%d", i)), append(types, 1)
	}
	words[10], words[11], words[12] = "a", "b", "ab"
	types[1], types[2] = 3, 3
	vector := func(name string, v []float32) gguf.Tensor {
		x := gguf.FromMatrix(name, tensor.FromFloats(1, len(v), v))
		x.Shape = x.Shape[1:]
		return x
	}
	tensors := []gguf.Tensor{
		gguf.FromMatrix("token_embd.weight", w.Embed), gguf.FromMatrix("output.weight", w.Head), vector("output_norm.weight", w.Norm),
	}
	for l := range w.Layers {
		at := fmt.Sprintf("blk.%d.", l)
		tensors = append(tensors, vector(at+"attn_norm.weight", w.Layers[l].AttnNorm), vector(at+"ffn_norm.weight", w.Layers[l].FFNNorm))
		for m := range nn.Modules {
			x := *w.Layers[l].Linear(m)
			if heads := rotated(c, m); heads > 0 {
				v := make([]float32, x.Rows*x.Cols)
				permute(v, x.Floats(), heads, x.Rows/heads, x.Cols)
				x = tensor.FromFloats(x.Rows, x.Cols, v)
			}
			tensors = append(tensors, gguf.FromMatrix(at+ggufNames[m]+".weight", x))
		}
	}
	var b bytes.Buffer
	if err := gguf.Write(&b, []gguf.KV{
		{Key: "general.architecture", Value: "llama"}, {Key: "general.name", Value: "A small random Llama"},
		{Key: "llama.block_count", Value: uint32(c.Layers)}, {Key: "llama.embedding_length", Value: uint32(c.Dim)},
		{Key: "llama.feed_forward_length", Value: uint32(c.FFN)}, {Key: "llama.context_length", Value: uint32(c.Context)},
		{Key: "llama.attention.head_count", Value: uint32(c.Heads)}, {Key: "llama.attention.head_count_kv", Value: uint32(c.KVHeads)},
		{Key: "llama.attention.key_length", Value: uint32(c.HeadDim)}, {Key: "llama.attention.value_length", Value: uint32(c.HeadDim)},
		{Key: "llama.rope.dimension_count", Value: uint32(c.HeadDim)}, {Key: "llama.rope.freq_base", Value: float32(c.RopeTheta)},
		{Key: "llama.attention.layer_norm_rms_epsilon", Value: c.Eps}, {Key: "llama.vocab_size", Value: uint32(c.Vocab)},
		{Key: "tokenizer.ggml.model", Value: "gpt2"}, {Key: "tokenizer.ggml.pre", Value: "smollm"},
		{Key: "tokenizer.ggml.tokens", Value: words}, {Key: "tokenizer.ggml.token_type", Value: types},
		{Key: "tokenizer.ggml.merges", Value: []string{"a b"}},
		{Key: "tokenizer.ggml.bos_token_id", Value: uint32(1)}, {Key: "tokenizer.ggml.eos_token_id", Value: uint32(2)},
	}, tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
