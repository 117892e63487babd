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

// greetModels asks the models what they are when Run begins, so that Status can tell of
// a server that is gone before the first session. Other faults of a model are found by
// the sessions. The error is always nil.
func (m *Manager) greetModels(ctx context.Context) error {
	for _, of := range m.models {
		model := of.model
		for i := range m.hobbies {
			if h := &m.hobbies[i]; m.servedBy(h) == of {
				if s, err := chosen(ctx, h, m.opts.Model, m.opts.Chooser); err == nil {
					model = s.Model
					break
				}
			}
		}
		s, err := NewServing(ctx, model, "")
		switch {
		case err == nil:
			m.learn("", s)
		case errors.Is(err, ErrUnreachable):
			m.noteUnreachable(of, err)
		}
	}
	return nil
}

// noteReach remembers whether a session reached its model's server. Without it, a
// session of a hobby that needs the model failed, and says so in the same words each
// time. A session of another hobby did what it can do without a model: it is completed
// where that gave insights, and else keeps its error, which counts for its health.
func (m *Manager) noteReach(h *Hobby, status Status, err error, out *sink) (Status, error) {
	of := m.servedBy(h)
	items, insights := out.yield()
	switch {
	case errors.Is(err, ErrUnreachable) && items == 0:
		if of != nil {
			m.noteUnreachable(of, err)
		}
		switch {
		case h.NeedsModel:
		case insights > 0:
			return Completed, nil
		default:
			return status, fmt.Errorf("nothing was found without a model: %w", err)
		}
		return status, fmt.Errorf("%w: %w", ErrUnreachable, err)
	case of != nil && (items > 0 || err == nil) && h.NeedsModel:
		m.noteReachable(of)
	}
	return status, err
}

// noteUnreachable lets the hobbies that need the model rest for a while. A call during
// that time changes nothing.
func (m *Manager) noteUnreachable(of *served, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if now.Before(of.retryAt) {
		return
	}
	of.retryAt = now.Add(min(longestRetry, firstRetry<<min(of.unreachable, 8)))
	of.unreachable++
	if of.unreachable == 1 {
		m.opts.Logger.Warn("the model cannot be reached; what needs it rests and tries again by itself", "error", err)
	}
}

// noteReachable ends the rest of the hobbies that need the model, and of those that
// found little to do without it.
func (m *Manager) noteReachable(of *served) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if of.unreachable == 0 {
		return
	}
	of.unreachable, of.retryAt = 0, time.Time{}
	for i := range m.hobbies {
		if h := &m.hobbies[i]; !h.NeedsModel {
			m.health.forget(h.Kind)
		}
	}
	m.opts.Logger.Info("the model answers again")
}

// whileUnreachable returns the kinds that may be practised although a model may be
// unreachable. needs has the model that each kind needs, nil for none. A kind whose
// model is unreachable rests until it is tried again; then only those that need it are
// returned, so that it is tried. A session that a person asks for, and not the manager,
// tries it at once.
func (m *Manager) whileUnreachable(kinds []KindState, needs []*served, own bool) []KindState {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	var left, due []KindState
	for i, k := range kinds {
		switch of := needs[i]; {
		case of == nil || of.unreachable == 0:
			left = append(left, k)
		case !own || !now.Before(of.retryAt):
			due = append(due, k)
		}
	}
	if len(due) > 0 {
		return due
	}
	return left
}

// unreachable reports whether all that needs a model and is enabled rests because its
// model is unreachable, whether there are others that can be practised, and when the
// first of the models is tried again. The caller holds m.mu.
func (m *Manager) unreachable() (all, others bool, retryAt time.Time) {
	reached := false
	for i := range m.hobbies {
		h := &m.hobbies[i]
		of := m.servedBy(h)
		switch {
		case slices.Contains(m.tuning.Off, h.Kind), h.NeedsModel && of == nil:
		case !h.NeedsModel:
			others = true
		case of.unreachable == 0:
			reached = true
		case retryAt.IsZero() || of.retryAt.Before(retryAt):
			retryAt = of.retryAt
		}
	}
	return !reached && !retryAt.IsZero(), others || reached, retryAt
}

// retry is when a model that is unreachable is tried again: at the first session from
// next on that is not before retryAt. It is zero while all are reachable. The caller
// holds m.mu.
func (m *Manager) retry(next time.Time) time.Time {
	_, _, retryAt := m.unreachable()
	if retryAt.IsZero() {
		return time.Time{}
	}
	if wait := retryAt.Sub(next); wait > 0 && m.tuning.Interval > 0 {
		sessions := (wait + m.tuning.Interval - 1) / m.tuning.Interval
		next = next.Add(sessions * m.tuning.Interval)
	}
	return next
}
