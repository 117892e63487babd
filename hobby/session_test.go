package hobby_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// TestAClockThatIsSetBack sets the wall clock back by an hour in the middle of
// a session, as a time server may.
func TestAClockThatIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var off time.Duration
		m := manager(t, open(t), nil, hobby.Hobby{Kind: "sums",
			Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
				time.Sleep(time.Minute)
				off -= time.Hour
				return out.Item(item(1))
			})})
		m.SetWall(func() time.Time { return time.Now().Add(off) })
		for range 2 {
			got, err := m.RunOnce(t.Context(), "sums")
			if err != nil {
				t.Fatal(err)
			}
			if a := got.Activity; a.Status != hobby.Completed || a.Ended.Sub(a.Started) != time.Minute {
				t.Errorf("%s from %v to %v, want a completed session of a minute", a.Status, a.Started, a.Ended)
			}
		}
	})
}

// TestHowSessionsEnd has a manager, and hobby.Practise, which a sub-agent calls,
// carry out the same practice: it ends in the same way.
func TestHowSessionsEnd(t *testing.T) {
	away := errors.New("the server is switched off")
	asks := func(f hobby.ExecutorFunc) hobby.Hobby {
		return hobby.Hobby{Kind: "sums", NeedsModel: true, Executor: f}
	}
	hang := func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error { <-ctx.Done(); return ctx.Err() }
	for name, c := range map[string]struct {
		hobby hobby.Hobby
		model hobby.Model
		want  hobby.Status
		err   string // the error's first line
		items int
	}{
		"carried out":          {hobby: one("sums"), want: hobby.Completed, items: 1},
		"failed":               {hobby: failing("sums", away), want: hobby.Failed, err: away.Error()},
		"out of time":          {hobby: stuck("sums", make(chan struct{}, 2)), want: hobby.Completed, items: 1},
		"out of time, nothing": {hobby: asks(hang), want: hobby.Failed, err: "hobby: time is up and nothing was verified"},
		"verified, then failed": {
			hobby: hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
				return errors.Join(out.Item(item(0)), away)
			})},
			want: hobby.Failed, err: away.Error(), items: 1,
		},
		"a bug, after an answer": {
			hobby: hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
				panic(errors.Join(out.Item(item(1)), errors.New("a bug")).Error())
			})},
			want: hobby.Failed, err: "hobby: panic in practice: a bug", items: 1,
		},
		"a bug in the model": {
			hobby: asks(hang), model: broken{}, want: hobby.Failed,
			err: "hobby: asking the model what it is: hobby: panic in the model's Info: a bug",
		},
		"not an item": {
			hobby: hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
				return out.Item(hobby.Item{Split: hobby.Practice, Score: 2, Verifier: "exact"})
			})},
			want: hobby.Failed, err: "hobby: invalid: Item.Score is 2, must be in [0, 1]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if c.model == nil {
					c.model = &hobbytest.Model{}
				}
				m := manager(t, open(t), &hobby.Options{Model: c.model}, c.hobby)
				stored, err := m.RunOnce(t.Context(), "sums")
				if err != nil {
					t.Fatal(err)
				}
				kept, err := hobby.Practise(t.Context(), c.hobby, stored.Activity.Plan, &hobby.PractiseOptions{Model: c.model})
				if (err == nil) != (c.err == "") || err != nil && err.Error() != kept.Activity.Err {
					t.Errorf("Practise: the error is %v, the activity's %q", err, kept.Activity.Err)
				}
				for who, got := range map[string]hobby.Session{"the manager": stored, "Practise": kept} {
					a := got.Activity
					first, _, _ := strings.Cut(a.Err, "\n")
					if a.Status != c.want || first != c.err || a.Items != c.items || len(got.Items) != c.items {
						t.Errorf("%s: %s, %q, %d items; want %s, %q, %d items", who, a.Status, a.Err, a.Items, c.want, c.err, c.items)
					}
					if a.Ended.IsZero() || a.Ended.Before(a.Started) {
						t.Errorf("%s: started %v, ended %v", who, a.Started, a.Ended)
					}
				}
				if stored.Activity.Passes != kept.Activity.Passes || stored.Activity.Cost.TokensIn != kept.Activity.Cost.TokensIn ||
					stored.Activity.ModelKey != kept.Activity.ModelKey {
					t.Errorf("the manager says %+v, Practise %+v", stored.Activity, kept.Activity)
				}
			})
		})
	}
}

// broken is a model with a bug.
type broken struct{}

func (broken) Info(context.Context) (hobby.ModelInfo, error) { panic("a bug") }

func (broken) Generate(context.Context, hobby.Request) (hobby.Response, error) { panic("a bug") }

