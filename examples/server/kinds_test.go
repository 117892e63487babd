package main

import (
	"flag"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

var allKinds = flag.Bool("kinds", false, "TestAllKinds practises with the model that ships, in the folder of the project")

// TestAllKinds starts the server as a newcomer does, but for shorter pauses: each of the
// eight kinds has completed a session with verdicts within the first 20.
func TestAllKinds(t *testing.T) {
	if !*allKinds {
		t.Skip("only with -kinds: it takes a minute")
	}
	begun := time.Now()
	_, out, _ := start(t, "-model", "tiny", "-code", "../..", "-docs", "../..", "-interval", "1s")
	for _, k := range hobby.Kinds() {
		out.wait(t, regexp.QuoteMeta(k.Kind.Title())+`[^\n]*: completed in [^\n]*, \d+ of \d+ answers right`)
	}
	took := time.Since(begun).Round(time.Second)
	ended := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d  [^\n]*: (?:completed|failed|interrupted) in`).FindAllString(out.String(), -1)
	t.Logf("all kinds have practised after %d sessions and %v", len(ended), took)
	if len(ended) < len(hobby.Kinds()) || len(ended) > 20 {
		t.Errorf("all kinds have practised after %d sessions, want %d to 20:\n%s", len(ended), len(hobby.Kinds()), out)
	}
}

// TestKindsThatAreNotNamedAreOff names two of the eight.
func TestKindsThatAreNotNamedAreOff(t *testing.T) {
	url, _, _ := start(t, "-code", "", "-model", "none", "-idle", "24h", "-kinds", "Skill_Practice, pattern_recognition")
	var config struct {
		Enabled map[string]bool `json:"hobbies_enabled"`
	}
	fetch(t, url+"/hobby/config", &config)
	on := []string{}
	for k, is := range config.Enabled {
		if is {
			on = append(on, k)
		}
	}
	slices.Sort(on)
	if d := cmp.Diff([]string{"PATTERN_RECOGNITION", "SKILL_PRACTICE"}, on); d != "" {
		t.Errorf("the kinds that are on (-want +got):\n%s", d)
	}
}
