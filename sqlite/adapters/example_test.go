package adapters_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

// A promotion moves champion and previous in one step; who is late changes nothing.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	registry, err := adapters.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	v, err := registry.PutVersion(ctx, lora.Version{
		Kind: "skill_practice", Base: "b45e", Data: "da7a", Artifact: lora.Artifact{Dir: "adapters/1", Digest: "ada9"},
	}, lora.Lineage{Insights: []string{"an insight"}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	flips := lora.Promotion(v.Kind, nil, v.ID, "ana", "it answers better")
	if err := registry.Point(ctx, flips, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.Name(), errors.Is(registry.Point(ctx, flips, nil), lora.ErrConflict))
	// Output: skill_practice-1 true
}
