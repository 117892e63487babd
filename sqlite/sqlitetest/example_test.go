package sqlitetest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

func ExampleFill() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	if err := sqlitetest.Fill(ctx, store, sqlitetest.History{Activities: 500}); err != nil {
		log.Fatal(err)
	}
	counts, err := store.Counts(ctx, hobby.CountFilter{})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range counts {
		fmt.Println(c.Kind, c.Started)
	}
	// Output:
	// code_analysis 250
	// skill_practice 250
}
