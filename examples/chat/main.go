// Command chat is an agent with a conversation: it practises while nobody writes to it, and what
// practice gives it is in its answers: the adapter that has earned it, and what it has found.
//
//	go run ./examples/chat openai:http://127.0.0.1:11434/v1#llama3.2
//	go run ./examples/chat Llama-3.2-1B-Instruct-Q8_0.gguf
//
// A model in a file also trains adapters, at three in the night.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/lora/llama"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: chat MODEL, such as openai:http://127.0.0.1:11434/v1#llama3.2 or a .gguf file")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1], os.Stdin, os.Stdout); err != nil {
		log.Fatal(hobby.Plain(err))
	}
}

func run(ctx context.Context, name string, in io.Reader, out io.Writer) (err error) {
	opts, err := pastime.OptionsFromEnv(os.Getenv)
	if err != nil {
		return err
	}
	opts.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	var model hobby.Model
	if strings.HasSuffix(name, ".gguf") {
		local, err := llama.Open(ctx, name, nil)
		if err != nil {
			return err
		}
		defer local.Close()
		model, opts.Trainer = local, local.Trainer(nil)
	} else if model, err = openai.Parse(name, &openai.Options{APIKey: os.Getenv("OPENAI_API_KEY")}); err != nil {
		return err
	}
	kit, err := pastime.Open(ctx, "chat.db", model, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kit.Close()) }()

	ctx, end := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return kit.RunAndServe(ctx, "127.0.0.1:8800") })
	g.Go(func() error { defer end(); return converse(ctx, kit, model, in, out) })
	return g.Wait()
}

// converse answers line by line.
func converse(ctx context.Context, kit *pastime.Kit, model hobby.Model, in io.Reader, out io.Writer) error {
	lines := make(chan string)
	go func() { // a read from a terminal cannot be cancelled
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	var said []hobby.Message
	for {
		fmt.Fprint(out, "> ")
		select {
		case <-ctx.Done():
			return nil
		case question, ok := <-lines:
			if !ok {
				return nil
			}
			text, err := answer(ctx, kit, model, said, question)
			if err != nil {
				fmt.Fprintln(out, "no answer:", hobby.Plain(err))
				continue
			}
			fmt.Fprintln(out, text)
			said = append(said, hobby.Message{Role: hobby.RoleUser, Content: question}, hobby.Message{Role: hobby.RoleAssistant, Content: text})
		}
	}
}

// answer answers a question, after what was said before.
func answer(ctx context.Context, kit *pastime.Kit, model hobby.Model, said []hobby.Message, question string) (string, error) {
	kit.Presence.Touch() // practice yields at once
	known, err := kit.Graph.Recall(ctx, question, 500, nil)
	if err != nil {
		return "", err
	}
	var told strings.Builder
	for _, k := range known {
		fmt.Fprintf(&told, "- %s (%s)\n", k.Text, strings.TrimSpace(k.At.Format(time.DateOnly)+" "+k.Source))
	}
	messages := []hobby.Message{{Role: hobby.RoleSystem, Content: "You found out before:\n" + told.String()}}
	messages = append(append(messages, said...), hobby.Message{Role: hobby.RoleUser, Content: question})
	r, err := model.Generate(ctx, hobby.Request{Messages: messages, Adapter: kit.Adapters.Champion("")})
	return r.Message.Content, err
}
