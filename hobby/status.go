package hobby

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ManagerStatus is what the manager is doing.
type ManagerStatus struct {
	// Enabled is false after a start as Disabled, until Resume.
	Enabled bool
	// Running says that Run is active, enabled and not paused.
	Running bool
	// Idle says that the user is away; LastTouch is when the user was last seen.
	Idle      bool
	LastTouch time.Time
	// Current is the running activity of this manager, with what it has
	// verified so far.
	Current *Activity
	// Next is when the next session is due if the user stays away; zero while
	// none is to come.
	Next time.Time
	// Daily is the budget of a UTC day, Used what today's sessions have used.
	Daily Budget
	Used  Budget
	// Resting says why no session may start by itself: "not running",
	// "disabled", "paused", what [Manager.Hold] was told, "the user is here", "on battery", "today's budget
	// is used up", "there is no model" for what is enabled, "every kind is off",
	// "the store cannot be written"; "" when one may. "the model does not answer" is said while all that needs the
	// model rests, although a hobby that needs none goes on.
	Resting string
	// ModelRetry is when a model that does not answer is tried again if the user
	// stays away; zero while it answers, or nothing will try it. A session that
	// is asked for tries it at once.
	ModelRetry time.Time
	// Storage is why the store cannot keep what is written; nil when it can.
	Storage error
	// Model is what the host's model last told of itself, without adapters, or the
	// first hobby's where the host has none, or the one that the Chooser has in its
	// place; zero before it was asked. What serves
	// each kind is in its Progress.
	Model ModelInfo
	// Dropped counts the events that slow subscribers missed.
	Dropped int64
}

// Status reports what the manager is doing. Its cost does not grow with the
// history.
func (m *Manager) Status(ctx context.Context) (ManagerStatus, error) {
	now := time.Now()
	used, err := m.used(ctx, now)
	if err != nil {
		return ManagerStatus{}, err
	}
	storage, model := m.checkStore(ctx), m.host(ctx)
	m.mu.Lock()
	s := ManagerStatus{
		Model:   model,
		Storage: storage,
		Enabled: m.enabled, Running: m.active && m.enabled && !m.paused,
		Idle: m.presence.Away(), LastTouch: m.presence.LastTouch().UTC(),
		Daily: m.tuning.Daily, Used: used, Dropped: m.feed.lost.Load(),
	}
	if next, ok := m.next(); ok {
		s.Next = next.UTC()
		if retry := m.retry(next); !retry.IsZero() {
			s.ModelRetry = retry.UTC()
		}
	}
	unreachable, _, _ := m.unreachable()
	var out *sink
	if m.current != nil {
		out = m.current.sink
	}
	switch {
	case !m.active:
		s.Resting = "not running"
	case m.paused:
		s.Resting = "paused"
	case !m.enabled:
		s.Resting = "disabled"
	case len(m.holds) > 0:
		s.Resting = *m.holds[0]
	case storage != nil:
		s.Resting = "the store cannot be written"
	case m.impossible() != "":
		s.Resting = m.impossible()
	case unreachable:
		s.Resting = "the model does not answer"
	case !s.Idle:
		s.Resting = "the user is here"
	}
	m.mu.Unlock()
	if out != nil {
		a := out.activity()
		s.Current = &a
	}
	if s.Resting == "" && m.opts.OnBattery != nil && m.opts.OnBattery() {
		s.Resting = "on battery"
	}
	if s.Resting == "" && s.Daily.exceededBy(used) != "" {
		s.Resting = "today's budget is used up"
	}
	return s, nil
}

// checkStore asks the store whether it keeps what is written, and logs when that
// changes.
func (m *Manager) checkStore(ctx context.Context) error {
	err := m.store.Check(ctx)
	if err != nil && !errors.Is(err, ErrStorage) {
		return nil // it was not asked: ctx ended, or the store is closed
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil && m.failingSince.IsZero():
		m.failingSince = time.Now()
		m.opts.Logger.Error("practice rests: what it learns could not be stored", "error", err)
	case err == nil && !m.failingSince.IsZero():
		m.opts.Logger.Info("the store can be written again", "after", time.Since(m.failingSince).Round(time.Second))
		m.failingSince = time.Time{}
	}
	return err
}

// impossible says why nothing at all can be practised; "" when something can. The caller
// holds m.mu.
func (m *Manager) impossible() string {
	why := "every kind is off"
	for _, h := range m.hobbies {
		switch {
		case slices.Contains(m.tuning.Off, h.Kind):
		case h.NeedsModel && m.servedBy(&h) == nil:
			why = "there is no model"
		default:
			return ""
		}
	}
	return why
}
