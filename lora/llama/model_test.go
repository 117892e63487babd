package llama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// byteTokens is a tokenizer with a token for each byte, some longer ones, and an
// end.
type byteTokens struct{}

var longer = []string{" the", "é", "{\"", "\": ", "<tool", "_call>", "日本", "\xf0\x9f", "🙂"}

const (
	endToken   = 256 + 9
	sizeTokens = endToken + 1
)

func (byteTokens) Encode(text string, _ bool) []int {
	ids := make([]int, len(text))
	for i := range len(text) {
		ids[i] = int(text[i])
	}
	return ids
}

func (byteTokens) Piece(id int) []byte {
	switch {
	case id < 256:
		return []byte{byte(id)}
	case id < endToken:
		return []byte(longer[id-256])
	}
	return []byte("</s>")
}
func (byteTokens) Special(id int) bool { return id == endToken }
func (byteTokens) Size() int           { return sizeTokens }
func (byteTokens) BOS() int            { return -1 }
func (byteTokens) EOS() []int          { return []int{endToken} }
func (byteTokens) AddBOS() bool        { return false }

// plainTemplate writes each message on a line; with tools it does not know them.
type plainTemplate struct{}

func (plainTemplate) Render(ms []hobby.Message, _ []hobby.Tool, prompt bool) (string, error) {
	var b strings.Builder
	for _, m := range ms {
		fmt.Fprintf(&b, "%s: %s\n", m.Role, m.Content)
	}
	if prompt {
		b.WriteString("assistant: ")
	}
	return b.String(), nil
}

func testConfig() nn.Config {
	return nn.Config{Vocab: sizeTokens, Dim: 32, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 16, FFN: 48, Context: 400, Eps: 1e-5,
		RopeTheta: 1e4}
}

// randomWeights make a model that says all kinds of things. Its logits are sharp,
// as a trained model's are.
func randomWeights(c *nn.Config, seed uint64) nn.Weights {
	r := rand.New(rand.NewPCG(seed, 1))
	matrix := func(rows, cols int) tensor.Matrix {
		v := make([]float32, rows*cols)
		for i := range v {
			v[i] = float32(r.NormFloat64() / math.Sqrt(float64(cols)))
		}
		return tensor.FromFloats(rows, cols, v)
	}
	ones := func() []float32 { return slices.Repeat([]float32{1}, c.Dim) }
	w := nn.Weights{Embed: matrix(c.Vocab, c.Dim), Head: matrix(c.Vocab, c.Dim), Norm: slices.Repeat([]float32{2}, c.Dim)}
	for range c.Layers {
		l := nn.Layer{AttnNorm: ones(), FFNNorm: ones()}
		for m := range nn.Modules {
			out, in := c.Shape(m)
			*l.Linear(m) = matrix(out, in)
		}
		w.Layers = append(w.Layers, l)
	}
	return w
}

func randomAdapter(c *nn.Config, seed uint64) *nn.Adapter {
	a := nn.NewAdapter(c, 2, 1, []nn.Module{nn.Q, nn.V, nn.Down})
	r := rand.New(rand.NewPCG(seed, 2))
	for _, p := range a.Params() {
		for i := range p {
			p[i] = float32(r.NormFloat64())
		}
	}
	return a
}

func testParts() parts {
	c := testConfig()
	return parts{name: "random", digest: "d1", config: c, weights: randomWeights(&c, 7), tokens: byteTokens{}, template: plainTemplate{}}
}

// open makes a random model with two adapters, "a" and "b".
func open(t testing.TB, o *Options) *Model {
	t.Helper()
	m, err := newModel(testParts(), o)
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

func ask(text string) hobby.Request {
	seed := uint64(5)
	return hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: text}},
		Sampling: hobby.Sampling{Temperature: 1, MaxTokens: 30}, Seed: &seed, LogProbs: true,
	}
}

