package checkpoint

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora/llama/internal/chat"
	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"github.com/pastime-go/pastime/lora/llama/internal/tokenizer"
)

var ggufNames = names{
	embed: "token_embd.weight", head: "output.weight", norm: "output_norm.weight",
	attnNorm: "blk.%d.attn_norm.weight", ffnNorm: "blk.%d.ffn_norm.weight",
	q: "blk.%d.attn_q.weight", k: "blk.%d.attn_k.weight", v: "blk.%d.attn_v.weight", o: "blk.%d.attn_output.weight",
	gate: "blk.%d.ffn_gate.weight", up: "blk.%d.ffn_up.weight", down: "blk.%d.ffn_down.weight",
	ignored: []string{ropeFactors, ".attn_rot_embd"},
}

// ropeFactors is the tensor that Llama 3.1's scaling is kept in.
const ropeFactors = "rope_freqs.weight"

// ggufModel is a model in a GGUF file.
type ggufModel struct {
	path   string
	file   *gguf.File
	mapped *mmap.File
	byName map[string]gguf.Tensor
}

func openGGUF(path string) (model, error) {
	f, m, err := gguf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	g := &ggufModel{path: path, file: f, mapped: m, byName: map[string]gguf.Tensor{}}
	for _, t := range f.Tensors {
		g.byName[t.Name] = t
	}
	return g, nil
}

func (g *ggufModel) name() string {
	if name, _, _ := gguf.Lookup[string](g.file, "general.name"); name != "" {
		return strings.ToValidUTF8(name, "\ufffd")
	}
	return strings.TrimSuffix(filepath.Base(g.path), filepath.Ext(g.path))
}

func (g *ggufModel) matrix(name string) (tensor.Matrix, bool, error) {
	t, ok := g.byName[name]
	if !ok {
		return tensor.Matrix{}, false, nil
	}
	m, err := t.Matrix()
	return m, true, err
}

func (g *ggufModel) config() (nn.Config, error) {
	arch, _, err := gguf.Lookup[string](g.file, "general.architecture")
	if err != nil {
		return nn.Config{}, err
	}
	if arch != "llama" {
		return nn.Config{}, fmt.Errorf("general.architecture is %q; llama is supported", arch)
	}
	if kind, ok, _ := gguf.Lookup[string](g.file, "general.type"); ok && kind != "model" {
		return nn.Config{}, fmt.Errorf("general.type is %q; a model was expected", kind)
	}
	if n, _, _ := g.file.Int("split.count"); n > 1 {
		return nn.Config{}, fmt.Errorf("split.count is %d; merge its files into one: llama-gguf-split --merge FIRST-FILE NEW-FILE", n)
	}
	if n, _, _ := g.file.Int("llama.expert_count"); n > 0 {
		return nn.Config{}, fmt.Errorf("llama.expert_count is %d; models without experts are supported", n)
	}
	c, err := g.shape()
	if err != nil {
		return nn.Config{}, err
	}
	return c, check(&c)
}

// shape reads the numbers of the metadata.
func (g *ggufModel) shape() (nn.Config, error) {
	c := nn.Config{RopeTheta: 10000}
	var errs []error
	number := func(key string, v *int) (ok bool) {
		n, ok, err := g.file.Int(key)
		if err != nil {
			errs = append(errs, err)
		} else if ok {
			*v = n
		}
		return ok
	}
	for key, v := range map[string]*int{
		"llama.block_count": &c.Layers, "llama.embedding_length": &c.Dim, "llama.feed_forward_length": &c.FFN,
		"llama.attention.head_count": &c.Heads, "llama.context_length": &c.Context,
	} {
		if !number(key, v) {
			errs = append(errs, fmt.Errorf("metadata %q was expected", key))
		}
	}
	c.KVHeads = c.Heads
	number("llama.attention.head_count_kv", &c.KVHeads)
	if c.Heads > 0 {
		c.HeadDim = c.Dim / c.Heads
	}
	number("llama.attention.key_length", &c.HeadDim)
	values, turned := c.HeadDim, c.HeadDim
	number("llama.attention.value_length", &values)
	number("llama.rope.dimension_count", &turned)
	if values != c.HeadDim || turned != c.HeadDim {
		errs = append(errs, fmt.Errorf("keys of %d, values of %d and rotations of %d; equal ones are supported", c.HeadDim, values, turned))
	}
	if e, ok := g.byName[ggufNames.embed]; ok && len(e.Shape) == 2 {
		c.Vocab = e.Shape[0]
	}
	eps, ok, err := gguf.Lookup[float32](g.file, "llama.attention.layer_norm_rms_epsilon")
	if !ok && err == nil {
		err = errors.New(`metadata "llama.attention.layer_norm_rms_epsilon" was expected`)
	}
	c.Eps = eps
	base, ok, err2 := gguf.Lookup[float32](g.file, "llama.rope.freq_base")
	if ok {
		c.RopeTheta = float64(base)
	}
	return c, errors.Join(append(errs, err, err2, g.ropeScaling(&c))...)
}

