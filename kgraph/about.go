package kgraph

import (
	"context"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/kgraph/internal/rank"
)

// The bounds of what is read to compare texts: how many concepts of each ranking, and of
// each concept how many facts and insights.
const likeliest, factsRead, insightsRead = 10, 8, 2

// texted ranks concepts by how well what is written about them answers what is written
// about one (BM25): the likeliest of other rankings, and those that the texts about it name.
func (g *Graph) texted(ctx context.Context, v *view, n *net, self int32, lists []rank.List) ([]rank.Scored, error) {
	own, told, err := g.about(ctx, v, []int32{self}, none, nil)
	if err != nil {
		return nil, err
	}
	var ids []int32
	for _, l := range lists {
		for _, s := range l.Ranked[:min(len(l.Ranked), likeliest)] {
			ids = append(ids, s.ID)
		}
	}
	words, named := wordSet(own[0]), 0
	for _, s := range n.names().Find(own[0], 5*likeliest, nil) {
		if node := n.of[s.ID]; named < likeliest && node != self && within(wordSet(shortName(&n.nodes[s.ID])), words) {
			named, ids = named+1, append(ids, node)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	others, _, err := g.about(ctx, v, ids, self, told)
	if err != nil {
		return nil, err
	}
	texts := rank.NewTexts(rank.Words)
	for _, text := range others {
		texts.Add(text)
	}
	found := texts.Find(own[0], len(ids), nil)
	for i := range found {
		found[i].ID = ids[found[i].ID]
	}
	return found, nil
}

// about is what is written about each of some concepts, newest first: its facts without its
// name, and the insights that state them. Facts that name but, and the insights told, are
// left out.
func (g *Graph) about(ctx context.Context, v *view, nodes []int32, but int32, told []string) (texts, ids []string, err error) {
	x := v.x
	texts = make([]string, len(nodes))
	stated := make([][]string, len(nodes))
	read := func(i int) {
		facts := 0
		for f := range v.around(nodes[i]) {
			if facts++; facts > factsRead {
				return
			}
			from, to := x.ends(&x.facts[f])
			if from == but || to == but {
				continue
			}
			s, other := x.statement(f), from
			text := s.Subject
			if other == nodes[i] {
				text = s.Object
			}
			texts[i] += fmt.Sprintln(s.Relation, text)
			o := &x.origins[x.facts[f].origin]
			if x.texts.all[o.activity] == "" || len(stated[i]) == insightsRead || slices.Contains(stated[i], o.id) || slices.Contains(told, o.id) {
				continue
			}
			stated[i], ids = append(stated[i], o.id), append(ids, o.id)
		}
	}
	g.held(func() {
		for i := range nodes {
			read(i)
		}
	})
	slices.Sort(ids)
	ids = slices.Compact(ids)
	insights, err := g.byID(ctx, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("kgraph: reading what is written about concepts: %w", err)
	}
	for i := range nodes {
		for _, id := range stated[i] {
			texts[i] += insights[id].Text + "\n"
		}
	}
	return texts, ids, nil
}
