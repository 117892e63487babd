package subagent

import (
	"context"
	"time"
)

// finding says what is to be done about a flight.
type finding string

const (
	late      finding = "late"      // its deadline has passed
	placeless finding = "placeless" // it waits for a place
	silent    finding = "silent"    // its agent gives no sign of life
	unheard   finding = "unheard"   // its agent gives signs of life, but none of this attempt: a message was lost
)

// due is a flight that needs to be looked after.
type due struct {
	f       *flight
	attempt int64
	what    finding
}

// reconcile does what time makes due: leases and deadlines that pass, agents
// that have rested, assignments that wait for a place.
func (c *Coordinator) reconcile(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, max(1, c.opts.Lease/4)))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.freed:
		case <-tick.C:
		}
		for _, d := range c.look() {
			c.note("looking after an assignment", d.f, c.settle(ctx, d))
		}
	}
}

// look lists what is due now.
func (c *Coordinator) look() []due {
	s := c.lock()
	defer s.unlock()
	now := time.Now()
	s.rested(now)
	return s.due(now, c.opts.Lease)
}

// due lists what has to be done at now. It changes nothing.
func (s *state) due(now time.Time, lease time.Duration) []due {
	if s.phase > serving {
		return nil
	}
	slack := lease / 3 // a result may be on its way
	var all []due
	for _, f := range s.flights {
		if !f.held && now.After(f.a.Deadline.Add(slack)) {
			all = append(all, due{f, f.a.Attempt, late})
			continue
		}
		switch at := f.stage.(type) {
		case *waiting:
			all = append(all, due{f, f.a.Attempt, placeless})
		case *elsewhere:
			switch {
			case !now.After(at.lease):
			case now.Sub(at.m.seen) > lease:
				all = append(all, due{f, f.a.Attempt, silent})
			default:
				all = append(all, due{f, f.a.Attempt, unheard})
			}
		}
	}
	return all
}

// settle does what is due.
func (c *Coordinator) settle(ctx context.Context, d due) error {
	return c.attempt(ctx, d.f, d.attempt, func(ctx context.Context, t turn) error {
		switch d.what {
		case late:
			defer t.recall()()
			return t.fail(ctx, ErrTimeout)
		case placeless:
			return t.place(ctx)
		default:
			return t.next(ctx, ErrLost, d.what == silent)
		}
	})
}
