package subagents_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
)

// A transition expects a state and an attempt; what is late changes nothing.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	ledger, err := subagents.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	at := time.Date(2026, 2, 7, 10, 30, 0, 0, time.UTC)
	err = ledger.Create(ctx, subagent.Assignment{
		ID: "a", Plan: hobby.Plan{Kind: hobby.SkillPractice}, Status: subagent.Pending, Attempt: 1,
		Agent: "one", Executor: "http", Assigned: at, Deadline: at.Add(15 * time.Minute),
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := ledger.Start(ctx, "a", 1, at); err != nil {
		log.Fatal(err)
	}
	// Agent one falls silent, and agent two is given the work.
	if _, err := ledger.Retry(ctx, "a", 1, subagent.Next{Agent: "two", Executor: "http", At: at.Add(time.Minute),
		Deadline: at.Add(16 * time.Minute)}); err != nil {
		log.Fatal(err)
	}
	_, err = ledger.End(ctx, "a", 1, subagent.End{Status: subagent.Completed, At: at.Add(2 * time.Minute)})
	fmt.Println(err)
	// Output:
	// subagents: assignment "a", assignment.finished: subagent: the assignment has moved on: it is pending, attempt 2: that was attempt 1
}
