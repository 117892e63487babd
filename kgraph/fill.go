package kgraph

import (
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// fill adds the insights that are stored, once in a store's life. Those of which the event
// log tells too are added by who comes first.
func (g *Graph) fill(ctx context.Context) error {
	if filled, err := g.store.Filled(ctx); err != nil || filled {
		return err
	}
	f := hobby.InsightFilter{Limit: 1000}
	for {
		p, err := g.insights.Insights(ctx, f)
		if err != nil {
			return fmt.Errorf("kgraph: reading what is older than the graph: %w", err)
		}
		var changes []Change
		for _, in := range p.Insights {
			changes = g.state(changes, in)
		}
		if len(changes) > 0 {
			if _, err := g.store.Append(ctx, 0, changes); err != nil {
				return fmt.Errorf("kgraph: adding what is older than the graph: %w", err)
			}
			if err := g.forgetGone(ctx, changes); err != nil {
				return err
			}
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			return g.store.SetFilled(ctx)
		}
	}
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
