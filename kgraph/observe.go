package kgraph

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var _ hobby.Observable = (*Graph)(nil)

// The families of numbers that a graph exports.
const (
	conceptsNow = "pastime_graph_concepts"
	edgesNow    = "pastime_graph_edges"
	factsNow    = "pastime_graph_facts"
	taintedNow  = "pastime_graph_untrusted_facts"
	endedNow    = "pastime_graph_past_facts"
	doubleNow   = "pastime_graph_contradictions"
	revisionNow = "pastime_graph_revision"
)

// Metrics implements hobby.Observable.
func (g *Graph) Metrics() []hobby.Metric {
	return []hobby.Metric{
		{Name: conceptsNow, Help: "Concepts of the knowledge graph that a fact names now."},
		{Name: edgesNow, Help: "Relations between concepts that hold now, each counted once."},
		{Name: factsNow, Help: "Facts that are stored."},
		{Name: taintedNow, Help: "Facts of untrusted texts, accepted or not."},
		{Name: endedNow, Help: "Facts that do not hold now."},
		{Name: doubleNow, Help: "Functional relations with several values at once."},
		{Name: revisionNow, Help: "The newest revision of the knowledge graph that this process has."},
	}
}

// Observe implements hobby.Observable. It counts anew when the graph has changed.
func (g *Graph) Observe(ctx context.Context, emit hobby.Emit) error {
	x, done, err := g.read(ctx)
	if err != nil {
		return err
	}
	defer done()
	v := g.views.at(x, At{}, time.Now())
	holding, double := 0, 0
	for n, e := range v.edges {
		holding += int(v.facts[n])
		// The third value is of the same contradiction as the second.
		if x.rules.all[e.Relation].Functional && v.another(n) && !v.another(n-1) {
			double++
		}
	}
	emit(conceptsNow, float64(v.nodes))
	emit(edgesNow, float64(len(v.edges)))
	emit(factsNow, float64(len(x.facts)))
	emit(taintedNow, float64(x.tainted))
	emit(endedNow, float64(x.stated(v.lens.rev)-holding))
	emit(doubleNow, float64(double))
	emit(revisionNow, float64(x.rev))
	return nil
}

// another reports whether an edge has the subject and the relation of the edge before.
func (v *view) another(n int) bool {
	return n > 0 && v.edges[n-1].From == v.edges[n].From && v.edges[n-1].Relation == v.edges[n].Relation
}

// stated is how many facts there were at a revision.
func (x *index) stated(rev int64) int {
	at, _ := slices.BinarySearchFunc(x.origins, rev+1, func(o origin, rev int64) int { return cmp.Compare(o.rev, rev) })
	if at == len(x.origins) {
		return len(x.facts)
	}
	return int(x.origins[at].first)
}
