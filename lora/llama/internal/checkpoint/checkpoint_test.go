package checkpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// shape is a model's that is small but has all that matters: shared keys, a
// width that is not heads times their size, and the tokenizer of testdata.
var shape = nn.Config{
	Vocab: 1504, Dim: 32, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 16, FFN: 64, Context: 128, Eps: 1e-5, RopeTheta: 100000,
	RopeScaling: &nn.RopeScaling{Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalContext: 8192},
}

const vocabulary = "../tokenizer/testdata/smollm2.json"

// stored is a model as files have it, by the names of Hugging Face.
type stored struct {
	config    map[string]any
	tensors   map[string]tensor.Matrix
	noFactors bool // leaves Llama 3.1's factors out of GGUF
}

func newStored(tied bool) *stored {
	rng := rand.New(rand.NewPCG(3, 4))
	s := &stored{
		config: map[string]any{
			"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "hidden_act": "silu",
			"vocab_size": shape.Vocab, "hidden_size": shape.Dim, "intermediate_size": shape.FFN, "num_hidden_layers": shape.Layers,
			"num_attention_heads": shape.Heads, "num_key_value_heads": shape.KVHeads, "head_dim": shape.HeadDim,
			"max_position_embeddings": shape.Context, "rms_norm_eps": shape.Eps, "rope_theta": shape.RopeTheta,
			"rope_scaling": map[string]any{"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
				"original_max_position_embeddings": 8192},
			"tie_word_embeddings": tied, "bos_token_id": 1, "eos_token_id": []int{2},
		},
		tensors: map[string]tensor.Matrix{},
	}
	add := func(name string, rows, cols int) {
		v := make([]float32, rows*cols)
		for i := range v {
			v[i] = rng.Float32() - 0.5
		}
		s.tensors[name] = tensor.FromFloats(rows, cols, v)
	}
	q, kv := shape.Heads*shape.HeadDim, shape.KVHeads*shape.HeadDim
	n := dirNames
	add(n.embed, shape.Vocab, shape.Dim)
	if !tied {
		add(n.head, shape.Vocab, shape.Dim)
	}
	add(n.norm, 1, shape.Dim)
	for i := range shape.Layers {
		for name, d := range map[string][2]int{
			n.attnNorm: {1, shape.Dim}, n.ffnNorm: {1, shape.Dim}, n.q: {q, shape.Dim}, n.k: {kv, shape.Dim}, n.v: {kv, shape.Dim},
			n.o: {shape.Dim, q}, n.gate: {shape.FFN, shape.Dim}, n.up: {shape.FFN, shape.Dim}, n.down: {shape.Dim, shape.FFN},
		} {
			add(fmt.Sprintf(name, i), d[0], d[1])
		}
	}
	return s
}

// dir writes the model as a directory, its tensors in files shards.
func (s *stored) dir(t testing.TB, shards int) string {
	t.Helper()
	dir := t.TempDir()
	vocab, err := os.ReadFile(vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, tokenizerFile, vocab)
	write(t, dir, configFile, asJSON(t, s.config))
	write(t, dir, tokenizerSetup, []byte(`{"bos_token":"<|im_start|>","eos_token":{"content":"<|im_end|>"},"chat_template":"{% for `+
		`m in messages %}{{ bos_token + m.content + eos_token }}{% endfor %}"}`))
	write(t, dir, generationFile, []byte(`{"eos_token_id":[0,2]}`))
	index := map[string]string{}
	files := make([][]safetensors.Tensor, shards)
	for i, name := range slices.Sorted(maps.Keys(s.tensors)) {
		m := s.tensors[name]
		x := safetensors.Tensor{Name: name, DType: "F32", Shape: []int{m.Rows, m.Cols}, Data: m.Data}
		if m.Rows == 1 {
			x.Shape = x.Shape[1:]
		}
		files[i%shards] = append(files[i%shards], x)
		index[name] = fmt.Sprintf("part-%d.safetensors", i%shards)
	}
	for i, f := range files {
		var b bytes.Buffer
		if err := safetensors.Write(&b, f, nil); err != nil {
			t.Fatal(err)
		}
		name := weightsFile
		if shards > 1 {
			name = fmt.Sprintf("part-%d.safetensors", i)
		}
		write(t, dir, name, b.Bytes())
	}
	if shards > 1 {
		write(t, dir, indexFile, asJSON(t, map[string]any{"weight_map": index}))
	}
	return dir
}

