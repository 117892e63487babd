package subagent

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Register registers an agent, or replaces its registration. An agent with an
// endpoint works there, and one that a transport is connected to works behind
// that transport. Any other works in this process under its own limits. Errors:
// hobby.ErrInvalid, hobby.ErrUnknownKind for a capability, ErrTooMany.
func (c *Coordinator) Register(ctx context.Context, a Agent) (Registration, error) {
	a, err := c.normalise(a)
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

// normalise is [Agent.Normalise] with clean metadata, a copy.
func (c *Coordinator) normalise(a Agent) (Agent, error) {
	a, err := a.Normalise(c.kinds())
	if err == nil && a.Metadata != nil {
		a.Metadata, _ = c.cleanAll(a.Metadata).(map[string]any)
	}
	return a, err
}

// cleanAll returns a copy of a JSON value with clean texts.
func (c *Coordinator) cleanAll(v any) any {
	switch v := v.(type) {
	case string:
		return c.clean(v)
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = c.cleanAll(v[i])
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(v))
		for name := range v {
			all[c.clean(name)] = c.cleanAll(v[name])
		}
		return all
	}
	return v
}

// roll is the right to change who is registered. One at a time has it, and only
// [Coordinator.roll] gives it.
type roll struct{ c *Coordinator }

// roll waits for the right to change who is registered, and calls fn with it.
func (c *Coordinator) roll(ctx context.Context, fn func(roll) error) error {
	select {
	case c.rolls <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-c.rolls }()
	return fn(roll{c})
}

// enrol registers an agent that was checked.
func (c *Coordinator) enrol(ctx context.Context, a Agent, t Transport) (Registration, error) {
	if a.MaxConcurrent == 0 {
		a.MaxConcurrent = c.opts.MaxConcurrent
	}
	r := Registration{Agent: a, Executor: Local, Registered: time.Now().UTC()}
	if t != nil {
		r.Executor = t.Name()
	}
	err := c.roll(ctx, func(l roll) error { return l.add(ctx, r, t) })
	return r, err
}

// add registers an agent.
func (l roll) add(ctx context.Context, r Registration, t Transport) error {
	if err := l.makeRoom(ctx, r.ID); err != nil {
		return err
	}
	if err := l.c.ledger.PutAgent(ctx, r); err != nil {
		return fmt.Errorf("subagent: registering %s: %w", r.ID, err)
	}
	s := l.c.lock()
	was := s.members[r.ID]
	m := was
	if was == nil || was.transport != t {
		m = &member{ranks: map[string]int{}}
	}
	m.Registration, m.transport, m.seen = r, t, time.Now()
	m.gone, m.failures, m.rests = false, 0, time.Time{}
	s.add(m)
	s.unlock()
	if was != nil && was != m {
		l.c.handOver(ctx, was, ErrUnregistered) // it was another agent of that name
	}
	return nil
}

// makeRoom makes room for id when the roster is full. It unregisters the agent
// that has been disconnected for longest.
func (l roll) makeRoom(ctx context.Context, id string) error {
	s := l.c.lock()
	full := s.members[id] == nil && len(s.members) >= l.c.opts.MaxAgents
	away := s.away()
	s.unlock()
	switch {
	case !full:
		return nil
	case away == nil:
		return fmt.Errorf("%w: %d", ErrTooMany, l.c.opts.MaxAgents)
	}
	return l.drop(ctx, away)
}

// Unregister forgets an agent. Its open assignments are given to other agents or
// run here. ErrUnknownAgent when there is none.
func (c *Coordinator) Unregister(ctx context.Context, id string) error {
	if err := c.wait(ctx); err != nil {
		return err
	}
	return c.roll(ctx, func(l roll) error {
		s := c.lock()
		m := s.members[id]
		s.unlock()
		if m == nil {
			return fmt.Errorf("%w: %.128q", ErrUnknownAgent, id)
		}
		return l.drop(ctx, m)
	})
}

// drop unregisters an agent.
func (l roll) drop(ctx context.Context, m *member) error {
	if err := l.c.ledger.DropAgent(ctx, m.ID); err != nil {
		return fmt.Errorf("subagent: unregistering %s: %w", m.ID, err)
	}
	s := l.c.lock()
	s.remove(m)
	s.unlock()
	l.c.handOver(ctx, m, ErrUnregistered)
	return nil
}

// handOver gives an agent's open assignments to others.
func (c *Coordinator) handOver(ctx context.Context, m *member, cause error) {
	ctx = context.WithoutCancel(ctx)
	for f, attempt := range c.at(m) {
		c.note("giving work to another agent", f, c.lost(ctx, f, attempt, cause, false))
	}
}

// at lists the flights at which an agent has a place, with their attempts.
func (c *Coordinator) at(m *member) map[*flight]int64 {
	s := c.lock()
	defer s.unlock()
	attempts := map[*flight]int64{}
	for _, f := range s.flights {
		if f.stage.place() == m {
			attempts[f] = f.a.Attempt
		}
	}
	return attempts
}

// present registers an agent that has connected.
func (c *Coordinator) present(ctx context.Context, t Transport, r Report) error {
	if r.Self == nil || r.Self.ID != r.Agent {
		return nil // it does not say who it is
	}
	a, err := c.normalise(*r.Self)
	if err != nil {
		c.opts.Logger.Warn("an agent that connected cannot be registered", "agent", r.Agent, "error", err)
		return nil
	}
	a.Endpoint = ""
	if c.unchanged(a, t) {
		return nil
	}
	if _, err := c.enrol(ctx, a, t); err != nil {
		c.opts.Logger.Warn("registering an agent that connected", "agent", r.Agent, "error", err)
	}
	return nil
}

// unchanged notes that an agent is connected. It notes nothing and returns
// false when the registration differs from a.
func (c *Coordinator) unchanged(a Agent, t Transport) bool {
	s := c.lock()
	defer s.unlock()
	m := s.members[a.ID]
	if m == nil || m.transport != t || !slices.Equal(m.Capabilities, a.Capabilities) || !reflect.DeepEqual(m.Metadata, a.Metadata) ||
		a.MaxConcurrent != 0 && a.MaxConcurrent != m.MaxConcurrent {
		return false
	}
	m.seen, m.gone = time.Now(), false
	s.update(m)
	s.wake()
	return true
}

// gone notes that an agent has disconnected, and gives its work to others.
func (c *Coordinator) gone(ctx context.Context, t Transport, id string) error {
	s := c.lock()
	m := s.members[id]
	known := m != nil && m.transport == t
	if known {
		m.gone = true
		s.update(m)
	}
	s.unlock()
	if known {
		c.handOver(ctx, m, ErrLost)
	}
	return nil
}
