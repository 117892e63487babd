package benchmark_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/benchmark"
	"github.com/pastime-go/pastime/sqlite"
)

// Today's tasks of skill practice are put to a model that knows nothing.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	suite, err := practice.NewSuite(practice.Families()[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	h := benchmark.New([]hobby.Hobby{practice.Skills(nil, suite, nil)}, store, nil, nil)
	out := &hobbytest.Sink{Model: hobbytest.Says("I do not know.")}
	if err := h.Executor.Practise(ctx, hobby.Plan{Kind: h.Kind}, out); err != nil {
		fmt.Println(err)
	}
	for _, in := range out.Insights {
		_, what, _ := strings.Cut(in.Text, " passes ")
		fmt.Println(what)
	}
	// Output:
	// 0 of 5 tasks: skill_practice 0 of 5.
}
