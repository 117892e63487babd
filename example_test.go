package pastime_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

// A kit over the tiny model that ships with the library practises once. A host
// would call kit.Run instead, which practises whenever the user is away.
func Example() {
	ctx := context.Background()
	model, err := tiny.Open(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	kit, err := pastime.Open(ctx, ":memory:", model, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer kit.Close()

	session, err := kit.Hobby.RunOnce(ctx, hobby.SkillPractice)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Activity.Status, "with", len(session.Items), "verified answers")
	progress, err := kit.Hobby.Progress(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("measured:", progress.Kind(hobby.SkillPractice).Proficiency.Estimate.Measured())
	// Output:
	// completed with 12 verified answers
	// measured: true
}
