package hobby

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrAbstain is a Scorer's answer for what is too unlike anything that it learned
// from.
var ErrAbstain = errors.New("hobby: the scorer abstains")

// Scorer predicts how people would rate an insight. It is safe for concurrent use.
type Scorer interface {
	// Score is the mean and the standard deviation of the rating, of which 0 is the
	// worst and 1 the best. The error is ErrAbstain where it cannot tell.
	Score(ctx context.Context, i Insight) (mean, sd float64, err error)
	// Version names what was learned. Equal versions give equal scores of what they know
	// equally much of: one with an embedder may score a text otherwise before it was embedded.
	// Who needs to know what was used keeps the scores, too, as a data set does.
	Version() string
}

// BestFirst orders insights by how people are expected to rate them, and puts those of which
// that is not known, in their order, behind them. Without a scorer it changes nothing.
func BestFirst(ctx context.Context, s Scorer, all []Insight) error {
	if s == nil {
		return nil
	}
	of := make(map[string]float64, len(all))
	for i := range all {
		mean, _, err := s.Score(ctx, all[i])
		switch {
		case errors.Is(err, ErrAbstain):
			mean = -1
		case err != nil:
			return fmt.Errorf("hobby: scoring insight %.64q: %w", all[i].ID, err)
		}
		of[all[i].ID] = mean
	}
	slices.SortStableFunc(all, func(a, b Insight) int { return cmp.Compare(of[b.ID], of[a.ID]) })
	return nil
}