// TestPractise has an executor that asks the sink what it may.
func TestPractise(t *testing.T) {
	s := open(t)
	tell := hobby.Hobby{Kind: "telling", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
		for _, id := range []string{"old", "new", "new", "third"} {
			known, err := out.Told(ctx, id)
			if err != nil {
				return err
			}
			if !known {
				if err := out.Insight(hobby.Insight{ID: id, Text: id, Confidence: 1}); err != nil {
					return err
				}
			}
		}
		for {
			if err := errors.Join(out.Spend(hobby.Cost{MicroUSD: 1}), out.Item(item(1))); err != nil {
				return err
			}
		}
	})}
	m := manager(t, s, nil, hobby.Hobby{Kind: "telling",
		Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			return out.Insight(hobby.Insight{ID: "old", Text: "old", Confidence: 1})
		})})
	if _, err := m.RunOnce(t.Context(), "telling"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		opts hobby.PractiseOptions
		told string
	}{
		"with the store": {hobby.PractiseOptions{Told: s, MaxItems: 3}, "new third"},
		"elsewhere":      {hobby.PractiseOptions{MaxItems: 3}, "old new third"},
		"bounded":        {hobby.PractiseOptions{MaxItems: 3, MaxInsights: 2}, "old new"},
	} {
		got, err := hobby.Practise(t.Context(), tell, hobby.Plan{Kind: "telling"}, &c.opts)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, i := range got.Insights {
			told = append(told, i.Text)
		}
		if diff := cmp.Diff(c.told, strings.Join(told, " ")); diff != "" {
			t.Errorf("%s: told (-want +got):\n%s", name, diff)
		}
		want := got.Activity
		want.Items, want.Passes, want.Insights, want.Cost.MicroUSD, want.Status = 3, 3, len(told), 3, hobby.Completed
		if diff := cmp.Diff(want, got.Activity); diff != "" || len(got.Items) != 3 {
			t.Errorf("%s: %d items, want 3; the activity (-want +got):\n%s", name, len(got.Items), diff)
		}
	}
	gone, leave := context.WithCancelCause(t.Context())
	leave(hobby.ErrUserReturned)
	got, err := hobby.Practise(gone, stuck("sums", make(chan struct{}, 1)), hobby.Plan{Kind: "sums"}, nil)
	if !errors.Is(err, hobby.ErrUserReturned) || got.Activity.Status != hobby.Interrupted {
		t.Errorf("interrupted: %v, %+v", err, got.Activity)
	}
	asking := hobby.Hobby{Kind: "asking", NeedsModel: true, Executor: tell.Executor}
	got, err = hobby.Practise(t.Context(), asking, hobby.Plan{}, nil)
	if !errors.Is(err, hobby.ErrNoModel) || got.Activity.Status != hobby.Failed {
		t.Errorf("without a model: %v, %+v", err, got.Activity)
	}
}

func TestPanicIsTheActivitysErrorAndPracticeGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		m := manager(t, s, nil, hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error {
			panic("a bug in a host's executor")
		})})
		defer start(t, m)()
		time.Sleep(time.Hour)
		got := list(t, s, hobby.Filter{Status: hobby.Failed})
		if len(got) < 2 {
			t.Fatalf("%d failed sessions in an hour, want practice to go on", len(got))
		}
		if want := "hobby: panic in practice: a bug in a host's executor"; len(got[0].Err) < len(want) || got[0].Err[:len(want)] != want {
			t.Errorf("error %q, want it to begin with %q", got[0].Err, want)
		}
	})
}

// TestTheSinkKeepsNothingOfItsCallers has an executor that uses its slices
// again.
func TestTheSinkKeepsNothingOfItsCallers(t *testing.T) {
	m := manager(t, open(t), nil, hobby.Hobby{Kind: "sums",
		Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			i := item(1)
			in := hobby.Insight{Text: "seen", Confidence: 1, Evidence: make([]hobby.Evidence, 1)}
			for _, name := range []string{"a", "b"} {
				i.Messages[0].Content, in.Evidence[0] = name, hobby.Evidence{Kind: hobby.EvidenceFile, Ref: name}
				if err := errors.Join(out.Item(i), out.Insight(in)); err != nil {
					return err
				}
			}
			return nil
		})})
	s, err := m.RunOnce(t.Context(), "sums")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"a", "b"} {
		if got := s.Items[n].Messages[0].Content + s.Insights[n].Evidence[0].Ref; got != want+want {
			t.Errorf("item and insight %d say %q, want %q", n, got, want+want)
		}
	}
}

// bug is a host's code that panics.
type bug struct{ hobbytest.Model }

func (*bug) Choose(context.Context, hobby.State) (hobby.Plan, error) { panic("a bug") }
func (*bug) Info(context.Context) (hobby.ModelInfo, error)           { panic("a bug") }

