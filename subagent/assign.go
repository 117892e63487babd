package subagent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// MaxDuration is the longest that an assignment may be asked to practise.
const MaxDuration = time.Hour

// Assign gives an agent practice of a kind for a length of time in (0,
// MaxDuration]. Before Run has begun, it waits for that, up to five seconds. So
// does every method that needs to know the open assignments. Errors:
// ErrUnknownAgent, ErrIncapable, ErrFull, ErrUnreachable, hobby.ErrInvalid,
// hobby.ErrUnknownKind, hobby.ErrNoModel, hobby.ErrNotRunning.
func (c *Coordinator) Assign(ctx context.Context, agent string, k hobby.Kind, d time.Duration) (Assignment, error) {
	if d <= 0 || d > MaxDuration {
		return Assignment{}, fmt.Errorf("%w: the duration is %v, must be more than 0 and at most %v", hobby.ErrInvalid, d, MaxDuration)
	}
	if !slices.Contains(c.kinds(), k) {
		return Assignment{}, fmt.Errorf("%w: %.64q", hobby.ErrUnknownKind, k)
	}
	if err := c.wait(ctx); err != nil {
		return Assignment{}, err
	}
	s := c.lock()
	_, err := s.able(agent, k)
	s.unlock()
	if err != nil {
		return Assignment{}, err
	}
	plan, err := c.plan(ctx, k, d, 0)
	if err != nil {
		return Assignment{}, err
	}
	plan.Policy = "assign/1"
	f, err := c.launch(ctx, plan, false, func(s *state) (*member, error) {
		m, err := s.able(agent, k)
		if err == nil {
			s.occupy(m)
		}
		return m, err
	})
	if err != nil {
		return Assignment{}, err
	}
	return c.now(f), nil
}

// flight is an open assignment; nil when none has that id.
func (c *Coordinator) flight(id string) *flight {
	s := c.lock()
	defer s.unlock()
	return s.flights[id]
}

// now is the assignment of a flight.
func (c *Coordinator) now(f *flight) Assignment {
	s := c.lock()
	defer s.unlock()
	return f.a
}

// DefaultDuration is how long the assignments of Distribute practise.
const DefaultDuration = 10 * time.Minute

// Distribute makes up to n assignments, from 1 to 100, of the kinds with the
// widest gap in proficiency that a free agent can do, in turn. It makes fewer,
// or none, when no more agents are free. Those that were made before an error are
// returned with it.
func (c *Coordinator) Distribute(ctx context.Context, n int) ([]Assignment, error) {
	return c.distribute(ctx, n, true)
}

// distribute is Distribute. Without here it gives nothing to agents of this
// process.
func (c *Coordinator) distribute(ctx context.Context, n int, here bool) ([]Assignment, error) {
	if n < 1 || n > 100 {
		return nil, fmt.Errorf("%w: %d assignments, must be 1 to 100", hobby.ErrInvalid, n)
	}
	if err := c.wait(ctx); err != nil {
		return nil, err
	}
	kinds, err := c.weakest(ctx)
	if err != nil {
		return nil, err
	}
	var all []Assignment
	for round := 0; len(all) < n; round++ {
		before := len(all)
		for _, k := range kinds {
			if len(all) == n {
				break
			}
			plan, err := c.plan(ctx, k, DefaultDuration, round)
			if err != nil {
				return all, err
			}
			plan.Policy = "distribute/1"
			f, err := c.launch(ctx, plan, false, func(s *state) (*member, error) { return s.anyone(k, here) })
			switch {
			case err == nil:
				all = append(all, c.now(f))
			case !errors.Is(err, ErrFull):
				return all, err
			}
		}
		if len(all) == before {
			return all, nil
		}
	}
	return all, nil
}

