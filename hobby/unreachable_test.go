package hobby_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// server is a model whose server can be gone.
type server struct {
	hobbytest.Model
	gone atomic.Bool
}

func (s *server) Info(ctx context.Context) (hobby.ModelInfo, error) {
	if s.gone.Load() {
		return hobby.ModelInfo{}, fmt.Errorf("refused: %w", hobby.ErrUnreachable)
	}
	return s.Model.Info(ctx)
}

// TestAnUnreachableModel: while the model's server is gone practice rests,
// longer each time, and Status says so. Once the server is back, practice goes
// on by itself.
func TestAnUnreachableModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, model := open(t), &server{}
		model.gone.Store(true)
		h := one("sums")
		h.NeedsModel = true
		m := manager(t, s, &hobby.Options{Model: model, Interval: time.Second, IdleThreshold: time.Second, PollEvery: time.Hour}, h)
		stop := start(t, m)
		begun := time.Now()
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		tries := list(t, s, hobby.Filter{})
		if n := len(tries); n < 12 || n > 16 {
			t.Errorf("%d tries in %v, want one after 1, 2, 4, 8, 15, 15... minutes", n, time.Since(begun))
		}
		for _, a := range tries {
			if a.Status != hobby.Failed || !strings.HasPrefix(a.Err, hobby.ErrUnreachable.Error()) || a.Items != 0 {
				t.Errorf("a try is %s with %d items: %s", a.Status, a.Items, a.Err)
			}
		}
		sys, err := m.Status(t.Context())
		if err != nil || sys.Resting != "the model does not answer" || !sys.Next.After(time.Now()) ||
			sys.Next.After(time.Now().Add(16*time.Minute)) {
			t.Errorf("resting %q until %v, %v", sys.Resting, sys.Next, err)
		}
		model.gone.Store(false)
		time.Sleep(16 * time.Minute)
		synctest.Wait()
		sys, err = m.Status(t.Context())
		last := list(t, s, hobby.Filter{})[0]
		stop()
		if err != nil || sys.Resting != "" || last.Status != hobby.Completed || last.Items != 1 {
			t.Errorf("back again: resting %q, the last session is %s with %d items, %v", sys.Resting, last.Status, last.Items, err)
		}
	})
}