func TestAPanicOfAPolicyOrModelIsAnError(t *testing.T) {
	m := manager(t, open(t), &hobby.Options{Policy: &bug{}}, one("sums"))
	if _, err := m.RunOnce(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "panic in the policy: a bug") {
		t.Errorf("the policy: %v", err)
	}
	asking := one("asking")
	asking.NeedsModel = true
	m = manager(t, open(t), &hobby.Options{Model: &bug{}}, asking)
	if s, err := m.RunOnce(t.Context(), ""); err != nil || s.Activity.Status != hobby.Failed || !strings.Contains(s.Activity.Err, "a bug") {
		t.Errorf("the model: %+v, %v", s.Activity, err)
	}
}

func TestShutdownGivesTheRunningSessionItsGrace(t *testing.T) {
	for grace, want := range map[time.Duration]hobby.Status{10 * time.Second: hobby.Completed, 2 * time.Second: hobby.Interrupted} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			entered := make(chan struct{})
			m := manager(t, s, &hobby.Options{Grace: grace}, hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(
				func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
					close(entered)
					select {
					case <-time.After(5 * time.Second):
						return out.Item(item(1))
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				})})
			stop := start(t, m)
			<-entered
			stop()
			if got := list(t, s, hobby.Filter{}); len(got) != 1 || got[0].Status != want {
				t.Errorf("a 5 s session and a grace of %v: %+v, want one that is %s", grace, got, want)
			}
		})
	}
}

func TestRedactReachesEveryText(t *testing.T) {
	const secret = "s3cret"
	m := manager(t, open(t), &hobby.Options{Redact: func(s string) string {
		return strings.ReplaceAll(s, secret, "\xff")
	}}, hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
		i := item(0)
		i.Answer, i.Reference, i.Note, i.Source = secret, secret, secret, secret
		i.Messages = []hobby.Message{{Role: hobby.RoleAssistant, Content: secret, ToolCalls: []hobby.ToolCall{{Name: secret, Arguments: secret}}}}
		return errors.Join(out.Item(i), out.Insight(hobby.Insight{
			Text: secret, Topic: secret, Source: secret, Confidence: 1, Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: secret}},
		}), errors.New("no "+secret))
	})})
	s, err := m.RunOnce(t.Context(), "sums")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "\uFFFD"); n != 12 || strings.Contains(string(raw), secret) || !s.Items[0].Redacted {
		t.Errorf("%d of 12 texts were redacted: %s", n, raw)
	}
}

func TestMoneyIsCountedAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, open(t), &hobby.Options{Daily: hobby.Budget{MicroUSD: 1000}}, hobby.Hobby{
			Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
				if err := out.Spend(hobby.Cost{MicroUSD: 100}); err != nil { // a search, say
					return err
				}
				for {
					i := item(1)
					i.MicroUSD = 400
					if err := out.Item(i); err != nil {
						return err
					}
				}
			}),
		})
		got, err := m.RunOnce(t.Context(), "sums")
		if err != nil {
			t.Fatal(err)
		}
		if a := got.Activity; a.Status != hobby.Completed || a.Items != 3 || a.Cost.MicroUSD != 1300 || got.Items[0].MicroUSD != 400 {
			t.Errorf("%s, %d items, %d millionths; want the session to end with the third item, at 1300", a.Status, a.Items, a.Cost.MicroUSD)
		}
		if _, err := m.RunOnce(t.Context(), "sums"); !errors.Is(err, hobby.ErrBudget) {
			t.Errorf("the next session: %v, want ErrBudget", err)
		}
	})
}

func TestAHobbyThatYieldsNothingBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		opts := &hobby.Options{PollEvery: time.Hour}
		m := manager(t, s, opts, failing("sums", errors.New("no")))
		stop := start(t, m)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		stop()
		// Three at the usual interval, then rests of 30, 60, 120, ... minutes.
		got := list(t, s, hobby.Filter{})
		if len(got) < 5 || len(got) > 9 {
			t.Errorf("%d failing sessions in a day, want the rests to double", len(got))
		}
		p, err := m.Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if k := p.Kind("sums"); !k.Degraded || k.Failures != len(got) || !k.RestUntil.After(time.Now()) {
			t.Errorf("progress %+v, want a degraded kind that rests", k)
		}
		// A restart remembers.
		again := manager(t, s, opts, failing("sums", errors.New("no")))
		q, err := again.Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if k := q.Kind("sums"); !k.Degraded || k.Failures != len(got) {
			t.Errorf("after a restart: %d failures, want %d", k.Failures, len(got))
		}
		for name, p := range map[string]hobby.Progress{"at first": p, "after a restart": q} {
			want := fmt.Sprintf("%d sessions in a row gave no answer and no insight; the last failed: no", len(got))
			if k := p.Kind("sums"); k.Rests != want {
				t.Errorf("%s it rests because %q, want %q", name, k.Rests, want)
			}
		}
		if _, err := again.RunOnce(t.Context(), "sums"); err != nil {
			t.Errorf("a person's wish: %v, want it carried out", err)
		}
		if _, err := again.RunOnce(t.Context(), ""); !errors.Is(err, hobby.ErrNothing) {
			t.Errorf("the policy's turn: %v, want ErrNothing", err)
		}
	})
}

