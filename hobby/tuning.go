package hobby

import (
	"fmt"
	"slices"
	"time"
)

// Tuning is what can be changed while a manager runs.
type Tuning struct {
	// Interval is the time from the start of one session to the next, and Idle how long
	// the user must be away before one starts. Both are more than 0.
	Interval, Idle time.Duration
	// Daily bounds all sessions of a UTC day together; zero fields are unbounded.
	Daily Budget
	// Off lists the registered kinds that the policy must not choose.
	Off []Kind
}

// Tuning returns what is in force: at first that of the Options.
func (m *Manager) Tuning() Tuning {
	m.mu.Lock()
	t := m.tuning
	m.mu.Unlock()
	t.Idle, t.Off = m.presence.Idle(), slices.Clone(t.Off)
	return t
}

// Tune puts t in force: Daily and Off from the next session on, Interval and Idle at once.
// Idle is changed for all that share the manager's Presence. The error is ErrInvalid or
// ErrUnknownKind, and then nothing is changed.
func (m *Manager) Tune(t Tuning) error {
	o := m.opts
	o.Interval, o.IdleThreshold, o.Daily, o.Off = t.Interval, t.Idle, t.Daily, slices.Clone(t.Off)
	if t.Interval <= 0 || t.Idle <= 0 {
		return fmt.Errorf("%w: Tuning has the Interval %v and the Idle %v, must be positive", ErrInvalid, t.Interval, t.Idle)
	}
	if err := o.bounds(m.hobbies); err != nil {
		return err
	}
	m.mu.Lock()
	m.tuning = Tuning{Interval: t.Interval, Daily: t.Daily, Off: o.Off}
	m.mu.Unlock()
	m.presence.SetIdle(t.Idle)
	m.wake()
	return nil
}
