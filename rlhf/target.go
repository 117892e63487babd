package rlhf

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Ref names a target.
type Ref struct {
	Type TargetType `json:"target_type"`
	ID   string     `json:"target_id"`
}

// Target is what feedback is about, as it was when it was first rated. The store keeps
// it beside the feedback, so that it can be learned from when the target itself is in
// the archive or is gone.
type Target struct {
	Type TargetType `json:"target_type"`
	ID   string     `json:"target_id"`
	// Kind is the hobby that it is of; "" for an adapter of all.
	Kind   hobby.Kind `json:"kind"`
	Family string     `json:"family,omitempty"`
	Level  int        `json:"level,omitempty"`
	Topic  string     `json:"topic,omitempty"`
	// Text is what people read: an insight's text, an activity's description and goal,
	// an adapter's name and what its trial says. Up to [MaxText] bytes.
	Text string `json:"text"`
	// Question is what an insight answers: see hobby.Insight's Question.
	Question string    `json:"question,omitempty"`
	Created  time.Time `json:"created"`
	// Activity is the activity that an insight is of.
	Activity string `json:"activity,omitempty"`
	// Confidence is an insight's, and Evidence the number of what it rests on.
	Confidence float64 `json:"confidence,omitempty"`
	Evidence   int     `json:"evidence,omitempty"`
	// Items and Passes count the verified answers of an activity, and Duration is how
	// long it took.
	Items    int           `json:"items,omitempty"`
	Passes   int           `json:"passes,omitempty"`
	Duration time.Duration `json:"duration,omitempty"`
	// Source is what the text was made of: what is said of it is forgotten with it.
	Source string `json:"source,omitempty"`
	// Untrusted says that the text is from outside and was not accepted.
	Untrusted bool `json:"untrusted,omitempty"`
}

// Ref names t.
func (t *Target) Ref() Ref { return Ref{t.Type, t.ID} }

// Targets find what feedback is about. They are safe for concurrent use.
type Targets interface {
	// Target reads one, wherever it is; hobby.ErrNotFound.
	Target(ctx context.Context, t TargetType, id string) (Target, error)
	// Recent reads the newest ones of a type that are not in the archive, newest
	// first.
	Recent(ctx context.Context, t TargetType, limit int) ([]Target, error)
}

// Rated is feedback with its target.
type Rated struct {
	Feedback
	About Target `json:"about"`
}
