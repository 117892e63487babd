package subagent

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// storeTimeout bounds a write that no longer listens to who asked for it.
const storeTimeout = 10 * time.Second

// launch makes an assignment of a plan, for which choose takes a place, and
// sets it off.
func (c *Coordinator) launch(ctx context.Context, plan hobby.Plan, session bool, choose func() (*member, error)) (*flight, error) {
	if plan.Budget.Items <= 0 || plan.Budget.Items > MaxItems {
		plan.Budget.Items = c.opts.Items
	}
	now := time.Now().UTC()
	f := newFlight(Assignment{
		ID: newID(), Plan: plan, Status: Pending, Attempt: 1, Session: session, Assigned: now, Deadline: now.Add(c.timeout(&plan)),
	})
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	defer f.end()
	if err := c.admit(f, choose); err != nil {
		return nil, err
	}
	// Whoever asks may go meanwhile: a row without a flight would stay open.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := c.ledger.Create(ctx, f.a); err != nil {
		c.mu.Lock()
		c.vacate(f)
		c.forget(f)
		c.mu.Unlock()
		return nil, fmt.Errorf("subagent: recording an assignment: %w", err)
	}
	c.dispatch(f)
	return f, nil
}

// admit takes a place for a new flight.
func (c *Coordinator) admit(f *flight, choose func() (*member, error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ready || c.ending {
		return fmt.Errorf("subagent: the coordinator: %w", hobby.ErrNotRunning)
	}
	m, err := choose()
	if err != nil {
		return err
	}
	f.member = m
	f.a.Agent, f.a.Executor = m.ID, m.Executor
	if m.transport == nil { // it begins at once
		f.a.Status, f.a.Started = Running, f.a.Assigned
	}
	c.flights[f.a.ID] = f
	return nil
}

// timeout is how long an attempt at a plan may take.
func (c *Coordinator) timeout(plan *hobby.Plan) time.Duration {
	return max(c.opts.Timeout, plan.Budget.Time+time.Minute)
}

// dispatch sets the current attempt off. The caller has the turn, and f a
// place.
func (c *Coordinator) dispatch(f *flight) {
	o := Order{
		Assignment: f.a.ID, Attempt: f.a.Attempt, Agent: f.a.Agent, Plan: f.a.Plan,
		Timeout: c.timeout(&f.a.Plan), Lease: c.opts.Lease,
	}
	o.Plan.Candidates, o.Plan.Context = nil, nil
	c.mu.Lock()
	m := f.member
	to, t := m.Agent, m.transport
	f.lent, f.expires = t == nil, time.Time{}
	if t != nil {
		f.expires = time.Now().Add(c.opts.Lease)
	}
	c.mu.Unlock()
	c.spawn(func(ctx context.Context) {
		if t == nil {
			c.runHere(ctx, f, m, o)
			return
		}
		ctx, cancel := context.WithTimeout(ctx, c.opts.Lease)
		defer cancel()
		if err := t.Send(ctx, to, o); err != nil {
			c.note("sending an order", f, c.lost(context.WithoutCancel(ctx), f, o.Attempt, err, true))
		}
	})
}

// runHere carries out an order in this process. The place is given back when
// the handler has returned, whatever became of the assignment meanwhile.
func (c *Coordinator) runHere(ctx context.Context, f *flight, m *member, o Order) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.mu.Lock()
	current := f.member == m && f.a.Attempt == o.Attempt
	if current {
		f.cancel = cancel
	}
	c.mu.Unlock()
	keep := context.WithoutCancel(ctx)
	var r Result
	if current {
		if err := c.started(keep, f, o.Attempt); err != nil {
			c.note("starting an assignment", f, err)
		}
		limited, stop := context.WithTimeoutCause(ctx, o.Timeout, ErrTimeout)
		r = handle(limited, c.local, o)
		stop()
	}
	c.mu.Lock()
	current = f.member == m && f.a.Attempt == o.Attempt && f.lent
	if current {
		f.lent, f.cancel = false, nil
		m.seen = time.Now()
	} else {
		c.release(m)
	}
	c.mu.Unlock()
	if !current || errors.Is(context.Cause(ctx), hobby.ErrShutdown) {
		return // somebody else has it, or the next Run will
	}
	// What was done is not lost because the store cannot take it now.
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, time.Minute) {
		err := c.finished(keep, f, o.Attempt, &r, true)
		if err == nil {
			return
		}
		c.note("taking a result", f, err)
		pause(ctx, wait)
	}
}

