package hobby

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/internal/proc"
)

// storeTimeout bounds the last commit of a session, which no longer listens to
// the session's context.
const storeTimeout = 10 * time.Second

// session is the one that runs now.
type session struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
	sink   *sink // nil while it is planned
}

// name is what people call a session. The caller holds the manager's lock.
func (s *session) name() string {
	if s.sink == nil {
		return "a session that was about to begin"
	}
	return "the session " + strconv.Quote(s.sink.activity().Description)
}

// practise chooses what to practise, narrowed to kind k unless that is "",
// carries it out and stores it. When ctx ends the session has grace to finish.
// started is called once the activity is recorded as running. own says that the
// manager starts the session by itself; it must then be due.
func (m *Manager) practise(ctx context.Context, k Kind, own bool, grace time.Duration, started func(Activity)) (Session, error) {
	sctx, stop := m.presence.UntilTouch(context.WithoutCancel(ctx))
	defer stop()
	sctx, cancel := context.WithCancelCause(sctx)
	defer cancel(nil)
	run := &session{cancel: cancel, done: make(chan struct{})}
	if err := m.begin(run, own); err != nil {
		return Session{}, err
	}
	defer m.release(run)
	if err := m.checkStore(ctx); err != nil {
		return Session{}, err
	}
	if err := m.storeRest(ctx); err != nil {
		return Session{}, err
	}
	plan, err := m.plan(ctx, k, own)
	if err != nil {
		return Session{}, err
	}
	h, err := m.hobby(plan.Kind)
	if err != nil {
		return Session{}, err
	}
	defer shutdownAfter(ctx, grace, cancel)()

	begun := time.Now() // the monotonic clock measures how long it takes
	a := Activity{
		ID: newID(), Agent: m.opts.Agent, Plan: plan, Status: Running, Started: m.wall().UTC(),
		Description: m.clean(describe(h, plan)), Goal: h.Goal, Approach: h.Approach,
	}
	a.Plan.Topic = m.clean(plan.Topic)
	a, err = m.store.Commit(ctx, Session{Activity: a}, nil)
	if err != nil {
		return Session{}, fmt.Errorf("hobby: recording the start of a session: %w", err)
	}
	out := newSink(sctx, a, m.opts.Redact, m.store)
	if out.dismissed, err = m.dismissed(ctx); err != nil {
		m.opts.Logger.Warn("which insights people dismissed could not be read; all are told", "error", err)
	}
	keep := startKeeper(sctx, m, out, cancel)
	m.mu.Lock()
	run.sink = out
	m.mu.Unlock()
	if started != nil {
		started(a)
	}
	cpu := proc.CPUTime()
	status, err := carryOut(sctx, h, m.asking(h), out)
	status, err = m.noteReach(h, status, err, out)
	keep.end()
	// What is left must be stored whatever happened to ctx.
	last, cancelLast := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancelLast()
	return m.conclude(last, &ending{h, keep, a.Started.Add(time.Since(begun)), proc.CPUTime() - cpu, status, err})
}

// shutdownAfter ends a session by cancel when grace has passed since the end of
// ctx. The returned func ends the watch and waits for it.
func shutdownAfter(ctx context.Context, grace time.Duration, cancel context.CancelCauseFunc) (stop func()) {
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-over:
		case <-t.C:
			cancel(ErrShutdown)
		}
	})
	return func() {
		close(over)
		watch.Wait()
	}
}

// begin makes run the manager's session, if there is none. With own it must
// still be due, because the user may have come back since the loop looked. A
// request that is still on its way to the loop is refused.
func (m *Manager) begin(run *session, own bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if own {
		now := time.Now()
		if next, ok := m.next(); !ok || next.After(now) {
			return ErrNothing
		}
		m.lastStart = now
	}
	if m.current != nil {
		return ErrBusy
	}
	m.current = run
	select {
	case r := <-m.requests:
		r.refuse(ErrBusy)
	default:
	}
	return nil
}

// release ends run: the next session may begin.
func (m *Manager) release(run *session) {
	m.mu.Lock()
	m.current = nil
	m.mu.Unlock()
	close(run.done)
}

// ending is how a session has ended, and with its keeper what is not stored of it.
type ending struct {
	hobby  *Hobby
	keep   *keeper
	at     time.Time
	cpu    time.Duration
	status Status
	err    error
}

