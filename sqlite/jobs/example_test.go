package jobs_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// A job keeps its stage and its state, and goes on from them after a crash.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	journal, err := jobs.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	started, err := journal.StartJob(ctx, hobby.Job{Line: "moving", Stage: "copy"})
	if err != nil {
		log.Fatal(err)
	}
	job, err := journal.ClaimJob(ctx, started.ID)
	if err != nil {
		log.Fatal(err)
	}
	job.Stage, job.State = "check", []byte(`{"copied":12}`)
	if _, err = journal.KeepJob(ctx, job); err != nil {
		log.Fatal(err)
	}
	kept, err := journal.Job(ctx, started.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(kept.Line, kept.Stage, string(kept.State))
	// Output: moving check {"copied":12}
}
