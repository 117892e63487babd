package subagent_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

// wire is a transport whose agents are played by a test: it reaches agents
// whose endpoint is "wire".
type wire struct {
	mu        sync.Mutex
	sent      []subagent.Order
	cancelled []string // "assignment/attempt"
	broken    error    // of Send
	fn        func(context.Context, subagent.Report) error
}

func (w *wire) Name() string { return "wire" }

func (w *wire) Reaches(a subagent.Agent) (bool, error) { return a.Endpoint == "wire", nil }

func (w *wire) Send(_ context.Context, _ subagent.Agent, o subagent.Order) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, o)
	return w.broken
}

func (w *wire) Cancel(_ context.Context, _ subagent.Agent, assignment string, attempt int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancelled = append(w.cancelled, fmt.Sprint(assignment, "/", attempt))
	return nil
}

func (w *wire) Receive(ctx context.Context, fn func(context.Context, subagent.Report) error) error {
	w.mu.Lock()
	w.fn = fn
	w.mu.Unlock()
	<-ctx.Done()
	return context.Cause(ctx)
}

func (w *wire) Close() error { return nil }

// orders are those sent so far.
func (w *wire) orders() []subagent.Order {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]subagent.Order{}, w.sent...)
}

// last waits until all is quiet and returns the newest order.
func (w *wire) last(t *testing.T) subagent.Order {
	t.Helper()
	synctest.Wait()
	all := w.orders()
	if len(all) == 0 {
		t.Fatal("no order was sent")
	}
	return all[len(all)-1]
}

// say reports about an order.
func (w *wire) say(t *testing.T, o subagent.Order, e subagent.Event, r *subagent.Result) {
	t.Helper()
	w.mu.Lock()
	fn := w.fn
	w.mu.Unlock()
	if err := fn(t.Context(), subagent.Report{Event: e, Agent: o.Agent, Assignment: o.Assignment, Attempt: o.Attempt, Result: r}); err != nil {
		t.Errorf("reporting %s: %v", e, err)
	}
	synctest.Wait()
}

// answer is the right result of an order for a Sums hobby.
func answer(t *testing.T, o subagent.Order) *subagent.Result {
	t.Helper()
	r, err := subagent.Practise([]hobby.Hobby{subagenttest.Sums(o.Plan.Kind)}, nil)(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.Model, r.ModelKey = "adder", subagenttest.SumsKey
	return &r
}

// wired is a host with agents on a wire. Its hobbies are "sums", which can be
// verified, and "void".
func wired(t *testing.T, o *subagent.Options, agents ...string) (*host, *wire) {
	t.Helper()
	w := &wire{}
	if o == nil {
		o = &subagent.Options{}
	}
	o.Transports = []subagent.Transport{w}
	f := newHost(t, []hobby.Hobby{subagenttest.Sums("sums"), empty("void")}, o)
	for _, id := range agents {
		joinWire(t, f, id)
	}
	return f, w
}

func joinWire(t *testing.T, f *host, id string) {
	t.Helper()
	if _, err := f.Register(t.Context(), subagent.Agent{ID: id, Capabilities: []string{"*"}, Endpoint: "wire"}); err != nil {
		t.Fatal(err)
	}
}

func assign(t *testing.T, f *host, agent string, k hobby.Kind) subagent.Assignment {
	t.Helper()
	a, err := f.Assign(t.Context(), agent, k, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return a
}

// read returns an assignment once all is quiet.
func read(t *testing.T, f *host, id string) subagent.Assignment {
	t.Helper()
	synctest.Wait()
	a, err := f.Assignment(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// outline is what most tests ask of an assignment.
type outline struct {
	Status          subagent.Status
	Agent, Executor string
	Attempt         int64
	Past            int // attempts that ended without a result
	Err             string
}

func outlineOf(a subagent.Assignment) outline {
	return outline{a.Status, a.Agent, a.Executor, a.Attempt, len(a.Past), a.Err}
}

// same reports how got differs from want.
func same(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// counted is how many answers the store has counted.
func counted(t *testing.T, f *host) (tries, passes int64) {
	t.Helper()
	tallies, _, err := f.store.Tallies(t.Context(), hobby.TallyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tally := range tallies {
		tries += tally.Tries
		passes += tally.Passes
	}
	return tries, passes
}
