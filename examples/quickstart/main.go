// Command quickstart is the smallest host: an agent with the tiny model that ships with the
// library, which practises in its idle time. It begins after two seconds.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	if err := run(ctx); err != nil {
		log.Fatal(hobby.Plain(err))
	}
}

func run(ctx context.Context) error {
	model, err := tiny.Open(ctx, nil) // or openai.New("http://127.0.0.1:11434/v1", "llama3.2", nil)
	if err != nil {
		return err
	}
	quick := hobby.Options{Interval: 10 * time.Second, IdleThreshold: 2 * time.Second} // default: 15 and 5 minutes
	kit, err := pastime.Open(ctx, "agent.db", model, &pastime.Options{Hobby: quick, Logger: slog.Default()})
	if err != nil {
		return err
	}
	defer kit.Close()

	// Wherever the user does something, call kit.Presence.Touch().
	return kit.RunAndServe(ctx, "127.0.0.1:8800") // look at http://127.0.0.1:8800/hobby/
}