// handle calls a handler and catches its panic.
func handle(ctx context.Context, h Handler, o Order) (r Result) {
	begin := time.Now().UTC()
	defer func() {
		if v := recover(); v != nil {
			r.Err = fmt.Sprintf("subagent: panic in practice: %v\n%s", v, debug.Stack())
		}
		r.Started, r.Ended = begin, time.Now().UTC()
	}()
	r, err := h(ctx, o)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && errors.Is(err, ctx.Err()) {
			err = cause
		}
		r.Err = err.Error()
	}
	return r
}

// report deals with a message from an agent.
func (c *Coordinator) report(ctx context.Context, t Transport, r Report) error {
	switch r.Event {
	case Present:
		return c.present(ctx, t, r)
	case Gone:
		return c.gone(ctx, t, r.Agent)
	}
	now := time.Now()
	c.mu.Lock()
	f := c.flights[r.Assignment]
	m := c.fleet.members[r.Agent]
	known := m != nil && m.transport == t
	var from Agent
	if known {
		m.seen, from = now, m.Agent
	}
	current := known && f != nil && f.member == m && f.a.Attempt == r.Attempt && f.a.Executor == t.Name()
	if current {
		f.expires = now.Add(c.opts.Lease)
	} else {
		c.meters.late++
	}
	c.mu.Unlock()
	if !current {
		if known && (r.Event == Started || r.Event == Alive) {
			c.stop(t, from, r.Assignment, r.Attempt)
		}
		return nil
	}
	switch r.Event {
	case Started, Alive:
		return c.started(ctx, f, r.Attempt)
	case Done:
		if r.Result == nil {
			return c.lost(ctx, f, r.Attempt, fmt.Errorf("%w: a report without a result", hobby.ErrInvalid), true)
		}
		return c.finished(ctx, f, r.Attempt, r.Result, false)
	case Refused:
		c.mu.Lock()
		c.rest(m)
		c.mu.Unlock()
		return c.lost(ctx, f, r.Attempt, fmt.Errorf("subagent: the agent refused: %.200s", clean(r.Reason)), false)
	default:
		return nil
	}
}

// stop asks an agent to end an attempt, without waiting.
func (c *Coordinator) stop(t Transport, to Agent, assignment string, attempt int64) {
	select {
	case c.stops <- struct{}{}:
	default:
		return // many are on their way; it will be asked again
	}
	ok := c.spawn(func(ctx context.Context) {
		defer func() { <-c.stops }()
		ctx, cancel := context.WithTimeout(ctx, c.opts.Lease)
		defer cancel()
		// An agent that does not hear it wastes its time, and nothing else.
		_ = t.Cancel(ctx, to, assignment, attempt)
	})
	if !ok {
		<-c.stops
	}
}

// started moves an attempt that has begun to running.
func (c *Coordinator) started(ctx context.Context, f *flight, attempt int64) error {
	c.mu.Lock()
	running := f.a.Attempt != attempt || f.a.Status != Pending
	c.mu.Unlock()
	if running {
		return nil
	}
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.end()
	if f.ended() || f.a.Attempt != attempt || f.a.Status != Pending {
		return nil
	}
	return c.start(ctx, f)
}

// start is started with the turn.
func (c *Coordinator) start(ctx context.Context, f *flight) error {
	a, err := c.ledger.Start(ctx, f.a.ID, f.a.Attempt, time.Now())
	return c.moved(ctx, f, a, err)
}

