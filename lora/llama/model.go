package llama

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/mmap"
	adapterfile "github.com/pastime-go/pastime/lora/llama/internal/adapter"
	"github.com/pastime-go/pastime/lora/llama/internal/chat"
	"github.com/pastime-go/pastime/lora/llama/internal/checkpoint"
	"github.com/pastime-go/pastime/lora/llama/internal/constrain"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// ErrMemory is the error of a model that needs more memory than it may take.
var ErrMemory = errors.New("llama: not enough memory")

// ErrNotQuantised is the error of a model without quantised weights that is to be opened
// with [Options].EightBit, which does nothing for it.
var ErrNotQuantised = errors.New("llama: its weights are not quantised, so Options.EightBit does nothing for it: leave it out")

// Options are the choices of [Open]. The zero value is ready to use.
type Options struct {
	// Name is the model's name in [hobby.ModelInfo] and in responses. Default:
	// the name in its files.
	Name string
	// Threads caps the threads that compute. Default: GOMAXPROCS.
	Threads int
	// MaxMemory is the number of bytes that the model may take, beside its files,
	// which are mapped. When there is room, the weights are kept a second time in
	// a form that makes answering several times as fast. Default: 4 GiB.
	MaxMemory int64
	// Context shortens the context, in tokens, and with it the memory that the
	// longest answer takes. Default: the model's own.
	Context int
	// Batch is the number of requests that are answered at once. More wait.
	// Default: 32 per thread.
	Batch int
	// EightBit rounds what quantised weights are multiplied by, the activations, to
	// eight bits, in the manner of llama.cpp, with a scale for every 32 values. Answering
	// is faster, with two to three times the products, and less exact: docs/measured.md has
	// the figures. It changes the model's key, since other answers come. What is added by
	// adapters, and training, stay in float32. For the same input, products of quantised
	// weights have the same bytes on every processor; answers can still differ, by the
	// rest. It pays on amd64 with AVX2, most with AVX-512 and VNNI; elsewhere it is slow.
	// A model without quantised weights is refused with [ErrNotQuantised], and one whose
	// copy of the weights does not fit in MaxMemory with [ErrMemory].
	EightBit bool
	// Template is a chat template, in Jinja, that replaces the model's own. It
	// changes the model's key. Default: the model's own. A model whose own
	// template is refused still opens, but cannot answer.
	Template string
}

const defaultMaxMemory = 4 << 30

func (o *Options) withDefaults() (Options, error) {
	var d Options
	if o != nil {
		d = *o
	}
	for name, v := range map[string]int64{
		"Threads": int64(d.Threads), "MaxMemory": d.MaxMemory, "Context": int64(d.Context), "Batch": int64(d.Batch),
	} {
		if v < 0 {
			return d, fmt.Errorf("llama: Options.%s is %d; want 0 or more", name, v)
		}
	}
	if d.Threads == 0 {
		d.Threads = runtime.GOMAXPROCS(0)
	}
	if d.MaxMemory == 0 {
		d.MaxMemory = defaultMaxMemory
	}
	if d.Batch == 0 {
		d.Batch = 32 * d.Threads
	}
	return d, nil
}

// Model is a Llama-family model in this process. It is safe for concurrent use.
// Requests that come at the same time are answered together. An answer depends on
// its own request only, to the byte.
type Model struct {
	info      hobby.ModelInfo
	digest    string
	sketch    adapterfile.Sketch
	config    nn.Config
	weights   nn.Weights
	packed    arena
	tokens    tokens
	vocab     vocabulary
	template  template
	prompts   string // the version of the prompts, for the model's key
	scheduler *scheduler
	grammars  grammars
	files     map[string][]byte // of its directory, beside the weights; nil without one
	release   func() error
	leases    leases
	memory    Memory

	mu       sync.Mutex
	adapters map[string]*adapter
	last     uint64 // adapter's id
	closed   bool
}

var (
	_ hobby.Model       = (*Model)(nil)
	_ hobby.Batcher     = (*Model)(nil)
	_ hobby.AdapterHost = (*Model)(nil)
)

// tokens is the part of a tokenizer that a model needs.
type tokens interface {
	Encode(text string, special bool) []int
	Piece(id int) []byte
	Special(id int) bool
	Size() int
	BOS() int
	EOS() []int
	AddBOS() bool
}

// vocabulary is the texts of a model's tokens, and which of them end an answer.
type vocabulary struct {
	pieces []string
	ends   map[int]bool
}

