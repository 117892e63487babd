package hobby

import "context"

// The satellites work together through these interfaces, without importing
// one another.

// Scorer predicts how much a person values an insight.
type Scorer interface {
	// Score returns the predicted reward in [0, 1] and its standard
	// deviation.
	Score(ctx context.Context, i Insight) (mean, sd float64, err error)
}

// TopicSource suggests what to study next, best first.
type TopicSource interface {
	Topics(ctx context.Context, k Kind, limit int) ([]Topic, error)
}

// Topic is a suggestion. Text may come from a person or the web: it is shown
// and searched for, never executed.
type Topic struct {
	Text   string
	Weight float64
	Reason string
	Taint  Taint
}

// Applier applies an event that another node made.
type Applier interface {
	// Kinds lists the event kinds that it applies.
	Kinds() []string
	Apply(ctx context.Context, e Event) error
}
