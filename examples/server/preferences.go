package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// preferencesCommand writes what people prefer.
func preferencesCommand() command {
	var out string
	var format rlhf.Format
	var names []string
	for _, f := range rlhf.Formats() {
		names = append(names, string(f))
	}
	return command{
		name:    "preferences",
		summary: "writes what people prefer, for another trainer or for Argilla, without what was forgotten; no embedder is asked",
		flags: func(fs *flag.FlagSet) {
			fs.StringVar(&out, "out", "", "`file` to write; it must not exist")
			fs.StringVar((*string)(&format), "format", string(rlhf.FormatPreference), "`format`, one of "+strings.Join(names, ", "))
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			switch {
			case out == "":
				return nil, usage{errors.New("-out FILE is missing")}
			case !slices.Contains(rlhf.Formats(), format):
				return nil, usage{fmt.Errorf("-format is %q, must be one of %s", format, strings.Join(names, ", "))}
			}
			store, err := storeIn(data)
			if err != nil {
				return nil, err
			}
			d, err := preferences(ctx, store)
			if err != nil {
				return nil, err
			}
			var text bytes.Buffer
			if err := rlhf.Export(&text, &d, format); err != nil {
				return nil, err
			}
			if err := writeNew(out, text.Bytes()); err != nil {
				return nil, err
			}
			n := map[rlhf.Format]int{rlhf.FormatKTO: len(d.Labels), rlhf.FormatArgilla: len(d.Records)}
			written, ok := n[format]
			if !ok {
				written = len(d.Pairs)
			}
			say("%d records are in %s\n", written, out)
			return map[string]any{"exported": written, "file": out}, nil
		},
	}
}

// preferences are those of a store's feedback.
func preferences(ctx context.Context, store string) (d rlhf.Dataset, err error) {
	k, err := pastime.Open(ctx, store, nil, &pastime.Options{Hobby: hobby.Options{Disabled: true}})
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	if err := k.Feedback.Load(ctx); err != nil {
		return d, err
	}
	return k.Feedback.Dataset(ctx)
}

// writeNew makes a file, which must not exist.
func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the data set: %w", errors.Join(err, os.Remove(name)))
	}
	return nil
}
