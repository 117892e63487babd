package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama"
	"github.com/pastime-go/pastime/settings"
)

// offers are the models that the page may choose among, by name: what -model takes.
type offers struct {
	tiny    bool
	dir     string            // with .gguf files
	servers map[string]string // openai:URL#name by name
	key     string            // of the servers
	// eightBit is for models in .gguf files whose weights are quantised.
	eightBit bool
	log      *slog.Logger
}

// change says which settings the page may change, what has fixed others, and which models
// there are.
func (c *config) change(fs *flag.FlagSet, getenv func(string) string) error {
	if !c.given["settings"] {
		// Without a token only this machine reaches the page. Who has a token may be somebody
		// who looks at it only, so then it has to be said.
		c.settings = c.token == ""
	}
	if c.settings {
		c.opts.Settings.Allowed = settings.Names()
	}
	fixed := map[settings.Name]string{}
	for _, f := range []struct {
		name           settings.Name
		flag, variable string
	}{
		{settings.Interval, "interval", "HOBBY_INTERVAL_MINUTES"}, {settings.Idle, "idle", "HOBBY_IDLE_THRESHOLD_MINUTES"},
		{settings.Kinds, "kinds", ""}, {settings.Model, "model", ""},
	} {
		switch {
		case c.given[f.flag] && fs.Lookup(f.flag).Value.String() != "":
			fixed[f.name] = "the flag -" + f.flag
		case f.variable != "" && getenv(f.variable) != "":
			fixed[f.name] = "the variable " + f.variable
		}
	}
	c.opts.Settings.Fixed = fixed
	c.offers.log = c.opts.Logger
	c.offers.key, c.modelFlag = c.key, cmp.Or(c.modelFlag, "tiny")
	if c.offers.dir != "" {
		if info, err := os.Stat(c.offers.dir); err != nil || !info.IsDir() {
			return fmt.Errorf("-models %s is not a folder", c.offers.dir)
		}
	}
	c.offers.tiny = c.modelFlag != "tiny"
	c.opts.Models = &settings.Models{Default: modelName(c.modelFlag), List: c.offers.list, Open: c.offers.open}
	return nil
}

// server takes a flag -server NAME=openai:URL#model.
func (o *offers) server(s string) error {
	name, model, ok := strings.Cut(s, "=")
	if !ok || name == "" || !onServer(model) {
		return errors.New("want NAME=openai:URL#model")
	}
	if o.servers == nil {
		o.servers = map[string]string{}
	}
	if o.servers[name] != "" {
		return fmt.Errorf("two servers are called %s", name)
	}
	o.servers[name] = model
	return nil
}

// modelName is what people call what -model names: no path and no address.
func modelName(model string) string {
	if address, name, ok := strings.Cut(model, "#"); ok && onServer(address) {
		return name
	}
	return strings.TrimSuffix(filepath.Base(model), ".gguf")
}

// offer is a model with what -model takes for it.
type offer struct {
	settings.Offer
	model string
}

// all lists the models; of two with one name the first counts.
func (o *offers) all() (all []offer, err error) {
	if o.tiny {
		all = append(all, offer{settings.Offer{Name: "tiny", About: "comes with the library"}, "tiny"})
	}
	if o.dir != "" {
		files, err := os.ReadDir(o.dir)
		if err != nil {
			return nil, fmt.Errorf("looking for models: %w", err)
		}
		for _, f := range files {
			path := filepath.Join(o.dir, f.Name())
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && filepath.Ext(path) == ".gguf" {
				all = append(all, offer{settings.Offer{Name: modelName(path), About: fmt.Sprintf("a file of %.1f GB", float64(info.Size())/1e9)}, path})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.servers)) {
		all = append(all, offer{settings.Offer{Name: name, About: "on a server"}, o.servers[name]})
	}
	return all, nil
}

// list implements settings.Models.
func (o *offers) list(context.Context) ([]settings.Offer, error) {
	all, err := o.all()
	listed := make([]settings.Offer, len(all))
	for i := range all {
		listed[i] = all[i].Offer
	}
	return listed, err
}

// openEither opens a model in eight bits if that is wanted and does something for it.
func (o *offers) openEither(ctx context.Context, model string) (hobby.Model, func() error, error) {
	m, closes, err := openModel(ctx, model, o.key, o.eightBit)
	if !errors.Is(err, llama.ErrNotQuantised) {
		return m, closes, err
	}
	o.log.Warn("the model's weights are not quantised: it is opened without -eight-bit", "model", modelName(model))
	return openModel(ctx, model, o.key, false)
}

// open implements settings.Models.
func (o *offers) open(ctx context.Context, name string) (hobby.Model, func() error, error) {
	all, err := o.all()
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		if all[i].Name == name {
			return o.openEither(ctx, all[i].model)
		}
	}
	return nil, nil, fmt.Errorf("there is no model %q any more", name)
}
