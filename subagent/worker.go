package subagent

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Worker is an agent's own side: it carries out orders with a Handler, never
// more than MaxConcurrent at a time, and drops the duplicates that a transport
// makes. All methods are safe for concurrent use.
type Worker struct {
	agent   Agent
	handler Handler

	mu      sync.Mutex
	running map[string]*run // by assignment
}

// run is an attempt that this worker carries out.
type run struct {
	attempt int64
	cancel  context.CancelCauseFunc
	before  *run          // the attempt that this one supersedes
	ended   chan struct{} // closed when its handler has returned
}

// NewWorker makes the worker of an agent.
func NewWorker(a Agent, h Handler) (*Worker, error) {
	a, err := a.Normalise(nil)
	if err != nil {
		return nil, err
	}
	if a.MaxConcurrent == 0 {
		a.MaxConcurrent = DefaultConcurrent
	}
	return &Worker{agent: a, handler: h, running: map[string]*run{}}, nil
}

// Agent describes the worker's agent, MaxConcurrent filled in.
func (w *Worker) Agent() Agent { return w.agent }

// Running is how many orders the worker carries out now.
func (w *Worker) Running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.running)
}

// Do carries out an order and returns when it has ended. It calls report with
// Started, with Alive every third of the lease, and with Done at the end, or
// only with Refused. It makes one call at a time. A duplicate of what is
// running, or an attempt before it, is dropped without a report; a later
// attempt at the same assignment ends the earlier one.
func (w *Worker) Do(ctx context.Context, o Order, report func(Report)) {
	send := func(r Report) {
		r.Agent, r.Assignment, r.Attempt = w.agent.ID, o.Assignment, o.Attempt
		report(r)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{attempt: o.Attempt, cancel: cancel, ended: make(chan struct{})}
	if ok, err := w.begin(&o, r); err != nil {
		send(Report{Event: Refused, Reason: err.Error()})
		return
	} else if !ok {
		return
	}
	end := sync.OnceFunc(func() { w.end(o.Assignment, r) })
	defer end()
	if r.before != nil { // both together could exceed MaxConcurrent
		<-r.before.ended
	}
	if o.Timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, o.Timeout, ErrTimeout)
		defer stop()
	}
	send(Report{Event: Started})
	done := make(chan Result, 1)
	go func() { done <- handle(ctx, w.handler, o) }()
	beat := time.NewTicker(max(time.Millisecond, o.Lease/3))
	defer beat.Stop()
	for {
		select {
		case result := <-done:
			end() // the report makes room for another order, which must not find the place taken
			send(Report{Event: Done, Result: &result})
			return
		case <-beat.C:
			send(Report{Event: Alive})
		}
	}
}

// begin takes a place for r. It returns false for a duplicate.
func (w *Worker) begin(o *Order, r *run) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.Agent != w.agent.ID {
		return false, fmt.Errorf("the order is for %.64q, this is %q", o.Agent, w.agent.ID)
	}
	if !w.agent.Can(o.Plan.Kind) {
		return false, fmt.Errorf("%w: %.64q", ErrIncapable, o.Plan.Kind)
	}
	if was := w.running[o.Assignment]; was != nil {
		if was.attempt >= r.attempt {
			return false, nil
		}
		was.cancel(ErrSuperseded)
		r.before = was
	} else if len(w.running) >= w.agent.MaxConcurrent {
		return false, ErrFull
	}
	w.running[o.Assignment] = r
	return true, nil
}

func (w *Worker) end(assignment string, r *run) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[assignment] == r {
		delete(w.running, assignment)
	}
	r.before = nil
	close(r.ended)
}

// Cancel ends an attempt; the cause in its context is ErrCancelled. It ignores
// an attempt that does not run.
func (w *Worker) Cancel(assignment string, attempt int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.running[assignment]; r != nil && r.attempt == attempt {
		r.cancel(ErrCancelled)
	}
}
