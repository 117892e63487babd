// Command server is Pastime as a program: it practises while nobody needs the
// machine, and serves what it learned at http://127.0.0.1:8800/hobby/.
//
//	go run ./examples/server
//	go run ./examples/server -model SmolLM2-135M-Instruct.gguf
//	go run ./examples/server -model openai:http://127.0.0.1:11434/v1#llama3.2
//	go run ./examples/server vacuum -data pastime-data
//	go run ./examples/server train -data pastime-data
//
// It practises skills with the tiny model that ships with the library, unless
// -model names another, and analyses the Go code and the documents in the
// current directory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
	"github.com/pastime-go/pastime/httpapi"
)

func main() {
	gocode.Worker() // the analysis of code starts this program again
	ran, err := asService(func(ctx context.Context, out, log io.Writer) error { return run(ctx, os.Args[1:], os.Getenv, out, log) })
	if !ran && err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err = run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "server:", hobby.Plain(err))
		os.Exit(status(err))
	}
}

// status is the exit status for an error: 2 for a command line that cannot be.
func status(err error) int {
	if errors.As(err, &usage{}) {
		return 2
	}
	return 1
}

// run is the whole program; it ends cleanly when ctx does.
func run(ctx context.Context, args []string, getenv func(string) string, out, log io.Writer) (err error) {
	if c, ok := find(args); ok {
		return c.carryOut(ctx, args[1:], out, log)
	}
	c, err := parse(args, getenv, log)
	if err != nil {
		return err
	}
	if c.grafana != "" {
		return c.writeGrafana(out)
	}
	return c.serve(ctx, out)
}

// serve practises and serves until ctx ends.
func (c *config) serve(ctx context.Context, out io.Writer) (err error) {
	defer func() { err = errors.Join(err, c.close()) }()
	kit, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.agents.Close(), kit.Close()) }()
	ln, err := c.listen(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(out, c.greeting(ln.Addr())+c.absence(ctx))
	news := tell(kit.Hobby, out)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return kit.Run(ctx) })
	g.Go(func() error { return pastime.Serve(ctx, httpapi.Server(kit.Handler()), ln) })
	err = g.Wait()
	<-news
	return err
}