func write(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// kvs are the model's metadata in GGUF.
func (s *stored) kvs(t testing.TB) []gguf.KV {
	t.Helper()
	data, err := os.ReadFile(vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Model struct {
			Vocab  map[string]int
			Merges [][]string
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	tokens, types, merges := make([]string, len(file.Model.Vocab)), make([]int32, len(file.Model.Vocab)), []string{}
	for text, id := range file.Model.Vocab {
		tokens[id], types[id] = text, 1
		if id < 3 {
			types[id] = 3
		}
	}
	for _, m := range file.Model.Merges {
		merges = append(merges, strings.Join(m, " "))
	}
	return []gguf.KV{
		{Key: "general.architecture", Value: "llama"}, {Key: "general.name", Value: "Small one"},
		{Key: "llama.block_count", Value: uint32(shape.Layers)}, {Key: "llama.embedding_length", Value: uint32(shape.Dim)},
		{Key: "llama.feed_forward_length", Value: uint32(shape.FFN)}, {Key: "llama.context_length", Value: uint32(shape.Context)},
		{Key: "llama.attention.head_count", Value: uint32(shape.Heads)}, {Key: "llama.attention.head_count_kv", Value: uint32(shape.KVHeads)},
		{Key: "llama.attention.key_length", Value: uint32(shape.HeadDim)}, {Key: "llama.attention.value_length", Value: uint32(shape.HeadDim)},
		{Key: "llama.rope.dimension_count", Value: uint32(shape.HeadDim)}, {Key: "llama.rope.freq_base", Value: float32(shape.RopeTheta)},
		{Key: "llama.attention.layer_norm_rms_epsilon", Value: shape.Eps},
		{Key: "tokenizer.ggml.model", Value: "gpt2"}, {Key: "tokenizer.ggml.pre", Value: "smollm"},
		{Key: "tokenizer.ggml.tokens", Value: tokens}, {Key: "tokenizer.ggml.token_type", Value: types}, {Key: "tokenizer.ggml.merges",
			Value: merges},
		{Key: "tokenizer.ggml.bos_token_id", Value: uint32(1)}, {Key: "tokenizer.ggml.eos_token_id", Value: uint32(2)},
		{Key: "tokenizer.chat_template", Value: "{% for m in messages %}{{ bos_token + m.content + eos_token }}{% endfor %}"},
	}
}

// gguf writes the model as a file: the rows of queries and keys in pairs, as
// llama.cpp's converter does it.
func (s *stored) gguf(t testing.TB, kvs []gguf.KV) string {
	t.Helper()
	var tensors []gguf.Tensor
	add := func(name string, m tensor.Matrix) {
		x := gguf.FromMatrix(name, m)
		if m.Rows == 1 {
			x.Shape = x.Shape[1:]
		}
		tensors = append(tensors, x)
	}
	paired := func(m tensor.Matrix) tensor.Matrix {
		old := m.Floats()
		v := make([]float32, len(old))
		hd := shape.HeadDim
		for h := range m.Rows / hd {
			for p := range 2 {
				for j := range hd / 2 {
					copy(v[(h*hd+2*j+p)*m.Cols:][:m.Cols], old[(h*hd+p*hd/2+j)*m.Cols:])
				}
			}
		}
		return tensor.FromFloats(m.Rows, m.Cols, v)
	}
	d, g := dirNames, ggufNames
	add(g.embed, s.tensors[d.embed])
	if m, ok := s.tensors[d.head]; ok {
		add(g.head, m)
	}
	add(g.norm, s.tensors[d.norm])
	if !s.noFactors {
		add(ropeFactors, tensor.FromFloats(1, shape.HeadDim/2, s.factors()))
	}
	for i := range shape.Layers {
		for to, from := range map[string]string{
			g.attnNorm: d.attnNorm, g.ffnNorm: d.ffnNorm, g.q: d.q, g.k: d.k, g.v: d.v, g.o: d.o, g.gate: d.gate, g.up: d.up, g.down: d.down,
		} {
			m := s.tensors[fmt.Sprintf(from, i)]
			if to == g.q || to == g.k {
				m = paired(m)
			}
			add(fmt.Sprintf(to, i), m)
		}
	}
	slices.SortFunc(tensors, func(a, b gguf.Tensor) int { return strings.Compare(a.Name, b.Name) })
	var b bytes.Buffer
	if err := gguf.Write(&b, kvs, tensors); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "small.gguf", b.Bytes())
	return filepath.Join(dir, "small.gguf")
}

func (s *stored) factors() []float32 {
	f := make([]float32, shape.HeadDim/2)
	for j := range f {
		f[j] = float32(llama3Factor(shape.RopeScaling, shape.RopeTheta, float64(j)/float64(len(f))))
	}
	return f
}

func floats(m tensor.Matrix) []float32 {
	v := make([]float32, m.Rows*m.Cols)
	for r := range m.Rows {
		m.Dequantize(v[r*m.Cols:(r+1)*m.Cols], r, 0)
	}
	return v
}

// All forms of a model are the same model.
func TestForms(t *testing.T) {
	for _, tied := range []bool{true, false} {
		s := newStored(tied)
		for name, path := range map[string]string{
			"directory": s.dir(t, 1), "shards": s.dir(t, 3), "gguf": s.gguf(t, s.kvs(t)),
		} {
			t.Run(fmt.Sprintf("%s, tied %v", name, tied), func(t *testing.T) {
				c, err := Open(context.Background(), path)
				if err != nil {
					t.Fatal(err)
				}
				s.compare(t, c, tied)
				of, err := Measure(path)
				config, allocated := of.Config, of.Allocated
				if of.Quantised != c.Weights.Quantised() {
					t.Errorf("measured that it is quantised: %v", of.Quantised)
				}
				if err != nil || allocated != c.Allocated || allocated == 0 {
					t.Errorf("measured %d bytes, %v; it takes %d", allocated, err, c.Allocated)
				}
				if name == "directory" {
					f, err := OpenFS(t.Context(), os.DirFS(path), name)
					if info, _ := os.Stat(filepath.Join(path, weightsFile)); err != nil || f.Allocated != allocated+info.Size() {
						t.Errorf("from a file system it takes %d bytes (%v), mapped %d", f.Allocated, err, allocated)
					}
				}
				if diff := cmp.Diff(c.Config, config); diff != "" {
					t.Error(diff)
				}
				for range 2 {
					if err := c.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}

// Quantised rows of heads are turned as floats are, and take no memory.
func TestHalves(t *testing.T) {
	const head, rows, cols = 6, 12, 32
	values, q := make([]float32, rows*cols), tensor.Matrix{Type: tensor.Q8_0, Rows: rows, Cols: cols}
	for row := range rows {
		q.Data = append(q.Data, 0, 0x3c) // a scale of 1
		for col := range cols {
			values[row*cols+col] = float32(row - col)
			q.Data = append(q.Data, byte(row-col))
		}
	}
	l := loader{pairs: true}
	got := floats(l.halves(q, head))
	if l.allocated != 0 {
		t.Errorf("%d bytes are allocated", l.allocated)
	}
	if want := floats(l.halves(tensor.FromFloats(rows, cols, values), head)); !slices.Equal(got, want) || slices.Equal(got, values) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A scale that is no finite number is refused, where it is read and not only planned.
func TestScales(t *testing.T) {
	m := tensor.Matrix{Type: tensor.Q8_0, Rows: 2, Cols: 64, Data: make([]byte, 4*34)}
	m.Data[2*34+1] = 0x7c // of the third block
	l := loader{used: map[string]bool{}, plan: true, matrix: func(string) (tensor.Matrix, bool, error) { return m, true, nil }}
	if l.linear("odd", 2, 64); l.err != nil {
		t.Error(l.err)
	}
	l.plan = false
	if l.linear("odd", 2, 64); l.err == nil || !strings.Contains(l.err.Error(), `"odd" has a scale in block 2 `) {
		t.Errorf("got %v", l.err)
	}
}

func (s *stored) compare(t *testing.T, c *Checkpoint, tied bool) {
	t.Helper()
	if diff := cmp.Diff(shape, c.Config); diff != "" {
		t.Fatal(diff)
	}
	n := dirNames
	head := n.head
	if tied {
		head = n.embed
	}
	same := func(name string, got []float32) {
		t.Helper()
		m := s.tensors[name]
		if !slices.Equal(got, m.Floats()) {
			t.Errorf("%s differs", name)
		}
	}
	same(n.embed, floats(c.Weights.Embed))
	same(head, floats(c.Weights.Head))
	same(n.norm, c.Weights.Norm)
	if len(c.Weights.Layers) != shape.Layers {
		t.Fatalf("%d layers", len(c.Weights.Layers))
	}
	for i, l := range c.Weights.Layers {
		same(fmt.Sprintf(n.attnNorm, i), l.AttnNorm)
		same(fmt.Sprintf(n.ffnNorm, i), l.FFNNorm)
		for name, m := range map[string]tensor.Matrix{n.q: l.Q, n.k: l.K, n.v: l.V, n.o: l.O, n.gate: l.Gate, n.up: l.Up, n.down: l.Down} {
			same(fmt.Sprintf(name, i), floats(m))
		}
	}
	if c.Tokenizer.BOS() != 1 || !slices.Equal(c.Tokenizer.EOS(), []int{0, 2}) || c.Tokenizer.AddBOS() {
		t.Errorf("texts begin with %d (%v) and end with %v", c.Tokenizer.BOS(), c.Tokenizer.AddBOS(), c.Tokenizer.EOS())
	}
	text, err := c.Template.Render([]hobby.Message{{Role: hobby.RoleUser, Content: "hi"}}, nil, false)
	if err != nil || text != "<|im_start|>hi<|im_end|>" {
		t.Errorf("rendered %q, %v", text, err)
	}
	if c.Name == "" || len(c.Digest) != 64 {
		t.Errorf("name %q, digest %q", c.Name, c.Digest)
	}
}

// The digest is the content's: of any byte that decides something, and not of
// the place.
func TestDigest(t *testing.T) {
	s := newStored(true)
	path := s.dir(t, 2)
	hash := func(path string) string {
		t.Helper()
		c, err := Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.Digest
	}
	seen := map[string]string{hash(path): "the first"}
	if hash(s.dir(t, 2)) != hash(path) {
		t.Error("a copy has another digest")
	}
	for name, change := range map[string]func(){
		"weights":  func() { s.tensors[fmt.Sprintf(dirNames.down, 1)].Data[0] ^= 1; path = s.dir(t, 2) },
		"config":   func() { s.config["rms_norm_eps"] = 1e-6; path = s.dir(t, 2) },
		"template": func() { write(t, path, templateFile, []byte("x")) },
	} {
		change()
		d := hash(path)
		if was, ok := seen[d]; ok {
			t.Errorf("%s and %s have the same digest", name, was)
		}
		seen[d] = name
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("stop")
	cancel(stop)
	if _, err := Open(ctx, path); !errors.Is(err, stop) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestDirRefuses(t *testing.T) {
	set := func(key string, v any) func(*stored, string) {
		return func(s *stored, dir string) {
			c := maps.Clone(s.config)
			c[key] = v
			data, _ := json.Marshal(c)
			_ = os.WriteFile(filepath.Join(dir, configFile), data, 0o600)
		}
	}
	file := func(name, text string) func(*stored, string) {
		return func(_ *stored, dir string) { _ = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	}
	aside := func(name, text string) func(*stored, string) {
		return func(_ *stored, dir string) {
			_ = os.Remove(filepath.Join(dir, weightsFile))
			_ = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
		}
	}
	remove := func(name string) func(*stored, string) {
		return func(_ *stored, dir string) { _ = os.Remove(filepath.Join(dir, name)) }
	}
	s := newStored(true)
	for name, c := range map[string]struct {
		change func(*stored, string)
		want   string
	}{
		"architecture":    {set("model_type", "qwen2"), `model_type is "qwen2"`},
		"class":           {set("architectures", []string{"LlamaForSequenceClassification"}), "LlamaForCausalLM are supported"},
		"activation":      {set("hidden_act", "gelu"), `hidden_act is "gelu"; silu is supported`},
		"biases":          {set("attention_bias", true), "models without biases"},
		"quantised":       {set("quantization_config", map[string]any{"quant_method": "gptq"}), "quantization_config"},
		"scaling":         {set("rope_scaling", map[string]any{"type": "yarn"}), `"yarn"; default, linear and llama3`},
		"linear by half":  {set("rope_scaling", map[string]any{"type": "linear", "factor": 0.5}), "rotary scaling"},
		"bad scaling":     {set("rope_scaling", map[string]any{"rope_type": "llama3"}), "rotary scaling"},
		"no heads":        {set("num_attention_heads", 0), "number of heads is 0"},
		"shared unevenly": {set("num_key_value_heads", 3), "4 heads share 3 keys"},
		"negative":        {set("vocab_size", -1), "vocabulary is -1"},
		"huge":            {set("max_position_embeddings", 1<<40), "context is 1099511627776"},
		"huge heads":      {set("head_dim", 1<<23), "heads of 8388608"},
		"odd heads":       {set("head_dim", 15), "an even number"},
		"epsilon":         {set("rms_norm_eps", 7), "epsilon is 7"},
		"rotary base":     {set("rope_theta", 0), "rotary base is 0"},
		"more layers":     {set("num_hidden_layers", 3), `tensor "model.layers.2.input_layernorm.weight" is missing`},
		"fewer layers":    {set("num_hidden_layers", 1), `tensor "model.layers.1.input_layernorm.weight" has no place`},
		"other width":     {set("intermediate_size", 96), "is [64,32]; the configuration makes it [96,32]"},
		"not tied":        {set("tie_word_embeddings", false), `tensor "lm_head.weight" is missing`},
		"ends":            {set("eos_token_id", []int{9999}), "token 9999"},
		"no number":       {set("eos_token_id", "two"), "config.json"},
		"no config":       {remove(configFile), "config.json was expected"},
		"no tokenizer":    {remove(tokenizerFile), "tokenizer.json was expected"},
		"no weights":      {remove(weightsFile), "model.safetensors or"},
		"config cut":      {file(configFile, `{"a":`), "config.json: offset 5"},
		"tokenizer":       {file(tokenizerFile, `{`), "tokenizer.json: offset 1"},
		"large tokenizer": {set("vocab_size", 100), "is [1504,32]"},
		"setup":           {file(tokenizerSetup, `[]`), tokenizerSetup},
		"generation":      {file(generationFile, `[]`), generationFile},
		"weights cut":     {file(weightsFile, "short"), "model.safetensors: offset 0"},
		"traversal":       {aside(indexFile, `{"weight_map":{"a":"../x"}}`), "beside the index"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := s.dir(t, 1)
			c.change(s, dir)
			m, err := Open(context.Background(), dir)
			if err == nil {
				m.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "checkpoint: "+dir) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestGGUFRefuses(t *testing.T) {
	s := newStored(true)
	for name, c := range map[string]struct {
		key   string
		value any
		want  string
	}{
		"architecture": {"general.architecture", "qwen2", `general.architecture is "qwen2"; llama is supported`},
		"adapter":      {"general.type", "adapter", "a model was expected"},
		"split":        {"split.count", uint16(3), "split.count is 3; merge its files into one: llama-gguf-split --merge"},
		"both scaled":  {"llama.rope.scaling.factor", float32(4), "beside"},
		"experts":      {"llama.expert_count", uint32(8), "without experts"},
		"no layers":    {"llama.block_count", nil, `"llama.block_count" was expected`},
		"wrong type":   {"llama.block_count", "two", `metadata "llama.block_count" is a string`},
		"no epsilon":   {"llama.attention.layer_norm_rms_epsilon", nil, "layer_norm_rms_epsilon"},
		"half turned":  {"llama.rope.dimension_count", uint32(8), "rotations of 8"},
		"scaling":      {"llama.rope.scaling.type", "yarn", `"yarn"`},
		"factors":      {"llama.rope.freq_base", float32(500), "Llama 3.1's scaling by 8"},
		"tokenizer":    {"tokenizer.ggml.model", "bert", `"bert"; gpt2 and llama`},
		"pre":          {"tokenizer.ggml.pre", "qwen2", `"qwen2"; gpt-2, llama-bpe and smollm`},
		"tokens":       {"tokenizer.ggml.tokens", nil, "a vocabulary of 0 tokens"},
		"end":          {"tokenizer.ggml.eos_token_id", uint32(1 << 31), "token 2147483648"},
	} {
		t.Run(name, func(t *testing.T) {
			kvs := slices.DeleteFunc(s.kvs(t), func(kv gguf.KV) bool { return kv.Key == c.key })
			if c.value != nil {
				kvs = append(kvs, gguf.KV{Key: c.key, Value: c.value})
			}
			path := s.gguf(t, kvs)
			m, err := Open(context.Background(), path)
			if err == nil {
				m.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "checkpoint: "+path) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}

// TestLinearScaling opens the spellings that llama.cpp and transformers know.
func TestLinearScaling(t *testing.T) {
	s := newStored(true)
	want := shape
	want.RopeScaling = &nn.RopeScaling{Factor: 4}
	plain := shape
	plain.RopeScaling = nil
	check := func(name, path string, want nn.Config) {
		t.Helper()
		of, err := Measure(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, of.Config); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	s.noFactors = true
	factor := gguf.KV{Key: "llama.rope.scaling.factor", Value: float32(4)}
	for name, c := range map[string]struct {
		kvs  []gguf.KV
		want nn.Config
	}{
		"a factor":          {[]gguf.KV{factor}, want},
		"the old key":       {[]gguf.KV{{Key: "llama.rope.scale_linear", Value: float32(4)}}, want},
		"linear":            {[]gguf.KV{factor, {Key: "llama.rope.scaling.type", Value: "linear"}}, want},
		"none":              {[]gguf.KV{factor, {Key: "llama.rope.scaling.type", Value: "none"}}, plain},
		"linear, no factor": {[]gguf.KV{{Key: "llama.rope.scaling.type", Value: "linear"}}, plain},
		"a factor of 1":     {[]gguf.KV{{Key: "llama.rope.scaling.factor", Value: float32(1)}}, plain},
	} {
		check(name, s.gguf(t, append(s.kvs(t), c.kvs...)), c.want)
	}
	for _, key := range []string{"type", "rope_type"} {
		s.config["rope_scaling"] = map[string]any{key: "linear", "factor": 4}
		check(key, s.dir(t, 1), want)
	}
}

// TestOwnHead: a head of its own counts, whatever the configuration says of it.
func TestOwnHead(t *testing.T) {
	s := newStored(false)
	s.config["tie_word_embeddings"] = true
	path := s.dir(t, 1)
	c, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.compare(t, c, false)
	if c.Weights.Tied() {
		t.Error("the head is the embedding")
	}
	s.tensors[dirNames.head] = s.tensors[dirNames.embed]
	same, err := Open(t.Context(), s.dir(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer same.Close()
	s.compare(t, same, true)
	if !same.Weights.Tied() {
		t.Error("a copy of the embedding is a head of its own")
	}
}

// TestPythonsNumbers: Python writes NaN and Infinity into JSON.
func TestPythonsNumbers(t *testing.T) {
	s := newStored(true)
	dir := s.dir(t, 1)
	config := asJSON(t, s.config)
	with := func(data []byte, member string) []byte { return append([]byte("{"+member+","), data[1:]...) }
	write(t, dir, configFile, with(config, `"limits":[-Infinity,Infinity, NaN],"say":"\"NaN, Infinity"`))
	write(t, dir, generationFile, []byte(`{"temperature":NaN,"eos_token_id":[0,2]}`))
	c, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.compare(t, c, true)
	if _, err := FilesF32(c.Files); err != nil {
		t.Error(err)
	}
	write(t, dir, configFile, with(bytes.Replace(config, []byte(`"rope_theta":100000`), []byte(`"x":0`), 1), `"rope_theta":Infinity`))
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "rope_theta") {
		t.Errorf("an infinite number that counts: %v", err)
	}
}

// TestTemplates: a model opens whose template is refused, and has one for tools.
func TestTemplates(t *testing.T) {
	s := newStored(true)
	bad := s.dir(t, 1)
	write(t, bad, templateFile, []byte("{% for %}"))
	several := s.dir(t, 1)
	write(t, several, tokenizerSetup, []byte(`{"bos_token":"<|im_start|>","eos_token":"<|im_end|>",
		"chat_template":[{"name":"tool_use","template":"tools {{ tools[0].function.name }}"},{"name":"default","template":"plain"}]}`))
	withTools := append(s.kvs(t), gguf.KV{Key: "tokenizer.chat_template.tool_use", Value: "tools {{ tools[0].function.name }}"})
	withBad := slices.DeleteFunc(s.kvs(t), func(kv gguf.KV) bool { return kv.Key == "tokenizer.chat_template" })
	withBad = append(withBad, gguf.KV{Key: "tokenizer.chat_template", Value: "{% if %}"})
	for _, c := range []struct{ path, plain, tools, err string }{
		{path: bad, err: templateFile + ": chat: "},
		{path: several, plain: "plain", tools: "tools add"},
		{path: s.gguf(t, withTools), plain: "<|im_start|>hi<|im_end|>", tools: "tools add"},
		{path: s.gguf(t, withBad), err: `metadata "tokenizer.chat_template": chat: `},
	} {
		m, err := Open(t.Context(), c.path)
		if err != nil {
			t.Fatal(err)
		}
		hi := []hobby.Message{{Role: hobby.RoleUser, Content: "hi"}}
		plain, err := m.Template.Render(hi, nil, false)
		tools, err2 := m.Template.Render(hi, []hobby.Tool{{Name: "add"}}, false)
		if d := cmp.Diff([]string{c.plain, c.tools}, []string{plain, tools}); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.path, d)
		}
		for _, err := range []error{err, err2} {
			if (err != nil) != (c.err != "") || err != nil && !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", c.path, err, c.err)
			}
		}
		if other, err := m.Template.Replaced("{{ bos_token }}."); err != nil {
			t.Error(err)
		} else if text, err := other.Render(hi, nil, false); err != nil || text != "<|im_start|>." {
			t.Errorf("another template: %q, %v", text, err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestBothWeights: one file is taken before an index, as transformers does.
func TestBothWeights(t *testing.T) {
	s := newStored(true)
	dir := s.dir(t, 1)
	write(t, dir, indexFile, []byte(`{"weight_map":{"a":"none.safetensors"}}`))
	c, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.compare(t, c, true)
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "x.bin", []byte("PK\x03\x04 something"))
	write(t, dir, "lfs.gguf", []byte("version https://git-lfs.github.com/spec/v1\n"))
	write(t, dir, "empty.gguf", nil)
	adapter := t.TempDir()
	write(t, adapter, "adapter_config.json", []byte("{}"))
	for path, want := range map[string]string{
		filepath.Join(dir, "x.bin"):      `begins with "PK\x03\x04 something"; a GGUF file or a directory`,
		filepath.Join(dir, "none"):       "no such file",
		filepath.Join(dir, "lfs.gguf"):   "a pointer of Git LFS",
		filepath.Join(dir, "empty.gguf"): "is empty",
		adapter:                          "it is an adapter",
		dir:                              "config.json was expected",
	} {
		if _, err := Open(context.Background(), path); err == nil || !strings.Contains(err.Error(), want) && want != "no such file" {
			t.Errorf("%s: %v, want %q in it", path, err, want)
		}
		if _, err := Measure(path); err == nil {
			t.Errorf("%s was measured", path)
		}
	}
}

// Settings that pass describe a model whose numbers can be multiplied.
func FuzzSettings(f *testing.F) {
	f.Add(asJSON(f, newStored(true).config))
	f.Add([]byte(`{"model_type":"llama","vocab_size":9,"hidden_size":8,"intermediate_size":8,"num_hidden_layers":1,` +
		`"num_attention_heads":2,"eos_token_id":[1,2],"rope_parameters":{"rope_type":"default","rope_theta":1e6}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSettings(data)
		if err != nil {
			return
		}
		c, err := s.config()
		if err != nil {
			return
		}
		if c.Heads*c.HeadDim < 1 || c.Heads*c.HeadDim > 1<<24 || c.Heads%c.KVHeads != 0 || c.HeadDim%2 != 0 {
			t.Fatalf("%+v", c)
		}
	})
}

// Whatever bytes of a small model are changed, it opens or is refused.
func FuzzGGUF(f *testing.F) {
	s := newStored(true)
	data, err := os.ReadFile(s.gguf(f, s.kvs(f)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(100), uint32(7), uint32(len(data)))
	f.Add(uint32(30), uint32(1<<31), uint32(9000))
	path := filepath.Join(f.TempDir(), "fuzz.gguf")
	f.Fuzz(func(t *testing.T, at, value, length uint32) {
		b := slices.Clone(data[:min(int(length), len(data))])
		for i := range 4 {
			if p := int(at) + i; p < len(b) {
				b[p] ^= byte(value >> (8 * i))
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Open(context.Background(), path)
		if err != nil {
			return
		}
		c.Tokenizer.Encode("hello 12 <|im_end|>", true)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