// TestWhatNeedsNoModelGoesOn: while the model is unreachable the other hobbies are
// practised, the model is tried when the status says it is, and the first session
// that finds it there ends the rest.
func TestWhatNeedsNoModelGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, model := open(t), &server{}
		model.gone.Store(true)
		needs := one("sums")
		needs.NeedsModel = true
		// These two need none, and would use one. The first finds something without.
		gone := fmt.Errorf("asking: %w", hobby.ErrUnreachable)
		finds := hobby.Hobby{Kind: "study", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			return errors.Join(out.Insight(hobby.Insight{Text: "a finding", Topic: "t", Confidence: 1}), gone)
		})}
		asks := failing("quiz", gone)
		opts := &hobby.Options{Model: model, Interval: 7 * time.Second, IdleThreshold: time.Second, PollEvery: time.Hour}
		m := manager(t, s, opts, needs, one("walk"), finds, asks)
		stop := start(t, m)
		defer stop()
		synctest.Wait()
		at := func() hobby.ManagerStatus {
			t.Helper()
			sys, err := m.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return sys
		}
		if sys := at(); sys.Resting != "the model does not answer" || sys.ModelRetry.IsZero() {
			t.Fatalf("as it starts: resting %q, tried again at %v", sys.Resting, sys.ModelRetry)
		}
		for i := range 6 {
			retry := at().ModelRetry
			before := len(list(t, s, hobby.Filter{Kind: "sums"}))
			time.Sleep(time.Until(retry) - time.Millisecond)
			synctest.Wait()
			if n := len(list(t, s, hobby.Filter{Kind: "sums"})); n != before {
				t.Errorf("try %d: the model was tried before %v", i, retry)
			}
			time.Sleep(2 * time.Millisecond)
			synctest.Wait()
			if n := len(list(t, s, hobby.Filter{Kind: "sums"})); n != before+1 {
				t.Errorf("try %d: the model was not tried at %v", i, retry)
			}
		}
		walks := list(t, s, hobby.Filter{Kind: "walk"})
		if n := len(walks); n < 100 {
			t.Errorf("%d sessions without a model in %v", n, time.Since(walks[len(walks)-1].Started))
		}
		for _, a := range list(t, s, hobby.Filter{Kind: "study"}) {
			if a.Status != hobby.Completed || a.Err != "" {
				t.Errorf("what needs no model %s: %s", a.Status, a.Err)
			}
		}
		empty := list(t, s, hobby.Filter{Kind: "quiz"})
		for _, a := range empty {
			if a.Status != hobby.Failed || a.Err != "nothing was found without a model: "+gone.Error() {
				t.Errorf("what finds nothing without a model %s: %s", a.Status, a.Err)
			}
		}
		if n := len(empty); n < 3 || n > 20 {
			t.Errorf("what finds nothing without a model was practised %d times, and rests after three", n)
		}
		retry := at().ModelRetry
		if a, err := m.Request(t.Context(), ""); err != nil || a.Plan.Kind != "sums" {
			t.Errorf("a person who asks for practice tries the model: %q, %v", a.Plan.Kind, err)
		}
		synctest.Wait()
		if again := at().ModelRetry; again.Before(retry) {
			t.Errorf("a try that a person asked for moved the next one from %v to %v", retry, again)
		}
		model.gone.Store(false)
		time.Sleep(time.Until(at().ModelRetry) + time.Millisecond)
		synctest.Wait()
		if sys := at(); sys.Resting != "" || !sys.ModelRetry.IsZero() {
			t.Errorf("back again: resting %q, tried again at %v", sys.Resting, sys.ModelRetry)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := len(list(t, s, hobby.Filter{Kind: "sums", Status: hobby.Completed})); n < 10 {
			t.Errorf("%d sessions with the model since it is back", n)
		}
	})
}

// TestAnActivityNamesTheModelThatAnswered has a hobby that needs no model, and
// whose answers name one.
func TestAnActivityNamesTheModelThatAnswered(t *testing.T) {
	s := open(t)
	h := hobby.Hobby{Kind: "study", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
		return out.Item(hobby.Item{
			Family: "f", Level: 1, Split: hobby.Practice, Verifier: "exact", Score: 1, ModelKey: "key", Model: "small",
		})
	})}
	got, err := manager(t, s, nil, h).RunOnce(t.Context(), "study")
	if err != nil || got.Activity.Model != "small" || got.Activity.ModelKey != "key" {
		t.Errorf("the activity names %q (%q), %v", got.Activity.Model, got.Activity.ModelKey, err)
	}
}

// TestAModelThatAnswersGoesOn has two hobbies with a model each, and the server of one
// is gone: the other is practised all the while, and what is gone is tried again.
func TestAModelThatAnswersGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, gone, there := open(t), &server{}, &server{}
		gone.gone.Store(true)
		a, b := one("sums"), one("words")
		a.NeedsModel, a.Model, b.NeedsModel, b.Model = true, gone, true, there
		m := manager(t, s, &hobby.Options{Interval: 7 * time.Second, IdleThreshold: time.Second, PollEvery: time.Hour}, a, b)
		stop := start(t, m)
		defer stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		tries, sessions := len(list(t, s, hobby.Filter{Kind: "sums"})), len(list(t, s, hobby.Filter{Kind: "words"}))
		if tries < 5 || tries > 12 || sessions < 90 {
			t.Errorf("in an hour %d tries of the model that is gone, %d sessions with the other", tries, sessions)
		}
		sys, err := m.Status(t.Context())
		if err != nil || sys.Resting != "" || sys.ModelRetry.IsZero() {
			t.Errorf("resting %q, tried again at %v, %v", sys.Resting, sys.ModelRetry, err)
		}
		gone.gone.Store(false)
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if last := list(t, s, hobby.Filter{Kind: "sums"})[0]; last.Status != hobby.Completed || last.ModelKey == "" {
			t.Errorf("back again: %+v", last)
		}
	})
}
