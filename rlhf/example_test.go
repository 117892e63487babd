package rlhf_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// Ana prefers one of two answers to a question.
func ExampleExport() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	at := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	session := hobby.Session{
		Activity: hobby.Activity{ID: "a1", Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed, Started: at, Ended: at},
	}
	for id, text := range map[string]string{"i1": "It reads JSON.", "i2": "It is a parser."} {
		session.Insights = append(session.Insights, hobby.Insight{
			ID: id, Activity: "a1", Kind: hobby.CodeAnalysis, At: at, Topic: "Parse", Text: text, Confidence: 1})
	}
	if _, err := store.Commit(ctx, session, nil); err != nil {
		log.Fatal(err)
	}
	ratings, err := feedback.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	p, err := rlhf.New(ratings, &rlhf.Sources{Live: store, Past: hobby.PastOf(store)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for id, stars := range map[string]int{"i1": 5, "i2": 2} {
		if _, _, err := p.Submit(ctx, rlhf.Feedback{Type: rlhf.Insight, Target: id, User: "ana", Rating: stars}); err != nil {
			log.Fatal(err)
		}
	}
	d, err := p.Dataset(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := rlhf.Export(os.Stdout, &d, rlhf.FormatAlpaca); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"instruction":"What do you know about Parse?","input":"","chosen":"It reads JSON.","rejected":"It is a parser.","chosen_id":"i1","rejected_id":"i2"}
}

// Ana is asked for what nobody has rated, and rates it. One rating is too few for a model.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	at := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	_, err = store.Commit(ctx, hobby.Session{
		Activity: hobby.Activity{ID: "a1", Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed, Started: at, Ended: at},
		Insights: []hobby.Insight{{ID: "i1", Activity: "a1", Kind: hobby.CodeAnalysis, At: at, Text: "Parse is never called.", Confidence: 1}},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	ratings, err := feedback.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	p, err := rlhf.New(ratings, &rlhf.Sources{Live: store, Past: hobby.PastOf(store)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	asks, err := p.Pending(ctx, rlhf.PendingFilter{User: "ana", Type: rlhf.Insight})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range asks {
		fmt.Println(a.Target.Text, a.Reason)
		given, reward, err := p.Submit(ctx, rlhf.Feedback{
			Type: a.Target.Type, Target: a.Target.ID, User: "ana", Rating: 4, Exposure: a.Exposure.ID,
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(given.Rating, "stars, raters:", reward.Raters, "predicted:", reward.Predicted)
	}
	model, err := p.Model(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ratings that a model needs:", model.Needed)
	// Output:
	// Parse is never called. nobody has rated it
	// 4 stars, raters: 1 predicted: <nil>
	// ratings that a model needs: 19
}
