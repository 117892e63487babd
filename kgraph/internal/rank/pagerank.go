// Package rank says how near nodes are to each other, how central they are, and how well
// texts answer a question.
package rank

import (
	"context"
	"math"
	"slices"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Damping is the share of a node's rank that its edges hand on.
const Damping = .85

// PageRank is how often a walker is at each node who follows edges, in proportion to
// their weights, and now and then jumps anywhere (Brin and Page 1998). A node without an
// edge to follow hands its rank to all. The ranks add up to 1. It stops when they change
// by less than tolerance times the number of nodes in all, or after 200 rounds.
func PageRank(ctx context.Context, g *rows.Graph, d rows.Direction, tolerance float64) ([]float64, error) {
	n := g.Nodes()
	if n == 0 {
		return nil, nil
	}
	weights := sums(g, d)
	rank, next := make([]float64, n), make([]float64, n)
	for i := range rank {
		rank[i] = 1 / float64(n)
	}
	for range 200 {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		lost := 0.0
		clear(next)
		for v := range int32(n) {
			if weights[v] == 0 {
				lost += rank[v]
				continue
			}
			share := rank[v] / weights[v]
			to, edges := g.Row(v, d)
			for i, u := range to {
				next[u] += share * float64(g.Edges()[edges[i]].Weight)
			}
		}
		change := 0.0
		for v := range next {
			next[v] = (1-Damping)/float64(n) + Damping*(next[v]+lost/float64(n))
			change += math.Abs(next[v] - rank[v])
		}
		rank, next = next, rank
		if change < tolerance*float64(n) {
			break
		}
	}
	return rank, nil
}

// sums are the weights of each node's row.
func sums(g *rows.Graph, d rows.Direction) []float64 {
	all := make([]float64, g.Nodes())
	for v := range all {
		all[v] = sum(g, int32(v), d)
	}
	return all
}

func sum(g rows.Adjacency, v int32, d rows.Direction) (s float64) {
	_, edges := g.Row(v, d)
	for _, e := range edges {
		s += float64(g.Edge(e).Weight)
	}
	return s
}

// Near is the PageRank of a walker who always jumps back to one node, by forward push
// (Andersen, Chung and Lang 2006). It looks at nodes near that one only: what remains
// unsaid at a node is less than epsilon times the weights of its row. So every rank is
// too low by less than epsilon times the sum of all weights, and on a graph both ways, a
// node's by less than epsilon times its own weights.
func Near(ctx context.Context, g rows.Adjacency, node int32, d rows.Direction, epsilon float64) (map[int32]float64, error) {
	rank, rest, weights := map[int32]float64{}, map[int32]float64{node: 1}, map[int32]float64{}
	weight := func(v int32) float64 {
		w, ok := weights[v]
		if !ok {
			w = sum(g, v, d)
			weights[v] = w
		}
		return w
	}
	queue, queued := []int32{node}, map[int32]bool{node: true}
	for i := 0; len(queue) > 0; i++ {
		if i%1024 == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
		}
		v := queue[0]
		queue = queue[1:]
		queued[v] = false
		r, w := rest[v], weight(v)
		rest[v] = 0
		if w == 0 { // it jumps back
			if v == node {
				rank[v] += r
				continue
			}
			rank[v] += (1 - Damping) * r
			rest[node] += Damping * r
		} else {
			rank[v] += (1 - Damping) * r
			to, edges := g.Row(v, d)
			for j, u := range to {
				rest[u] += Damping * r * float64(g.Edge(edges[j]).Weight) / w
				if !queued[u] && rest[u] >= epsilon*weight(u) {
					queued[u] = true
					queue = append(queue, u)
				}
			}
		}
		if !queued[node] && rest[node] >= epsilon*weight(node) && rest[node] > 0 {
			queued[node] = true
			queue = append(queue, node)
		}
	}
	return rank, nil
}

// AdamicAdar is the neighbours that nodes share with one, each counting less the more
// edges it has: the sum of 1/log(degree) (Adamic and Adar 2003). Parallel edges, loops
// and directions do not matter. Neighbours with more than most neighbours are left out;
// they say little and cost much.
func AdamicAdar(g rows.Adjacency, node int32, most int) map[int32]float64 {
	scores := map[int32]float64{}
	for _, z := range Neighbours(g, node) {
		if g.Degree(z, rows.Both) > 4*most {
			continue
		}
		around := Neighbours(g, z)
		if len(around) < 2 || len(around) > most {
			continue
		}
		for _, v := range around {
			if v != node {
				scores[v] += 1 / math.Log(float64(len(around)))
			}
		}
	}
	return scores
}

// Neighbours are the other nodes that a node has an edge with, by number.
func Neighbours(g rows.Adjacency, node int32) []int32 {
	row, _ := g.Row(node, rows.Both)
	all := slices.Clone(row)
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(v int32) bool { return v == node })
}
