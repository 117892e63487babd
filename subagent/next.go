package subagent

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// lostHere bounds the attempts that end with the process, beside MaxAttempts:
// an assignment that takes the process with it is not tried for ever.
const lostHere = 3

// next ends the current attempt without a result, and begins another: at an
// agent, here, or later when a place is free. When there is no way left the
// assignment has failed. The caller has the turn.
func (c *Coordinator) next(ctx context.Context, f *flight, cause error, blame bool) error {
	c.mu.Lock()
	if was := f.member; was != nil && was != c.here {
		if blame {
			c.rest(was)
		}
		if was.transport != nil {
			defer c.stop(was.transport, was.Agent, f.a.ID, f.a.Attempt)
		} else if blame {
			c.avoidLocal(f)
		}
	} else if was != nil && blame {
		c.avoidLocal(f)
	}
	c.vacate(f)
	if c.ending { // the next Run takes it up
		f.err = hobby.ErrShutdown
		c.forget(f)
		c.mu.Unlock()
		return nil
	}
	m, wait := c.choose(f)
	c.mu.Unlock()
	if m == nil && !wait {
		return c.finish(ctx, f, Finish{Status: Failed, Err: text(cause.Error(), maxErr)}, nil)
	}
	return c.retry(ctx, f, m, cause, blame)
}

// avoidLocal keeps an assignment away from this process's own executors, which
// have failed at it. The caller has the turn and c.mu.
func (c *Coordinator) avoidLocal(f *flight) {
	f.avoid[""] = true
	for id, m := range c.fleet.members {
		if m.transport == nil {
			f.avoid[id] = true
		}
	}
}

// choose takes a place for the next attempt. wait says that there is none now
// and may be one later. The caller has the turn and c.mu.
func (c *Coordinator) choose(f *flight) (m *member, wait bool) {
	k, made := f.a.Plan.Kind, len(f.a.Past)
	if f.a.Executor != "" {
		made++
	}
	elsewhere := made < c.opts.MaxAttempts
	if elsewhere {
		if m := c.fleet.take(k, c.cannot(f.avoid, c.canHere(k) == nil)); m != nil {
			return m, false
		}
	}
	if !f.avoid[""] && c.opts.LocalConcurrent > 0 && made < c.opts.MaxAttempts+lostHere && c.canHere(k) == nil {
		if !c.here.free() {
			return nil, true
		}
		c.here.active++
		c.meters.fallbacks++
		return c.here, false
	}
	if elsewhere {
		for id, m := range c.fleet.members {
			if m.Can(k) && !f.avoid[id] && (m.transport != nil || m.Executor != Local) {
				return nil, true
			}
		}
	}
	return nil, false
}

// cannot is avoid, and the agents of this process unless here is true.
func (c *Coordinator) cannot(avoid map[string]bool, here bool) map[string]bool {
	if here {
		return avoid
	}
	all := maps.Clone(avoid)
	if all == nil {
		all = map[string]bool{}
	}
	for id, m := range c.fleet.members {
		if m.transport == nil {
			all[id] = true
		}
	}
	return all
}

// retry records that an attempt is over and gives the assignment to m, or lets
// it wait for a place when m is nil. The caller has the turn.
func (c *Coordinator) retry(ctx context.Context, f *flight, m *member, cause error, blame bool) error {
	now := time.Now()
	n := Next{At: now, Deadline: now.Add(c.timeout(&f.a.Plan)), Err: text(cause.Error(), maxErr), Blame: blame}
	if m != nil {
		c.mu.Lock() // registering again replaces these
		n.Agent, n.Executor = m.ID, m.Executor
		c.mu.Unlock()
	}
	agent := f.a.Agent
	a, err := c.ledger.Retry(ctx, f.a.ID, f.a.Attempt, n)
	if merr := c.moved(ctx, f, a, err); err != nil || merr != nil {
		if m != nil {
			c.mu.Lock()
			c.release(m)
			c.mu.Unlock()
		}
		return errors.Join(merr, ignore(err, ErrConflict))
	}
	c.mu.Lock()
	f.member = m
	c.meters.retries++
	if blame {
		t := c.totals[agent]
		t.Lost++
		c.totals[agent] = t
	}
	c.mu.Unlock()
	if m != nil {
		c.dispatch(f)
	}
	return nil
}

// ignore is nil for an error that was dealt with.
func ignore(err, dealt error) error {
	if errors.Is(err, dealt) {
		return nil
	}
	return err
}

// rest keeps an agent from being chosen for a while, longer with each failure
// in a row. This process never rests. The caller holds c.mu.
func (c *Coordinator) rest(m *member) {
	if m.transport == nil {
		return
	}
	m.failures++
	m.rest = time.Now().Add(min(time.Second<<min(m.failures-1, 10), time.Minute))
	c.resting[m] = struct{}{}
	c.fleet.update(m)
}

// reconcile looks after what time does: leases and deadlines that pass, agents
// that have rested, assignments that wait for a place.
func (c *Coordinator) reconcile(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, cmp.Or(c.opts.Lease/4, 1)))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-tick.C:
		}
		for _, d := range c.due(time.Now()) {
			c.note("looking after an assignment", d.f, d.act(ctx))
		}
	}
}

// due is what the reconciler has to do.
type due struct {
	f   *flight
	act func(ctx context.Context) error
}

// due lists what has to be done at now.
func (c *Coordinator) due(now time.Time) []due {
	c.mu.Lock()
	defer c.mu.Unlock()
	for m := range c.resting {
		if !now.Before(m.rest) {
			m.rest = time.Time{}
			delete(c.resting, m)
			c.fleet.update(m)
		}
	}
	if c.ending {
		return nil
	}
	slack := c.opts.Lease / 3 // a result may be on its way
	var all []due
	for _, f := range c.flights {
		attempt := f.a.Attempt
		switch {
		case now.After(f.a.Deadline.Add(slack)):
			all = append(all, due{f, func(ctx context.Context) error { return c.timedOut(ctx, f, attempt) }})
		case f.member == nil:
			all = append(all, due{f, func(ctx context.Context) error { return c.place(ctx, f, attempt) }})
		case !f.expires.IsZero() && now.After(f.expires):
			// An agent that is heard of otherwise is well: a message was lost.
			silent := now.Sub(f.member.seen) > c.opts.Lease
			all = append(all, due{f, func(ctx context.Context) error { return c.lost(ctx, f, attempt, ErrLost, silent) }})
		}
	}
	return all
}

// place gives a waiting assignment to whoever is free now.
func (c *Coordinator) place(ctx context.Context, f *flight, attempt int64) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.end()
	c.mu.Lock()
	if f.ended() || f.a.Attempt != attempt || f.member != nil {
		c.mu.Unlock()
		return nil
	}
	m, wait := c.choose(f)
	c.mu.Unlock()
	switch {
	case m != nil:
		return c.retry(ctx, f, m, ErrFull, false)
	case !wait:
		return c.finish(ctx, f, Finish{Status: Failed, Err: ErrFull.Error()}, nil)
	}
	return nil
}

// timedOut fails an assignment whose deadline has passed.
func (c *Coordinator) timedOut(ctx context.Context, f *flight, attempt int64) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.end()
	if f.ended() || f.a.Attempt != attempt {
		return nil
	}
	c.mu.Lock()
	if m := f.member; m != nil && m.transport != nil {
		defer c.stop(m.transport, m.Agent, f.a.ID, attempt)
	}
	c.mu.Unlock()
	return c.finish(ctx, f, Finish{Status: Failed, Err: ErrTimeout.Error()}, nil)
}
