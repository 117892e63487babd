package kgraph

import (
	"cmp"
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/infer"
	"github.com/pastime-go/pastime/kgraph/internal/rank"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Central is a concept with its PageRank: how often a walker who follows relations
// either way, by their confidence, is there.
type Central struct {
	Node
	Rank float64
}

// Central lists the most central concepts; limit is 20 when it is 0.
func (g *Graph) Central(ctx context.Context, at At, limit int) ([]Central, error) {
	n, err := g.searched(ctx, at)
	if err != nil {
		return nil, err
	}
	central, err := n.central(ctx)
	if err != nil {
		return nil, err
	}
	scores := make(map[int32]float64, len(central))
	for i, r := range central {
		scores[int32(i)] = r
	}
	var all []Central
	for _, s := range rank.Best(scores, cmp.Or(max(limit, 0), 20)) {
		all = append(all, Central{n.nodes[s.ID], s.Score})
	}
	return all, nil
}

// Proof says why an edge holds.
type Proof struct {
	Edge
	// Rule is "stated", "symmetric", "inverse" or "transitive".
	Rule string
	// From is what it follows from.
	From []Proof
}

// maxProof is the most premises of a proof that are told.
const maxProof = 1000

// Why says why one concept is related to another: the proof of the edge. The concepts
// are found as [Graph.Concept] finds them. What is only stated has a proof of one step.
// At most 1,000 premises are told: From is then empty where what follows needs more.
// hobby.ErrNotFound when it is neither stated nor follows.
func (g *Graph) Why(ctx context.Context, from string, r hobby.Relation, to string, at At) (Proof, error) {
	n, a, err := g.named(ctx, from, at)
	if err != nil {
		return Proof{}, err
	}
	m, b, err := g.named(ctx, to, at)
	if err != nil {
		return Proof{}, err
	}
	if m != n { // something was added in between
		other, ok := n.byID[m.nodes[b].ID]
		if !ok {
			return Proof{}, fmt.Errorf("%w: %.200q", ErrNotFound, to)
		}
		b = other
	}
	if i, ok := n.states(a, r, b); ok {
		return Proof{Edge: n.edge(i), Rule: "stated"}, nil
	}
	k, err := n.known(ctx)
	if err != nil {
		return Proof{}, err
	}
	for i, p := range k.proofs {
		if f := &k.closure.Facts[p]; f.From == a && f.To == b && n.laws[f.Relation].Name == r {
			left := maxProof
			return n.prove(k.edge(int32(len(n.facts)+i)), k, f, &left), nil
		}
	}
	return Proof{}, fmt.Errorf("kgraph: %w: %.200q %s %.200q", hobby.ErrNotFound, from, r, to)
}

// states finds the edge that says that a node is related to another.
func (n *net) states(from int32, r hobby.Relation, to int32) (edge int32, ok bool) {
	others, edges := n.stated.Row(from, rows.Out)
	for i, e := range edges {
		if others[i] == to && n.laws[n.stated.Edge(e).Relation].Name == r {
			return e, true
		}
	}
	return 0, false
}

var ruleNames = map[infer.Rule]string{
	infer.Known: "stated", infer.BySymmetry: "symmetric", infer.ByInverse: "inverse", infer.ByTransitivity: "transitive",
}

func (n *net) prove(e Edge, k *known, f *infer.Derived, left *int) Proof {
	p := Proof{Edge: e, Rule: ruleNames[f.Rule]}
	if *left -= len(f.Premises); *left < 0 {
		return p
	}
	for _, i := range f.Premises {
		q := &k.closure.Facts[i]
		premise := Edge{
			Source: n.nodes[q.From].ID, Target: n.nodes[q.To].ID, Relation: n.laws[q.Relation].Name, Confidence: rows.Confidence(q.Cost),
			Trusted: true, Inferred: !q.Stated,
		}
		if i, ok := n.states(q.From, premise.Relation, q.To); ok {
			premise.Facts = int(n.facts[i])
		}
		p.From = append(p.From, n.prove(premise, k, q, left))
	}
	return p
}
