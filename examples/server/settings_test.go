package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/settings"
)

// TestWhatThePageMayChange gives the server flags and variables, and sees what is fixed.
func TestWhatThePageMayChange(t *testing.T) {
	for name, c := range map[string]struct {
		env     []string
		args    []string
		allowed bool
		fixed   map[settings.Name]string
	}{
		"on this machine":       {allowed: true},
		"with a token":          {args: []string{"-token", "a secret of some length"}},
		"with its variable":     {env: []string{"PASTIME_TOKEN", "a secret of some length"}},
		"with a token, allowed": {args: []string{"-token", "a secret of some length", "-settings"}, allowed: true},
		"with empty flags":      {args: []string{"-model", "", "-kinds", ""}, allowed: true},
		"forbidden":             {args: []string{"-settings=false"}},
		"given": {
			env:     []string{"HOBBY_INTERVAL_MINUTES", "3", "HOBBY_IDLE_THRESHOLD_MINUTES", "1"},
			args:    []string{"-interval", "1m", "-model", "none", "-kinds", "skill_practice"},
			allowed: true,
			fixed: map[settings.Name]string{settings.Interval: "the flag -interval", settings.Idle: "the variable HOBBY_IDLE_THRESHOLD_MINUTES",
				settings.Model: "the flag -model", settings.Kinds: "the flag -kinds"},
		},
	} {
		got, err := parse(c.args, env(c.env...), io.Discard)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		o := got.opts.Settings
		if allowed := len(o.Allowed) > 0; allowed != c.allowed {
			t.Errorf("%s: the page may change settings: %v", name, allowed)
		}
		if len(c.fixed)+len(o.Fixed) > 0 {
			if d := cmp.Diff(c.fixed, o.Fixed); d != "" {
				t.Errorf("%s: fixed (-want +got):\n%s", name, d)
			}
		}
	}
}

// TestModelsOnOffer lists a folder and servers, and opens nothing that is not listed.
func TestModelsOnOffer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*")
	for _, name := range []string{"b.gguf", "a.gguf", "notes.txt", "sub/c.gguf"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("no model"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := parse([]string{"-models", dir, "-server", "home=openai:http://127.0.0.1:9/v1#large", "-model", "/models/own.gguf"}, env(),
		io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	offers, err := c.opts.Models.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []settings.Offer{{Name: "tiny", About: "comes with the library"}, {Name: "a", About: "a file of 0.0 GB"},
		{Name: "b", About: "a file of 0.0 GB"},
		{Name: "home", About: "on a server"}}
	if d := cmp.Diff(want, offers); d != "" || c.opts.Models.Default != "own" {
		t.Errorf("beside %q (-want +got):\n%s", c.opts.Models.Default, d)
	}
	for name, want := range map[string]bool{"tiny": true, "home": true, "a": false, "own": false, "../a": false, "sub/c": false} {
		m, closes, err := c.opts.Models.Open(t.Context(), name)
		if (err == nil) != want {
			t.Errorf("opening %q: %v", name, err)
		}
		if err == nil {
			_, _ = m, closes()
		}
	}
	for _, bad := range []string{"home", "=openai:x#y", "home=tiny"} {
		if _, err := parse([]string{"-server", bad}, env(), io.Discard); err == nil {
			t.Errorf("-server %s is taken", bad)
		}
	}
	if _, err := parse([]string{"-models", "/no/such/folder"}, env(), io.Discard); err == nil {
		t.Error("a folder that is not there is taken")
	}
}

// TestEightBits are for quantised weights: of another -model, and in the commands, they
// are an error, and what the page offers is opened without them.
func TestEightBits(t *testing.T) {
	const want = "its weights are not quantised, so -eight-bit does nothing for it"
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "agent.db"), nil, 0o600); err != nil { // a server was here
		t.Fatal(err)
	}
	args := func(command string, more ...string) []string {
		return slices.Concat(strings.Fields(command), []string{"-data", data, "-model", "tiny", "-eight-bit"}, more)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // no training, if one begins
	defer cancel()
	for _, args := range [][]string{args("apply", "-adapter", "x"), args("dataset", "-out", filepath.Join(data, "out")), args("train")} {
		if err := run(ctx, args, env(), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("%q: %v", args, err)
		}
	}
	c, err := parse(args(""), env(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.open(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the server: %v", err)
	}
	log := newOutput()
	c, err = parse([]string{"-models", t.TempDir(), "-model", "none", "-eight-bit"}, env(), log)
	if err != nil {
		t.Fatal(err)
	}
	m, closes, err := c.opts.Models.Open(t.Context(), "tiny")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = m, closes()
	if !strings.Contains(log.String(), "without -eight-bit") {
		t.Errorf("the log says nothing of it: %s", log)
	}
}
