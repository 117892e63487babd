package subagenttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

// Harness is a transport under test with its agents' side.
type Harness struct {
	// Transport is the coordinator's side.
	Transport subagent.Transport
	// Connect starts an agent and returns the registration to ask for;
	// registered says that the agent registers itself. The agent lasts until
	// the test ends, or until disconnect is called.
	Connect func(t testing.TB, w *subagent.Worker) (a subagent.Agent, registered bool, disconnect func())
}

// TransportMaker makes a harness that lasts until the test ends.
type TransportMaker func(t testing.TB) Harness

// TestTransport is the contract of a subagent.Transport.
func TestTransport(t *testing.T, ledger LedgerMaker, fresh TransportMaker) {
	t.Run("Messages", func(t *testing.T) { transportMessages(t, fresh) })
	t.Run("Cancel", func(t *testing.T) { transportCancel(t, fresh) })
	t.Run("Nobody", func(t *testing.T) { transportNobody(t, fresh) })
	t.Run("Huge", func(t *testing.T) { transportHuge(t, ledger, fresh) })
	t.Run("Fleet", func(t *testing.T) { transportFleet(t, ledger, fresh, nil) })
	t.Run("FaultyFleet", func(t *testing.T) {
		transportFleet(t, ledger, fresh, &Faults{Seed: 7, Lose: 0.1, Duplicate: 0.1, Delay: 0.2, MaxDelay: 200 * time.Millisecond})
	})
}

// patience is how long a suite waits for what must happen.
const patience = 30 * time.Second

// mailbox collects reports.
type mailbox struct {
	mu      sync.Mutex
	reports []subagent.Report
	grown   chan struct{}
}

// listen receives until the test ends.
func listen(t testing.TB, tr subagent.Transport) *mailbox {
	t.Helper()
	m := &mailbox{grown: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- tr.Receive(ctx, func(_ context.Context, r subagent.Report) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.reports = append(m.reports, r)
			select {
			case m.grown <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Receive ended with %v", err)
		}
	})
	return m
}

// wait returns the first report that fits.
func (m *mailbox) wait(t testing.TB, what string, fits func(r subagent.Report) bool) subagent.Report {
	t.Helper()
	late := time.After(patience)
	for {
		m.mu.Lock()
		at := slices.IndexFunc(m.reports, fits)
		if at >= 0 {
			defer m.mu.Unlock()
			return m.reports[at]
		}
		m.mu.Unlock()
		select {
		case <-m.grown:
		case <-late:
			t.Fatalf("no report: %s; there are %+v", what, m.reports)
		}
	}
}

func worker(t testing.TB, a subagent.Agent, h subagent.Handler) *subagent.Worker {
	t.Helper()
	w, err := subagent.NewWorker(a, h)
	must(t, err)
	return w
}

func order(to subagent.Agent, id string, attempt int64) subagent.Order {
	return subagent.Order{
		Assignment: id, Attempt: attempt, Agent: to.ID, Plan: hobby.Plan{Kind: "sums", Seed: 1<<63 + 7, Budget: hobby.Budget{Items: 3}},
		Timeout: time.Minute, Lease: time.Second,
	}
}

