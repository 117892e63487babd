package kgraph

import (
	"context"
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
	for n := range v.edges {
		holding += int(v.facts[n])
		e := &v.edges[n]
		if n > 0 && v.edges[n-1].From == e.From && v.edges[n-1].Relation == e.Relation && x.rules.all[e.Relation].Functional {
			double++
		}
	}
	emit(conceptsNow, float64(v.nodes))
	emit(edgesNow, float64(len(v.edges)))
	emit(factsNow, float64(len(x.facts)))
	emit(taintedNow, float64(x.tainted))
	emit(endedNow, float64(len(x.facts)-holding))
	emit(doubleNow, float64(double))
	emit(revisionNow, float64(x.rev))
	return nil
}
