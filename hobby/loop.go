package hobby

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// Run practises while the user is away, follows the event log for the
// consumers and runs the slots, until ctx ends. First it marks as interrupted
// what a dead process left running. When ctx ends no new session starts; the
// running one has Options.Grace to finish, and is stored. No goroutine
// outlives Run.
//
// It returns nil when ctx ended, and an error when the store cannot be used
// or Run is active already.
func (m *Manager) Run(ctx context.Context) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	err := m.practiseUntil(ctx)
	m.storeAtLast(ctx)
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))) {
		return nil
	}
	return err
}

// practiseUntil does the work of Run until ctx ends.
func (m *Manager) practiseUntil(ctx context.Context) error {
	lost, err := m.store.Recover(ctx, time.Now().UTC())
	if err != nil {
		return fmt.Errorf("hobby: marking what a crash left running: %w", err)
	}
	for _, a := range lost {
		m.opts.Logger.Warn("activity was left running by a dead process", "activity", a.ID, "kind", a.Plan.Kind)
	}
	if err := m.resumeRhythm(ctx); err != nil {
		return err
	}
	head, err := m.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("hobby: reading the event log: %w", err)
	}
	for _, c := range m.opts.Consumers { // from now on nothing that one lacks is trimmed
		if err := m.store.SetConsumed(ctx, c.Name(), 0); err != nil {
			return fmt.Errorf("hobby: noting the consumer %s: %w", c.Name(), err)
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return m.greetModels(gctx) })
	g.Go(func() error { return m.loop(gctx) })
	g.Go(func() error { return m.follow(gctx, head) })
	for _, c := range m.opts.Consumers {
		g.Go(func() error { return m.consume(gctx, c) })
	}
	for _, s := range m.opts.Slots {
		g.Go(func() error { return m.runSlot(gctx, s) })
	}
	return g.Wait()
}

// resumeRhythm reads from the store when a session last started by itself, so
// that a restart does not shorten the interval.
func (m *Manager) resumeRhythm(ctx context.Context) error {
	page, err := m.store.List(ctx, Filter{Agent: m.opts.Agent, Limit: 20})
	if err != nil {
		return fmt.Errorf("hobby: reading the last sessions: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for _, a := range page.Activities {
		// A start in the future was stamped by a wrong clock.
		if a.Plan.Policy != Requested && a.Started.Before(now) {
			if m.lastStart.IsZero() {
				m.lastStart = now.Add(-now.Sub(a.Started)) // monotonic from here on
			}
			break
		}
	}
	return nil
}

func (m *Manager) enter() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.active {
		return fmt.Errorf("hobby: Run is active already: %w", ErrBusy)
	}
	m.active = true
	m.begun.Open()
	return nil
}

func (m *Manager) leave() {
	m.mu.Lock()
	m.active = false
	close(m.ended)
	m.ended = make(chan struct{})
	m.mu.Unlock()
	select {
	case r := <-m.requests:
		r.refuse(ErrNotRunning)
	default:
	}
	m.feed.end()
}

// loop starts the sessions: those that are due, and those that are asked for.
func (m *Manager) loop(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		if wait, ok := m.untilNext(time.Now()); ok {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case r := <-m.requests:
			m.serve(ctx, r)
		case <-m.kick:
		case <-timer.C:
			m.tick(ctx)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// untilNext is the time until the next session may start if the user stays away;
// false while none is to come.
func (m *Manager) untilNext(now time.Time) (time.Duration, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next, ok := m.next()
	return max(0, next.Sub(now)), ok
}

// next is when the next session may start. The caller holds m.mu.
func (m *Manager) next() (time.Time, bool) {
	if !m.active || !m.enabled || m.paused || len(m.holds) > 0 {
		return time.Time{}, false
	}
	next := m.presence.LastTouch().Add(m.presence.Idle())
	if !m.lastStart.IsZero() {
		if due := m.lastStart.Add(m.tuning.Interval); due.After(next) {
			next = due
		}
	}
	if all, others, retryAt := m.unreachable(); all && !others && retryAt.After(next) {
		next = retryAt
	}
	return next, true
}

// tick carries out the session that is due, or rests until the next is.
func (m *Manager) tick(ctx context.Context) {
	_, err := m.practise(ctx, "", true, m.opts.Grace, nil)
	if err != nil && !errors.Is(err, ErrNothing) && ctx.Err() == nil {
		m.opts.Logger.Warn("no session", "reason", err)
	}
}

// runRequest is a wish for one session, on its way to the loop.
type runRequest struct {
	kind    Kind
	started chan<- Activity
	refused chan<- error
}

func (r runRequest) refuse(err error) { r.refused <- err }

func (m *Manager) serve(ctx context.Context, r runRequest) {
	started := false
	_, err := m.practise(ctx, r.kind, false, m.opts.Grace, func(a Activity) {
		started = true
		r.started <- a
	})
	switch {
	case !started:
		r.refuse(err)
	case err != nil:
		m.opts.Logger.Warn("requested session", "kind", r.kind, "error", err)
	}
}

// Request asks the running loop to practise once, now, whether the user is
// idle or not, and returns the activity once it is recorded as running. "" lets
// the policy choose the kind. Before Run it waits a moment, at most five
// seconds, for Run to begin. It answers ErrBusy while a session runs, and
// ErrNotRunning, ErrUnknownKind, ErrNoModel, ErrNothing or ErrBudget. Neither
// Pause nor Disabled keeps it from starting. When ctx ends meanwhile, the
// session may start all the same.
func (m *Manager) Request(ctx context.Context, k Kind) (Activity, error) {
	if err := m.begun.Wait(ctx); err != nil {
		return Activity{}, fmt.Errorf("hobby: waiting for Run to begin: %w", err)
	}
	started, refused := make(chan Activity, 1), make(chan error, 1)
	if err := m.submit(runRequest{k, started, refused}); err != nil {
		return Activity{}, err
	}
	select {
	case a := <-started:
		return a, nil
	case err := <-refused:
		return Activity{}, err
	case <-ctx.Done():
		return Activity{}, fmt.Errorf("hobby: waiting for the session to start: %w", context.Cause(ctx))
	}
}

// submit hands r to the loop, which takes requests between sessions only. A
// request that arrives while a session begins is refused by begin.
func (m *Manager) submit(r runRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.active {
		return ErrNotRunning
	}
	if m.current != nil {
		return ErrBusy
	}
	select {
	case m.requests <- r:
		return nil
	default:
		return ErrBusy
	}
}

// RunOnce practises once, now, whether the user is idle or not, in the caller's
// goroutine; Run need not be active. "" lets the policy choose the kind. The
// session ends early when ctx ends, and on Touch and Pause; it is stored either
// way. The error says why practice did not take place. An activity that failed
// is returned as a Session with that status, without an error.
func (m *Manager) RunOnce(ctx context.Context, k Kind) (Session, error) {
	return m.practise(ctx, k, false, 0, nil)
}