// parts are what a model takes from a checkpoint.
type parts struct {
	name, digest string
	config       nn.Config
	weights      nn.Weights
	allocated    int64 // bytes of weights that are not mapped
	tokens       tokens
	template     template
	prompts      string // their version; "" for templateVersion
	files        map[string][]byte
	packed       func(data []byte) // is told what need not stay in memory; may be nil
	release      func() error
}

// templateVersion is part of a model's key. It changes when prompts or the rules
// of answering change so much that abilities must be measured anew.
const templateVersion = "2"

// Open opens the model at path: a directory of Hugging Face's, with config.json,
// tokenizer.json and safetensors files, or a GGUF file. It takes models like Llama
// 2 and 3, SmolLM2 and TinyLlama, in the number formats F32, F16 and BF16, and
// GGUF's Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K to Q6_K, IQ4_NL and IQ4_XS. So it
// takes llama.cpp's Q4_K_M, for example. Of a directory that has both model.safetensors
// and an index of several files it takes the one file, as transformers does. It reads the
// files once, to hash them, until ctx ends.
//
// Close the model when it is no longer used. Its files are mapped and must not be
// written to before that. Once a file was cut short, every answer and training is an
// error. Replacing a file by renaming another is safe.
//
// A model without a chat template is given the contents of the messages, with a
// blank line between them.
func Open(ctx context.Context, path string, o *Options) (*Model, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var m *Model
	err = mmap.Guard(func() (err error) {
		m, err = opts.open(ctx, path)
		return err
	})
	return m, err
}

// open opens the model at path.
func (o *Options) open(ctx context.Context, path string) (*Model, error) {
	of, err := checkpoint.Measure(path)
	if err != nil {
		return nil, fmt.Errorf("llama: %w", err)
	}
	if o.EightBit && !of.Quantised {
		return nil, fmt.Errorf("%s: %w", path, ErrNotQuantised)
	}
	of.Config.Context = o.context(&of.Config)
	if _, err := least(&of.Config, of.Allocated, *o); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c, err := checkpoint.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("llama: %w", err)
	}
	return fromCheckpoint(path, c, o)
}

// OpenFS is [Open] for a directory of a file system, such as an embedded one. The
// weights must be in one file, which is read into memory. name is the model's name
// unless o has one.
func OpenFS(ctx context.Context, fsys fs.FS, name string, o *Options) (*Model, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := checkpoint.OpenFS(ctx, fsys, name)
	if err != nil {
		return nil, fmt.Errorf("llama: %w", err)
	}
	return fromCheckpoint(name, c, &opts)
}

func fromCheckpoint(path string, c *checkpoint.Checkpoint, opts *Options) (*Model, error) {
	p := parts{
		name: c.Name, digest: c.Digest, config: c.Config, weights: c.Weights, allocated: c.Allocated,
		tokens: c.Tokenizer, template: template(contents{}), files: c.Files, packed: c.Release, release: c.Close,
	}
	var err error
	switch own := c.Template; {
	case opts.Template != "":
		if own == nil {
			own = chat.Unusable(string(c.Tokenizer.Piece(c.Tokenizer.BOS())), endOf(c.Tokenizer), nil)
		}
		if p.template, err = own.Replaced(opts.Template); err != nil {
			return nil, errors.Join(fmt.Errorf("llama: Options.Template: %w", err), c.Close())
		}
		p.prompts = fmt.Sprintf("%s %x", templateVersion, sha256.Sum256([]byte(opts.Template)))
	case own != nil:
		p.template = own
	}
	m, err := newModel(p, opts)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), c.Close())
	}
	return m, nil
}

// endOf is the text of a token that ends texts, "" without any.
func endOf(t tokens) string {
	if ends := t.EOS(); len(ends) > 0 {
		return string(t.Piece(ends[0]))
	}
	return ""
}

func (o *Options) context(c *nn.Config) int {
	if o.Context > 0 {
		return min(c.Context, o.Context)
	}
	return c.Context
}

