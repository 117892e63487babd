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

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
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
	srv := httpapi.Server(kit.Handler())
	srv.Addr = "127.0.0.1:8800"
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return kit.Run(ctx) })
	g.Go(func() error { return pastime.Serve(ctx, srv, nil) })
	log.Print("look at http://127.0.0.1:8800/hobby/")
	return g.Wait()
}
