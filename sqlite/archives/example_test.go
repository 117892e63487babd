package archives_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/archives"
)

// Two segments of a month are put together: one takes their place in one step.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	catalogue, err := archives.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	segment := func(id string, run, activities int64) archive.Segment {
		return archive.Segment{
			ID: id, Node: store.Node(), Month: "2026-05", Run: run, From: time.Date(2026, 5, int(run), 0, 0, 0, 0, time.UTC),
			Activities: activities, Kinds: map[hobby.Kind]int64{hobby.SkillPractice: activities},
		}
	}
	if err := catalogue.Swap(ctx, []archive.Segment{segment("a", 1, 3), segment("b", 2, 4)}, nil, nil); err != nil {
		log.Fatal(err)
	}
	if err := catalogue.Swap(ctx, []archive.Segment{segment("c", 3, 7)}, []string{"a", "b"}, nil); err != nil {
		log.Fatal(err)
	}
	all, _, err := catalogue.Segments(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range all {
		fmt.Println(s.ID, s.Month, s.Activities)
	}
	// Output: c 2026-05 7
}
