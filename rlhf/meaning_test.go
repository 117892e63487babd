package rlhf_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// reader is an embedder that knows good subjects from bad ones.
type reader struct {
	mu    sync.Mutex
	key   string
	slow  time.Duration
	err   error
	asked map[string]int
	calls int
}

func (r *reader) Info(context.Context) (hobby.ModelInfo, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return hobby.ModelInfo{Name: "reader", Key: r.key}, nil
}

func (r *reader) set(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

func (r *reader) Embed(ctx context.Context, texts []string) (all [][]float32, err error) {
	r.mu.Lock()
	slow, err := r.slow, r.err
	r.calls++
	r.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(slow):
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range texts {
		if strings.Contains(text, "poison") {
			return nil, hobby.ErrTooLong
		}
		r.asked[text]++
		v := []float32{1, 0, 0.2}
		if strings.Contains(text, "good") {
			v = []float32{0, 1, 0.2}
		}
		all = append(all, v)
	}
	return all, err
}

// shop is a pipeline with texts of which people like those of good subjects.
type shop struct {
	*rlhf.Pipeline
	shelf
	store *feedback.Store
	rng   *rand.Rand
}

func newShop(t *testing.T, e hobby.Embedder) *shop {
	t.Helper()
	s := &shop{shelf: shelf{targets: map[string]rlhf.Target{}}, rng: rand.New(rand.NewPCG(7, 71))}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if s.store, err = feedback.New(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if s.Pipeline, err = rlhf.New(s.store, &s.shelf, &rlhf.Options{Embedder: e}); err != nil {
		t.Fatal(err)
	}
	return s
}

// text makes an insight that has its words for itself, but for one that is good or bad.
func (s *shop) text(good bool) rlhf.Target {
	subject := "dull"
	if good {
		subject = "good"
	}
	n := len(s.targets)
	target := rlhf.Target{Type: rlhf.Insight, ID: fmt.Sprint("i", n), Kind: "facts"}
	target.Text = fmt.Sprintf("%s%d x%d y%d", subject, n, n, n)
	s.targets[target.ID] = target
	return target
}

// runs runs the pipeline until stop is called or the test ends, which ends the context too.
func (s *shop) runs(t *testing.T) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { s.Run(ctx) })
	stop = func() {
		cancel()
		done.Wait()
	}
	t.Cleanup(stop)
	return ctx, stop
}