// finished takes the result of an attempt.
func (c *Coordinator) finished(ctx context.Context, f *flight, attempt int64, r *Result, trusted bool) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.end()
	if f.ended() || f.a.Attempt != attempt {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if f.a.Status == Pending {
		if err := c.start(ctx, f); err != nil || f.a.Status != Running {
			return err
		}
	}
	sess, out, err := c.integrate(ctx, &f.a, r, trusted)
	switch {
	case errors.Is(err, errRefused):
		return c.next(ctx, f, err, true)
	case err != nil:
		return err
	}
	fin := Finish{Status: Completed, Outcome: out, Session: sess}
	if r.Err != "" {
		f.avoid[f.a.Agent] = true
		if len(sess.Items) == 0 && r.Err != ErrTimeout.Error() {
			return c.next(ctx, f, errors.New(text(r.Err, maxErr)), true)
		}
		fin.Status, fin.Err = Failed, text(r.Err, maxErr)
		sess.Activity.Status, sess.Activity.Err = hobby.Failed, fin.Err
		if len(sess.Items)+len(sess.Insights) == 0 {
			fin.Session, fin.Outcome = nil, nil
		}
	}
	return c.finish(ctx, f, fin, sess)
}

// lost ends an attempt without a result.
func (c *Coordinator) lost(ctx context.Context, f *flight, attempt int64, cause error, blame bool) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.end()
	if f.ended() || f.a.Attempt != attempt {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return c.next(ctx, f, cause, blame)
}

// ended reports whether the assignment is over, or Run is.
func (f *flight) ended() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// finish moves an assignment to its end; accepted is what a waiting session
// gets. The caller has the turn.
func (c *Coordinator) finish(ctx context.Context, f *flight, fin Finish, accepted *hobby.Session) error {
	fin.At = time.Now()
	if f.a.Session {
		fin.Session = nil // the session commits it
	}
	a, err := c.ledger.Finish(ctx, f.a.ID, f.a.Attempt, fin)
	if err == nil {
		c.mu.Lock()
		c.count(&a)
		f.accepted = accepted
		if m := f.member; m != nil && fin.Status == Completed {
			m.failures = 0
		} else if m != nil {
			c.rest(m)
		}
		c.mu.Unlock()
	}
	return c.moved(ctx, f, a, err)
}

// moved takes in what the ledger says after a transition. When somebody else
// has moved the assignment on, it is read again. The caller has the turn.
func (c *Coordinator) moved(ctx context.Context, f *flight, a Assignment, err error) error {
	if errors.Is(err, ErrConflict) || errors.Is(err, hobby.ErrNotFound) {
		a, err = c.ledger.Assignment(ctx, f.a.ID)
		if errors.Is(err, hobby.ErrNotFound) {
			a, err = f.a, nil
			a.Status, a.Err = Failed, "subagent: the assignment was deleted"
		}
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f.a = a
	if a.Status.Final() {
		c.vacate(f)
		c.forget(f)
	}
	return nil
}

// forget ends a flight. The caller holds c.mu.
func (c *Coordinator) forget(f *flight) {
	if c.flights[f.a.ID] != f {
		return
	}
	delete(c.flights, f.a.ID)
	close(f.done)
	c.fleet.announce()
	if c.ending && len(c.flights) == 0 {
		select {
		case <-c.idle:
		default:
			close(c.idle)
		}
	}
}

// vacate gives up a flight's place. The caller holds c.mu.
func (c *Coordinator) vacate(f *flight) {
	m := f.member
	f.member, f.expires = nil, time.Time{}
	if m == nil {
		return
	}
	if f.cancel != nil {
		f.cancel(ErrCancelled)
		f.cancel = nil
	}
	if !f.lent {
		c.release(m)
	}
	f.lent = false
}

// release frees a place. The caller holds c.mu.
func (c *Coordinator) release(m *member) {
	if m == c.here {
		m.active--
	} else {
		c.fleet.release(m)
	}
	c.look()
}

// note logs what could not be done; the reconciler will try again.
func (c *Coordinator) note(doing string, f *flight, err error) {
	if err != nil {
		c.opts.Logger.Warn(doing, "assignment", f.a.ID, "error", err)
	}
}
