package subagent_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
)

// counting is a hobby that finds something out.
var counting = hobby.Hobby{Kind: "counting", Executor: hobby.ExecutorFunc(func(_ context.Context, p hobby.Plan, out hobby.Sink) error {
	return out.Insight(hobby.Insight{Text: "there are seven", Confidence: 1})
})}

// The original system's quick start: register an agent, give it practice,
// distribute some more, look at the statistics.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	ledger, err := subagents.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	coordinator, err := subagent.New(ledger, []hobby.Hobby{counting}, nil)
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- coordinator.Run(ctx) }()

	if _, err := coordinator.Register(ctx, subagent.Agent{ID: "my-instance", Capabilities: []string{subagent.Any}}); err != nil {
		log.Fatal(err)
	}
	a, err := coordinator.Assign(ctx, "my-instance", "counting", 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	if a, err = coordinator.Wait(ctx, a.ID); err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.Status, a.Outcome.Insights)

	more, err := coordinator.Distribute(ctx, 3)
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range more {
		if _, err := coordinator.Wait(ctx, a.ID); err != nil {
			log.Fatal(err)
		}
	}
	s := coordinator.Stats()
	fmt.Println(s.Registered, "agent,", s.Completed, "completed")

	cancel()
	if err := <-done; err != nil {
		log.Fatal(err)
	}
	// Output:
	// completed [there are seven]
	// 1 agent, 4 completed
}

// An agent on another machine is a small HTTP server; the coordinator calls
// only what it was allowed to.
func ExampleAgentHandler() {
	worker, err := subagent.NewWorker(
		subagent.Agent{ID: "remote-1", Capabilities: []string{"counting"}},
		subagent.Practise([]hobby.Hobby{counting}, nil))
	if err != nil {
		log.Fatal(err)
	}
	handler, err := subagent.AgentHandler(worker, "a secret of some length")
	if err != nil {
		log.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	defer srv.Close()

	transport := subagent.NewHTTP(nil)
	defer transport.Close()
	if err := transport.Allow(srv.URL, "a secret of some length"); err != nil {
		log.Fatal(err)
	}
	ok, _ := transport.Reaches(subagent.Agent{ID: "remote-1", Endpoint: srv.URL})
	fmt.Println("allowed:", ok)
	_, err = transport.Reaches(subagent.Agent{ID: "remote-1", Endpoint: "http://169.254.169.254/"})
	fmt.Println(err)
	// Output:
	// allowed: true
	// hobby: invalid: Agent.Endpoint: this host does not allow "http://169.254.169.254/"
}
