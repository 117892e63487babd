package hobby_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
)

// item is a verified answer for tests that only count them.
func item(score float64) hobby.Item {
	return hobby.Item{
		Family: "sums", Level: 1, Split: hobby.Practice, Verifier: "exact",
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
			if rng.IntN(3) == 0 { // a session that was asked for does not count
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
		ended, err := m.Pause(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{`the session "Sums"`}, ended); d != "" {
			t.Errorf("what the pause ended (-want +got):\n%s", d)
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
			if _, err := m.Pause(t.Context()); err != nil {
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
		if err != nil || status.Current == nil {
			t.Fatalf("status %+v, %v; want the running session", status, err)
		}
		if got := status.Current; got.ID != a.ID || got.Items != 1 {
			t.Errorf("the current activity is %+v, want %s with its item", got, a.ID)
		}
		if status.Running {
			t.Error("Running is true although practice is disabled")
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

func TestNewRefuses(t *testing.T) {
	s := open(t)
	ok := one("sums")
	slot := hobby.Slot{Name: "nightly", Schedule: hobby.Every(time.Hour), Run: func(context.Context, hobby.SlotRun) error { return nil }}
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

// TestStatusPromisesNothing: there is no next session without a model, or with
// every kind off.
func TestStatusPromisesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		needy := one("needy")
		needy.NeedsModel = true
		for _, c := range []struct {
			hobbies []hobby.Hobby
			o       hobby.Options
			want    string
		}{
			{[]hobby.Hobby{needy}, hobby.Options{}, "there is no model"},
			{[]hobby.Hobby{needy}, hobby.Options{Model: hobbytest.Says("yes")}, "the user is here"},
			{[]hobby.Hobby{needy, one("sums")}, hobby.Options{}, "the user is here"},
			{[]hobby.Hobby{needy, one("sums")}, hobby.Options{Off: []hobby.Kind{"sums"}}, "there is no model"},
			{[]hobby.Hobby{one("sums")}, hobby.Options{Off: []hobby.Kind{"sums"}}, "every kind is off"},
		} {
			m := manager(t, open(t), &c.o, c.hobbies...)
			stop := start(t, m)
			synctest.Wait()
			if st, err := m.Status(t.Context()); err != nil || st.Resting != c.want {
				t.Errorf("resting %q, %v; want %q", st.Resting, err, c.want)
			}
			stop()
		}
	})
}