func newModel(p parts, o *Options) (*Model, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c := p.config
	c.Context = opts.context(&c)
	plan, err := planMemory(&c, &p.weights, p.allocated, opts)
	if err != nil {
		return nil, err
	}
	m := &Model{
		digest: p.digest, sketch: adapterfile.NewSketch(&c, &p.weights), config: c, weights: p.weights,
		tokens: p.tokens, template: newGuard(p.template, p.tokens), files: p.files, release: p.release,
		adapters: map[string]*adapter{}, vocab: newVocabulary(p.tokens, c.Vocab), leases: leases{closing: make(chan struct{})},
	}
	m.prompts = cmp.Or(p.prompts, templateVersion)
	if opts.EightBit {
		m.prompts += " activations of eight bits"
	}
	m.info = hobby.ModelInfo{Name: p.name, Key: hobby.ModelKey(p.digest, "", m.prompts), Base: p.digest, ContextLength: c.Context}
	if opts.Name != "" {
		m.info.Name = opts.Name
	}
	m.grammars.vocab = sync.OnceValues(func() (*constrain.Vocab, error) { return m.constrainVocab() })
	pool := kernel.NewPool(opts.Threads)
	m.memory = plan.Memory
	pool.Alloc, pool.Packed = m.packed.alloc, p.packed
	m.scheduler = newScheduler(nn.NewDecoder(&c, &m.weights, pool, plan.form), &c, pool, plan.pages, opts.Batch)
	return m, nil
}

func newVocabulary(t tokens, size int) vocabulary {
	v := vocabulary{pieces: make([]string, size), ends: map[int]bool{}}
	for id := range v.pieces {
		if !t.Special(id) {
			v.pieces[id] = string(t.Piece(id))
		}
	}
	for _, id := range t.EOS() {
		v.ends[id] = true
	}
	return v
}

func (m *Model) constrainVocab() (*constrain.Vocab, error) {
	return constrain.NewVocab(len(m.vocab.pieces), func(id int) []byte { return []byte(m.vocab.pieces[id]) }, m.tokens.EOS())
}

// Info implements [hobby.Model]. It describes the base, without adapters.
func (m *Model) Info(ctx context.Context) (hobby.ModelInfo, error) { return m.info, ctx.Err() }

// InfoWith implements [hobby.AdapterHost].
func (m *Model) InfoWith(ctx context.Context, name string) (hobby.ModelInfo, error) {
	a, err := m.adapterNamed(name)
	if err = cmp.Or(ctx.Err(), err); err != nil {
		return hobby.ModelInfo{}, err
	}
	info := m.info
	if a != nil {
		info.Key, info.Adapter = hobby.AdapterKey(m.digest, a.digest, m.prompts), a.digest
	}
	return info, nil
}

// Close ends all answers with [ErrClosed] and frees the model. It waits until the
// model's files are no longer in use.
func (m *Model) Close() error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil
	}
	m.closed = true
	m.adapters = nil
	m.mu.Unlock()
	close(m.leases.closing)
	m.scheduler.close()
	m.leases.users.Wait()
	err := m.packed.free()
	if m.release != nil {
		err = errors.Join(err, m.release())
	}
	return err
}

// Generate implements [hobby.Model].
func (m *Model) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	rs, err := m.GenerateBatch(ctx, []hobby.Request{r})
	if err != nil {
		return hobby.Response{}, err
	}
	return rs[0], nil
}

// GenerateBatch implements [hobby.Batcher]. Answers to the same messages by the
// same adapter share one reading of the prompt.
func (m *Model) GenerateBatch(ctx context.Context, rs []hobby.Request) ([]hobby.Response, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	// When this call ends, the answers end too.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := &group{news: make(chan struct{}, 1)}
	for i, r := range rs {
		a, err := m.draft(ctx, r, g)
		if err != nil {
			return nil, at(i, len(rs), err)
		}
		g.answers = append(g.answers, a)
	}
	if err := m.scheduler.submit(g); err != nil {
		return nil, err
	}
	err := g.wait(ctx, func(i int, delta string) {
		if f := rs[i].OnDelta; f != nil {
			f(delta)
		}
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ended(ctx)
	case err != nil:
		return nil, fmt.Errorf("llama: answering: %w", err)
	}
	out := make([]hobby.Response, len(rs))
	for i, a := range g.answers {
		out[i] = a.response(m.info.Name)
	}
	return out, nil
}

// ended returns the error of answers whose context has ended: its cause.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("llama: answering: %w", cause)
	}
	return fmt.Errorf("llama: answering: %w (%w)", cause, ctx.Err())
}

// at says which request of several an error is about.
func at(i, n int, err error) error {
	if n == 1 {
		return err
	}
	return fmt.Errorf("request %d: %w", i, err)
}

func randomSeed(seed *uint64) uint64 {
	if seed == nil {
		return rand.Uint64()
	}
	return *seed
}
