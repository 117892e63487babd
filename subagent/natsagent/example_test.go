package natsagent_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/natsagent"
	"github.com/pastime-go/pastime/subagent/natsagent/natsserver"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

// A coordinator with a server of its own, and an agent that connects to it. The
// two would be different programs.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "nats")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server, err := natsserver.Start(&natsserver.Options{Dir: dir, Addr: "127.0.0.1:0", Token: "secret"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	hobbies := []hobby.Hobby{subagenttest.Sums("sums")} // the host's own, such as practice.Skills

	// The coordinator.
	nc, err := server.Connect(natsagent.ConnectOptions("coordinator")...)
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	transport, err := natsagent.New(ctx, nc, nil)
	if err != nil {
		log.Fatal(err)
	}
	store, err := sqlite.Open(ctx, ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	ledger, err := subagents.New(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	coordinator, err := subagent.New(ledger, hobbies, &subagent.Options{Transports: []subagent.Transport{transport}, Items: 5})
	if err != nil {
		log.Fatal(err)
	}
	var g errgroup.Group
	g.Go(func() error { return coordinator.Run(ctx) })

	// The agent: nats.Connect(server.URL(), ...) on another machine.
	there, err := server.Connect(natsagent.ConnectOptions("rc2-coding")...)
	if err != nil {
		log.Fatal(err)
	}
	defer there.Close()
	worker, err := subagent.NewWorker(subagent.Agent{ID: "rc2-coding", Capabilities: []string{"*"}}, subagent.Practise(hobbies, nil))
	if err != nil {
		log.Fatal(err)
	}
	g.Go(func() error { return natsagent.Serve(ctx, there, worker, nil) })

	// It registers itself.
	for changed := coordinator.Changed(); coordinator.Stats().Registered == 0; changed = coordinator.Changed() {
		<-changed
	}
	a, err := coordinator.Assign(ctx, "rc2-coding", "sums", 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	if a, err = coordinator.Wait(ctx, a.ID); err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.Status, "by", a.Agent, "over", a.Executor)
	fmt.Println(a.Outcome.Passes, "of", a.Outcome.Items, "answers were right when they were verified here")
	stop()
	if err := g.Wait(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// completed by rc2-coding over nats
	// 5 of 5 answers were right when they were verified here
}
