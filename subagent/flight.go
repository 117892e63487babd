package subagent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// storeTimeout bounds the work of one turn. Its writes go on when the caller's
// context ends.
const storeTimeout = 10 * time.Second

// flight is an open assignment, from its making to its end.
type flight struct {
	id    string
	turns chan struct{} // a semaphore of one: the sender has the turn
	// a is the assignment as the ledger has it. It is written with both the
	// turn and the coordinator's lock, and read with either.
	a     Assignment
	avoid map[string]bool // the agents that failed at it, see need; needs the turn
	stage stage           // needs the coordinator's lock
	held  bool            // it waits for this machine, however long; likewise

	done     chan struct{}  // closed when it is over
	err      error          // why it ended without a final state; written before done is closed
	accepted *hobby.Session // what a waiting session gets; likewise
}

func newFlight(a Assignment) *flight {
	return &flight{
		id: a.ID, turns: make(chan struct{}, 1), a: a, avoid: map[string]bool{}, stage: &waiting{}, done: make(chan struct{}),
	}
}

// stage says where a flight is. A flight waits, has a place, is at work there,
// and so on, until it is over:
//
//	waiting -> holding -> elsewhere            -> over
//	                   -> working   -> holding -> over
//
// Each of the others can become waiting again when an attempt is lost.
type stage interface {
	// place is the agent at which it has a place; nil when it has none.
	place() *member
}

// waiting: it has no place.
type waiting struct {
	// cause is why the last attempt ended, until the ledger has that. It is nil
	// when the ledger has the assignment as waiting. blame says that the agent
	// was at fault.
	cause error
	blame bool
}

// holding: it has a place, and nobody works there. The work has not begun, or
// has ended.
type holding struct{ m *member }

// elsewhere: an agent beyond this process has it, until its lease ends.
type elsewhere struct {
	m     *member
	lease time.Time
}

// working: a goroutine of this process works at it. The goroutine gives the place
// back, because the place is taken for as long as the goroutine works.
type working struct {
	m    *member
	stop context.CancelCauseFunc // nil until the goroutine has begun
}

// over: it has reached its final state, or Run has ended.
type over struct{}

func (*waiting) place() *member      { return nil }
func (at *holding) place() *member   { return at.m }
func (at *elsewhere) place() *member { return at.m }
func (at *working) place() *member   { return at.m }
func (over) place() *member          { return nil }

// turn is the right to change an assignment. One goroutine at a time has it.
// Only [Coordinator.move] makes one, so whoever calls a method of turn has the
// right. It must not be kept.
type turn struct {
	c *Coordinator
	*flight
}

// errOver says that a flight is over.
var errOver = fmt.Errorf("%w: it has ended", ErrConflict)