// manyRequests are requests of all kinds, some with the same prompt.
func manyRequests(n int) []hobby.Request {
	var rs []hobby.Request
	for i := range n {
		r := ask([]string{"hello", "hello", "how are you?", strings.Repeat("long ", 20)}[i%4])
		seed := uint64(i / 2)
		r.Seed = &seed
		r.Adapter = []string{"", "a", "b"}[i/4%3]
		r.Sampling.MaxTokens = 5 + i%17
		switch i % 5 {
		case 1:
			r.Sampling = hobby.Sampling{MaxTokens: 12}
		case 2:
			r.Sampling.TopK, r.Sampling.TopP, r.Sampling.RepetitionPenalty = 20, 0.9, 1.2
		case 3:
			r.Schema = json.RawMessage(`{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}`)
			r.Sampling.MaxTokens = 40
		case 4:
			r.Stop = []string{"e", "th"}
		}
		rs = append(rs, r)
	}
	return rs
}

// TestAnswersDependOnTheirRequestOnly answers requests alone and in batches of
// several sizes, on one and two threads, with little and much memory.
func TestAnswersDependOnTheirRequestOnly(t *testing.T) {
	ctx := context.Background()
	rs := manyRequests(32)
	one := open(t, &Options{Threads: 1})
	var want []hobby.Response
	for _, r := range rs {
		got, err := one.Generate(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, got)
	}
	c := testConfig()
	needs, err := least(&c, 0, Options{MaxMemory: 1 << 30, Batch: 64})
	if err != nil {
		t.Fatal(err)
	}
	little := needs.Total() + 2*c.PageBytes()
	for _, o := range []Options{{Threads: 1}, {Threads: 2}, {Threads: 2, Batch: 3}, {Threads: 2, MaxMemory: little}} {
		m := open(t, &o)
		for _, n := range []int{1, 2, 7, 32} {
			got, err := m.GenerateBatch(ctx, rs[:n])
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want[:n], got); d != "" {
				t.Fatalf("%+v, %d requests (-alone +together):\n%s", o, n, d)
			}
		}
	}
}

