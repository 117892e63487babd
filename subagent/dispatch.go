package subagent

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// dispatch begins the current attempt at the place that the flight holds.
func (t turn) dispatch() {
	c, f := t.c, t.flight
	o := Order{
		Assignment: t.id, Attempt: t.a.Attempt, Agent: t.a.Agent, Plan: t.a.Plan.Bare(),
		Timeout: c.timeout(&t.a.Plan), Lease: c.opts.Lease,
	}
	s := c.lock()
	at, holds := t.stage.(*holding)
	if !holds { // Run has ended meanwhile
		s.unlock()
		return
	}
	if m := at.m; m.here() {
		work := &working{m: m}
		t.stage = work
		s.unlock()
		if !c.spawn(func(ctx context.Context) { c.runHere(ctx, f, work, o) }) {
			c.returned(f, work)
		}
		return
	}
	to, transport := at.m.Agent, at.m.transport
	t.stage = &elsewhere{at.m, time.Now().Add(c.opts.Lease)}
	s.unlock()
	c.spawn(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, c.opts.Lease)
		defer cancel()
		if err := transport.Send(ctx, to, o); err != nil {
			c.note("sending an order", f, c.lost(context.WithoutCancel(ctx), f, o.Attempt, err, true))
		}
	})
}

// runHere carries out an order in this process. It gives the place back when
// the handler has returned, even if the assignment has ended before.
func (c *Coordinator) runHere(ctx context.Context, f *flight, work *working, o Order) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := c.lock()
	work.stop = cancel
	begin := f.stage == work
	s.unlock()
	keep := context.WithoutCancel(ctx)
	yielding, freed := c.yield(ctx, f, &o)
	defer freed()
	var r Result
	if begin {
		if err := c.started(keep, f, o.Attempt); err != nil {
			c.note("starting an assignment", f, err)
		}
		limited, stop := context.WithTimeoutCause(yielding, o.Timeout, ErrTimeout)
		r = handle(limited, c.local, o)
		stop()
	}
	if !c.returned(f, work) || errors.Is(context.Cause(ctx), hobby.ErrShutdown) {
		return // somebody else has it, or the next Run will
	}
	settle := func() error { return c.finished(keep, f, o.Attempt, &r, true) }
	if cause := context.Cause(yielding); r.Err != "" && cause != nil && ctx.Err() == nil { // it is made again
		settle = func() error { return c.lost(keep, f, o.Attempt, cause, false) }
	}
	// When the store fails, the result is offered again.
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, time.Minute) {
		err := settle()
		if freed(); err == nil {
			return
		}
		c.note("taking a result", f, err)
		pause(ctx, wait)
	}
}

// yield returns a copy of ctx for work in this process, which ends when the machine
// is needed; see [Options.Presence]. What a session waits for ends with the session.
func (c *Coordinator) yield(ctx context.Context, f *flight, o *Order) (_ context.Context, freed context.CancelFunc) {
	if c.opts.Presence == nil || c.now(f).Session {
		return context.WithCancel(ctx)
	}
	return c.opts.Presence.Yield(ctx, workOf(o.Agent, o.Plan.Kind))
}

// workOf is what people call an assignment that runs in this process.
func workOf(agent string, k hobby.Kind) string {
	if agent == "" {
		return fmt.Sprintf("an assignment (%s)", k.Title())
	}
	return fmt.Sprintf("an assignment of %s (%s)", agent, k.Title())
}

// returned ends the work of a goroutine. It reports whether the flight still
// waits for this work. The flight then keeps the place; otherwise the place is
// released.
func (c *Coordinator) returned(f *flight, work *working) bool {
	s := c.lock()
	defer s.unlock()
	if f.stage != work {
		s.release(work.m)
		return false
	}
	work.m.seen = time.Now()
	f.stage = &holding{work.m}
	return true
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
	f, m, current := c.hear(t, &r)
	if !current {
		if m != nil && (r.Event == Started || r.Event == Alive) {
			c.stop(t, *m, r.Assignment, r.Attempt)
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
		if r.Yielded != nil {
			return c.yielded(ctx, f, r)
		}
		return c.finished(ctx, f, r.Attempt, r.Result, false)
	case Refused:
		return c.refused(ctx, f, &r)
	default:
		return nil
	}
}

// hear notes a report as a sign of life. from is its sender; it is nil when the
// sender is not registered with the transport. current reports whether the
// sender has that attempt at f.
func (c *Coordinator) hear(t Transport, r *Report) (f *flight, from *Agent, current bool) {
	now := time.Now()
	s := c.lock()
	defer s.unlock()
	f = s.flights[r.Assignment]
	m := s.members[r.Agent]
	if m != nil && m.transport == t {
		m.seen = now
		from = &Agent{}
		*from = m.Agent
		if f != nil && f.a.Attempt == r.Attempt {
			if at, ok := f.stage.(*elsewhere); ok && at.m == m {
				at.lease = now.Add(c.opts.Lease)
				return f, from, true
			}
		}
	}
	s.counters.late++
	return f, from, false
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
		// Without it the agent wastes time, and nothing is wrong.
		_ = t.Cancel(ctx, to, assignment, attempt)
	})
	if !ok {
		<-c.stops
	}
}

// started moves an attempt that has begun to running.
func (c *Coordinator) started(ctx context.Context, f *flight, attempt int64) error {
	if a := c.now(f); a.Attempt != attempt || a.Status != Pending {
		return nil // the usual case, which needs no turn
	}
	return c.attempt(ctx, f, attempt, func(ctx context.Context, t turn) error {
		if t.a.Status != Pending {
			return nil
		}
		return t.start(ctx)
	})
}

// finished takes the result of an attempt.
func (c *Coordinator) finished(ctx context.Context, f *flight, attempt int64, r *Result, trusted bool) error {
	return c.attempt(ctx, f, attempt, func(ctx context.Context, t turn) error { return t.take(ctx, r, trusted) })
}

// lost ends an attempt without a result.
func (c *Coordinator) lost(ctx context.Context, f *flight, attempt int64, cause error, blame bool) error {
	return c.attempt(ctx, f, attempt, func(ctx context.Context, t turn) error { return t.next(ctx, cause, blame) })
}

// yielded ends an attempt that gave this machine back. What a session waits for
// ends with the session, which yields too.
func (c *Coordinator) yielded(ctx context.Context, f *flight, r Report) error {
	if c.now(f).Session {
		return nil
	}
	return c.lost(ctx, f, r.Attempt, r.Yielded, false)
}

// refused ends an attempt that its agent did not take.
func (c *Coordinator) refused(ctx context.Context, f *flight, r *Report) error {
	s := c.lock()
	if m := f.stage.place(); m != nil {
		s.rest(m)
	}
	s.unlock()
	return c.lost(ctx, f, r.Attempt, fmt.Errorf("subagent: the agent refused: %s", c.text(r.Reason, 200)), false)
}

// note logs what could not be done; the reconciler will try again.
func (c *Coordinator) note(doing string, f *flight, err error) {
	if err != nil {
		c.opts.Logger.Warn(doing, "assignment", f.id, "error", err)
	}
}
