package graphs_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

// A source is forgotten: its facts are gone in the same step, and the hash is that of a
// graph that never saw it.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	facts, err := graphs.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	graph, err := kgraph.New(facts, store, nil)
	if err != nil {
		log.Fatal(err)
	}
	before, err := graph.Hash(ctx)
	if err != nil {
		log.Fatal(err)
	}
	origin := kgraph.Origin{ID: "1", Source: "notes.md", Recorded: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Taint: hobby.Untrusted}
	err = graph.Add(ctx, origin, kgraph.Statement{Claim: hobby.Claim{Subject: "Ana", Relation: "lives in", Object: "Rome", Confidence: 0.9}})
	if err != nil {
		log.Fatal(err)
	}
	with, err := graph.Hash(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := store.Forget(ctx, "notes.md"); err != nil {
		log.Fatal(err)
	}
	after, err := graph.Hash(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(with == before, after == before)
	// Output: false true
}