// TestAHobbyThatIsNotReady is not offered to the policy, and says why.
func TestAHobbyThatIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := failing("sums", errors.New("no"))
		why := errors.New("the log has 3 entries")
		h.Ready = func(context.Context) error { return why }
		m := manager(t, open(t), nil, h)
		if _, err := m.RunOnce(t.Context(), ""); !errors.Is(err, hobby.ErrNothing) {
			t.Errorf("the policy's turn: %v, want ErrNothing", err)
		}
		p, err := m.Progress(t.Context())
		if k := p.Kind("sums"); err != nil || k.Rests != why.Error() || k.Degraded {
			t.Errorf("it rests because %q, degraded: %v, %v", k.Rests, k.Degraded, err)
		}
		why = nil
		if _, err := m.RunOnce(t.Context(), ""); err != nil {
			t.Errorf("once it is ready: %v", err)
		}
		h.Ready = func(context.Context) error { panic("oh") }
		p, err = manager(t, open(t), nil, h).Progress(t.Context())
		if k := p.Kind("sums"); err != nil || !strings.Contains(k.Rests, "oh") || strings.Contains(k.Rests, "\n") {
			t.Errorf("of a panic it says %q, %v", k.Rests, err)
		}
	})
}

func TestARestIsNeverNegative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, open(t), &hobby.Options{Interval: 60 * 24 * time.Hour}, failing("sums", errors.New("no")))
		for n := range 20 {
			if _, err := m.RunOnce(t.Context(), "sums"); err != nil {
				t.Fatal(err)
			}
			p, err := m.Progress(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if k := p.Kind("sums"); k.Degraded && !k.RestUntil.After(time.Now()) {
				t.Fatalf("after %d failures it rests until %v", n+1, k.RestUntil)
			}
		}
	})
}

// TestAModelMeasuresItsOwnHobbies has a hobby that no model practises beside one
// that a model does, and then another model. The first may change, being known by its
// name alone.
func TestAModelMeasuresItsOwnHobbies(t *testing.T) {
	sums, asking := one("sums"), one("asking")
	sums.Families = []hobby.Family{{Name: "sums", Levels: 1}}
	asking.NeedsModel, asking.Families = true, sums.Families
	model := &hobbytest.Model{Identity: hobby.ModelInfo{Name: "model", Key: hobby.WeakModelKey("model"), Weak: true}}
	m := manager(t, open(t), &hobby.Options{Model: model}, sums, asking)
	run := func(k hobby.Kind) hobby.Session {
		t.Helper()
		s, err := m.RunOnce(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	items := func() (sums, asking int64) {
		t.Helper()
		p, err := m.Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p.Kind("sums").Proficiency.Estimate.Items, p.Kind("asking").Proficiency.Estimate.Items
	}
	run("sums")
	if s := run("asking"); s.Items[0].ModelKey != s.Activity.ModelKey || s.Activity.ModelKey == "" {
		t.Errorf("the item's model key is %q, the activity's %q; want them to be one", s.Items[0].ModelKey, s.Activity.ModelKey)
	}
	if s, a := items(); s != 1 || a != 1 {
		t.Errorf("measured by %d answers without a model and %d of the model, want 1 and 1", s, a)
	}
	if s := run("asking"); s.Activity.Delta == nil {
		t.Error("the second session of a model has no change of proficiency")
	}
	model.Identity = hobby.ModelInfo{Name: "other", Key: "other"}
	if s := run("asking"); s.Activity.Delta != nil || s.Activity.Improved != nil {
		t.Errorf("the first session of another model changed its proficiency by %+v", s.Activity.Delta)
	}
	if s, a := items(); s != 1 || a != 1 {
		t.Errorf("after the model changed: %d and %d answers, want 1 and 1", s, a)
	}
	model.Identity = hobby.ModelInfo{Name: "frozen", Key: hobby.ModelKey("weights")}
	for range 2 {
		if s := run("asking"); s.Activity.Delta != nil || s.Activity.Improved != nil {
			t.Errorf("a model that cannot change has changed by %+v", s.Activity.Delta)
		}
	}
}