// Practise implements hobby.Executor. A free agent carries out the plan, and
// its verified work goes to out. When no agent is free, this process carries it
// out. When ctx ends, the assignment is cancelled.
func (c *Coordinator) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	f, err := c.launch(ctx, p, true, func(s *state) (*member, error) { return s.anyone(p.Kind, true) })
	if errors.Is(err, ErrFull) || errors.Is(err, hobby.ErrNotRunning) {
		if err := c.canHere(p.Kind); err != nil {
			return err
		}
		return c.hobby(p.Kind).Executor.Practise(ctx, p, out)
	}
	if err != nil {
		return err
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		cause := context.Cause(ctx)
		c.note("cancelling", f, c.cancel(context.WithoutCancel(ctx), f, cause))
		return cause
	}
	if f.err != nil {
		return f.err
	}
	if s := f.accepted; s != nil {
		for _, i := range s.Items {
			if err := out.Item(i); err != nil && !errors.Is(err, hobby.ErrBudget) {
				return err
			}
		}
		for _, i := range s.Insights {
			if err := out.Insight(i); err != nil {
				return err
			}
		}
	}
	if a := c.now(f); a.Status == Failed {
		return errors.New(a.Err)
	}
	return nil
}

// Hobby returns h with the coordinator as its executor, for a hobby.Manager.
// New needs h unchanged.
func (c *Coordinator) Hobby(h hobby.Hobby) hobby.Hobby {
	h.Executor = c
	return h
}

// Wait returns an assignment when it has ended. When ctx ends first, it returns
// the assignment as it is now and the cause of ctx.
func (c *Coordinator) Wait(ctx context.Context, id string) (Assignment, error) {
	if err := c.wait(ctx); err != nil {
		return Assignment{}, err
	}
	f := c.flight(id)
	if f == nil {
		return c.ledger.Assignment(ctx, id)
	}
	select {
	case <-f.done:
		return c.now(f), f.err
	case <-ctx.Done():
		return c.now(f), context.Cause(ctx)
	}
}

// Cancel ends an assignment as failed, and asks its agent to stop. The error is
// ErrConflict when the assignment has ended already.
func (c *Coordinator) Cancel(ctx context.Context, id string) error {
	if err := c.wait(ctx); err != nil {
		return err
	}
	f := c.flight(id)
	if f != nil {
		return c.cancel(ctx, f, ErrCancelled)
	}
	a, err := c.ledger.Assignment(ctx, id)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: it has %s", ErrConflict, a.Status)
}

// cancel fails an assignment with a cause.
func (c *Coordinator) cancel(ctx context.Context, f *flight, cause error) error {
	return c.move(ctx, f, func(ctx context.Context, t turn) error {
		defer t.recall()()
		return t.fail(ctx, cause)
	})
}

// Assignment reads an assignment. An unknown id is hobby.ErrNotFound.
func (c *Coordinator) Assignment(ctx context.Context, id string) (Assignment, error) {
	return c.ledger.Assignment(ctx, id)
}

// Assignments reads assignments, newest first.
func (c *Coordinator) Assignments(ctx context.Context, f Filter) (Page, error) {
	return c.ledger.Assignments(ctx, f)
}

// Settings is the configuration in force.
type Settings struct {
	MaxConcurrent int
	Timeout       time.Duration
	// DistributeEvery is 0 when distribution is not automatic.
	DistributeEvery time.Duration
}

// Settings returns the configuration in force.
func (c *Coordinator) Settings() Settings {
	return Settings{c.opts.MaxConcurrent, c.opts.Timeout, max(0, c.opts.DistributeEvery)}
}

// Slots are the coordinator's recurring work, for hobby.Options.Slots:
// automatic distribution, and forgetting assignments that ended long ago. While
// the manager rests, distribution gives nothing to agents of this process.
func (c *Coordinator) Slots() []hobby.Slot {
	var slots []hobby.Slot
	if c.opts.DistributeEvery > 0 {
		slots = append(slots, hobby.Slot{
			Name: "subagents/distribute", Schedule: hobby.Every(c.opts.DistributeEvery),
			Run: func(ctx context.Context, r hobby.SlotRun) error {
				_, err := c.distribute(ctx, c.opts.DistributeCount, r.Resting == "")
				return err
			},
		})
	}
	if c.opts.Keep > 0 {
		slots = append(slots, hobby.Slot{
			Name: "subagents/prune", Schedule: hobby.Every(24 * time.Hour),
			Run: func(ctx context.Context, _ hobby.SlotRun) error {
				_, err := c.ledger.Prune(ctx, time.Now().Add(-c.opts.Keep))
				return err
			},
		})
	}
	return slots
}
