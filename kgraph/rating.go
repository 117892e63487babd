package kgraph

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/rank"
)

// weighRating is the part of the score that the best rating adds, and the worst takes.
const weighRating = .2

// rate has what people are expected to like come before what is about as good an answer. A
// scorer that fails is no fault; the error is that of ctx.
func (g *Graph) rate(ctx context.Context, items []Recalled, read map[string]hobby.Insight) error {
	if g.opts.Scorer == nil {
		return nil
	}
	ratings := map[int32]float64{}
	for i := range items {
		in, ok := read[items[i].ID]
		if !ok || items[i].Fact {
			continue
		}
		mean, _, err := g.opts.Scorer.Score(ctx, in)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err == nil && !math.IsNaN(mean):
			ratings[int32(i)] = min(max(mean, 0), 1)
		case err != nil && !errors.Is(err, hobby.ErrAbstain):
			g.opts.Logger.Warn("an insight is recalled without what people think of it", "insight", in.ID, "error", err)
		}
	}
	for place, s := range rank.Best(ratings, len(ratings)) {
		r := &items[s.ID]
		share := weighRating * (2*s.Score - 1) * r.Score
		r.Score += share
		r.Parts = append(r.Parts, RecallPart{"rating", place + 1, s.Score, share})
	}
	slices.SortStableFunc(items, func(a, b Recalled) int { return cmp.Compare(b.Score, a.Score) })
	return nil
}

// BestFirst orders insights as [hobby.BestFirst] does by Options.Scorer. Where that one fails
// they stay as they are.
func (g *Graph) BestFirst(ctx context.Context, all []hobby.Insight) {
	if err := hobby.BestFirst(ctx, g.opts.Scorer, all); err != nil && ctx.Err() == nil {
		g.opts.Logger.Warn("insights are not ordered by what people think of them", "error", err)
	}
}
