package subagent

import (
	"context"
	"fmt"
	"sync"

	"github.com/pastime-go/pastime/hobby"
)

// InProcess is a Transport to workers in the same process, which give the machine
// back as everything does that works in this process; see [Options.Presence]. The
// zero value is not usable; make one with NewInProcess.
type InProcess struct {
	ctx    context.Context // of everything that runs
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	workers  map[string]*Worker
	presence *hobby.Presence // nil: nothing yields
	closed   bool

	out outlet
}

var _ sharer = (*InProcess)(nil)

// sharer is a Transport whose agents work in the coordinator's process.
type sharer interface {
	Transport
	// Share makes what the agents begin from now on yield to p.
	Share(p *hobby.Presence)
}

// NewInProcess makes a transport that no worker is connected to yet.
func NewInProcess() *InProcess {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &InProcess{ctx: ctx, cancel: cancel, workers: map[string]*Worker{}}
}

// Share makes what the workers begin from now on yield to p: it ends when the user
// comes back or the host pauses. New calls it with [Options.Presence]; nil means
// that nothing yields.
func (t *InProcess) Share(p *hobby.Presence) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.presence = p
}

// Connect makes a worker reachable, and registers its agent while a coordinator
// receives. The function that it returns disconnects the worker; its running
// orders go on.
func (t *InProcess) Connect(w *Worker) (disconnect func()) {
	a := w.Agent()
	t.mu.Lock()
	t.workers[a.ID] = w
	t.mu.Unlock()
	t.deliver(Report{Event: Present, Agent: a.ID, Self: &a})
	return func() {
		t.mu.Lock()
		mine := t.workers[a.ID] == w
		if mine {
			delete(t.workers, a.ID)
		}
		t.mu.Unlock()
		if mine {
			t.deliver(Report{Event: Gone, Agent: a.ID})
		}
	}
}

// Name implements Transport.
func (t *InProcess) Name() string { return "inprocess" }

// Reaches implements Transport: a worker with the agent's id is connected.
func (t *InProcess) Reaches(a Agent) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return a.Endpoint == "" && t.workers[a.ID] != nil, nil
}

// Send implements Transport.
func (t *InProcess) Send(_ context.Context, to Agent, o Order) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.workers[to.ID]
	if w == nil || t.closed {
		return fmt.Errorf("%w: %q is not connected", ErrUnreachable, to.ID)
	}
	ctx, freed := t.ctx, func() {}
	if t.presence != nil {
		ctx, freed = t.presence.Yield(t.ctx, workOf(to.ID, o.Plan.Kind))
	}
	t.wg.Go(func() {
		defer freed()
		w.Do(ctx, o, func(r Report) {
			if r.Event == Done && r.Result.Err != "" && t.ctx.Err() == nil {
				r.Yielded = context.Cause(ctx)
			}
			t.deliver(r)
		})
	})
	return nil
}

// Cancel implements Transport.
func (t *InProcess) Cancel(_ context.Context, to Agent, assignment string, attempt int64) error {
	t.mu.Lock()
	w := t.workers[to.ID]
	t.mu.Unlock()
	if w == nil {
		return fmt.Errorf("%w: %q is not connected", ErrUnreachable, to.ID)
	}
	w.Cancel(assignment, attempt)
	return nil
}

// deliver hands a report to the active Receive.
func (t *InProcess) deliver(r Report) { t.out.deliver(t.ctx, r) }

// Receive implements Transport.
func (t *InProcess) Receive(ctx context.Context, fn func(context.Context, Report) error) error {
	t.out.open(fn)
	for _, a := range t.connected() {
		t.deliver(Report{Event: Present, Agent: a.ID, Self: &a})
	}
	<-ctx.Done()
	t.out.open(nil)
	return context.Cause(ctx)
}

func (t *InProcess) connected() []Agent {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Agent
	for _, w := range t.workers {
		all = append(all, w.Agent())
	}
	return all
}

// Close implements Transport: what runs is cancelled, and Close waits for it.
func (t *InProcess) Close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.cancel(ErrCancelled)
	t.wg.Wait()
	return nil
}
