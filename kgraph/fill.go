package kgraph

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// ErrIncomplete says that a part of the archived insights cannot be read now. The others were.
var ErrIncomplete = errors.New("kgraph: a part of what is archived cannot be read")

// fill adds the insights that are stored, once in a store's life, or in each process while what is
// archived is incomplete. Those of which the event log tells too are added by who comes first.
func (g *Graph) fill(ctx context.Context) error {
	if filled, err := g.store.Filled(ctx); err != nil || filled || g.incomplete {
		return err
	}
	missing := g.fillArchived(ctx)
	if missing != nil && !errors.Is(missing, ErrIncomplete) {
		return missing
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
	if g.incomplete = missing != nil; g.incomplete {
		g.opts.Logger.Warn("the graph lacks what is in damaged files, until they are mended and the graph is opened again", "error", missing)
		return nil
	}
	return g.store.SetFilled(ctx)
}

// fillArchived adds the insights that were moved out of the store, the oldest first.
func (g *Graph) fillArchived(ctx context.Context) error {
	if g.opts.Archived == nil || g.opts.Past == nil {
		return nil
	}
	batch := make([]hobby.Insight, 0, fillPage)
	var missing error
	for in, err := range g.opts.Archived(ctx) {
		if errors.Is(err, ErrIncomplete) {
			missing = err
			break
		}
		if err != nil {
			return fmt.Errorf("kgraph: reading what is archived: %w", err)
		}
		if batch = append(batch, in); len(batch) < fillPage {
			continue
		}
		if err := g.add(ctx, batch, g.opts.Past.Insights); err != nil {
			return err
		}
		batch = batch[:0]
	}
	if err := g.add(ctx, batch, g.opts.Past.Insights); err != nil {
		return err
	}
	return missing
}

// fillPage is how many insights are read at a time.
const fillPage = 1000

// fillWith adds insights, the last first.
func (g *Graph) fillWith(ctx context.Context, insights []hobby.Insight) error {
	oldest := slices.Clone(insights)
	slices.Reverse(oldest)
	return g.add(ctx, oldest, func(ctx context.Context, ids []string) (all []hobby.Insight, err error) {
		for _, id := range ids {
			p, err := g.insights.Insights(ctx, hobby.InsightFilter{ID: id, Limit: 1})
			if err != nil {
				return nil, err
			}
			all = append(all, p.Insights...)
		}
		return all, nil
	})
}

// add adds insights. there reads those with some ids that are still stored.
func (g *Graph) add(ctx context.Context, insights []hobby.Insight,
	there func(ctx context.Context, ids []string) ([]hobby.Insight, error)) error {
	var changes []Change
	for _, in := range insights {
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
func (g *Graph) forgetGone(ctx context.Context, added []Change,
	there func(ctx context.Context, ids []string) ([]hobby.Insight, error)) error {
	first := map[string]string{} // sources by an insight of each
	var ids []string
	looked := map[string]bool{"": true}
	for i := range added {
		if c := &added[i]; !looked[c.Source] {
			looked[c.Source] = true
			first[c.ID] = c.Source
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	left, err := there(ctx, ids)
	for _, in := range left {
		delete(first, in.ID)
	}
	var gone []Change
	for _, id := range ids {
		if source, ok := first[id]; ok {
			gone = append(gone, Change{Op: Forgotten, Hash: hobby.SourceHash(source)})
		}
	}
	if err == nil && len(gone) > 0 {
		_, err = g.store.Append(ctx, 0, gone)
	}
	if err != nil {
		return fmt.Errorf("kgraph: looking whether a source is forgotten: %w", err)
	}
	return nil
}
