// Command seed stores sessions for the browser tests: as many plain ones as it
// is told, and one whose texts are hostile. Whatever is in the store, the page
// shows it and does nothing else.
//
//	go run ./ui/browser/seed agent.db 26
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// The texts that are stored. Each that would run marks the window.
const (
	script = `<script>window.hurt = "script"</script><img src=x onerror="window.hurt = 'img'"><svg onload="window.hurt = 'svg'">`
	rtl    = "\u202eevil\u202c שלום עולם مرحبا بالعالم 👩🏽‍🚀🏳️‍🌈 e\u0301\u0302\u0303"
	link   = `javascript:window.hurt="link"`
)

func main() {
	plain, err := 0, error(nil)
	if len(os.Args) == 3 {
		plain, err = strconv.Atoi(os.Args[2])
	}
	if len(os.Args) != 3 || err != nil {
		fmt.Fprintln(os.Stderr, "usage: seed FILE NUMBER")
		os.Exit(2)
	}
	if err := seed(context.Background(), os.Args[1], plain); err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
}

func seed(ctx context.Context, path string, plain int) error {
	store, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	now := time.Now()
	for i := range plain {
		at := now.Add(time.Duration(i-plain-1) * time.Minute)
		if _, err := store.Commit(ctx, hobby.Session{Activity: hobby.Activity{
			ID: newID(), Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed,
			Started: at, Ended: at.Add(time.Second), Description: fmt.Sprintf("Session %d", i),
		}}, nil); err != nil {
			return err
		}
	}
	if _, err := store.Commit(ctx, hostile(now), nil); err != nil {
		return err
	}
	return store.Close()
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// hostile is a session with every kind of text that a page could mistake for
// something else.
func hostile(now time.Time) hobby.Session {
	long := strings.Repeat("W", 3000)
	s := hobby.Session{Activity: hobby.Activity{
		ID: newID(), Plan: hobby.Plan{Kind: hobby.SkillPractice, Family: "arithmetic", Topic: script, Level: 1, Policy: "<b>policy</b>",
			Propensity: 0.5},
		Status: hobby.Completed, Started: now.Add(-time.Minute), Ended: now,
		Description: script + rtl, Goal: long, Approach: rtl, Model: script, Improved: []string{"<i>better</i>"},
		Metrics: map[string]float64{"<u>metric</u>": 0.5},
	}}
	for i, text := range []string{script, rtl, long, "plain"} {
		s.Items = append(s.Items, hobby.Item{
			ID: newID(), Activity: s.Activity.ID, Family: "arithmetic", Level: 1, Seed: uint64(i), Split: hobby.Practice,
			Messages: []hobby.Message{{Role: "user", Content: text}}, Answer: text, Reference: text,
			Score: float64(i % 2), Verifier: "exact", Note: text, At: now, ModelKey: script,
		})
		s.Insights = append(s.Insights, hobby.Insight{
			ID: newID(), Activity: s.Activity.ID, Kind: hobby.SkillPractice, At: now,
			Text: text, Topic: text, Confidence: 0.5, Taint: hobby.Untrusted,
			Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: text, Line: 3, EndLine: 7}, {Kind: hobby.EvidenceURL, Ref: link},
				{Kind: hobby.EvidenceRows, Ref: script}},
		})
	}
	return s
}
