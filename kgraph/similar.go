package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/kgraph/internal/rank"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Similar is a concept that is like another, with what speaks for it.
type Similar struct {
	Node
	// Score is the sum of the parts' shares.
	Score float64
	Parts []SimilarPart
}

// SimilarPart is the place of a concept in one ranking: "neighbours" is how many they
// share (Adamic and Adar), "near" is how often a walk from the one is at the other
// (personalised PageRank), "names" is how well their names agree, "texts" is how well what is
// written about them does (both BM25), "meaning" is how near the vectors of their names are
// (the cosine; see [Options.Embedder]).
type SimilarPart struct {
	Name string
	// Rank counts from 1, Value is the ranking's own, and Share what it adds to Score.
	Rank         int
	Value, Share float64
}

// Similar finds the k concepts that are most like one by their names, by what they are
// related to, and by the newest facts and insights about them, 10 when k is 0. ErrNotFound.
func (g *Graph) Similar(ctx context.Context, name string, at At, k int) ([]Similar, error) {
	v, done, err := g.look(ctx, at)
	if err != nil {
		return nil, err
	}
	done() // what follows may take long
	found := g.find(v, name)
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %.200q", ErrNotFound, name)
	}
	var self Node
	g.held(func() { self = v.node(found[0]) })
	n := g.net(v)
	const listed, hub = 100, 1000
	near, err := rank.Near(ctx, v, found[0], rows.Both, 1e-4)
	if err != nil {
		return nil, fmt.Errorf("kgraph: looking around %.200q: %w", name, err)
	}
	delete(near, found[0])
	shared := rank.AdamicAdar(v, found[0], hub)
	delete(shared, found[0])
	var names []rank.Scored
	for _, s := range n.names().Find(nameText(&self), listed+1, nil) {
		if node := n.of[s.ID]; node != found[0] {
			names = append(names, rank.Scored{ID: node, Score: s.Score})
		}
	}
	lists := []rank.List{
		{Name: "neighbours", Weight: 1, Ranked: rank.Best(shared, listed)},
		{Name: "near", Weight: 1, Ranked: rank.Best(near, listed)},
		{Name: "names", Weight: 1, Ranked: names},
	}
	texts, err := g.texted(ctx, v, n, found[0], lists)
	if err != nil {
		return nil, err
	}
	lists = append(lists, rank.List{Name: "texts", Weight: 1, Ranked: texts})
	if g.opts.Embedder != nil {
		alike, err := g.meaning(ctx, v, &self, lists)
		if err != nil {
			return nil, err
		}
		lists = append(lists, rank.List{Name: "meaning", Weight: 1, Ranked: alike})
	}
	fused := rank.Fuse(min(cmp.Or(max(k, 0), 10), listed), lists...)
	g.mu.RLock()
	defer g.mu.RUnlock()
	var all []Similar
	for _, f := range fused {
		s := Similar{Node: v.node(f.ID), Score: f.Score}
		for _, p := range f.Parts {
			s.Parts = append(s.Parts, SimilarPart{p.Name, p.Rank, p.Score, p.Share})
		}
		all = append(all, s)
	}
	return all, nil
}

// meaning ranks what lists have by the vectors of the names. A model that cannot be asked
// is no fault; the error is that of ctx.
func (g *Graph) meaning(ctx context.Context, v *view, self *Node, lists []rank.List) ([]rank.Scored, error) {
	var ids []int32
	for _, l := range lists {
		for _, s := range l.Ranked {
			ids = append(ids, s.ID)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	names := make([]string, len(ids))
	g.held(func() {
		for i, id := range ids {
			n := v.node(id)
			names[i] = shortName(&n)
		}
	})
	alike, err := g.alikeness(ctx, shortName(self), ids, names)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		g.opts.Logger.Warn("similar concepts are found without what their names mean", "error", err)
	}
	return alike, nil
}
