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

// A prompt of what the agent knows, each thing with its date and where it comes from, so that
// the model can say so.
func ExampleGraph_Recall() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	may := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	read := hobby.Session{
		Activity: hobby.Activity{
			ID: "reading", Plan: hobby.Plan{Kind: hobby.KnowledgeExploration}, Status: hobby.Completed, Started: may, Ended: may.Add(time.Minute),
		},
		Insights: []hobby.Insight{
			{ID: "oven", Source: "docs/oven.md", Text: "The oven needs twenty minutes to reach 220 degrees."},
			{ID: "cats", Source: "docs/cats.md", Text: "Cats sleep for most of the day."},
		},
	}
	for i := range read.Insights {
		in := &read.Insights[i]
		in.Activity, in.Kind, in.At, in.Confidence = "reading", hobby.KnowledgeExploration, may, 1
	}
	if _, err := store.Commit(ctx, read, nil); err != nil {
		log.Fatal(err)
	}
	facts, err := graphs.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	graph, err := kgraph.New(facts, store, nil)
	if err != nil {
		log.Fatal(err)
	}
	err = graph.Add(ctx, kgraph.Origin{ID: "told by Ana", Recorded: may.AddDate(0, 1, 0)}, kgraph.Statement{
		Claim: hobby.Claim{Subject: "the oven", Relation: "stands in", Object: "the bakery", Confidence: 1},
	})
	if err != nil {
		log.Fatal(err)
	}

	const question = "How long does the oven need?"
	known, err := graph.Recall(ctx, question, 500, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Answer from what is known, and name the source.")
	for _, r := range known {
		source := r.Source
		if source == "" {
			source = r.ID
		}
		fmt.Printf("- %s (%s, %s)\n", r.Text, source, r.At.Format(time.DateOnly))
	}
	fmt.Println("Question:", question)
	// Output:
	// Answer from what is known, and name the source.
	// - The oven needs twenty minutes to reach 220 degrees. (docs/oven.md, 2026-05-01)
	// - the oven stands in the bakery (told by Ana, 2026-06-01)
	// Question: How long does the oven need?
}
