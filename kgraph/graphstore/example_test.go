package graphstore_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/dominikbraun/graph"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/kgraph/graphstore"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

// The surest way from one function to another, by the algorithm of another package.
func Example() {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	facts, err := graphs.New(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	known, err := kgraph.New(facts, s, nil)
	if err != nil {
		log.Fatal(err)
	}
	err = known.Add(ctx, kgraph.Origin{ID: "a reading of main.go", Recorded: time.Unix(1, 0)},
		kgraph.Statement{Claim: hobby.Claim{Subject: "main", Relation: "calls", Object: "save", Confidence: .2}},
		kgraph.Statement{Claim: hobby.Claim{Subject: "main", Relation: "calls", Object: "run", Confidence: .9}},
		kgraph.Statement{Claim: hobby.Claim{Subject: "run", Relation: "calls", Object: "save", Confidence: .9}})
	if err != nil {
		log.Fatal(err)
	}
	store, err := graphstore.New(ctx, known, kgraph.At{})
	if err != nil {
		log.Fatal(err)
	}
	path, err := graph.ShortestPath(store.Directed(), "function:main", "function:save")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(path)
	// Output: [function:main function:run function:save]
}