// conclude stores what is left of a session and its end, with what it changed. What
// cannot be stored, for example because the disk is full, is stored before the next
// session begins.
func (m *Manager) conclude(ctx context.Context, e *ending) (Session, error) {
	a, err := m.storeEnd(ctx, e)
	if err != nil {
		if !errors.Is(err, ErrInvalid) { // what is invalid will not be stored later either
			m.mu.Lock()
			m.unstored = e
			m.mu.Unlock()
		}
		return Session{}, err
	}
	m.health.note(&a, m.Tuning().Interval)
	m.opts.Logger.Info("session ended", "activity", a.ID, "kind", a.Plan.Kind, "family", a.Plan.Family, "status", a.Status,
		"items", a.Items, "passes", a.Passes, "insights", a.Insights, "took", a.Duration(a.Ended), "error", a.Err)
	s, err := m.store.Activity(ctx, a.ID)
	if err != nil {
		return Session{}, fmt.Errorf("hobby: reading activity %s back: %w", a.ID, err)
	}
	return s, nil
}

// storeEnd stores what is left of a session and its end.
func (m *Manager) storeEnd(ctx context.Context, e *ending) (Activity, error) {
	for err := e.keep.drain(ctx); err != nil; err = e.keep.drain(ctx) {
		if !errors.Is(err, ErrInvalid) {
			return Activity{}, err
		}
		e.status, e.err = Failed, err
	}
	a := e.keep.out.activity()
	a.Ended, a.Cost.CPU, a.Status = e.at, e.cpu, e.status
	if e.err != nil {
		a.Err = Clean(brief(m.clean(e.err.Error())), nil) // redacted before it is cut, so that no half of a secret is left
	}
	a.Engaged = min(a.Engaged, a.Ended.Sub(a.Started))
	a.Metrics = measurements(&a)
	m.compare(ctx, e.hobby, &a)
	return m.commitEnd(ctx, a)
}

// storeRest stores what could not be stored of the last session when it ended. One
// session is kept at most, because no other begins before.
func (m *Manager) storeRest(ctx context.Context) error {
	m.mu.Lock()
	rest := m.unstored
	m.unstored = nil
	m.mu.Unlock()
	if rest == nil {
		return nil
	}
	_, err := m.conclude(ctx, rest)
	return err
}

// storeAtLast is storeRest when Run ends. A session that runs beside Run has done it.
func (m *Manager) storeAtLast(ctx context.Context) {
	run := &session{cancel: func(error) {}, done: make(chan struct{})}
	if m.begin(run, false) != nil {
		return
	}
	defer m.release(run)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := m.storeRest(ctx); err != nil {
		m.opts.Logger.Error("what the last session verified is lost when the program ends", "error", err)
	}
}

// commitEnd stores the end of an activity. An earlier commit may have been
// stored although it seemed to fail. The store's version is then newer than a's.
func (m *Manager) commitEnd(ctx context.Context, a Activity) (Activity, error) {
	for {
		stored, err := m.store.Commit(ctx, Session{Activity: a}, nil)
		if err != nil {
			return Activity{}, fmt.Errorf("hobby: storing the end of activity %s: %w", a.ID, err)
		}
		if stored.Status.Ended() {
			return stored, nil
		}
		a.Version = stored.Version
	}
}

// brief cuts a long text, such as a server's error page, in the middle.
func brief(text string) string {
	const most = 4 << 10
	if len(text) <= most {
		return text
	}
	return text[:most/2] + " [...] " + text[len(text)-most/2:]
}

// compare measures how the session's answers differ from earlier ones.
func (m *Manager) compare(ctx context.Context, h *Hobby, a *Activity) {
	if a.Items == 0 {
		return
	}
	s, err := m.store.Activity(ctx, a.ID)
	if err == nil {
		a.Delta, a.Improved, err = m.tallies.change(ctx, h, s.Items, true)
	}
	if err != nil {
		m.opts.Logger.Warn("measuring what a session changed", "activity", a.ID, "error", err)
	}
}

// measurements are the session's figures, none where there was nothing to
// measure.
func measurements(a *Activity) map[string]float64 {
	if a.Items == 0 {
		return nil
	}
	m := map[string]float64{
		"accuracy":             float64(a.Passes) / float64(a.Items),
		"mean_latency_seconds": a.Engaged.Seconds() / float64(a.Items),
	}
	if took := a.Ended.Sub(a.Started); took > 0 {
		m["items_per_minute"] = float64(a.Items) / took.Minutes()
	}
	if a.Cost.TokensOut > 0 && a.Engaged > 0 {
		m["tokens_per_second"] = float64(a.Cost.TokensOut) / a.Engaged.Seconds()
	}
	return m
}

// describe says for people what a plan is about.
func describe(h *Hobby, p Plan) string {
	s := h.Kind.Title()
	if p.Family != "" {
		s += ": " + p.Family
		if p.Level > 0 {
			s += fmt.Sprintf(", level %d", p.Level)
		}
	}
	if p.Topic != "" {
		s += " (" + p.Topic + ")"
	}
	return s
}

// newID makes a UUIDv7: ids of one process sort by when they were made.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil { // the system has no randomness to give
		return uuid.NewString()
	}
	return id.String()
}
