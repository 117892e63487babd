package hobbytest

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// refuses asserts that r has no answer but an error, which is want and has word
// in its text. A batch in which r is one request has the same error.
func (t *modelTest) refuses(r hobby.Request, want error, word string) {
	t.Helper()
	r.OnDelta = func(string) { t.Errorf("%s: a piece of an answer", word) }
	_, err := t.Model.Generate(t.Context(), r)
	t.is(err, want, word)
	if b, ok := t.Model.(hobby.Batcher); ok {
		_, err := b.GenerateBatch(t.Context(), []hobby.Request{t.ask(), r})
		t.is(err, want, word)
	}
}

func (t *modelTest) is(err, want error, word string) {
	t.Helper()
	if err == nil || !errors.Is(err, want) || !strings.Contains(err.Error(), word) {
		t.Errorf("got the error %v, want %v with %q", err, want, word)
	}
}

func (t *modelTest) refusals() {
	for word, change := range map[string]func(*hobby.Request){
		"Messages":          func(r *hobby.Request) { r.Messages = nil },
		"Messages[0].Role":  func(r *hobby.Request) { r.Messages[0].Role = "narrator" },
		"Messages[0]":       func(r *hobby.Request) { r.Messages[0].Content = "a\xff" },
		"Stop":              func(r *hobby.Request) { r.Stop = []string{"\xf0\x28"} },
		"Tools[0]":          func(r *hobby.Request) { r.Tools = []hobby.Tool{{}} },
		"Schema":            func(r *hobby.Request) { r.Schema = []byte("{") },
		"Temperature":       func(r *hobby.Request) { r.Sampling.Temperature = math.NaN() },
		"TopP":              func(r *hobby.Request) { r.Sampling.TopP = 2 },
		"MinP":              func(r *hobby.Request) { r.Sampling.MinP = -0.1 },
		"TopK":              func(r *hobby.Request) { r.Sampling.TopK = -1 },
		"MaxTokens":         func(r *hobby.Request) { r.Sampling.MaxTokens = -1 },
		"RepetitionPenalty": func(r *hobby.Request) { r.Sampling.RepetitionPenalty = math.Inf(1) },
	} {
		r := t.ask()
		change(&r)
		t.refuses(r, hobby.ErrInvalid, word)
	}
}

func (t *modelTest) tooLong() {
	info, err := t.Model.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.ContextLength > 0 {
		t.refuses(question(strings.Repeat("x y ", info.ContextLength)), hobby.ErrTooLong, "")
	}
}

func (t *modelTest) noAdapter() {
	r := t.ask()
	r.Adapter = "none-such"
	t.refuses(r, hobby.ErrInvalid, "none-such")
}

func (t *modelTest) host() {
	h := t.Model.(hobby.AdapterHost)
	err := h.LoadAdapter(t.Context(), "none-such", filepath.Join(t.TempDir(), "nowhere"))
	if err == nil || !strings.Contains(err.Error(), "none-such") {
		t.Errorf("loading what is not there: %v, want an error with the adapter's name", err)
	}
	t.noAdapter()
	if _, err := h.InfoWith(t.Context(), "none-such"); !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), "none-such") {
		t.Errorf("the identity with what is not loaded: %v, want ErrInvalid with the adapter's name", err)
	}
	info, err := t.Model.Info(t.Context())
	if base, err2 := h.InfoWith(t.Context(), ""); err != nil || err2 != nil || base != info {
		t.Errorf("the identity with the empty name is %+v (%v), without is %+v (%v)", base, err2, info, err)
	}
	if err := h.UnloadAdapter(t.Context(), "none-such"); err == nil || !strings.Contains(err.Error(), "none-such") {
		t.Errorf("unloading what is not loaded: %v, want an error with the adapter's name", err)
	}
}

var errBack = errors.New("the user is back")

func (t *modelTest) cancelled() {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBack)
	r := t.ask()
	r.OnDelta = func(string) { t.Error("a piece of an answer") }
	_, err := t.Model.Generate(ctx, r)
	t.is(err, errBack, "")
	t.is(err, context.Canceled, "")
	if b, ok := t.Model.(hobby.Batcher); ok {
		_, err := b.GenerateBatch(ctx, []hobby.Request{r, r})
		t.is(err, errBack, "")
	}
}

const (
	// moment is how long an answer is waited for before it is given up.
	moment = 20 * time.Millisecond
	// patience is how long a suite waits for what must happen.
	patience = 30 * time.Second
)

// interrupted gives up long answers, alone, in batches and many at once, and
// waits until nothing works on them any more.
func (t *modelTest) interrupted() {
	giveUp := func(generate func(ctx context.Context, r hobby.Request) error) {
		ctx, cancel := cancelWith(t.Context(), errBack)
		defer cancel()
		r := *t.Long
		r.OnDelta = func(string) { cancel() }
		err := generate(ctx, r)
		t.is(err, errBack, "")
		t.is(err, ctx.Err(), "")
	}
	once := func() {
		giveUp(func(ctx context.Context, r hobby.Request) error {
			given := false
			up := r.OnDelta
			r.OnDelta = func(text string) {
				if given {
					t.Errorf("%q was told after the answer was given up", text)
				}
				up(text)
				given = true
			}
			_, err := t.Model.Generate(ctx, r)
			return err
		})
		if b, ok := t.Model.(hobby.Batcher); ok {
			giveUp(func(ctx context.Context, r hobby.Request) error {
				_, err := b.GenerateBatch(ctx, []hobby.Request{r, r})
				return err
			})
		}
	}
	once()
	before := runtime.NumGoroutine()
	const times = 10
	for range times {
		once()
	}
	late := time.After(patience)
	for runtime.NumGoroutine() > before+times/2 {
		select {
		case <-late:
			t.Fatalf("%d goroutines after %d given up answers, %d before", runtime.NumGoroutine(), times, before)
		case <-time.After(moment):
		}
	}
	t.answer(t.ask())
}