// ropeScaling finds how positions are scaled: all alike, or as in Llama 3.1.
func (g *ggufModel) ropeScaling(c *nn.Config) error {
	linear, err := g.linearScaling()
	if err != nil {
		return err
	}
	if err := g.llama3Scaling(c); err != nil || linear == 1 {
		return err
	}
	if c.RopeScaling != nil {
		return fmt.Errorf("positions are scaled by %g beside tensor %q; one of the two is supported", linear, ropeFactors)
	}
	c.RopeScaling = &nn.RopeScaling{Factor: linear}
	return nil
}

// linearScaling is what positions are divided by. As in llama.cpp, a scaling
// without a type is linear, and the factor has two names.
func (g *ggufModel) linearScaling() (float64, error) {
	kind, factor := "linear", float32(1)
	err := errors.Join(
		lookup(g.file, "llama.rope.scaling.type", &kind),
		lookup(g.file, "llama.rope.scale_linear", &factor),
		lookup(g.file, "llama.rope.scaling.factor", &factor),
	)
	switch {
	case err != nil:
		return 0, err
	case kind == "none" || factor == 0:
		return 1, nil
	case kind != "linear":
		return 0, fmt.Errorf("llama.rope.scaling.type is %q; none, linear and Llama 3.1's factors are supported", kind)
	}
	return float64(factor), nil
}

// llama3Scaling finds the parameters of Llama 3.1's scaling. The file has only the
// factors that follow from them, one for each frequency.
func (g *ggufModel) llama3Scaling(c *nn.Config) error {
	m, ok, err := g.matrix(ropeFactors)
	if !ok || err != nil {
		return err
	}
	if m.Rows != 1 || m.Cols != c.HeadDim/2 {
		return fmt.Errorf("tensor %q is [%d,%d]; [%d] was expected", ropeFactors, m.Rows, m.Cols, c.HeadDim/2)
	}
	factors := make([]float32, m.Cols)
	m.Dequantize(factors, 0, 0)
	if len(factors) == 0 || slices.Max(factors) == 1 {
		return nil
	}
	s := &nn.RopeScaling{Factor: float64(slices.Max(factors)), LowFreqFactor: 1, HighFreqFactor: 4, OriginalContext: 8192}
	for j, got := range factors {
		if want := llama3Factor(s, c.RopeTheta, float64(j)/float64(c.HeadDim/2)); math.Abs(float64(got)-want) > 1e-3*want {
			return fmt.Errorf("tensor %q has a factor of %g at %d; Llama 3.1's scaling by %g, with %g, is supported",
				ropeFactors, got, j, s.Factor, want)
		}
	}
	c.RopeScaling = s
	return nil
}

// llama3Factor is the number that Llama 3.1 divides the frequency theta^-x by.
func llama3Factor(s *nn.RopeScaling, theta, x float64) float64 {
	turns := float64(s.OriginalContext) * math.Pow(theta, -x) / (2 * math.Pi)
	switch {
	case turns < s.LowFreqFactor:
		return s.Factor
	case turns > s.HighFreqFactor:
		return 1
	}
	smooth := (turns - s.LowFreqFactor) / (s.HighFreqFactor - s.LowFreqFactor)
	return 1 / ((1-smooth)/s.Factor + smooth)
}

