package hobbytest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite"
)

// A model from a script shows what practice makes of its answers, and an audit
// that the store has counted them right.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		log.Fatal(err)
	}
	model := hobbytest.Says("I don't know")
	m, err := hobby.New(store, []hobby.Hobby{practice.Skills(model, suite, nil)}, &hobby.Options{Model: model})
	if err != nil {
		log.Fatal(err)
	}
	s, err := m.RunOnce(ctx, hobby.SkillPractice)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Activity.Items > 0, s.Activity.Passes)
	all, err := hobbytest.Audit(ctx, store)
	fmt.Println(len(all), err)
	// Output:
	// true 0
	// 1 <nil>
}
