package hobby

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A model whose server is gone is tried again after firstRetry, then after twice as
// long each time, up to longestRetry. Hobbies that need no model go on meanwhile.
const (
	firstRetry   = time.Minute
	longestRetry = 15 * time.Minute
)

// greetModel asks the model what it is when Run begins, so that Status can tell of a
// server that is gone before the first session. Other faults of the model are found by
// the sessions. The error is always nil.
func (m *Manager) greetModel(ctx context.Context) error {
	info := m.modelInfo()
	if info == nil {
		return nil
	}
	err := guard("the model's Info", func() error {
		_, err := info(ctx)
		return err
	})
	if errors.Is(err, ErrUnreachable) {
		m.noteUnreachable(err)
	}
	return nil
}

// noteReach remembers whether a session reached the model's server. Without it, a
// session of a hobby that needs the model failed, and says so in the same words each
// time. A session of another hobby did what it can do without a model.
func (m *Manager) noteReach(h *Hobby, status Status, err error, items int) (Status, error) {
	switch {
	case errors.Is(err, ErrUnreachable) && items == 0:
		m.noteUnreachable(err)
		if !h.NeedsModel {
			return Completed, nil
		}
		return status, fmt.Errorf("%w: %w", ErrUnreachable, err)
	case items > 0 && h.NeedsModel, err == nil && h.NeedsModel:
		m.noteReachable()
	}
	return status, err
}

// noteUnreachable lets the hobbies that need the model rest for a while. A call during
// that time changes nothing.
func (m *Manager) noteUnreachable(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if now.Before(m.retryAt) {
		return
	}
	m.retryAt = now.Add(min(longestRetry, firstRetry<<min(m.unreachable, 8)))
	m.unreachable++
	if m.unreachable == 1 {
		m.opts.Logger.Warn("the model cannot be reached; what needs it rests and tries again by itself", "error", err)
	}
}

// noteReachable ends the rest of the hobbies that need the model, and of those that
// found little to do without it.
func (m *Manager) noteReachable() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unreachable == 0 {
		return
	}
	m.unreachable, m.retryAt = 0, time.Time{}
	for i := range m.hobbies {
		if h := &m.hobbies[i]; !h.NeedsModel {
			m.health.forget(h.Kind)
		}
	}
	m.opts.Logger.Info("the model answers again")
}

// whileUnreachable returns the kinds that may be practised although the model may be
// unreachable. needs says of each kind whether it needs a model. Until the model is
// tried again these are the kinds that need none, and then those that need it, so that
// it is tried. A session that a person asks for, and not the manager, tries it at once.
func (m *Manager) whileUnreachable(kinds []KindState, needs []bool, own bool) []KindState {
	m.mu.Lock()
	unreachable, try := m.unreachable > 0, !own || !time.Now().Before(m.retryAt)
	m.mu.Unlock()
	if !unreachable || try && !slices.Contains(needs, true) {
		return kinds
	}
	var left []KindState
	for i, k := range kinds {
		if needs[i] == try {
			left = append(left, k)
		}
	}
	return left
}

// anyWithoutModel reports whether a hobby that needs no model is enabled.
func (m *Manager) anyWithoutModel() bool {
	return slices.ContainsFunc(m.hobbies, func(h Hobby) bool { return !h.NeedsModel && !slices.Contains(m.opts.Off, h.Kind) })
}

// retry is when a model that is unreachable is tried again: at the first session from
// next on that is not before retryAt. It is zero while the model is reachable. The
// caller holds m.mu.
func (m *Manager) retry(next time.Time) time.Time {
	if m.unreachable == 0 {
		return time.Time{}
	}
	if wait := m.retryAt.Sub(next); wait > 0 && m.opts.Interval > 0 {
		sessions := (wait + m.opts.Interval - 1) / m.opts.Interval
		next = next.Add(sessions * m.opts.Interval)
	}
	return next
}
