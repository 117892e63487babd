package subagent_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

// slow is a hobby that takes an hour.
func slow(k hobby.Kind) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Hour):
			return nil
		}
	})}
}

// TestWorkHereYields: what an agent of this process is at ends when the user comes
// back or the host pauses, waits for however long that lasts, and is then made again.
// Nobody is to blame, and no number of times is too many.
func TestWorkHereYields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(time.Minute)
		w := &wire{}
		f := newHost(t, []hobby.Hobby{slow("walk")}, &subagent.Options{
			Presence: p, Timeout: 2 * time.Hour, Transports: []subagent.Transport{w}, MaxAttempts: 2,
		})
		register(t, f.Coordinator, "here", "walk")
		a := assign(t, f, "here", "walk")
		is := func(when string, status subagent.Status, active int) {
			t.Helper()
			synctest.Wait()
			if got := read(t, f, a.ID); got.Status != status || f.Stats().Agents[0].Active != active {
				t.Errorf("%s: %s (%s), %d active", when, got.Status, got.Err, f.Stats().Agents[0].Active)
			}
		}
		is("asked for while the user is here", subagent.Running, 1)
		const yields = 6
		for range yields {
			p.Touch()
			is("touched", subagent.Pending, 0)
			time.Sleep(50 * time.Second)
			is("the user is still here", subagent.Pending, 0)
			time.Sleep(15 * time.Second)
			is("the user is away", subagent.Running, 1)
		}
		if err := p.Pause(t.Context()); err != nil { // returns once it has yielded
			t.Error(err)
		}
		if got := read(t, f, a.ID); got.Status != subagent.Pending {
			t.Errorf("once Pause has returned it is %s", got.Status)
		}
		time.Sleep(30 * 24 * time.Hour)
		is("paused for a month", subagent.Pending, 0)
		p.Resume()
		time.Sleep(2 * time.Second)
		is("resumed", subagent.Running, 1)
		time.Sleep(61 * time.Minute)
		is("done", subagent.Completed, 0)
		s := f.Stats().Agents[0]
		if got := read(t, f, a.ID); len(got.Past) != yields+1 || got.Past[0].Err != hobby.ErrUserReturned.Error() ||
			s.Totals.Lost != 0 || s.Totals.Failed != 0 {
			t.Errorf("%d attempts before, the first with %q; the agent has %+v", len(got.Past), got.Past[0].Err, s.Totals)
		}
		f.stop()
	})
}

// TestLostWorkIsNotMadeHereInAPause: what an agent elsewhere has lost waits, too,
// before this machine makes it.
func TestLostWorkIsNotMadeHereInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(time.Nanosecond)
		w := &wire{}
		f := newHost(t, []hobby.Hobby{empty("void")}, &subagent.Options{Presence: p, Transports: []subagent.Transport{w}})
		joinWire(t, f, "far")
		a := assign(t, f, "far", "void")
		if err := p.Pause(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := read(t, f, a.ID); got.Agent != "far" || got.Status.Final() {
			t.Errorf("a pause here has moved what is elsewhere: %+v", got)
		}
		time.Sleep(time.Hour) // the agent says nothing
		if got := read(t, f, a.ID); got.Status != subagent.Pending || got.Executor == subagent.Local {
			t.Errorf("in the pause: %s at %q", got.Status, got.Executor)
		}
		p.Resume()
		time.Sleep(2 * time.Second)
		if got := read(t, f, a.ID); got.Status != subagent.Completed || got.Executor != subagent.Local {
			t.Errorf("after it: %s at %q: %s", got.Status, got.Executor, got.Err)
		}
		f.stop()
	})
}
