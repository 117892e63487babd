package kgraph

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// fill adds the insights that are stored, once in a store's life. Those of which the event
// log tells too are added by who comes first.
func (g *Graph) fill(ctx context.Context) error {
	if filled, err := g.store.Filled(ctx); err != nil || filled {
		return err
	}
	if err := g.fillArchived(ctx); err != nil {
		return err
	}
	// They are read from the newest on, and added from the oldest on, so that revisions
	// are in the order of time.
	newest, err := g.insights.Insights(ctx, hobby.InsightFilter{Limit: fillPage})
	if err != nil {
		return fmt.Errorf("kgraph: reading what is older than the graph: %w", err)
	}
	var cursors []string
	for next := newest.Next; next != ""; {
		cursors = append(cursors, next)
		p, err := g.insights.Insights(ctx, hobby.InsightFilter{Limit: fillPage, Cursor: next})
		if err != nil {
			return fmt.Errorf("kgraph: reading what is older than the graph: %w", err)
		}
		next = p.Next
	}
	for _, cursor := range slices.Backward(cursors) {
		p, err := g.insights.Insights(ctx, hobby.InsightFilter{Limit: fillPage, Cursor: cursor})
		if err == nil {
			err = g.fillWith(ctx, p.Insights)
		}
		if err != nil {
			return err
		}
	}
	if err := g.fillWith(ctx, newest.Insights); err != nil {
		return err
	}
	return g.store.SetFilled(ctx)
}

// fillArchived adds the insights of sessions that were moved out of the store, the oldest
// first. A session that cannot be read is left out.
func (g *Graph) fillArchived(ctx context.Context) error {
	if g.opts.Archived == nil || g.opts.Past == nil {
		return nil
	}
	var sessions []string
	for id, err := range g.opts.Archived(ctx) {
		if err != nil {
			return fmt.Errorf("kgraph: listing what is archived: %w", err)
		}
		sessions = append(sessions, id)
	}
	for _, id := range slices.Backward(sessions) {
		s, err := g.opts.Past.Session(ctx, id)
		if err != nil && ctx.Err() == nil {
			if !errors.Is(err, hobby.ErrNotFound) {
				g.opts.Logger.Warn("an archived session is left out of the graph", "session", id, "error", err)
			}
			continue
		}
		if err == nil {
			err = g.add(ctx, slices.Values(s.Insights), func(ctx context.Context, id string) (bool, error) {
				there, err := g.opts.Past.Insights(ctx, []string{id})
				return len(there) > 0, err
			})
		}
		if err != nil {
			return fmt.Errorf("kgraph: reading what is archived: %w", err)
		}
	}
	return nil
}

// fillPage is how many insights are read at a time.
const fillPage = 1000

// fillWith adds insights, the last first.
func (g *Graph) fillWith(ctx context.Context, insights []hobby.Insight) error {
	oldest := slices.Clone(insights)
	slices.Reverse(oldest)
	return g.add(ctx, slices.Values(oldest), func(ctx context.Context, id string) (bool, error) {
		p, err := g.insights.Insights(ctx, hobby.InsightFilter{ID: id, Limit: 1})
		return len(p.Insights) > 0, err
	})
}

// add adds insights. there asks whether one is still stored.
func (g *Graph) add(ctx context.Context, insights iter.Seq[hobby.Insight], there func(context.Context, string) (bool, error)) error {
	var changes []Change
	for in := range insights {
		var err error
		if changes, err = g.state(ctx, changes, in); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	if _, err := g.store.Append(ctx, 0, changes); err != nil {
		return fmt.Errorf("kgraph: adding what is older than the graph: %w", err)
	}
	return g.forgetGone(ctx, changes, there)
}

// forgetGone takes out of what was just added the sources that were forgotten between
// reading and adding: their insights are not there any more.
func (g *Graph) forgetGone(ctx context.Context, added []Change, there func(context.Context, string) (bool, error)) error {
	looked := map[string]bool{"": true}
	for i := range added {
		c := &added[i]
		if looked[c.Source] {
			continue
		}
		looked[c.Source] = true
		ok, err := there(ctx, c.ID)
		if err == nil && !ok {
			_, err = g.store.Append(ctx, 0, []Change{{Op: Forgotten, Hash: hobby.SourceHash(c.Source)}})
		}
		if err != nil {
			return fmt.Errorf("kgraph: looking whether a source is forgotten: %w", err)
		}
	}
	return nil
}