func (s *shop) rate(t *testing.T, n int) {
	t.Helper()
	for k := range n {
		good := k%2 == 0
		stars := 2 + s.rng.IntN(2)
		if good {
			stars += 2
		}
		f := rlhf.Feedback{Type: rlhf.Insight, Target: s.text(good).ID, User: fmt.Sprint("u", k%5), Rating: stars}
		if _, _, err := s.Submit(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
}

// difference is what is expected of a new text that is good, less of one that is not.
func (s *shop) difference(t *testing.T) float64 {
	t.Helper()
	score := func(id, text string) float64 {
		mean, _, err := s.Score(t.Context(), hobby.Insight{ID: id, Kind: "facts", Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return mean
	}
	n := len(s.targets)
	return score("g", fmt.Sprintf("good%d p%d q%d", n, n, n)) - score("d", fmt.Sprintf("dull%d p%d q%d", n, n, n))
}

// TestEmbedder learns from what an embedder says what words do not say, asks for each text
// once, asks in the background for new ones, and names the embedder in the model's version.
func TestEmbedder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{key: "e1", asked: map[string]int{}}
		s := newShop(t, r)
		ctx, stop := s.runs(t)
		s.rate(t, 80)
		if err := s.Refit(ctx, nil); err != nil {
			t.Fatal(err)
		}
		unasked := s.Version()
		if d := s.difference(t); d > 0.01 || d < -0.01 {
			t.Errorf("what is new is expected to differ by %.3f before the embedder was asked", d)
		}
		synctest.Wait()
		if v := s.Version(); v != unasked {
			t.Errorf("the version is %q, and %q before texts were embedded that are only scored", v, unasked)
		}
		if d := s.difference(t); !(d > 0.2) {
			t.Errorf("what is good is expected to be better by %.3f of 1, want 0.2", d)
		}
		was := s.Version()
		r.set(func() { r.key = "e2" })
		s.rate(t, 2)
		synctest.Wait()
		if d := s.difference(t); d > 0.01 || d < -0.01 {
			t.Errorf("by another embedder than the model's it is expected to be better by %.3f", d)
		}
		before := s.Version()
		if err := s.Refit(ctx, nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if d := s.difference(t); !(d > 0.2) {
			t.Errorf("after a fit, by another embedder, it is expected to be better by %.3f", d)
		}
		if v := s.Version(); v == was || v == before {
			t.Errorf("the version stays %q", v)
		}
		r.set(func() {
			for text, n := range r.asked {
				if n > 2 {
					t.Errorf("%q was embedded %d times by two embedders", text, n)
				}
			}
		})
		r.set(func() { r.key = "e3" })
		s.text(true) // another number of texts, so that others are looked at
		s.difference(t)
		synctest.Wait()
		stop()
		time.Sleep(11 * time.Minute) // the slot's
		if err := s.Slots()[0].Run(t.Context(), hobby.SlotRun{}); err != nil {
			t.Errorf("the slot, without a fence, says %v; another embedder is no reason to fit on the same day", err)
		}
		time.Sleep(24 * time.Hour)
		if err := s.Slots()[0].Run(t.Context(), hobby.SlotRun{}); !errors.Is(err, hobby.ErrStale) {
			t.Errorf("the slot, without a fence, says %v; it is to fit when another embedder answers", err)
		}
	})
}

// TestEmbedderThatFails has an embedder be slow, unreachable or picky: ratings and predictions
// take no time of it, and a fit ends.
func TestEmbedderThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{key: "e1", asked: map[string]int{}, slow: time.Hour}
		s := newShop(t, r)
		ctx, _ := s.runs(t)
		start := time.Now()
		s.rate(t, 40)
		if took := time.Since(start); took != 0 {
			t.Errorf("ratings waited %v for the embedder", took)
		}
		if err := s.Refit(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 5*time.Minute {
			t.Errorf("a fit waited %v for an embedder that does not answer", took)
		}
		start = time.Now()
		s.difference(t)
		s.rate(t, 2)
		if took := time.Since(start); took != 0 {
			t.Errorf("ratings waited %v for the embedder", took)
		}

		r.set(func() { r.slow, r.err, r.calls = 0, errors.New("no such server"), 0 })
		time.Sleep(20 * time.Minute)
		for range 60 {
			s.difference(t)
			time.Sleep(time.Minute)
		}
		r.set(func() {
			if r.calls == 0 || r.calls > 40 {
				t.Errorf("an embedder that fails was called %d times in an hour", r.calls)
			}
			r.err = nil
		})

		poison := s.text(true)
		poison.Text = "poison"
		s.targets[poison.ID] = poison
		f := rlhf.Feedback{Type: rlhf.Insight, Target: poison.ID, User: "u", Rating: 5}
		if _, _, err := s.Submit(ctx, f); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		s.rate(t, 40)
		if err := s.Refit(ctx, nil); err != nil {
			t.Fatal(err)
		}
		s.difference(t)
		synctest.Wait()
		if d := s.difference(t); !(d > 0.2) {
			t.Errorf("beside a text that is refused, what is good is expected to be better by %.3f of 1, want 0.2", d)
		}
	})
}

// TestForgetReachesTheEmbedder has a source be forgotten of which nothing was rated: what was
// asked for is known no more, what is asked for is dropped, and what waits is never asked for.
func TestForgetReachesTheEmbedder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{key: "e1", asked: map[string]int{}}
		s := newShop(t, r)
		ctx, _ := s.runs(t)
		s.rate(t, 80)
		if err := s.Refit(ctx, nil); err != nil {
			t.Fatal(err)
		}
		unknown := s.difference(t) // both are asked for
		synctest.Wait()
		if d := s.difference(t); d == unknown {
			t.Fatal("what was asked for is not known")
		}
		r.set(func() { r.slow = 10 * time.Second })
		look := func(text string) {
			if _, _, err := s.Score(ctx, hobby.Insight{ID: text, Kind: "facts", Text: text}); err != nil {
				t.Fatal(err)
			}
		}
		look("flies")
		synctest.Wait()
		look("waits")
		if n, err := s.store.Forget(ctx, hobby.SourceHash("https://example.org/unrated")); err != nil || n != 0 {
			t.Fatalf("%d were deleted, %v; nothing was rated", n, err)
		}
		time.Sleep(3 * time.Second) // Run looks
		if d := s.difference(t); d != unknown {
			t.Errorf("what was asked for is still known: %.3f, want %.3f", d, unknown)
		}
		time.Sleep(time.Minute)
		look("flies")
		time.Sleep(time.Minute)
		r.set(func() {
			if r.asked["waits"] != 0 || r.asked["flies"] != 2 {
				t.Errorf("asked for %d and %d times, want never for what waited and anew for what was dropped",
					r.asked["waits"], r.asked["flies"])
			}
		})
	})
}
