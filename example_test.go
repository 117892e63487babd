package pastime_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
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

// A host adds a part of its own, here one with a route. A part can also have
// tables in the store, events, metrics, slots and consumers.
func Example_part() {
	type count struct {
		Activities int64 `json:"activities"`
	}
	counting := func(_ context.Context, k *pastime.Kit) (pastime.Part, error) {
		answer := func(ctx context.Context, _ *struct{}) (*httpapi.Body[count], error) {
			p, err := k.Hobby.Progress(ctx)
			return &httpapi.Body[count]{Body: count{p.Total}}, err
		}
		return pastime.Part{Serves: []httpapi.Part{{Name: "counting", Tag: "Counting", Routes: []httpapi.Route{
			{Method: "GET", Path: "/count", ID: "count", Summary: "How many activities there were", Serve: httpapi.JSON(answer)},
		}}}}, nil
	}
	kit, err := pastime.Open(context.Background(), ":memory:", nil, &pastime.Options{Parts: []pastime.Maker{counting}})
	if err != nil {
		log.Fatal(err)
	}
	defer kit.Close()
	w := httptest.NewRecorder()
	kit.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/hobby/count", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output: 200 {"activities":0}
}
