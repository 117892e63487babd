package feedback_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// A user changes their mind, and is then forgotten in the same step as all else of them.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	ratings, err := feedback.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	user := rlhf.UserSource("ana")
	for _, stars := range []int{2, 5} {
		_, err := ratings.Put(ctx, rlhf.Feedback{
			Type: rlhf.Insight, Target: "i1", User: "ana", Rater: user, Source: hobby.SourceHash(user), Rating: stars,
		}, rlhf.Target{Type: rlhf.Insight, ID: "i1", Text: "Parse is never called."}, 1000)
		if err != nil {
			log.Fatal(err)
		}
	}
	page, err := ratings.Feedback(ctx, rlhf.Filter{Target: "i1"})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range page.Feedback {
		fmt.Println(r.Version, r.Rating, r.Superseded)
	}
	n, err := store.Forget(ctx, user)
	if err != nil {
		log.Fatal(err)
	}
	counts, err := ratings.Counts(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("forgotten:", n, "left:", counts.Given[rlhf.Insight])
	// Output:
	// 2 5 false
	// 1 2 true
	// forgotten: 2 left: 0
}