func TestDeltasMakeTheAnswer(t *testing.T) {
	m := open(t, nil)
	rs := manyRequests(24)
	told := make([]strings.Builder, len(rs))
	for i := range rs {
		rs[i].OnDelta = func(s string) {
			if s == "" || !utf8.ValidString(s) {
				t.Errorf("request %d: a delta of %q", i, s)
			}
			told[i].WriteString(s)
		}
	}
	got, err := m.GenerateBatch(context.Background(), rs)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if told[i].String() != r.Message.Content {
			t.Errorf("request %d: told %q, answered %q", i, told[i].String(), r.Message.Content)
		}
		for _, stop := range rs[i].Stop {
			if strings.Contains(r.Message.Content, stop) {
				t.Errorf("request %d: %q has the stop string %q", i, r.Message.Content, stop)
			}
		}
		if len(r.LogProbs) != r.TokensOut {
			t.Errorf("request %d: %d log-probabilities of %d tokens", i, len(r.LogProbs), r.TokensOut)
		}
		if len(rs[i].Schema) > 0 {
			var v struct{ X *int }
			if err := json.Unmarshal([]byte(r.Message.Content), &v); err != nil || v.X == nil || r.Finish != hobby.FinishStop {
				t.Errorf("request %d: %q does not match its schema: %v", i, r.Message.Content, err)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	m := open(t, nil)
	ctx := context.Background()
	r := ask("x")
	r.Sampling = hobby.Sampling{} // greedy, as long as it goes
	got, err := m.Generate(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	if got.Finish == hobby.FinishLength && got.TokensIn+got.TokensOut != m.config.Context {
		t.Errorf("%d tokens in and %d out of a context of %d", got.TokensIn, got.TokensOut, m.config.Context)
	}
	r.Sampling.MaxTokens = 3
	if got, err = m.Generate(ctx, r); err != nil || got.Finish != hobby.FinishLength || got.TokensOut != 3 {
		t.Errorf("at most 3 tokens: %+v, %v", got, err)
	}
	for want, change := range map[string]func(*hobby.Request){
		"longer than the model's context: the prompt has": func(r *hobby.Request) { r.Messages[0].Content = strings.Repeat("x", 400) },
		"Request.Messages is empty":                       func(r *hobby.Request) { r.Messages = nil },
		"Sampling.Temperature is NaN":                     func(r *hobby.Request) { r.Sampling.Temperature = math.NaN() },
		"Sampling.TopP is 2":                              func(r *hobby.Request) { r.Sampling.TopP = 2 },
		"Sampling.MaxTokens is -1":                        func(r *hobby.Request) { r.Sampling.MaxTokens = -1 },
		"no such adapter: \"c\"":                          func(r *hobby.Request) { r.Adapter = "c" },
		"keyword \"not\"":                                 func(r *hobby.Request) { r.Schema = json.RawMessage(`{"not":{}}`) },
		"tool \"f\"": func(r *hobby.Request) {
			r.Tools = []hobby.Tool{{Name: "f", Parameters: json.RawMessage(`{"type":"string"}`)}}
		},
	} {
		r := ask("x")
		change(&r)
		if _, err := m.Generate(ctx, r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
		if _, err := m.GenerateBatch(ctx, []hobby.Request{ask("y"), r}); err == nil || !strings.Contains(err.Error(), "request 1: ") {
			t.Errorf("%v, want an error about request 1", err)
		}
	}
}

// TestAnswersOfOneToken end when they begin, once the prompt has been read.
func TestAnswersOfOneToken(t *testing.T) {
	m := open(t, &Options{Batch: 2})
	rs := make([]hobby.Request, 9)
	for i := range rs {
		rs[i] = ask("again")
		rs[i].Sampling.MaxTokens = 1
	}
	for range 3 {
		got, err := m.GenerateBatch(t.Context(), rs)
		if err != nil || len(got) != 9 || got[8].TokensOut != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if got, err := m.GenerateBatch(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("no requests: %v, %v", got, err)
	}
}

func TestMemoryIsCheckedFirst(t *testing.T) {
	_, err := newModel(testParts(), &Options{MaxMemory: 1000})
	if !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), "a text of 400 tokens") {
		t.Errorf("a model in 1000 bytes: %v", err)
	}
	if _, err = newModel(testParts(), &Options{Threads: -1}); err == nil || !strings.Contains(err.Error(), "Options.Threads") {
		t.Errorf("-1 threads: %v", err)
	}
}

// TestMemoryIsKept asks a model with little memory much at once.
func TestMemoryIsKept(t *testing.T) {
	live := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	p := testParts()
	o := Options{Threads: 1, Batch: 24}
	needs, err := least(&p.config, 0, Options{MaxMemory: 1 << 30, Batch: o.Batch, Threads: o.Threads})
	if err != nil {
		t.Fatal(err)
	}
	o.MaxMemory = needs.Total() + nn.PackedBytes(&p.config, &p.weights) + 100*p.config.PageBytes()
	before := live()
	m, err := newModel(p, &o)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	needs.Weights += nn.PackedBytes(&p.config, &p.weights)
	if m.Memory() != needs {
		t.Errorf("says that it takes %+v, takes %+v", m.Memory(), needs)
	}
	var rs []hobby.Request
	for i := range 60 {
		rs = append(rs, ask(strings.Repeat(fmt.Sprint(i, " "), 60)))
	}
	if _, err := m.GenerateBatch(t.Context(), rs); err != nil {
		t.Fatal(err)
	}
	rs = nil
	if taken := live() - before + nn.PackedBytes(&p.config, &p.weights); taken > o.MaxMemory || taken < o.MaxMemory/3 {
		t.Errorf("%d bytes are taken of %d", taken, o.MaxMemory)
	}
}

func TestAdapters(t *testing.T) {
	m := open(t, nil)
	ctx := context.Background()
	keys := map[string]bool{}
	answers := map[string]bool{}
	for _, name := range []string{"", "a", "b"} {
		info, err := m.InfoWith(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		keys[info.Key] = true
		r := ask("hello")
		r.Adapter = name
		got, err := m.Generate(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		answers[got.Message.Content] = true
	}
	if len(keys) != 3 || len(answers) != 3 {
		t.Errorf("the base and two adapters have %d keys and %d answers", len(keys), len(answers))
	}
	if info, _ := m.Info(ctx); !keys[info.Key] || info.Key != hobby.ModelKey("d1", "", templateVersion) || info.ContextLength != 400 {
		t.Errorf("info: %+v", info)
	}
	if err := m.UnloadAdapter(ctx, "a"); err != nil {
		t.Error(err)
	}
	if err := m.UnloadAdapter(ctx, "a"); !errors.Is(err, ErrAdapter) {
		t.Errorf("unloading twice: %v", err)
	}
	if err := m.LoadAdapter(ctx, "c", t.TempDir()+"/none"); err == nil || !strings.Contains(err.Error(), `adapter "c"`) {
		t.Errorf("loading what is not there: %v", err)
	}
}

func TestCancellation(t *testing.T) {
	m := open(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	r := ask("tell me")
	r.Sampling = hobby.Sampling{Temperature: 3}
	r.Schema = json.RawMessage(`{"type":"string","minLength":300}`)
	r.OnDelta = func(string) { cancel() }
	if _, err := m.Generate(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := m.Generate(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	if got, err := m.Generate(context.Background(), ask("still there?")); err != nil || got.TokensOut == 0 {
		t.Errorf("after a cancelled request: %+v, %v", got, err)
	}
}

func TestClose(t *testing.T) {
	m := open(t, nil)
	r := ask("tell me")
	r.Schema = json.RawMessage(`{"type":"string","minLength":300}`)
	r.Sampling.MaxTokens = 0
	started := make(chan struct{})
	var once sync.Once
	r.OnDelta = func(string) { once.Do(func() { close(started) }) }
	failed := make(chan error)
	go func() {
		_, err := m.Generate(context.Background(), r)
		failed <- err
	}()
	<-started
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err != nil && !errors.Is(err, ErrClosed) {
		t.Errorf("an answer while the model was closed: %v", err)
	}
	if _, err := m.Generate(context.Background(), ask("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	r = ask("x")
	r.Adapter = "a"
	if _, err := m.Generate(context.Background(), r); !errors.Is(err, ErrClosed) {
		t.Errorf("with an adapter, after Close: %v", err)
	}
	if err := m.UnloadAdapter(context.Background(), "a"); !errors.Is(err, ErrClosed) {
		t.Errorf("unloading, after Close: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// TestEmptyPrompt asks a model without a template nothing.
func TestEmptyPrompt(t *testing.T) {
	p := testParts()
	p.template = contents{}
	m, err := newModel(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := m.Generate(t.Context(), ask("")); err == nil || !strings.Contains(err.Error(), "the prompt is empty") {
		t.Errorf("%v, want an error about the prompt", err)
	}
}

// TestRest holds that a model that nobody asks gives up the prompts that it keeps.
func TestRest(t *testing.T) {
	for _, c := range []struct {
		rest time.Duration
		kept int
	}{{keepIdle / 2, 1}, {2 * keepIdle, 0}} {
		synctest.Test(t, func(t *testing.T) {
			m, err := newModel(testParts(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := m.GenerateBatch(t.Context(), manyRequests(2)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.rest)
			}
			m.Close()
			if s := m.scheduler; len(s.idle) != c.kept || s.cache.Used() != c.kept || s.reserved != c.kept {
				t.Errorf("after %v, %d prompts are kept on %d pages, %d reserved", c.rest, len(s.idle), s.cache.Used(), s.reserved)
			}
		})
	}
}

// TestPages checks that all pages come back, but for those of the prompts that
// are kept.
func TestPages(t *testing.T) {
	m := open(t, nil)
	if _, err := m.GenerateBatch(context.Background(), manyRequests(64)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	pagesAreBack(t, m)
}

// TestPagesOfTheCancelled is TestPages for requests that are given up at any time,
// many of which share prompts.
func TestPagesOfTheCancelled(t *testing.T) {
	m := open(t, &Options{Threads: 2, Batch: 6})
	var wg sync.WaitGroup
	for k, r := range slices.Concat(manyRequests(40), manyRequests(40)) {
		ctx, cancel := context.WithCancel(t.Context())
		tokens := 0
		r.OnDelta = func(string) {
			if tokens++; tokens == k%5 {
				cancel()
			}
		}
		wg.Go(func() {
			defer cancel()
			if _, err := m.Generate(ctx, r); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := m.Generate(t.Context(), ask("still there?")); err != nil {
		t.Error(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	pagesAreBack(t, m)
}

// pagesAreBack checks that a closed model has only the pages of prompts that were
// kept.
func pagesAreBack(t *testing.T, m *Model) {
	t.Helper()
	s, kept := m.scheduler, 0
	for _, p := range s.idle {
		kept += p.pages
	}
	if s.reserved != kept || s.cache.Used() != kept || len(s.prompts) != len(s.idle) || len(s.idle) > maxIdle {
		t.Errorf("%d pages reserved, %d used, %d kept for %d of %d prompts", s.reserved, s.cache.Used(), kept, len(s.idle), len(s.prompts))
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	m := open(t, &Options{Threads: 2, Batch: 4})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var dirs [2]string
	for i := range dirs {
		dirs[i] = storeAdapter(t, m, randomAdapter(&m.config, uint64(i)))
	}
	var wg sync.WaitGroup
	for k := range 6 {
		wg.Go(func() {
			for i, r := range manyRequests(12) {
				if k == 5 && i == 6 {
					go m.Close()
				}
				short, stop := context.WithCancel(ctx)
				if (i+k)%3 == 0 {
					r.OnDelta = func(string) { stop() }
				}
				_, err := m.Generate(short, r)
				stop()
				if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrAdapter) && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			m.LoadAdapter(ctx, "a", dirs[0])
			m.UnloadAdapter(ctx, "b")
			m.InfoWith(t.Context(), "a")
			m.LoadAdapter(ctx, "b", dirs[1])
		}
	})
	wg.Wait()
}

// TestPromptsShareTheirHead answers prompts of one family, whose first 100 tokens are
// alike, alone and together: the answers are the same, and the head is kept once.
func TestPromptsShareTheirHead(t *testing.T) {
	c := testConfig()
	c.Context = 256
	p := testParts()
	p.config, p.weights = c, randomWeights(&c, 1)
	var rs []hobby.Request
	for i := range 4 {
		rs = append(rs, ask(strings.Repeat("the family's head ", 6)[:100]+fmt.Sprint(" task ", i*i*i, " of all")))
		rs[i].Sampling.MaxTokens = 5
	}
	var want []hobby.Response
	for _, r := range rs {
		m, err := newModel(p, &Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Generate(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, got)
		m.Close()
	}
	m, err := newModel(p, &Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.GenerateBatch(t.Context(), rs)
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-alone +together):\n%s", d)
	}
	pages := 0
	for _, q := range m.scheduler.idle {
		pages += q.pages
	}
	if used, shared := m.scheduler.cache.Used(), 3*(100/nn.PageTokens); len(m.scheduler.idle) != 4 || used != pages-shared {
		t.Errorf("%d prompts are kept on %d pages, of %d without sharing; %d are alike", len(m.scheduler.idle), used, pages, shared)
	}
}

// TestTheHeadThatIsRead holds that a prompt takes the head that has been read, also when
// another prompt that has not been read begins even more like it.
func TestTheHeadThatIsRead(t *testing.T) {
	tokens := func(n, last int) []int { return append(make([]int, n), last) }
	a := &prompt{tokens: tokens(2*nn.PageTokens, 1), seq: &nn.Sequence{}, read: 2*nn.PageTokens + 1}
	b := &prompt{tokens: tokens(4*nn.PageTokens, 2), seq: &nn.Sequence{}}
	c := &prompt{tokens: tokens(4*nn.PageTokens, 3), seq: &nn.Sequence{}}
	s := &scheduler{prompts: map[string]*prompt{"a": a, "b": b, "c": c}}
	if from, pages := s.head(b, nil); from != a || pages != 2 {
		t.Errorf("%d pages, though two have been read", pages)
	}
	if from, pages := s.head(c, map[*prompt]bool{b: true}); from != b || pages != 4 {
		t.Errorf("%d pages, though a prompt that is being read has four", pages)
	}
	other := &prompt{tokens: b.tokens, adapter: &adapter{}}
	if from, pages := s.head(other, nil); from != nil || pages != 0 {
		t.Errorf("%d pages that another adapter has read", pages)
	}
}