// transportMessages follows orders there and reports back.
func transportMessages(t *testing.T, fresh TransportMaker) {
	h := fresh(t)
	got := make(chan subagent.Order, 10)
	result := subagent.Result{Model: "m", ModelKey: "k", Insights: []hobby.Insight{{
		Text: "ü\u0000\"", Confidence: 0.5,
		Claims: []hobby.Claim{{Subject: "m/p.F", Relation: hobby.Calls, Object: "(*m/q.T).<\u2028>", Confidence: 0.25}},
	}}}
	one := subagent.Agent{ID: "one", Capabilities: []string{"*"}}
	w := worker(t, one, func(_ context.Context, o subagent.Order) (subagent.Result, error) {
		got <- o
		if o.Assignment == "fails" {
			return subagent.Result{}, errors.New("it is broken: <\u2028>")
		}
		return result, nil
	})
	a, _, _ := h.Connect(t, w)
	if ok, err := h.Transport.Reaches(a); !ok || err != nil {
		t.Fatalf("the transport does not reach its agent: %v %v", ok, err)
	}
	m := listen(t, h.Transport)
	o := m.converse(t, h, a, "a")
	arrived := <-got
	arrived.Attempt = o.Attempt // the first may not have been heard of
	if d := cmp.Diff(o, arrived); d != "" || o.Plan.Seed != 1<<63+7 {
		t.Errorf("the order, as it went and as it arrived (-went +arrived):\n%s", d)
	}
	if r := m.wait(t, "started", about(o, subagent.Started)); r.Agent != "one" {
		t.Errorf("%+v", r)
	}
	r := m.wait(t, "done", about(o, subagent.Done))
	if r.Agent != "one" || r.Result == nil {
		t.Fatalf("%+v", r)
	}
	r.Result.Started, r.Result.Ended = time.Time{}, time.Time{}
	if d := cmp.Diff(&result, r.Result); d != "" {
		t.Errorf("the result, as it went and as it arrived (-went +arrived):\n%s", d)
	}
	o = m.converse(t, h, a, "fails")
	if r := m.wait(t, "failure", about(o, subagent.Done)); r.Result.Err != "it is broken: <\u2028>" {
		t.Errorf("%+v", r.Result)
	}
}

// about fits a report on an attempt.
func about(o subagent.Order, e subagent.Event) func(subagent.Report) bool {
	return func(r subagent.Report) bool {
		return r.Assignment == o.Assignment && r.Attempt == o.Attempt && r.Event == e
	}
}

// converse sends an order until its agent is heard of: before Receive is
// active, reports may be lost. It returns the attempt that was heard of.
func (m *mailbox) converse(t testing.TB, h Harness, to subagent.Agent, id string) subagent.Order {
	t.Helper()
	for attempt := range int64(int(patience / time.Second)) {
		o := order(to, id, attempt+1)
		must(t, h.Transport.Send(t.Context(), to, o))
		for late := time.After(time.Second); ; {
			m.mu.Lock()
			heard := slices.ContainsFunc(m.reports, about(o, subagent.Started))
			m.mu.Unlock()
			if heard {
				return o
			}
			select {
			case <-m.grown:
				continue
			case <-late:
			}
			break
		}
	}
	t.Fatalf("the agent was not heard of")
	return subagent.Order{}
}

// transportCancel cancels one of two orders, and counts signs of life.
func transportCancel(t *testing.T, fresh TransportMaker) {
	h := fresh(t)
	one := subagent.Agent{ID: "one", Capabilities: []string{"*"}}
	w := worker(t, one, func(ctx context.Context, _ subagent.Order) (subagent.Result, error) {
		<-ctx.Done()
		return subagent.Result{}, ctx.Err()
	})
	a, _, _ := h.Connect(t, w)
	m := listen(t, h.Transport)
	for _, id := range []string{"a", "b"} {
		o := order(a, id, 1)
		o.Lease = 30 * time.Millisecond
		must(t, h.Transport.Send(t.Context(), a, o))
		m.wait(t, "a sign of life", about(o, subagent.Alive))
	}
	must(t, h.Transport.Cancel(t.Context(), a, "a", 1))
	// A transport may lose the agent's last report with the connection. The
	// work must end.
	for late := time.After(patience); w.Running() != 1; {
		select {
		case <-late:
			t.Fatalf("%d orders run after one of two was cancelled", w.Running())
		case <-time.After(time.Millisecond):
		}
	}
	must(t, h.Transport.Cancel(t.Context(), a, "b", 1))
	for late := time.After(patience); w.Running() != 0; {
		select {
		case <-late:
			t.Fatal("an order runs after it was cancelled")
		case <-time.After(time.Millisecond):
		}
	}
}

