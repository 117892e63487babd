package kgraph

import (
	"context"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// fill adds the insights that are stored, once in a store's life. Those of which the event
// log tells too are added by who comes first.
func (g *Graph) fill(ctx context.Context) error {
	if filled, err := g.store.Filled(ctx); err != nil || filled {
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

// fillPage is how many insights are read at a time.
const fillPage = 1000

// fillWith adds insights, the last first.
func (g *Graph) fillWith(ctx context.Context, insights []hobby.Insight) error {
	var changes []Change
	for _, in := range slices.Backward(insights) {
		changes = g.state(changes, in)
	}
	if len(changes) == 0 {
		return nil
	}
	if _, err := g.store.Append(ctx, 0, changes); err != nil {
		return fmt.Errorf("kgraph: adding what is older than the graph: %w", err)
	}
	return g.forgetGone(ctx, changes)
}

// forgetGone takes out of what was just added the sources that were forgotten between
// reading and adding: their insights are not there any more.
func (g *Graph) forgetGone(ctx context.Context, added []Change) error {
	looked := map[string]bool{"": true}
	for i := range added {
		c := &added[i]
		if looked[c.Source] {
			continue
		}
		looked[c.Source] = true
		p, err := g.insights.Insights(ctx, hobby.InsightFilter{ID: c.ID, Limit: 1})
		if err == nil && len(p.Insights) == 0 {
			_, err = g.store.Append(ctx, 0, []Change{{Op: Forgotten, Hash: hobby.SourceHash(c.Source)}})
		}
		if err != nil {
			return fmt.Errorf("kgraph: looking whether a source is forgotten: %w", err)
		}
	}
	return nil
}