// move waits for the turn at a flight and calls fn with it; errOver when the
// flight is over by then.
func (c *Coordinator) move(ctx context.Context, f *flight, fn func(context.Context, turn) error) error {
	select {
	case f.turns <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-f.turns }()
	select {
	case <-f.done:
		return errOver
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return fn(ctx, turn{c, f})
}

// attempt is move for something that belongs to one attempt. When that attempt is
// over, it does nothing.
func (c *Coordinator) attempt(ctx context.Context, f *flight, attempt int64, fn func(context.Context, turn) error) error {
	err := c.move(ctx, f, func(ctx context.Context, t turn) error {
		if t.a.Attempt != attempt {
			return nil
		}
		return fn(ctx, t)
	})
	if err == errOver { //nolint:errorlint // move's own, not one of fn's
		return nil
	}
	return err
}

// launch makes an assignment of a plan and begins it. choose takes a place for
// it.
func (c *Coordinator) launch(ctx context.Context, plan hobby.Plan, session bool, choose func(*state) (*member, error)) (*flight, error) {
	plan.Topic = c.clean(plan.Topic)
	if plan.Budget.Items <= 0 || plan.Budget.Items > MaxItems {
		plan.Budget.Items = c.opts.Items
	}
	now := time.Now().UTC()
	f := newFlight(Assignment{
		ID: newID(), Plan: plan, Status: Pending, Attempt: 1, Session: session, Assigned: now, Deadline: now.Add(c.timeout(&plan)),
	})
	// The end of the caller's context is ignored: a row whose flight has not
	// begun would stay open.
	err := c.move(context.WithoutCancel(ctx), f, func(ctx context.Context, t turn) error {
		if err := t.admit(choose); err != nil {
			return err
		}
		if err := c.ledger.Create(ctx, f.a); err != nil {
			s := c.lock()
			defer s.unlock()
			s.discard(f, err)
			return fmt.Errorf("subagent: recording an assignment: %w", err)
		}
		t.dispatch()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// admit takes a place for a new flight.
func (t turn) admit(choose func(*state) (*member, error)) error {
	s := t.c.lock()
	defer s.unlock()
	if s.phase != serving {
		return fmt.Errorf("subagent: the coordinator: %w", hobby.ErrNotRunning)
	}
	m, err := choose(s)
	if err != nil {
		return err
	}
	t.a.Agent, t.a.Executor = m.ID, m.Executor
	if m.here() { // it begins at once
		t.a.Status, t.a.Started = Running, t.a.Assigned
	}
	s.open(t.flight, &holding{m})
	return nil
}

// timeout is how long an attempt at a plan may take.
func (c *Coordinator) timeout(plan *hobby.Plan) time.Duration {
	return max(c.opts.Timeout, plan.Budget.Time+time.Minute)
}

// start moves the assignment to running.
func (t turn) start(ctx context.Context) error {
	a, err := t.c.ledger.Start(ctx, t.id, t.a.Attempt, time.Now())
	return t.moved(ctx, a, err)
}

// take accepts or refuses the result of the current attempt. A trusted result
// was made in this process.
func (t turn) take(ctx context.Context, r *Result, trusted bool) error {
	if t.a.Status == Pending {
		if err := t.start(ctx); err != nil || t.a.Status != Running {
			return err
		}
	}
	sess, out, err := t.c.integrate(ctx, &t.a, r, trusted)
	switch {
	case errors.Is(err, errRefused):
		return t.next(ctx, err, true)
	case err != nil:
		return err
	}
	end := End{Status: Completed, Outcome: out, Session: sess}
	if r.Err != "" {
		t.avoid[t.a.Agent] = true
		if len(sess.Items) == 0 && !t.timedOut(r, trusted) {
			return t.next(ctx, errors.New(t.c.text(r.Err, maxErr)), true)
		}
		end.Status, end.Err = Failed, t.c.text(r.Err, maxErr)
		sess.Activity.Status, sess.Activity.Err = hobby.Failed, end.Err
		if len(sess.Items)+len(sess.Insights) == 0 {
			end.Session, end.Outcome = nil, nil
		}
	}
	return t.end(ctx, end, sess)
}

// timedOut reports whether an attempt ended because its time was up. An agent's
// claim counts only when the deadline is near.
func (t turn) timedOut(r *Result, trusted bool) bool {
	slack := t.c.opts.Lease / 3 // as in due
	return r.Err == ErrTimeout.Error() && (trusted || time.Until(t.a.Deadline) <= slack)
}

// fail moves the assignment to its end with a cause.
func (t turn) fail(ctx context.Context, cause error) error {
	return t.end(ctx, End{Status: Failed, Err: t.c.text(cause.Error(), maxErr)}, nil)
}

// end moves the assignment to its end. A waiting session gets accepted.
func (t turn) end(ctx context.Context, end End, accepted *hobby.Session) error {
	end.At = time.Now()
	if t.a.Session {
		end.Session = nil // the session commits it
	}
	a, err := t.c.ledger.End(ctx, t.id, t.a.Attempt, end)
	if err == nil {
		s := t.c.lock()
		s.count(&a)
		t.accepted = accepted
		if m := t.stage.place(); m != nil && end.Status == Completed {
			m.failures = 0
		} else if m != nil {
			s.rest(m)
		}
		s.unlock()
	}
	return t.moved(ctx, a, err)
}

// next ends the current attempt without a result, and begins another: at an
// agent, here, or later when a place is free. When neither is possible, the
// assignment fails.
func (t turn) next(ctx context.Context, cause error, blame bool) error {
	defer t.recall()()
	s := t.c.lock()
	if m := t.stage.place(); m != nil && blame {
		if m.here() {
			t.avoid = s.avoiding(t.avoid, (*member).here)
			t.avoid[""] = true
		} else {
			s.rest(m)
		}
	}
	s.vacate(t.flight, &waiting{cause, blame})
	if s.phase > serving { // the next Run takes it up
		s.discard(t.flight, hobby.ErrShutdown)
		s.unlock()
		return nil
	}
	s.unlock()
	return t.place(ctx)
}

// place begins the next attempt of a flight that waits, if it may begin now.
func (t turn) place(ctx context.Context) error {
	s := t.c.lock()
	was, waits := t.stage.(*waiting)
	if !waits {
		s.unlock()
		return nil
	}
	made := len(slices.DeleteFunc(slices.Clone(t.a.Past), func(a Attempt) bool { return a.Yielded }))
	if t.a.Executor != "" && !was.yielded() {
		made++
	}
	n := need{t.a.Plan.Kind, made, t.avoid, t.a.Session}
	m, wait := s.next(n)
	t.held = m == nil && (t.held || s.held(n))
	cause := was.cause
	if cause == nil {
		cause = ErrFull
	}
	if m == nil && wait && was.cause != nil && s.waits > t.c.opts.MaxWaiting {
		wait, cause = false, fmt.Errorf("%w, and %d assignments wait already: %w", ErrFull, s.waits-1, cause)
	}
	next := Next{Err: t.c.text(cause.Error(), maxErr), Blame: was.blame, Yielded: was.yielded()}
	if m != nil {
		s.put(t.flight, &holding{m})
		next.Agent, next.Executor = m.ID, m.Executor
	}
	s.unlock()
	switch {
	case m == nil && !wait:
		return t.fail(ctx, cause)
	case m == nil && was.cause == nil:
		return nil
	}
	return t.retry(ctx, next, was)
}

// yielded reports whether the last attempt gave this machine back, which is
// nobody's failure and counts as no attempt. The text of an agent's error cannot
// say so.
func (at *waiting) yielded() bool {
	return errors.Is(at.cause, hobby.ErrUserReturned) || errors.Is(at.cause, hobby.ErrPaused)
}

// retry records that an attempt is over and begins the next one, if the flight
// has a place. When that cannot be recorded, the flight waits as before.
func (t turn) retry(ctx context.Context, n Next, was *waiting) error {
	n.At = time.Now()
	n.Deadline = n.At.Add(t.c.timeout(&t.a.Plan))
	agent := t.a.Agent
	a, err := t.c.ledger.Retry(ctx, t.id, t.a.Attempt, n)
	if errors.Is(err, ErrConflict) { // the ledger has another attempt already
		was = &waiting{cause: ErrFull}
	}
	if merr := t.moved(ctx, a, err); err != nil || merr != nil {
		s := t.c.lock()
		defer s.unlock()
		s.vacate(t.flight, was)
		if errors.Is(err, ErrConflict) {
			err = nil // moved has dealt with it
		}
		return errors.Join(merr, err)
	}
	if t.c.again(t.flight, agent, n.Blame) {
		t.dispatch()
	}
	return nil
}

// again counts an attempt that is made again; with blame, agent was at fault.
// It reports whether the flight has a place for the next one.
func (c *Coordinator) again(f *flight, agent string, blame bool) bool {
	s := c.lock()
	defer s.unlock()
	s.counters.retries++
	if blame {
		total := s.totals[agent]
		total.Lost++
		s.totals[agent] = total
	}
	switch at := f.stage.(type) {
	case *waiting:
		f.stage = &waiting{}
		return false
	case *holding:
		if at.m == s.local {
			s.counters.fallbacks++
		}
		return true
	}
	return false
}

// moved takes over the assignment as a transition returned it. After a conflict
// it reads the assignment again.
func (t turn) moved(ctx context.Context, a Assignment, err error) error {
	if errors.Is(err, ErrConflict) || errors.Is(err, hobby.ErrNotFound) {
		a, err = t.c.ledger.Assignment(ctx, t.id)
		if errors.Is(err, hobby.ErrNotFound) {
			a, err = t.a, nil
			a.Status, a.Err = Failed, "subagent: the assignment was deleted"
		}
	}
	if err != nil {
		return err
	}
	s := t.c.lock()
	defer s.unlock()
	t.a = a
	if a.Status.Final() {
		s.discard(t.flight, nil)
	}
	return nil
}

// recall returns a function that asks the agent of the current attempt to stop.
// The function does nothing when the attempt runs in this process.
func (t turn) recall() (stop func()) {
	s := t.c.lock()
	defer s.unlock()
	m := t.stage.place()
	if m == nil || m.transport == nil {
		return func() {}
	}
	transport, to, attempt := m.transport, m.Agent, t.a.Attempt
	return func() { t.c.stop(transport, to, t.id, attempt) }
}