// transportNobody sends to an agent that is not connected. An error or silence
// is right; a report of work is not.
func transportNobody(t *testing.T, fresh TransportMaker) {
	h := fresh(t)
	w := worker(t, subagent.Agent{ID: "one", Capabilities: []string{"*"}}, func(context.Context, subagent.Order) (subagent.Result, error) {
		t.Error("an order for a disconnected agent was carried out")
		return subagent.Result{}, nil
	})
	a, _, disconnect := h.Connect(t, w)
	disconnect()
	m := listen(t, h.Transport)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := h.Transport.Send(ctx, a, order(a, "a", 1)); err != nil && !errors.Is(err, subagent.ErrUnreachable) {
		t.Errorf("sending to nobody: %v, want ErrUnreachable", err)
	}
	must(t, ignore(h.Transport.Cancel(ctx, a, "a", 1), subagent.ErrUnreachable))
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.reports {
		if r.Event == subagent.Started || r.Event == subagent.Done {
			t.Errorf("a report from nobody: %+v", r)
		}
	}
}

func ignore(err, fine error) error {
	if errors.Is(err, fine) {
		return nil
	}
	return err
}

// run runs a coordinator until the test ends.
func run(t testing.TB, c *subagent.Coordinator) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-done)
	})
	<-c.Ready()
}

// join connects a worker and has it registered.
func join(t testing.TB, c *subagent.Coordinator, h Harness, w *subagent.Worker) (disconnect func()) {
	t.Helper()
	a, registered, disconnect := h.Connect(t, w)
	if !registered {
		_, err := c.Register(t.Context(), a)
		must(t, err)
		return disconnect
	}
	for late := time.After(patience); ; {
		changed := c.Changed()
		if slices.ContainsFunc(c.Stats().Agents, func(s subagent.AgentStats) bool { return s.ID == a.ID && s.Connected }) {
			return disconnect
		}
		select {
		case <-late:
			t.Fatalf("agent %s did not register itself", a.ID)
		case <-changed:
		}
	}
}

// transportHuge has an agent send more than a result may have.
func transportHuge(t *testing.T, ledger LedgerMaker, fresh TransportMaker) {
	h := fresh(t)
	l, store := ledger(t)
	c, err := subagent.New(l, nil, &subagent.Options{
		Transports: []subagent.Transport{h.Transport}, MaxAttempts: 1, LocalConcurrent: -1, Lease: 2 * time.Second,
	})
	must(t, err)
	run(t, c)
	w := worker(t, subagent.Agent{ID: "huge", Capabilities: []string{"*"}}, func(context.Context, subagent.Order) (subagent.Result, error) {
		return subagent.Result{Insights: []hobby.Insight{{Text: string(make([]byte, subagent.MaxResult+1)), Confidence: 1}}}, nil
	})
	join(t, c, h, w)
	a, err := c.Assign(t.Context(), "huge", hobby.SkillPractice, time.Minute)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if a, err = c.Wait(ctx, a.ID); err != nil || a.Status != subagent.Failed {
		t.Errorf("a result beyond the bounds: %s %q, %v", a.Status, a.Err, err)
	}
	if _, err := store.Activity(t.Context(), a.ID); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("it left an activity: %v", err)
	}
}

// gauge counts what runs on an agent.
type gauge struct {
	mu        sync.Mutex
	now, most int
}

func (g *gauge) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now++
	g.most = max(g.most, g.now)
}

func (g *gauge) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now--
}

