// Command quickstart is the smallest host: an agent whose model sits behind an
// OpenAI-compatible server, and which practises in its idle time.
//
//	go run ./examples/quickstart http://127.0.0.1:11434/v1 llama3.2
package main

import (
	"context"
	"log"
	"log/slog"
	"os"
	"os/signal"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/httpapi"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: quickstart URL MODEL, such as http://127.0.0.1:11434/v1 llama3.2")
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
	kit, err := pastime.Open(ctx, "agent.db", model, &pastime.Options{Logger: slog.Default()})
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
