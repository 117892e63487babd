package patterns_test

import (
	"context"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice/patterns"
)

// A host's own log becomes a Source: here one in which every second search fails.
func Example() {
	at := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	calls := patterns.Source{Name: "calls", Read: func(context.Context, int) (l patterns.Log, err error) {
		for i := range 200 {
			ok := i%4 > 0
			l.Entries = append(l.Entries, patterns.Entry{At: at.Add(time.Duration(i) * time.Minute), Event: "call",
				Tool: []string{"search", "calculator"}[i%2], OK: &ok})
		}
		return l, nil
	}}
	h, err := patterns.New(calls, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var out hobbytest.Sink
	if err := h.Executor.Practise(context.Background(), hobby.Plan{Kind: h.Kind}, &out); err != nil {
		fmt.Println(err)
	}
	for _, in := range out.Insights {
		fmt.Println(in.Text)
	}
	// Output:
	// In the log of 200 entries the tool "search" fails in 50 of 100 in "call" entries (50 %), the others in 0 % (Fisher's exact test, p = 4.4e-19, corrected for 2 tests, if entries do not depend on each other).
	// 200 entries of the log, until 2026-11-27 12:19:00, were tested for 2 patterns; told as not chance: 1.
}
