package hobby_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// A hobby of the host's own: it recites squares, and every answer is verified.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	squares := hobby.Hobby{
		Kind: "squares", Families: []hobby.Family{{Name: "squares", Levels: 1}},
		Executor: hobby.ExecutorFunc(func(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
			for n := 1; n <= 10; n++ {
				score := 1.0
				if n == 7 { // it always gets this one wrong
					score = 0
				}
				err := out.Item(hobby.Item{
					Family: p.Family, Level: p.Level, Seed: uint64(n), Split: hobby.Practice,
					Score: score, Verifier: "equal",
				})
				if err != nil {
					return err
				}
			}
			return out.Insight(hobby.Insight{Text: "seven squared is still hard", Confidence: 1})
		}),
	}
	manager, err := hobby.New(store, []hobby.Hobby{squares}, nil)
	if err != nil {
		log.Fatal(err)
	}
	session, err := manager.RunOnce(ctx, "squares")
	if err != nil {
		log.Fatal(err)
	}
	a := session.Activity
	fmt.Printf("%s: %d of %d right\n", a.Status, a.Passes, a.Items)
	fmt.Println(session.Insights[0].Text)
	progress, err := manager.Progress(ctx)
	if err != nil {
		log.Fatal(err)
	}
	e := progress.Kind("squares").Proficiency.Estimate
	fmt.Println("the interval covers 0.9:", e.Low < 0.9 && 0.9 < e.High)
	// Output:
	// completed: 9 of 10 right
	// seven squared is still hard
	// the interval covers 0.9: true
}

// Proficiency is a function of tallies: of any store's, in any order.
func ExampleMeasure() {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	hobbies := []hobby.Hobby{{Kind: "squares", Families: []hobby.Family{{Name: "squares", Levels: 1}}}}
	tallies := []hobby.Tally{{
		ModelKey: "me", Kind: "squares", Family: "squares", Level: 1, Split: hobby.Practice, Day: hobby.Day(now), Tries: 1000, Passes: 900,
	}}
	e := hobby.Measure(tallies, hobbies, map[hobby.Kind]string{"squares": "me"}, now).Kinds[0].Estimate
	fmt.Printf("%.1f, from %d answers\n", e.Mean, e.Items)
	// Output: 0.9, from 1000 answers
}
