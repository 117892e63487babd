package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/pastime-go/pastime/lora/llama/internal/checkpoint"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"github.com/pastime-go/pastime/lora/llama/internal/tokenizer"
)

// The recipe.
const (
	contextLength = 1024
	defaultSteps  = 3000
	batchSize     = 80 // examples in a step
	warmup        = 100
	peakRate      = 3e-3
	lastRate      = 0.02 // of the peak
	ropeTheta     = 10_000
	normEps       = 1e-5
)

// model is the base while it is trained.
type model struct {
	tok    *tokenizer.Tokenizer
	config nn.Config
	weight *nn.Weights
	params [][]float32
	decay  []bool
	grads  *nn.Weights
	pass   *nn.Pass
	pool   *kernel.Pool
	opt    *nn.AdamW
	loss   float64 // per learned token, a moving average
	tokens int
}

func newModel(tok *tokenizer.Tokenizer, seed uint64, threads int) *model {
	m := &model{tok: tok, pool: kernel.NewPool(threads), opt: nn.NewAdamW()}
	m.opt.Beta2, m.opt.Decay = 0.99, 0.05
	m.config = nn.Config{
		Vocab: tok.Size(), Dim: 128, Layers: 4, Heads: 4, KVHeads: 2, HeadDim: 32, FFN: 352,
		Context: contextLength, Eps: normEps, RopeTheta: ropeTheta,
	}
	m.weight = initial(&m.config, rand.New(rand.NewPCG(seed, 2)))
	m.grads = nn.Zeros(m.weight)
	m.params, m.decay = m.weight.Params()
	m.pass = nn.NewPass(&m.config, m.weight, nil, m.pool)
	return m
}

// initial draws the first weights: normal, scaled by the inputs of a layer, and
// smaller where a block adds to the stream.
func initial(c *nn.Config, r *rand.Rand) *nn.Weights {
	matrix := func(rows, cols int, sd float64) tensor.Matrix {
		v := make([]float32, rows*cols)
		for i := range v {
			v[i] = float32(r.NormFloat64() * sd)
		}
		return tensor.FromFloats(rows, cols, v)
	}
	ones := func() []float32 {
		v := make([]float32, c.Dim)
		for i := range v {
			v[i] = 1
		}
		return v
	}
	w := &nn.Weights{Embed: matrix(c.Vocab, c.Dim, 0.02), Norm: ones(), Layers: make([]nn.Layer, c.Layers)}
	w.Head = w.Embed
	for l := range w.Layers {
		layer := &w.Layers[l]
		layer.AttnNorm, layer.FFNNorm = ones(), ones()
		for m := range nn.Modules {
			out, in := c.Shape(m)
			sd := 0.6 / math.Sqrt(float64(in))
			if m == nn.O || m == nn.Down {
				sd /= math.Sqrt(2 * float64(c.Layers))
			}
			*layer.Linear(m) = matrix(out, in, sd)
		}
	}
	return w
}

func (m *model) size() int {
	n := 0
	for _, p := range m.params {
		n += len(p)
	}
	return n
}

// encode is an example as tokens, and where the answer begins.
func (m *model) encode(e *example) (tokens []int, answer int, err error) {
	prompt, text, err := e.text()
	if err != nil {
		return nil, 0, err
	}
	tokens = m.tok.Encode(prompt, true)
	return append(tokens, m.tok.Encode(text+special[0], true)...), len(tokens), nil
}

// step trains on one batch.
func (m *model) step(data *source, total int) error {
	var b nn.Batch
	if data.also = nil; m.opt.Steps >= total*4/5 {
		data.also = late
	}
	for range batchSize {
		e, err := data.next()
		if err != nil {
			return err
		}
		tokens, answer, err := m.encode(&e)
		if err != nil {
			return err
		}
		b.Add(tokens, answer)
	}
	learned := b.Learned()
	sum, n, err := m.pass.Backward(&b, &nn.Gradients{Weights: m.grads}, 1/float32(learned))
	if err != nil {
		return err
	}
	grads, _ := m.grads.Params()
	rate := nn.Rate(m.opt.Steps, total, warmup, peakRate, lastRate)
	if norm := m.opt.Step(m.pool, m.params, grads, m.decay, rate); math.IsNaN(norm) || math.IsInf(norm, 0) {
		return fmt.Errorf("step %d: the gradients' norm is %v", m.opt.Steps, norm)
	}
	m.tokens += len(b.Tokens)
	loss := sum / float64(n)
	if m.loss == 0 {
		m.loss = loss
	}
	m.loss += 0.02 * (loss - m.loss)
	return nil
}

// configJSON is config.json.
func (m *model) configJSON() ([]byte, error) {
	c := &m.config
	return json.MarshalIndent(map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "hidden_act": "silu", "torch_dtype": "bfloat16",
		"vocab_size": c.Vocab, "hidden_size": c.Dim, "num_hidden_layers": c.Layers, "num_attention_heads": c.Heads,
		"num_key_value_heads": c.KVHeads, "head_dim": c.HeadDim, "intermediate_size": c.FFN, "max_position_embeddings": c.Context,
		"rms_norm_eps": normEps, "rope_theta": ropeTheta, "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false,
		"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0,
	}, "", " ")
}

// weights is model.safetensors, in bfloat16.
func (m *model) weights() ([]byte, error) {
	var b bytes.Buffer
	err := checkpoint.WriteWeights(&b, m.weight, tensor.BF16)
	return b.Bytes(), err
}
