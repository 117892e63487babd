package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pastime-go/pastime/sqlite"
)

// command is a piece of work on the data directory, which may be that of a server
// that runs.
type command struct {
	name, summary string
	// flags adds the command's own flags, and may be nil; run does the work and
	// returns what -json prints. say tells people how far it is, in texts that begin with
	// \r and replace each other, and what came of it.
	flags func(*flag.FlagSet)
	run   func(ctx context.Context, data string, say func(format string, args ...any)) (result any, err error)
}

var commands = []command{
	{name: "vacuum", summary: "writes the store anew, without its free pages, and lets it give pages back from now on", run: vacuum},
	archiveCommand(),
	verifyCommand(),
	restoreCommand(),
	exportCommand(),
	trainCommand(),
	datasetCommand(),
	preferencesCommand(),
	adaptersCommand(),
	compareCommand(),
	applyCommand(),
}

// usage is the error of a command line that cannot be: exit status 2.
type usage struct{ error }

// find is the command that the first argument names.
func find(args []string) (command, bool) {
	for _, c := range commands {
		if len(args) > 0 && args[0] == c.name {
			return c, true
		}
	}
	return command{}, false
}

// carryOut runs a command with its arguments. What it found is one JSON object on
// out with -json, and otherwise lines for people.
func (c command) carryOut(ctx context.Context, args []string, out, log io.Writer) error {
	fs := flag.NewFlagSet("server "+c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	data := fs.String("data", "pastime-data", "`directory` that the server was given")
	asJSON := fs.Bool("json", false, "print the result as JSON, and progress nowhere")
	if c.flags != nil {
		c.flags(fs)
	}
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(log)
		fmt.Fprintf(log, "server %s %s.\n\n", c.name, c.summary)
		fs.PrintDefaults()
		return err
	case err != nil:
		return usage{fmt.Errorf("%w; see server %s -help", err, c.name)}
	case fs.NArg() > 0:
		return usage{fmt.Errorf("unexpected argument %q; see server %s -help", fs.Arg(0), c.name)}
	}
	t := &teller{out: out}
	if *asJSON {
		t.out = io.Discard
	}
	result, err := c.run(ctx, *data, t.say)
	t.end()
	if err != nil || !*asJSON {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// teller tells people what a command does, and ends the line of its progress before
// anything else is told.
type teller struct {
	out    io.Writer
	within bool // a line of progress
}

func (t *teller) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	progress := strings.HasPrefix(text, "\r")
	if !progress {
		t.end()
	}
	fmt.Fprint(t.out, text)
	t.within = progress && !strings.HasSuffix(text, "\n")
}

func (t *teller) end() {
	if t.within {
		fmt.Fprintln(t.out)
		t.within = false
	}
}

// storeIn is the store's file in a data directory. A directory without one is a mistake in
// -data: nothing is made there.
func storeIn(data string) (string, error) {
	path := filepath.Join(data, "agent.db")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("-data %s is no directory that a server was given: %w", data, err)
	}
	return path, nil
}

func vacuum(ctx context.Context, data string, say func(string, ...any)) (any, error) {
	begun, told := time.Now(), -1
	path, err := storeIn(data)
	if err != nil {
		return nil, err
	}
	v, err := sqlite.Vacuum(ctx, path, func(done float64) {
		if percent := int(100 * done); percent > told {
			told = percent
			say("\r%3d %% after %v", percent, time.Since(begun).Round(time.Second))
		}
	})
	if err != nil {
		return nil, err
	}
	say("%.1f MB are %.1f MB now", float64(v.Before)/1e6, float64(v.After)/1e6)
	if v.Converted {
		say("; from now on the file shrinks by itself")
	}
	say("\n")
	return v, nil
}
