package hobby

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A model whose server is gone is tried again after a minute, then after twice as
// long each time, up to longestAway. Hobbies that need no model go on meanwhile.
const (
	firstAway   = time.Minute
	longestAway = 15 * time.Minute
)

// greetModel asks the model what it is as Run begins, so that a server that is not
// there is known before the first session finds out. What else is wrong with the
// model is left to the sessions. The error is always nil.
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
		m.noteAway(err)
	}
	return nil
}

// noteReach remembers whether a session found the model's server there. A session
// that needs it failed without, and says so in the same words each time; another did
// what it does without a model.
func (m *Manager) noteReach(h *Hobby, status Status, err error, items int) (Status, error) {
	switch {
	case errors.Is(err, ErrUnreachable) && items == 0:
		m.noteAway(err)
		if !h.NeedsModel {
			return Completed, nil
		}
		return status, fmt.Errorf("%w: %w", ErrUnreachable, err)
	case items > 0 && h.NeedsModel, err == nil && h.NeedsModel:
		m.noteBack()
	}
	return status, err
}

// noteAway has what needs the model rest for a while. What found the server gone
// meanwhile says nothing new.
func (m *Manager) noteAway(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if now.Before(m.awayUntil) {
		return
	}
	m.awayUntil = now.Add(min(longestAway, firstAway<<min(m.away, 8)))
	m.away++
	if m.away == 1 {
		m.opts.Logger.Warn("the model cannot be reached; what needs it rests and tries again by itself", "error", err)
	}
}

// noteBack ends the rest of what needs the model, and of what found little to do
// without it.
func (m *Manager) noteBack() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away == 0 {
		return
	}
	m.away, m.awayUntil = 0, time.Time{}
	for i := range m.hobbies {
		if h := &m.hobbies[i]; !h.NeedsModel {
			m.health.forget(h.Kind)
		}
	}
	m.opts.Logger.Info("the model answers again")
}

// whileAway leaves of kinds, of which needs says whether they need a model, what a
// model that is away allows: those that need none until it is tried again, and then
// those that need it, so that it is tried.
func (m *Manager) whileAway(kinds []KindState, needs []bool) []KindState {
	m.mu.Lock()
	away, try := m.away > 0, !time.Now().Before(m.awayUntil)
	m.mu.Unlock()
	if !away || try && !slices.Contains(needs, true) {
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

// retry is when the model that is away is tried again: by the first session from
// next on that is not before awayUntil. It is zero while the model is there. The
// caller holds m.mu.
func (m *Manager) retry(next time.Time) time.Time {
	if m.away == 0 {
		return time.Time{}
	}
	if wait := m.awayUntil.Sub(next); wait > 0 && m.opts.Interval > 0 {
		sessions := (wait + m.opts.Interval - 1) / m.opts.Interval
		next = next.Add(sessions * m.opts.Interval)
	}
	return next
}
