package hobbytest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
)

// ModelSubject is a hobby.Model under test. Its other fields say what the model
// can do; what is left out is not tested.
type ModelSubject struct {
	Model hobby.Model
	// Prompt is a question whose answer has at least eight tokens, as the model
	// counts them. Default: one that asks for a long story.
	Prompt string
	// Repeats says that a request without temperature, or with a seed, has the
	// same answer every time. Isolated says that it also has it beside other
	// requests.
	Repeats, Isolated bool
	// Draws says that with a temperature not all seeds give the same answer to
	// Prompt, and that a TopK of 1 is greedy or refused.
	Draws bool
	// Counts says that tokens are counted, also those of answers that come in
	// pieces.
	Counts bool
	// Schema, Tools and LogProbs say that requests may ask for these. With Tools, a
	// question about the weather has to make the model call one now and then.
	Schema, Tools, LogProbs bool
	// Adapter names a loaded adapter that answers Prompt in another way than the
	// base does.
	Adapter string
	// Long is a request whose answer takes longer than a moment, and ends with its
	// context.
	Long *hobby.Request
}

// TestModel is the contract of hobby.Model, and of hobby.Batcher and
// hobby.AdapterHost for a model that is one. open returns a model, which may be a
// new one each time, that lasts until its test ends.
func TestModel(t *testing.T, open func(t *testing.T) ModelSubject) {
	s := open(t)
	_, batches := s.Model.(hobby.Batcher)
	_, hosts := s.Model.(hobby.AdapterHost)
	for name, test := range map[string]struct {
		test  func(*modelTest)
		tried bool
	}{
		"says who it is":                 {(*modelTest).info, true},
		"answers":                        {(*modelTest).answers, true},
		"answers odd texts":              {(*modelTest).odd, true},
		"tells its answer in pieces":     {(*modelTest).deltas, true},
		"stops at MaxTokens":             {(*modelTest).maxTokens, true},
		"stops before Stop":              {(*modelTest).stop, s.Repeats},
		"repeats itself":                 {(*modelTest).repeats, s.Repeats},
		"draws its answers":              {(*modelTest).draws, s.Draws},
		"answers many at once":           {(*modelTest).concurrent, true},
		"counts tokens":                  {(*modelTest).counts, s.Counts},
		"keeps to a schema":              {(*modelTest).schema, s.Schema},
		"calls tools":                    {(*modelTest).tools, s.Tools},
		"gives log-probabilities":        {(*modelTest).logProbs, s.LogProbs},
		"answers with an adapter":        {(*modelTest).adapter, s.Adapter != ""},
		"hosts adapters":                 {(*modelTest).host, hosts},
		"answers batches":                {(*modelTest).batch, batches},
		"refuses what cannot be meant":   {(*modelTest).refusals, true},
		"refuses what is too long":       {(*modelTest).tooLong, true},
		"refuses an adapter it has not":  {(*modelTest).noAdapter, true},
		"ends with its context":          {(*modelTest).cancelled, true},
		"stops an answer with a context": {(*modelTest).interrupted, s.Long != nil},
	} {
		if test.tried {
			t.Run(name, func(t *testing.T) { test.test(&modelTest{T: t, ModelSubject: open(t)}) })
		}
	}
}

type modelTest struct {
	*testing.T
	ModelSubject
}

// ask is a request for a short answer.
func (t *modelTest) ask() hobby.Request {
	if t.Prompt == "" {
		return question("Tell me a long story about a fox and a crow.")
	}
	return question(t.Prompt)
}

func question(text string) hobby.Request {
	return hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: text}}, Sampling: hobby.Sampling{MaxTokens: 24},
	}
}

// draw is a request for an answer that is left to chance, and to a seed.
func draw(r hobby.Request, seed uint64) hobby.Request {
	r.Seed, r.Sampling.Temperature = &seed, 1
	return r
}

// answer answers a request and checks what holds of every answer.
func (t *modelTest) answer(r hobby.Request) hobby.Response {
	t.Helper()
	got, err := t.Model.Generate(t.Context(), r)
	if err != nil {
		t.Fatalf("Generate: %v", err)
	}
	t.sound(got)
	return got
}

func (t *modelTest) sound(got hobby.Response) {
	t.Helper()
	calls, ids := got.Message.ToolCalls, map[string]bool{}
	for _, c := range calls {
		if ids[c.ID] || c.ID == "" || c.Name == "" {
			t.Errorf("a call without a name, or an id of its own: %+v", calls)
		}
		ids[c.ID] = true
	}
	switch {
	case got.Message.Role != hobby.RoleAssistant:
		t.Errorf("the answer's role is %q, want %q", got.Message.Role, hobby.RoleAssistant)
	case !utf8.ValidString(got.Message.Content):
		t.Errorf("the answer is not UTF-8: %q", got.Message.Content)
	case !slices.Contains([]hobby.Finish{hobby.FinishStop, hobby.FinishLength, hobby.FinishTool, hobby.FinishFilter}, got.Finish),
		got.Finish == hobby.FinishTool && len(calls) == 0, got.Finish == hobby.FinishStop && len(calls) > 0:
		t.Errorf("the answer finished with %q, with %d calls", got.Finish, len(calls))
	case got.TokensIn < 0 || got.TokensOut < 0 || got.MicroUSD < 0:
		t.Errorf("%d tokens in, %d out, %d micro-dollars", got.TokensIn, got.TokensOut, got.MicroUSD)
	}
}

// listener puts the pieces of an answer together.
type listener struct {
	t       *modelTest
	talking atomic.Bool
	deaf    atomic.Bool // after the answer
	mu      sync.Mutex
	text    strings.Builder
}

func (l *listener) hear(delta string) {
	if !l.talking.CompareAndSwap(false, true) {
		l.t.Error("OnDelta is called while it runs")
	}
	defer l.talking.Store(false)
	if l.deaf.Load() {
		l.t.Errorf("%q was told after the answer", delta)
	}
	if delta == "" || !utf8.ValidString(delta) {
		l.t.Errorf("a piece of %q, want text", delta)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(delta)
}

// made checks that the pieces make the answer.
func (l *listener) made(got hobby.Response) {
	l.t.Helper()
	l.deaf.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.String() != got.Message.Content {
		l.t.Errorf("told %q, answered %q", l.text.String(), got.Message.Content)
	}
}

// same checks that two answers are one, where the model says that it repeats.
func (t *modelTest) same(doing string, got, want hobby.Response) {
	t.Helper()
	if !t.Counts {
		got.TokensIn, got.TokensOut, want.TokensIn, want.TokensOut = 0, 0, 0, 0
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); t.Repeats && d != "" {
		t.Errorf("%s (-want +got):\n%s", doing, d)
	}
}

// sameBeside is same for an answer that was given beside others.
func (t *modelTest) sameBeside(doing string, got, want hobby.Response) {
	t.Helper()
	if t.Isolated {
		t.same(doing, got, want)
	}
}

// cancelWith is a context that cause ends after a moment, or by the function.
func cancelWith(ctx context.Context, cause error) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	timed, stop := context.WithTimeoutCause(ctx, moment, cause)
	return timed, func() { cancel(cause); stop() }
}
