package hobby

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// MaxUntrusted is the highest confidence of an insight whose text is untrusted, and
// of its claims. This program computed it of a text that somebody else may have
// written for it, or was told it. So no text from outside is ever called certain,
// whatever the confidence that its hobby or its agent gives.
const MaxUntrusted = 0.99

// Doubt lowers the confidence of an untrusted insight, and of its claims, to
// [MaxUntrusted]. A confidence that is not valid stays, so that it is refused.
func (i *Insight) Doubt() {
	if i.Taint == Trusted {
		return
	}
	lower := func(c *float64) {
		if *c <= 1 {
			*c = min(*c, MaxUntrusted)
		}
	}
	lower(&i.Confidence)
	for j := range i.Claims {
		lower(&i.Claims[j].Confidence)
	}
}

// Acceptance is the last decision on whether a text from outside may be used as if
// it were this program's own. The taint stays, and says where the text came from.
type Acceptance struct {
	// Accepted says that it may; false takes an earlier acceptance back.
	Accepted bool `json:"accepted"`
	// By is who decided: a person's id, as Options.Redact leaves it, or [ByRule].
	By string `json:"by"`
	// At is when it was decided.
	At time.Time `json:"at"`
	// Version counts the decisions on the text, from 1.
	Version int `json:"version"`
}

// ByRule is By where a rule of the host accepted a text, such as
// reading.Options.Trusted.
const ByRule = "rule"

// maxBy is the largest number of bytes of [Acceptance.By].
const maxBy = 256

// Validate reports with ErrInvalid, naming the field, why a cannot be stored.
func (a *Acceptance) Validate() error {
	bad := invalid("Acceptance")
	switch {
	case a.By == "" || len(a.By) > maxBy:
		return bad("By", "has %d bytes, must have 1 to %d", len(a.By), maxBy)
	case a.At.IsZero():
		return bad("At", "is zero")
	case a.Version < 0:
		return bad("Version", "is negative: %d", a.Version)
	}
	return checkValues("Acceptance", a)
}

// decided is Validate where there may be no decision.
func decided(a *Acceptance) error {
	if a == nil {
		return nil
	}
	return a.Validate()
}

// trusted reports whether a text may be trained on and may fire a rule: this
// program made it, or it was accepted.
func trusted(t Taint, a *Acceptance) bool { return t == Trusted || a != nil && a.Accepted }

// Trusted reports whether i may get into a training set and may fire a rule: its
// text is this program's own, or was accepted.
func (i *Insight) Trusted() bool { return trusted(i.Taint, i.Acceptance) }

// Trusted reports whether i may get into a training set: its task and its answer are
// this program's own, or were accepted, and what is stored is what was verified.
func (i *Item) Trusted() bool { return trusted(i.Taint, i.Acceptance) && !i.Redacted }

// InsightAccepted and InsightRefused are the kinds of the events that Accept
// appends. ID is the insight's, Version and the body are those of the [Acceptance].
const (
	InsightAccepted = "insight.accepted"
	InsightRefused  = "insight.refused"
)

// Accept notes that a person has read an untrusted insight and that its text may be
// used as this program's own: see [Insight.Trusted]. by is the person's id, which
// Options.Redact is applied to. An insight in Options.Past is decided on where that is a
// [Returner]. Errors: ErrNotFound, ErrInvalid for an insight that is not tainted.
func (m *Manager) Accept(ctx context.Context, insight, by string) error {
	return m.decide(ctx, insight, by, true)
}

// Refuse takes an acceptance back, by whomever it was, or notes that there is to be
// none. Otherwise it is like Accept.
func (m *Manager) Refuse(ctx context.Context, insight, by string) error {
	return m.decide(ctx, insight, by, false)
}

func (m *Manager) decide(ctx context.Context, insight, by string, accepted bool) error {
	a := Acceptance{Accepted: accepted, By: m.clean(by), At: m.wall().UTC()}
	_, err := m.store.Accept(ctx, insight, a)
	past, returns := m.opts.Past.(Returner)
	for try := 0; returns && try < 2 && errors.Is(err, ErrNotFound); try++ { // what is old may be moved again at once
		if err = past.Return(ctx, insight); err == nil {
			_, err = m.store.Accept(ctx, insight, a)
		}
	}
	if err != nil {
		return fmt.Errorf("hobby: deciding on insight %.64q: %w", insight, err)
	}
	return nil
}
