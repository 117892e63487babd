package subagent

import (
	"context"
	"fmt"
	"sync"
)

// InProcess is a Transport to workers in the same process. The zero value is
// not usable; make one with NewInProcess.
type InProcess struct {
	ctx    context.Context // of everything that runs
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	workers map[string]*Worker
	closed  bool

	out outlet
}

var _ Transport = (*InProcess)(nil)

// NewInProcess makes a transport that no worker is connected to yet.
func NewInProcess() *InProcess {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &InProcess{ctx: ctx, cancel: cancel, workers: map[string]*Worker{}}
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
	t.wg.Go(func() { w.Do(t.ctx, o, t.deliver) })
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
