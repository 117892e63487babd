package hobby

import (
	"context"
	"errors"
)

// ErrAbstain is a Scorer's answer for what is too unlike anything that it learned
// from.
var ErrAbstain = errors.New("hobby: the scorer abstains")

// Scorer predicts how people would rate an insight. It is safe for concurrent use.
type Scorer interface {
	// Score is the mean and the standard deviation of the rating, of which 0 is the
	// worst and 1 the best. The error is ErrAbstain where it cannot tell.
	Score(ctx context.Context, i Insight) (mean, sd float64, err error)
	// Version names what was learned. Equal versions give equal scores.
	Version() string
}
