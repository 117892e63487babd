package subagent_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
)

// empty is a hobby that does nothing.
func empty(k hobby.Kind) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return nil })}
}

// host is a coordinator that runs, over a store in memory.
type host struct {
	*subagent.Coordinator
	store *sqlite.Store
	stop  func()
}

func newHost(t testing.TB, hobbies []hobby.Hobby, o *subagent.Options) *host {
	t.Helper()
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &host{store: store}
	f.Coordinator, f.stop = start(t, store, hobbies, o)
	t.Cleanup(func() {
		f.stop()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// start runs a coordinator over a store until stop is called.
func start(t testing.TB, store *sqlite.Store, hobbies []hobby.Hobby, o *subagent.Options) (c *subagent.Coordinator, stop func()) {
	t.Helper()
	l, err := subagents.New(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = subagent.New(l, hobbies, o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	<-c.Ready()
	stopped := false
	return c, func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func register(t testing.TB, c *subagent.Coordinator, id string, caps ...string) {
	t.Helper()
	if _, err := c.Register(t.Context(), subagent.Agent{ID: id, Capabilities: caps}); err != nil {
		t.Fatal(err)
	}
}

func TestAnAgentInThisProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newHost(t, []hobby.Hobby{empty("void")}, nil)
		register(t, f.Coordinator, "a", "*")
		a, err := f.Assign(t.Context(), "a", "void", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		a, err = f.Wait(t.Context(), a.ID)
		if err != nil || a.Outcome.Gain != nil {
			t.Errorf("%+v %v", a.Outcome, err)
		}
		same(t, "the assignment", outline{Status: subagent.Completed, Agent: "a", Executor: subagent.Local, Attempt: 1}, outlineOf(a))
		act, err := f.store.Activity(t.Context(), a.ID)
		if err != nil || act.Activity.Status != hobby.Completed || act.Activity.Origin == nil || act.Activity.Origin.Agent != "a" {
			t.Errorf("the activity: %+v %v", act, err)
		}
		f.stop()
	})
}

// breaking is a ledger whose list of open work breaks off after its first page.
type breaking struct {
	subagent.Ledger
	first func() // waits for what the first page begins
}

func (b *breaking) Assignments(ctx context.Context, f subagent.Filter) (subagent.Page, error) {
	if f.Cursor != "" {
		b.first()
		return subagent.Page{}, errors.New("the disk is gone")
	}
	page, err := b.Ledger.Assignments(ctx, f)
	page.Next = "more"
	return page, err
}

// TestNothingOutlivesRun has Run fail when it has taken up half of what is open.
func TestNothingOutlivesRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newLedger(t)
		err := l.Create(t.Context(), subagent.Assignment{
			ID: "a", Plan: hobby.Plan{Kind: "slow"}, Status: subagent.Running, Attempt: 1, Executor: subagent.Local,
			Assigned: time.Now(), Deadline: time.Now().Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		begun := make(chan struct{})
		var ended atomic.Bool
		slow := hobby.Hobby{Kind: "slow", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
			close(begun)
			<-ctx.Done()
			time.Sleep(10 * time.Millisecond) // it tidies up
			ended.Store(true)
			return context.Cause(ctx)
		})}
		c, err := subagent.New(&breaking{l, func() { <-begun }}, []hobby.Hobby{slow}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Run(t.Context()); err == nil || !ended.Load() {
			t.Errorf("Run ended with %v; what it began has ended: %v", err, ended.Load())
		}
	})
}

// busy is a ledger that takes a result at the fourth attempt.
type busy struct {
	subagent.Ledger
	mu    sync.Mutex
	tries map[string]int
}

func (b *busy) End(ctx context.Context, id string, attempt int64, e subagent.End) (subagent.Assignment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tries[id]++; b.tries[id] < 4 {
		return subagent.Assignment{}, errors.New("the disk is full")
	}
	return b.Ledger.End(ctx, id, attempt, e)
}

// TestAResultWaitsForTheStore: what was done here, or by a worker that is
// connected, is stored when the store can take it, and is not done again.
func TestAResultWaitsForTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newLedger(t)
		ran := map[string]int{}
		void := hobby.Hobby{Kind: "void", Executor: hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error {
			ran["here"]++
			return nil
		})}
		tr := subagent.NewInProcess()
		ledger := &busy{Ledger: l, tries: map[string]int{}}
		c, err := subagent.New(ledger, []hobby.Hobby{void}, &subagent.Options{Transports: []subagent.Transport{tr}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		self := subagent.Agent{ID: "worker", Capabilities: []string{"*"}}
		w, err := subagent.NewWorker(self, func(context.Context, subagent.Order) (subagent.Result, error) {
			ran["worker"]++
			return subagent.Result{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		tr.Connect(w)
		register(t, c, "here", "*")
		for _, agent := range []string{"here", "worker"} {
			a, err := c.Assign(t.Context(), agent, "void", time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			a, err = c.Wait(t.Context(), a.ID)
			if err != nil || ran[agent] != 1 || ledger.tries[a.ID] != 4 {
				t.Errorf("%s: %v; it ran %d times, and was stored at try %d", agent, err, ran[agent], ledger.tries[a.ID])
			}
			same(t, agent, outline{Status: subagent.Completed, Agent: agent, Executor: a.Executor, Attempt: 1}, outlineOf(a))
		}
		cancel()
		if err := errors.Join(<-done, tr.Close()); err != nil {
			t.Error(err)
		}
	})
}

// TestRestartWithoutATransport takes up what an agent had that this host cannot
// reach any more: no executor of this process has failed at it.
func TestRestartWithoutATransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlite.Open(t.Context(), ":memory:", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		c, stop := start(t, store, []hobby.Hobby{empty("void")}, &subagent.Options{Transports: []subagent.Transport{&wire{}}})
		f := &host{Coordinator: c, store: store}
		joinWire(t, f, "one")
		a := assign(t, f, "one", "void")
		stop()
		f.Coordinator, stop = start(t, store, []hobby.Hobby{empty("void")}, nil)
		time.Sleep(time.Minute)
		if a = read(t, f, a.ID); a.Status != subagent.Completed || a.Agent != "" || a.Executor != subagent.Local {
			t.Errorf("%+v", a)
		}
		stop()
	})
}

// forgetful is a ledger that does not take the first retry.
type forgetful struct {
	subagent.Ledger
	failed bool
}

func (l *forgetful) Retry(ctx context.Context, id string, attempt int64, n subagent.Next) (subagent.Assignment, error) {
	if !l.failed {
		l.failed = true
		return subagent.Assignment{}, errors.New("the disk is full")
	}
	return l.Ledger.Retry(ctx, id, attempt, n)
}

// TestWhyAnAttemptEnded is told, and blamed on its agent, also when the store
// could not take it at first.
func TestWhyAnAttemptEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, store := newLedger(t)
		w := &wire{broken: errors.New("no route to host")}
		c, err := subagent.New(&forgetful{Ledger: l}, []hobby.Hobby{empty("void")}, &subagent.Options{Transports: []subagent.Transport{w}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		<-c.Ready()
		f := &host{Coordinator: c, store: store.(*sqlite.Store)}
		joinWire(t, f, "one")
		a := assign(t, f, "one", "void")
		time.Sleep(5 * time.Second)
		a = read(t, f, a.ID)
		totals, err := l.Totals(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != subagent.Completed || len(a.Past) != 1 || a.Past[0].Err != "no route to host" || totals["one"].Lost != 1 {
			t.Errorf("%+v, %+v", a, totals)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
