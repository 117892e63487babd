package subagent

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Register makes an agent known, or replaces what is known of it. One with an
// endpoint, or that a transport is connected to, works there; any other works
// in this process under its own limits. Errors: hobby.ErrInvalid,
// hobby.ErrUnknownKind for a capability, ErrTooMany.
func (c *Coordinator) Register(ctx context.Context, a Agent) (Registration, error) {
	a, err := a.Normalise(c.kinds())
	if err != nil {
		return Registration{}, err
	}
	for _, t := range c.opts.Transports {
		switch ok, err := t.Reaches(a); {
		case err != nil:
			return Registration{}, err
		case ok:
			return c.enrol(ctx, a, t)
		}
	}
	if a.Endpoint != "" {
		return Registration{}, fmt.Errorf("%w: Agent.Endpoint: no transport of this host reaches %.200q", hobby.ErrInvalid, a.Endpoint)
	}
	return c.enrol(ctx, a, nil)
}

// enrol registers an agent that was checked.
func (c *Coordinator) enrol(ctx context.Context, a Agent, t Transport) (Registration, error) {
	select {
	case c.roll <- struct{}{}:
		defer func() { <-c.roll }()
	case <-ctx.Done():
		return Registration{}, context.Cause(ctx)
	}
	a.Metadata = maps.Clone(a.Metadata)
	if a.MaxConcurrent == 0 {
		a.MaxConcurrent = c.opts.MaxConcurrent
	}
	r := Registration{Agent: a, Executor: Local, Registered: time.Now().UTC()}
	if t != nil {
		r.Executor = t.Name()
	}
	if err := c.makeRoom(ctx, a.ID); err != nil {
		return r, err
	}
	if err := c.ledger.PutAgent(ctx, r); err != nil {
		return r, fmt.Errorf("subagent: registering %s: %w", a.ID, err)
	}
	c.mu.Lock()
	was := c.fleet.members[a.ID]
	m := was
	if was == nil || was.transport != t {
		m = &member{places: map[string]int{}}
	}
	m.Registration, m.transport, m.seen = r, t, time.Now()
	m.gone, m.failures, m.rest = false, 0, time.Time{}
	delete(c.resting, m)
	c.fleet.members[a.ID] = m
	if was != nil && was != m {
		c.fleet.update(was)
	}
	c.fleet.update(m)
	c.look()
	c.mu.Unlock()
	if was != nil && was != m {
		c.handOver(ctx, was, ErrUnregistered) // it was another agent of that name
	}
	return r, nil
}

// makeRoom forgets the agent that has been away for longest when there are as
// many as may be and id is not among them. The caller has c.roll.
func (c *Coordinator) makeRoom(ctx context.Context, id string) error {
	c.mu.Lock()
	var away *member
	full := c.fleet.members[id] == nil && len(c.fleet.members) >= c.opts.MaxAgents
	if full {
		for _, m := range c.fleet.members {
			if m.gone && (away == nil || m.seen.Before(away.seen)) {
				away = m
			}
		}
	}
	c.mu.Unlock()
	switch {
	case !full:
		return nil
	case away == nil:
		return fmt.Errorf("%w: %d", ErrTooMany, c.opts.MaxAgents)
	}
	return c.drop(ctx, away)
}

// look asks the reconciler for a look.
func (c *Coordinator) look() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Unregister forgets an agent. What it is at is given to another agent or run
// here. ErrUnknownAgent when there is none.
func (c *Coordinator) Unregister(ctx context.Context, id string) error {
	if err := c.wait(ctx); err != nil {
		return err
	}
	select {
	case c.roll <- struct{}{}:
		defer func() { <-c.roll }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	c.mu.Lock()
	m := c.fleet.members[id]
	c.mu.Unlock()
	if m == nil {
		return fmt.Errorf("%w: %.128q", ErrUnknownAgent, id)
	}
	return c.drop(ctx, m)
}

// drop unregisters an agent. The caller has c.roll.
func (c *Coordinator) drop(ctx context.Context, m *member) error {
	if err := c.ledger.DropAgent(ctx, m.ID); err != nil {
		return fmt.Errorf("subagent: unregistering %s: %w", m.ID, err)
	}
	c.mu.Lock()
	delete(c.fleet.members, m.ID)
	delete(c.resting, m)
	c.fleet.update(m)
	c.mu.Unlock()
	c.handOver(ctx, m, ErrUnregistered)
	return nil
}

// handOver gives what an agent is at to others.
func (c *Coordinator) handOver(ctx context.Context, m *member, cause error) {
	c.mu.Lock()
	attempts := map[*flight]int64{}
	for _, f := range c.flights {
		if f.member == m {
			attempts[f] = f.a.Attempt
		}
	}
	c.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	for f, attempt := range attempts {
		c.note("giving work to another agent", f, c.lost(ctx, f, attempt, cause, false))
	}
}

// present registers an agent that has connected.
func (c *Coordinator) present(ctx context.Context, t Transport, r Report) error {
	if r.Self == nil || r.Self.ID != r.Agent {
		return nil // it does not say who it is
	}
	a, err := r.Self.Normalise(c.kinds())
	if err != nil {
		c.opts.Logger.Warn("an agent that connected cannot be registered", "agent", r.Agent, "error", err)
		return nil
	}
	a.Endpoint = ""
	c.mu.Lock()
	m := c.fleet.members[a.ID]
	same := m != nil && m.transport == t && slices.Equal(m.Capabilities, a.Capabilities) && reflect.DeepEqual(m.Metadata, a.Metadata) &&
		(a.MaxConcurrent == 0 || a.MaxConcurrent == m.MaxConcurrent)
	if same {
		m.seen, m.gone = time.Now(), false
		c.fleet.update(m)
	}
	c.mu.Unlock()
	if same {
		c.look()
		return nil
	}
	if _, err := c.enrol(ctx, a, t); err != nil {
		c.opts.Logger.Warn("registering an agent that connected", "agent", r.Agent, "error", err)
	}
	return nil
}

// gone gives to others what an agent was at that has disconnected.
func (c *Coordinator) gone(ctx context.Context, t Transport, id string) error {
	c.mu.Lock()
	m := c.fleet.members[id]
	if m == nil || m.transport != t {
		c.mu.Unlock()
		return nil
	}
	m.gone = true
	c.fleet.update(m)
	c.mu.Unlock()
	c.handOver(ctx, m, ErrLost)
	return nil
}
