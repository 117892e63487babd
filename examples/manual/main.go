// Command manual wires by hand what pastime.Open wires: a store of its own, a
// suite of its own, a hobby of its own, a consumer that follows what is
// learned, and a slot that runs once an hour whatever happens.
//
//	go run ./examples/manual http://127.0.0.1:11434/v1 llama3.2
package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/redact"
	"github.com/pastime-go/pastime/sqlite"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: manual URL MODEL, such as http://127.0.0.1:11434/v1 llama3.2")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(hobby.Plain(err))
	}
}

func run(ctx context.Context, url, name string) error {
	model, err := openai.New(url, name, nil)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, "manual.db", nil)
	if err != nil {
		return err
	}
	defer store.Close()

	suite, err := practice.NewSuite(doubling{})
	if err != nil {
		return err
	}
	manager, err := hobby.New(store, []hobby.Hobby{practice.Skills(model, suite, nil)}, &hobby.Options{
		Agent:         "manual",
		Model:         model,
		Interval:      30 * time.Second,
		IdleThreshold: 5 * time.Second,
		Daily:         hobby.Budget{Tokens: 200_000},
		Consumers:     []hobby.Consumer{diary{}},
		Slots: []hobby.Slot{{
			Name: "hourly-report", Schedule: hobby.Every(time.Hour),
			Run: func(ctx context.Context, r hobby.SlotRun) error {
				fmt.Println("the report that was due at", r.Due)
				return nil
			},
		}},
		Redact: redact.Default().Redact,
		Logger: slog.Default(),
	})
	if err != nil {
		return err
	}
	return manager.Run(ctx)
}

// doubling is a family of tasks: double a number of as many digits as the
// level says.
type doubling struct{}

func (doubling) Info() hobby.Family { return hobby.Family{Name: "doubling", Levels: 6} }

func (doubling) Generate(r *rand.Rand, level int) practice.Task {
	low := 1
	for range level + 2 {
		low *= 10
	}
	n := low + r.IntN(9*low)
	want := strconv.Itoa(2 * n)
	// A sentence counts only in these forms, so that "half of 68 is 34" is no answer to twice 17.
	say := practice.Say(fmt.Sprintf("[the] (twice|double|doubling) %d", n), fmt.Sprintf("%d doubled", n),
		fmt.Sprintf("(2 * %d|%d * 2|%d + %d)", n, n, n, n))
	return practice.Task{
		Params:    strconv.Itoa(n),
		Messages:  []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprintf("What is twice %d? Answer with the number only.", n)}},
		Reference: want, Verifier: "number", MaxTokens: 16,
		Verify: func(answer string) practice.Verdict { return practice.Number(answer, want, say) },
	}
}

// diary prints what is learned. Its position in the event log is stored, so
// that it misses nothing over a restart.
type diary struct{}

func (diary) Name() string { return "diary" }

func (diary) Consume(_ context.Context, events []hobby.Event) error {
	for _, e := range events {
		fmt.Println(e.Clock.Time().Format(time.TimeOnly), e.Kind, e.ID)
	}
	return nil
}