func (g *ggufModel) weights(c *nn.Config, plan bool) (w nn.Weights, allocated int64, err error) {
	l := loader{names: ggufNames, matrix: g.matrix, pairs: true, plan: plan}
	for _, t := range g.file.Tensors {
		l.all = append(l.all, t.Name)
	}
	_, untied := g.byName[ggufNames.head]
	w, err = l.load(c, !untied)
	return w, l.allocated, err
}

// endNames are the control tokens that end a turn or a text in the models of this
// family. Files often name only one.
var endNames = []string{"<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|im_end|>", "<|endoftext|>", "</s>"}

func (g *ggufModel) tokenizer() (*tokenizer.Tokenizer, error) {
	v, err := g.vocab()
	if err != nil {
		return nil, err
	}
	t, err := tokenizer.FromVocab(v)
	if err != nil {
		return nil, err
	}
	e := tokenizer.Ends{BOS: -1}
	for _, key := range []string{"bos", "eos", "eot", "eom"} {
		id, ok, err := g.file.Int("tokenizer.ggml." + key + "_token_id")
		switch {
		case err != nil:
			return nil, err
		case !ok:
		case key == "bos":
			e.BOS = id
		default:
			e.EOS = append(e.EOS, id)
		}
	}
	for _, name := range endNames {
		if id, ok := t.Token(name); ok && t.Special(id) {
			e.EOS = append(e.EOS, id)
		}
	}
	slices.Sort(e.EOS)
	e.EOS = slices.Compact(e.EOS)
	add, ok, err := gguf.Lookup[bool](g.file, "tokenizer.ggml.add_bos_token")
	if err != nil {
		return nil, err
	}
	if !ok { // what llama.cpp does
		add = v.Model == "llama" || strings.HasPrefix(v.Pre, "llama")
	}
	e.AddBOS = add && e.BOS >= 0
	return t, t.SetEnds(e)
}

func (g *ggufModel) vocab() (tokenizer.Vocab, error) {
	v := tokenizer.Vocab{AddSpacePrefix: true}
	errs := []error{
		lookup(g.file, "tokenizer.ggml.model", &v.Model),
		lookup(g.file, "tokenizer.ggml.pre", &v.Pre),
		lookup(g.file, "tokenizer.ggml.tokens", &v.Tokens),
		lookup(g.file, "tokenizer.ggml.token_type", &v.Types),
		lookup(g.file, "tokenizer.ggml.scores", &v.Scores),
		lookup(g.file, "tokenizer.ggml.merges", &v.Merges),
		lookup(g.file, "tokenizer.ggml.add_space_prefix", &v.AddSpacePrefix),
	}
	return v, errors.Join(errs...)
}

// lookup reads an entry that may be missing.
func lookup[T any](f *gguf.File, key string, v *T) error {
	x, ok, err := gguf.Lookup[T](f, key)
	if ok && err == nil {
		*v = x
	}
	return err
}

func (g *ggufModel) template(t *tokenizer.Tokenizer) (*chat.Template, error) {
	var source string
	if err := lookup(g.file, "tokenizer.chat_template", &source); err != nil || source == "" {
		return nil, err
	}
	eos := ""
	if id, ok, _ := g.file.Int("tokenizer.ggml.eos_token_id"); ok {
		eos = string(t.Piece(id))
	}
	var tools string
	if err := lookup(g.file, "tokenizer.chat_template.tool_use", &tools); err != nil {
		return nil, err
	}
	return parseTemplate(`metadata "tokenizer.chat_template"`, source, tools, string(t.Piece(t.BOS())), eos), nil
}

func (g *ggufModel) content(each func(name string, data []byte) error) error {
	return each("gguf", g.mapped.Data)
}

func (g *ggufModel) release(data []byte) { g.mapped.Release(data) }

func (g *ggufModel) Close() error { return g.mapped.Close() }
