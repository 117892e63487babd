package kgraph

import (
	"cmp"
	"context"
	"slices"

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
	orphansNow  = "pastime_graph_orphans"
	staleNow    = "pastime_graph_stale_concepts"
	twiceNow    = "pastime_graph_duplicates"
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
		{Name: orphansNow, Help: "Concepts that only one other is related to, and that to nothing else."},
		{Name: staleNow, Help: "Concepts of which nothing new is known for a month."},
		{Name: twiceNow, Help: "Pairs of concepts whose names are probably of the same thing."},
		{Name: revisionNow, Help: "The newest revision of the knowledge graph that this process has."},
	}
}

// Observe implements hobby.Observable. It counts anew when the graph has changed.
func (g *Graph) Observe(ctx context.Context, emit hobby.Emit) error {
	v, done, err := g.look(ctx, At{})
	if err != nil {
		return err
	}
	defer done()
	x := v.x
	emit(conceptsNow, float64(v.nodes))
	emit(edgesNow, float64(v.live))
	emit(factsNow, float64(len(x.facts)))
	emit(taintedNow, float64(x.tainted))
	emit(endedNow, float64(x.stated(v.lens.rev)-v.holding))
	emit(doubleNow, float64(v.double))
	emit(revisionNow, float64(x.rev))
	s := &g.surveyed
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rev > 0 {
		emit(orphansNow, float64(s.orphans))
		emit(staleNow, float64(s.stale))
		emit(twiceNow, float64(s.duplicates))
	}
	return nil
}

// stated is how many facts there were at a revision.
func (x *index) stated(rev int64) int {
	at, _ := slices.BinarySearchFunc(x.origins, rev+1, func(o origin, rev int64) int { return cmp.Compare(o.rev, rev) })
	if at == len(x.origins) {
		return len(x.facts)
	}
	return int(x.origins[at].first)
}
