package hobby_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
)

// item is a verified answer for tests that only count them.
func item(score float64) hobby.Item {
	return hobby.Item{
		Family: "sums", Level: 1, Split: hobby.Practice, Suite: "test", Verifier: "exact",
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "1+1?"}}, Answer: "2", Reference: "2", Score: score,
		Latency: time.Millisecond, TokensIn: 10, TokensOut: 5,
	}
}

// one is a hobby whose sessions hand over one right answer.
func one(k hobby.Kind) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
		return out.Item(item(1))
	})}
}

// stuck is a hobby that verifies one answer and then waits for its context.
// entered gets a value when it waits.
func stuck(k hobby.Kind, entered chan<- struct{}) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
		if err := out.Item(item(1)); err != nil {
			return err
		}
		entered <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})}
}

func failing(k hobby.Kind, err error) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return err })}
}

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func manager(t testing.TB, s hobby.Store, o *hobby.Options, hobbies ...hobby.Hobby) *hobby.Manager {
	t.Helper()
	m, err := hobby.New(s, hobbies, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// start runs m in the background; the returned func ends it and reports what
// Run returned.
func start(t testing.TB, m *hobby.Manager) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func list(t testing.TB, s hobby.Store, f hobby.Filter) []hobby.Activity {
	t.Helper()
	var all []hobby.Activity
	for {
		p, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p.Activities...)
		if f.Cursor = p.Next; f.Cursor == "" {
			return all
		}
	}
}

func TestADayOfIdlingIs96Sessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		m := manager(t, s, &hobby.Options{PollEvery: time.Hour}, one("sums"), one("sorting"))
		stop := start(t, m)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		stop()
		got := list(t, s, hobby.Filter{})
		if len(got) != 96 {
			t.Errorf("%d sessions in a day of 15-minute intervals, want 96", len(got))
		}
		for i, a := range got[1:] {
			if gap := got[i].Started.Sub(a.Started); gap != 15*time.Minute {
				t.Errorf("%v between two sessions, want 15 min", gap)
			}
		}
		if a := got[0]; a.Status != hobby.Completed || a.Passes != 1 || a.Plan.Propensity <= 0 || a.Plan.Policy == "" {
			t.Errorf("the last session is %+v, want a completed one with its plan's policy and propensity", a)
		}
	})
}

// TestRestartsKeepTheRhythm restarts the program every few minutes of a day.
func TestRestartsKeepTheRhythm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		rng := rand.New(rand.NewPCG(3, 4))
		begin := time.Now()
		for time.Since(begin) < 24*time.Hour {
			m := manager(t, s, &hobby.Options{IdleThreshold: time.Second, PollEvery: time.Hour}, one("sums"))
			stop := start(t, m)
			time.Sleep(time.Duration(2+rng.IntN(40)) * time.Minute)
			if rng.IntN(3) == 0 { // a wish does not count
				if _, err := m.Request(t.Context(), "sums"); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			stop()
		}
		var starts []time.Time
		for _, a := range list(t, s, hobby.Filter{}) {
			if a.Plan.Policy != "request" {
				starts = append(starts, a.Started)
			}
		}
		for i := 1; i < len(starts); i++ {
			if gap := starts[i-1].Sub(starts[i]); gap < 15*time.Minute || gap > 15*time.Minute+time.Second {
				t.Errorf("%v between two sessions, want 15 min whenever the program restarts", gap)
			}
		}
		if len(starts) < 95 || starts[0].Equal(starts[len(starts)-1]) {
			t.Errorf("%d sessions in a day, want one each 15 min", len(starts))
		}
	})
}

func TestTouchYieldsAndKeepsWhatWasVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		entered := make(chan struct{}, 10)
		m := manager(t, s, nil, stuck("sums", entered))
		defer start(t, m)()
		<-entered
		touched := time.Now()
		m.Touch()
		synctest.Wait()
		got := list(t, s, hobby.Filter{})
		if len(got) != 1 || got[0].Status != hobby.Interrupted || got[0].Items != 1 || got[0].Err != hobby.ErrUserReturned.Error() {
			t.Fatalf("after Touch: %+v, want one interrupted session with one item", got)
		}
		if d := got[0].Ended.Sub(touched); d != 0 {
			t.Errorf("the session went on for %v after Touch", d)
		}
		<-entered
		if away := time.Since(touched); away < 5*time.Minute {
			t.Errorf("practice began again %v after the user was there, want at least the idle threshold", away)
		}
	})
}

func TestPauseReturnsOnceTheSessionIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		entered := make(chan struct{}, 10)
		m := manager(t, s, &hobby.Options{PollEvery: time.Hour}, stuck("sums", entered))
		defer start(t, m)()
		<-entered
		if err := m.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := list(t, s, hobby.Filter{Status: hobby.Interrupted}); len(got) != 1 {
			t.Fatalf("%d interrupted sessions when Pause returned, want 1", len(got))
		}
		time.Sleep(24 * time.Hour)
		if got := list(t, s, hobby.Filter{}); len(got) != 1 {
			t.Errorf("%d sessions after a day of pause, want 1", len(got))
		}
		m.Resume()
		<-entered
	})
}

// TestAClockThatIsSetBack sets the wall clock back by an hour in the middle of
// a session, as a time server may.
func TestAClockThatIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var off time.Duration
		m := manager(t, open(t), nil, hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
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

// TestNothingStartsAfterPause has the user come back, or a host pause, while the
// loop is just about to start a session that is due.
func TestNothingStartsAfterPause(t *testing.T) {
	for what, c := range map[string]struct {
		do   func(*hobby.Manager)
		want int
	}{
		"nothing": {func(*hobby.Manager) {}, 1},
		"a touch": {(*hobby.Manager).Touch, 0},
		"a pause": {func(m *hobby.Manager) {
			if err := m.Pause(t.Context()); err != nil {
				t.Error(err)
			}
		}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			m := manager(t, s, nil, one("sums"))
			time.Sleep(time.Hour) // the user is away
			c.do(m)
			m.Tick(t.Context())
			if got := list(t, s, hobby.Filter{}); len(got) != c.want {
				t.Errorf("%d sessions began after %s, want %d", len(got), what, c.want)
			}
		})
	}
}

func TestHowSessionsEnd(t *testing.T) {
	away := errors.New("the server is switched off")
	asks := func(f hobby.ExecutorFunc) hobby.Hobby {
		return hobby.Hobby{Kind: "sums", NeedsModel: true, Executor: f}
	}
	hang := func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error { <-ctx.Done(); return ctx.Err() }
	for name, c := range map[string]struct {
		hobby hobby.Hobby
		want  hobby.Status
		err   string
		items int
	}{
		"carried out":          {hobby: one("sums"), want: hobby.Completed, items: 1},
		"failed":               {hobby: failing("sums", away), want: hobby.Failed, err: away.Error()},
		"out of time":          {hobby: stuck("sums", make(chan struct{}, 1)), want: hobby.Completed, items: 1},
		"out of time, nothing": {hobby: asks(hang), want: hobby.Failed, err: "hobby: time is up and nothing was verified"},
		"verified, then failed": {
			hobby: hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
				return errors.Join(out.Item(item(0)), away)
			})},
			want: hobby.Failed, err: away.Error(), items: 1,
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
				m := manager(t, open(t), &hobby.Options{Model: &hobbytest.Model{}}, c.hobby)
				got, err := m.RunOnce(t.Context(), "sums")
				if err != nil {
					t.Fatal(err)
				}
				a := got.Activity
				if a.Status != c.want || a.Err != c.err || a.Items != c.items || len(got.Items) != c.items {
					t.Errorf("got %s, %q, %d items; want %s, %q, %d items", a.Status, a.Err, a.Items, c.want, c.err, c.items)
				}
				if a.Ended.IsZero() || a.Ended.Before(a.Started) {
					t.Errorf("started %v, ended %v", a.Started, a.Ended)
				}
			})
		})
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

func TestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		entered := make(chan struct{}, 10)
		needs := one("asking")
		needs.NeedsModel = true
		m := manager(t, s, &hobby.Options{Disabled: true}, stuck("sums", entered), needs)
		if _, err := m.Request(t.Context(), "sums"); !errors.Is(err, hobby.ErrNotRunning) {
			t.Errorf("before Run: %v, want ErrNotRunning", err)
		}
		stop := start(t, m)
		synctest.Wait()
		if _, err := m.Request(t.Context(), "no_such"); !errors.Is(err, hobby.ErrUnknownKind) {
			t.Errorf("unknown kind: %v", err)
		}
		if _, err := m.Request(t.Context(), "asking"); !errors.Is(err, hobby.ErrNoModel) {
			t.Errorf("no model: %v", err)
		}
		a, err := m.Request(t.Context(), "sums")
		if err != nil || a.Status != hobby.Running || a.Plan.Policy != "request" {
			t.Fatalf("got %+v, %v; want the running activity", a, err)
		}
		<-entered
		if _, err := m.Request(t.Context(), "sums"); !errors.Is(err, hobby.ErrBusy) {
			t.Errorf("while a session runs: %v, want ErrBusy", err)
		}
		if _, err := m.RunOnce(t.Context(), "sums"); !errors.Is(err, hobby.ErrBusy) {
			t.Errorf("RunOnce while a session runs: %v, want ErrBusy", err)
		}
		status, err := m.Status(t.Context())
		if err != nil || status.Current == nil || status.Current.ID != a.ID || status.Current.Items != 1 || status.Running {
			t.Errorf("status %+v, %v; want the session with its item, and Running false when disabled", status, err)
		}
		stop()
		if _, err := m.Request(t.Context(), "sums"); !errors.Is(err, hobby.ErrNotRunning) {
			t.Errorf("after Run: %v, want ErrNotRunning", err)
		}
	})
}

func TestDailyBudgetIsAHardStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		// 15 tokens an item: the third item crosses 40.
		m := manager(t, s, &hobby.Options{Daily: hobby.Budget{Tokens: 40}, PollEvery: time.Hour}, one("sums"))
		defer start(t, m)()
		midnight := time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		time.Sleep(time.Until(midnight) - time.Second)
		got := list(t, s, hobby.Filter{})
		if len(got) != 3 {
			t.Errorf("%d sessions on a budget for 3", len(got))
		}
		if st, err := m.Status(t.Context()); err != nil || st.Resting != "today's budget is used up" || st.Used.Tokens != 45 {
			t.Errorf("status %+v, %v; want it to say that 45 tokens used the budget up", st, err)
		}
		time.Sleep(12 * time.Hour)
		if got := list(t, s, hobby.Filter{Since: midnight}); len(got) != 3 {
			t.Errorf("%d sessions on the next day, want 3 more", len(got))
		}
	})
}

func TestRedactReachesEveryText(t *testing.T) {
	const secret = "s3cret"
	m := manager(t, open(t), &hobby.Options{Redact: func(s string) string {
		return strings.ReplaceAll(s, secret, "\xff")
	}}, hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
		i := item(0)
		i.Answer, i.Reference, i.Note = secret, secret, secret
		i.Messages = []hobby.Message{{Role: hobby.RoleAssistant, Content: secret, ToolCalls: []hobby.ToolCall{{Name: secret, Arguments: secret}}}}
		return errors.Join(out.Item(i), out.Insight(hobby.Insight{Text: secret, Topic: secret, Confidence: 1}), errors.New("no "+secret))
	})})
	s, err := m.RunOnce(t.Context(), "sums")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "\uFFFD"); n != 9 || strings.Contains(string(raw), secret) {
		t.Errorf("%d of 9 texts were redacted: %s", n, raw)
	}
}

func TestMoneyIsCountedAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, open(t), &hobby.Options{Daily: hobby.Budget{MicroUSD: 1000}}, hobby.Hobby{
			Kind: "sums", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
				if err := hobby.Spend(ctx, hobby.Cost{MicroUSD: 100}); err != nil { // a search, say
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
		if _, err := again.RunOnce(t.Context(), "sums"); err != nil {
			t.Errorf("a person's wish: %v, want it carried out", err)
		}
		if _, err := again.RunOnce(t.Context(), ""); !errors.Is(err, hobby.ErrNothing) {
			t.Errorf("the policy's turn: %v, want ErrNothing", err)
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
// that a model does, and then another model.
func TestAModelMeasuresItsOwnHobbies(t *testing.T) {
	sums, asking := one("sums"), one("asking")
	sums.Families = []hobby.Family{{Name: "sums", Levels: 1}}
	asking.NeedsModel, asking.Families = true, sums.Families
	model := &hobbytest.Model{}
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
		t.Errorf("the first session of another model changed its proficiency by %v", *s.Activity.Delta)
	}
	if s, a := items(); s != 1 || a != 1 {
		t.Errorf("after the model changed: %d and %d answers, want 1 and 1", s, a)
	}
}

// recorder is a Consumer that remembers what it was given, and fails and panics
// on some calls.
type recorder struct {
	mu    sync.Mutex
	seen  []hobby.Cursor
	calls int
	fail  func(call int) bool
	panic func(call int) bool
}

func (r *recorder) Name() string { return "recorder" }

func (r *recorder) Consume(_ context.Context, events []hobby.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.fail != nil && r.fail(r.calls) {
		return fmt.Errorf("call %d fails", r.calls)
	}
	if r.panic != nil && r.panic(r.calls) {
		panic("a bug in a host's consumer")
	}
	for _, e := range events {
		r.seen = append(r.seen, e.Pos)
	}
	return nil
}

func TestConsumersSeeEveryEventOnceInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		before := manager(t, s, nil, one("sums"))
		for range 300 { // more than a batch, before the consumer exists
			if _, err := before.RunOnce(t.Context(), "sums"); err != nil {
				t.Fatal(err)
			}
		}
		r := &recorder{fail: func(call int) bool { return call%3 == 2 }, panic: func(call int) bool { return call%4 == 3 }}
		for range 2 { // and over a restart
			m := manager(t, s, &hobby.Options{Consumers: []hobby.Consumer{r}, PollEvery: time.Hour}, one("sums"))
			stop := start(t, m)
			time.Sleep(5 * time.Hour)
			synctest.Wait()
			stop()
		}
		head, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if hobby.Cursor(len(r.seen)) != head {
			t.Fatalf("the consumer saw %d events, the log has %d", len(r.seen), head)
		}
		for i, c := range r.seen {
			if c != hobby.Cursor(i+1) {
				t.Fatalf("the %d-th event it saw is %d", i+1, c)
			}
		}
	})
}

// TestNoGoroutineOutlivesRun looks at the stacks of all goroutines at the moment
// that Run returns.
func TestNoGoroutineOutlivesRun(t *testing.T) {
	s := open(t)
	entered := make(chan struct{}, 1)
	m := manager(t, s, &hobby.Options{
		Interval: time.Millisecond, IdleThreshold: time.Nanosecond, Grace: -1, FlushEvery: time.Millisecond,
		Consumers: []hobby.Consumer{&recorder{}, follower{&recorder{}}},
		Slots: []hobby.Slot{{Name: "always", Schedule: hobby.Every(time.Millisecond), Run: func(ctx context.Context, _ hobby.Lease) error {
			return ctx.Err()
		}}},
	}, stuck("sums", entered))
	sub := m.Subscribe(1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan string, 1)
	go func() {
		err := m.Run(ctx)
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if err != nil {
			t.Errorf("Run: %v", err)
		}
		done <- string(stacks)
	}()
	<-entered // once a session is in its middle
	cancel()
	for stack := range strings.SplitSeq(<-done, "\n\n") {
		if strings.Contains(stack, "pastime/hobby.") && !strings.Contains(stack, "runtime.Stack") {
			t.Errorf("when Run returned, this was still there:\n%s", stack)
		}
	}
	for range sub.C() { // closed
	}
}

