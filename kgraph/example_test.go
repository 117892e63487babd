package kgraph_test

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

// A host's own facts: the new value of a functional relation ends the old one, and both
// can be read.
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
	graph, err := kgraph.New(facts, store, &kgraph.Options{
		Relations: append(kgraph.Relations(), kgraph.Relation{Name: "works at", Functional: true}),
	})
	if err != nil {
		log.Fatal(err)
	}
	may, june := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, f := range []struct {
		at       time.Time
		employer string
	}{{may, "the bakery"}, {june, "the library"}} {
		err := graph.Add(ctx, kgraph.Origin{ID: "told by Ana, " + f.employer, Recorded: f.at}, kgraph.Statement{
			Claim: hobby.Claim{Subject: "Ana", Relation: "works at", Object: f.employer, Confidence: 1},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	for _, at := range []kgraph.At{{}, {Valid: may.AddDate(0, 0, 9)}} {
		ana, err := graph.Concept(ctx, "ana", at, 10)
		if err != nil {
			log.Fatal(err)
		}
		for _, f := range ana.Facts {
			fmt.Println(f.Subject, f.Relation, f.Object)
		}
	}
	paths, err := graph.Paths(ctx, "Ana", "the library", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(paths[0].Explanation)
	// Output:
	// Ana works at the library
	// Ana works at the bakery
	// Ana works at the library
}
