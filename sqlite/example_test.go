package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// A store is what a Manager practises over, and what can be asked afterwards.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	m, err := hobby.New(store, []hobby.Hobby{{
		Kind: "stargazing",
		Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			return out.Insight(hobby.Insight{Text: "Vega is brighter than Deneb", Confidence: 1})
		}),
	}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := m.RunOnce(ctx, "stargazing"); err != nil {
		log.Fatal(err)
	}
	page, err := store.Insights(ctx, hobby.InsightFilter{Kind: "stargazing"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Insights[0].Text)
	// Output: Vega is brighter than Deneb
}

func ExampleStore_Backup() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	dir, err := os.MkdirTemp("", "backup")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	f, err := os.Create(filepath.Join(dir, "agent.db"))
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Backup(ctx, f); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
	restored, err := sqlite.Open(ctx, f.Name(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer restored.Close()
	fmt.Println(restored.Node() == store.Node())
	// Output: true
}