// follower is a recorder of another name.
type follower struct{ *recorder }

func (follower) Name() string { return "follower" }

func TestASlowSubscriberLosesEventsAndCanTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, open(t), &hobby.Options{Disabled: true}, one("sums"))
		stop := start(t, m)
		synctest.Wait()
		slow := m.Subscribe(1, hobby.ActivityFinished)
		fast := m.Subscribe(100)
		for range 5 {
			if _, err := m.RunOnce(t.Context(), "sums"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if got := slow.Dropped(); got != 4 {
			t.Errorf("the slow subscriber lost %d events, want 4", got)
		}
		if got := len(fast.C()); got != 15 || fast.Dropped() != 0 {
			t.Errorf("the fast one has %d events and lost %d, want a start, an item and an end for each of 5", got, fast.Dropped())
		}
		if st, err := m.Status(t.Context()); err != nil || st.Dropped != 4 {
			t.Errorf("status says %d lost, %v", st.Dropped, err)
		}
		stop()
		for range slow.C() { // closed by the end of Run
		}
		slow.Close()
	})
}

func TestNewRefuses(t *testing.T) {
	s := open(t)
	ok := one("sums")
	slot := hobby.Slot{Name: "nightly", Schedule: hobby.Every(time.Hour), Run: func(context.Context, hobby.Lease) error { return nil }}
	for name, c := range map[string]struct {
		store   hobby.Store
		hobbies []hobby.Hobby
		o       *hobby.Options
	}{
		"no store":           {nil, []hobby.Hobby{ok}, nil},
		"a kind twice":       {s, []hobby.Hobby{ok, ok}, nil},
		"a bad kind":         {s, []hobby.Hobby{one("Bad Kind")}, nil},
		"no executor":        {s, []hobby.Hobby{{Kind: "sums"}}, nil},
		"negative interval":  {s, []hobby.Hobby{ok}, &hobby.Options{Interval: -1}},
		"variety":            {s, []hobby.Hobby{ok}, &hobby.Options{Knobs: &hobby.Knobs{Variety: 1.5}}},
		"off, unregistered":  {s, []hobby.Hobby{ok}, &hobby.Options{Off: []hobby.Kind{"other"}}},
		"a slot twice":       {s, []hobby.Hobby{ok}, &hobby.Options{Slots: []hobby.Slot{slot, slot}}},
		"no consumer":        {s, []hobby.Hobby{ok}, &hobby.Options{Consumers: []hobby.Consumer{nil}}},
		"negative budget":    {s, []hobby.Hobby{ok}, &hobby.Options{Daily: hobby.Budget{Tokens: -1}}},
		"a slot that is not": {s, []hobby.Hobby{ok}, &hobby.Options{Slots: []hobby.Slot{{Name: "x"}}}},
		"a cycle": {s, []hobby.Hobby{{Kind: "sums", Executor: ok.Executor, Families: []hobby.Family{
			{Name: "a", Levels: 1, Requires: []string{"b"}}, {Name: "b", Levels: 1, Requires: []string{"a"}},
		}}}, nil},
	} {
		if _, err := hobby.New(c.store, c.hobbies, c.o); err == nil {
			t.Errorf("%s: no error", name)
		} else if !errors.Is(err, hobby.ErrInvalid) && !errors.Is(err, hobby.ErrUnknownKind) {
			t.Errorf("%s: %v, want ErrInvalid or ErrUnknownKind", name, err)
		}
	}
}
