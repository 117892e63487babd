package hobby

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// slotCheck is the longest time between two looks at a slot. The wall clock
// may jump, so a slot is never waited for with one long timer.
const slotCheck = time.Minute

// Slot is work that runs once per due time of a schedule, across restarts and
// processes that share a store. What was missed while nothing was running is
// made up for by one run.
type Slot struct {
	// Name is stable and unique within the store.
	Name     string
	Schedule Schedule
	// Heavy says that a run needs the machine for long, such as a training. One
	// heavy slot of a manager runs at a time, and practice rests meanwhile; see
	// [Manager.Hold].
	Heavy bool
	// Run carries out one run. After an error it is tried again after a minute,
	// and then after two. The third error settles the run with its reason, and so
	// does the third death of its process: the next run is that of the next due
	// time. What it commits under r.Fence counts only while it still holds the
	// slot.
	Run func(ctx context.Context, r SlotRun) error
}

// slotTries is how often a run is begun at most.
const slotTries = 3

// SlotRun is one run of a slot.
type SlotRun struct {
	Lease
	// Resting says why the manager starts no session by itself now, as in
	// [ManagerStatus]; "" when it may. It is for slots that should leave this
	// machine to its user, or rest while the host has paused practice.
	Resting string
}

// runSlot runs s whenever it is due, until ctx ends.
func (m *Manager) runSlot(ctx context.Context, s Slot) error {
	retry := backoff{first: time.Minute, most: time.Hour}
	for {
		if s.Heavy {
			select {
			case m.heavy <- struct{}{}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		now := m.wall()
		lease, err := m.store.Claim(ctx, s.Name, now, s.Schedule)
		if s.Heavy && err != nil {
			<-m.heavy
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, ErrNotDue), errors.Is(err, ErrHeld):
			if errors.Is(err, ErrClock) {
				m.opts.Logger.Warn("the clock was wrong; a slot goes on from now", "slot", s.Name, "now", now, "error", err)
			}
			err = pause(ctx, untilDue(s.Schedule, now))
		case err != nil:
			m.opts.Logger.Warn("claiming a slot", "slot", s.Name, "error", err)
			err = retry.wait(ctx)
		default:
			err = m.carryOutSlot(ctx, s, lease)
			if s.Heavy {
				<-m.heavy
			}
			switch {
			case err == nil:
				retry.reset()
			case ctx.Err() != nil:
			case lease.Try >= slotTries:
				m.opts.Logger.Error("slot failed for good", "slot", s.Name, "due", lease.Due, "tries", lease.Try, "error", err)
				retry.reset()
				err = nil
			default:
				m.opts.Logger.Warn("slot failed", "slot", s.Name, "due", lease.Due, "try", lease.Try, "error", err)
				err = retry.wait(ctx)
			}
		}
		if err != nil {
			return err
		}
	}
}

// carryOutSlot runs a claimed slot and settles it.
func (m *Manager) carryOutSlot(ctx context.Context, s Slot, l Lease) error {
	err := guard("a slot", func() error { return m.runLease(ctx, s, l) })
	var o Outcome
	switch {
	case err != nil && ctx.Err() != nil:
		o.Again = true // the program ends: that is not the run's fault
	case err != nil:
		o.Again, o.Err = l.Try < slotTries, brief(m.clean(err.Error()))
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return errors.Join(err, m.store.Settle(settle, l, o))
}

func (m *Manager) runLease(ctx context.Context, s Slot, l Lease) error {
	if l.Try > slotTries {
		return fmt.Errorf("the process ended during the run %d times", slotTries)
	}
	sys, err := m.Status(ctx)
	if err != nil {
		return err
	}
	if s.Heavy {
		release, err := m.Hold(ctx, s.Name+" is at work")
		if err != nil {
			return err
		}
		defer release()
	}
	return s.Run(ctx, SlotRun{l, sys.Resting})
}

// untilDue is how long to wait before looking at a slot again.
func untilDue(s Schedule, now time.Time) time.Duration {
	next := s.Next(now)
	if next.IsZero() {
		return slotCheck
	}
	return min(slotCheck, max(0, next.Sub(now)))
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