// transportFleet gives a fleet of four more work than it has places, and counts
// what comes back.
func transportFleet(t *testing.T, ledger LedgerMaker, fresh TransportMaker, faults *Faults) {
	const assignments, items = 80, 4
	h := fresh(t)
	if faults != nil {
		h.Transport = Faulty(h.Transport, *faults)
		t.Cleanup(func() { must(t, h.Transport.Close()) })
	}
	l, store := ledger(t)
	kinds := []hobby.Kind{"red", "green", "blue"}
	var hobbies []hobby.Hobby
	for _, k := range kinds {
		hobbies = append(hobbies, Sums(k))
	}
	c, err := subagent.New(l, hobbies, &subagent.Options{
		Transports: []subagent.Transport{h.Transport}, Items: items, MaxAttempts: 8, Lease: 600 * time.Millisecond, LocalConcurrent: 2,
	})
	must(t, err)
	run(t, c)
	gauges := map[string]*gauge{}
	for id, caps := range map[string][]string{"any": {"*"}, "red": {"red"}, "cold": {"green", "blue"}, "more": {"*"}} {
		g := &gauge{}
		gauges[id] = g
		practise := subagent.Practise(hobbies, nil)
		a := subagent.Agent{ID: id, Capabilities: caps}
		join(t, c, h, worker(t, a, func(ctx context.Context, o subagent.Order) (subagent.Result, error) {
			g.enter()
			defer g.leave()
			if !a.Can(o.Plan.Kind) {
				t.Errorf("%s was given %s", id, o.Plan.Kind)
			}
			return practise(ctx, o)
		}))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var wg sync.WaitGroup
	ids := make(chan string, assignments)
	for made := 0; made < assignments; {
		// When no agent is free, the next try waits for a change.
		changed := c.Changed()
		as, err := c.Distribute(ctx, min(20, assignments-made))
		must(t, err)
		made += len(as)
		for _, a := range as {
			ids <- a.ID
			wg.Go(func() {
				if a, err := c.Wait(ctx, a.ID); err != nil {
					t.Errorf("assignment %s is %s: %v", a.ID, a.Status, err)
				}
			})
		}
		if len(as) < 20 {
			select {
			case <-changed:
			case <-ctx.Done():
				t.Fatalf("%d of %d were given out", made, assignments)
			}
		}
	}
	wg.Wait()
	close(ids)
	if t.Failed() {
		t.FailNow()
	}
	completed := audit(t, l, store, ids, items)
	if faults == nil && completed != assignments {
		t.Errorf("%d of %d completed although nothing was lost", completed, assignments)
	}
	if completed < assignments*9/10 {
		t.Errorf("%d of %d completed", completed, assignments)
	}
	for id, g := range gauges {
		if g.most > subagent.DefaultConcurrent {
			t.Errorf("%d ran on %s together", g.most, id)
		}
	}
	t.Logf("%d of %d completed; %+v", completed, assignments, slim(c.Stats()))
}

func slim(s subagent.Stats) string {
	return fmt.Sprintf("retries %d, fallbacks %d, late %d, refused %d, failed %d", s.Retries, s.Fallbacks, s.Late, s.Refused, s.Failed)
}

// audit checks that every assignment has ended, and that each result was
// integrated once. It returns how many completed.
func audit(t testing.TB, l subagent.Ledger, store hobby.Store, ids <-chan string, items int) (completed int) {
	t.Helper()
	for id := range ids {
		a := must2(l.Assignment(t.Context(), id))(t)
		if !a.Status.Final() {
			t.Errorf("assignment %s is %s", id, a.Status)
		}
		sess, err := store.Activity(t.Context(), id)
		if a.Status != subagent.Completed {
			if !errors.Is(err, hobby.ErrNotFound) {
				t.Errorf("assignment %s has %s and an activity: %v", id, a.Status, err)
			}
			continue
		}
		completed++
		if err != nil || len(sess.Items) != items || a.Outcome.Items != items || a.Outcome.Passes != items {
			t.Errorf("assignment %s: activity with %d items, outcome %+v, %v", id, len(sess.Items), a.Outcome, err)
		}
	}
	tallies, _, err := store.Tallies(t.Context(), hobby.TallyFilter{})
	must(t, err)
	tries := int64(0)
	for _, tally := range tallies {
		tries += tally.Tries
	}
	if tries != int64(completed*items) {
		t.Errorf("%d answers counted, want %d: something was lost or counted twice", tries, completed*items)
	}
	return completed
}
