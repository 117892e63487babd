// Command seed stores sessions for the browser tests: as many plain ones as it
// is told, one whose texts are hostile, and a failed run of a schedule. Whatever is in the store, the page
// shows it and does nothing else.
//
//	go run ./ui/browser/seed agent.db 26
//
// With older, it stores a model's answers to version 1 of a family instead:
//
//	go run ./ui/browser/seed agent.db older KEY 7
//
// With training, it stores an adapter, its trial and its promotion:
//
//	go run ./ui/browser/seed agent.db training
//
// With graph, it stores insights that claim something:
//
//	go run ./ui/browser/seed agent.db graph
//
// With graph and a number, it stores as many functions, each related to three others:
//
//	go run ./ui/browser/seed agent.db graph 10000
//
// With history, it stores 300 days of a model that another one with a hostile name follows, and an adapter
// that was promoted today:
//
//	go run ./ui/browser/seed agent.db history
//
// With rated, it stores sessions that people have rated, and what was learned of that:
//
//	go run ./ui/browser/seed agent.db rated
//
// With large, it stores as many sessions of three years, and half as many insights:
//
//	go run ./ui/browser/seed agent.db large 10000
package main

import (
	"context"
	"errors"
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
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	usage := errors.New("usage: seed FILE NUMBER, seed FILE older KEY NUMBER, seed FILE training, seed FILE graph, seed FILE graph NUMBER, " +
		"seed FILE history, seed FILE rated, or seed FILE large NUMBER")
	if len(args) < 2 {
		return usage
	}
	n, err := strconv.Atoi(args[len(args)-1])
	now := time.Now()
	var all []hobby.Session
	add := func(context.Context, *sqlite.Store) error { return nil }
	switch {
	case len(args) == 2 && args[1] == "graph":
		all = claims(now)
	case len(args) == 3 && args[1] == "graph" && err == nil:
		all = many(now, n)
	case len(args) == 3 && args[1] == "large" && err == nil:
		all = large(now, n)
	case len(args) == 2 && args[1] == "training":
		add = training
	case len(args) == 2 && args[1] == "rated":
		add = rated
	case len(args) == 2 && args[1] == "history":
		all, add = history(now), promoted
	case err != nil:
		return usage
	case len(args) == 2:
		all, add = append(plain(now, n), hostile(now)), failedSlot
	case len(args) == 4 && args[1] == "older":
		all = append(all, older(now, args[2], n))
	default:
		return usage
	}
	store, err := sqlite.Open(ctx, args[0], nil)
	if err != nil {
		return err
	}
	for _, s := range all {
		if _, err := store.Commit(ctx, s, nil); err != nil {
			return errors.Join(err, store.Close())
		}
	}
	return errors.Join(add(ctx, store), store.Close())
}

// failedSlot stores work on a schedule whose last run failed with a hostile reason.
func failedSlot(ctx context.Context, s *sqlite.Store) error {
	const name = "nightly"
	day := hobby.Every(24 * time.Hour)
	before := time.Now().Add(-48 * time.Hour)
	if _, err := s.Claim(ctx, name, before, day); !errors.Is(err, hobby.ErrNotDue) {
		return fmt.Errorf("the first claim of a slot: %w", err)
	}
	lease, err := s.Claim(ctx, name, before.Add(36*time.Hour), day)
	if err != nil {
		return err
	}
	return s.Settle(ctx, lease, hobby.Outcome{Err: "the disk is full " + script + rtl})
}

// plain are n sessions in which nothing was found.
func plain(now time.Time, n int) (all []hobby.Session) {
	for i := range n {
		at := now.Add(time.Duration(i-n-1) * time.Minute)
		all = append(all, hobby.Session{Activity: hobby.Activity{
			ID: newID(), Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed,
			Started: at, Ended: at.Add(time.Second), Description: fmt.Sprintf("Session %d", i),
		}})
	}
	return all
}

// older is a session with a model's right answers to version 1 of a family that has
// a second version.
func older(now time.Time, modelKey string, n int) hobby.Session {
	s := hobby.Session{Activity: hobby.Activity{
		ID: newID(), Agent: "agent", Plan: hobby.Plan{Kind: hobby.SkillPractice, Family: "arithmetic", Level: 1}, Status: hobby.Completed,
		Started: now.Add(-time.Hour), Ended: now.Add(-59 * time.Minute), Description: "Older answers", ModelKey: modelKey,
	}}
	for i := range n {
		s.Items = append(s.Items, hobby.Item{
			ID: newID(), Activity: s.Activity.ID, Family: "arithmetic", Version: 1, Level: 1, Seed: uint64(i), Split: hobby.Practice,
			Messages: []hobby.Message{{Role: "user", Content: "1 + 1?"}}, Answer: "2", Reference: "2",
			Score: 1, Verifier: "exact", At: s.Activity.Ended, ModelKey: modelKey,
		})
	}
	return s
}

// promoted adds a session of today with the adapter that training promotes.
func promoted(ctx context.Context, store *sqlite.Store) error {
	adapter, err := promote(ctx, store)
	if err != nil {
		return err
	}
	s := practised(time.Now(), 300, 9, "adapted")
	s.Activity.Model, s.Activity.Adapter = script, adapter
	for i := range s.Items {
		s.Items[i].Model, s.Items[i].Adapter = script, adapter
	}
	_, err = store.Commit(ctx, s, nil)
	return err
}

// practised is a session of ten answers of a model, of which some are right.
func practised(at time.Time, day, right int, key string) hobby.Session {
	s := hobby.Session{Activity: hobby.Activity{
		ID: newID(), Agent: "agent", Plan: hobby.Plan{Kind: hobby.SkillPractice, Family: "arithmetic", Level: 1}, Status: hobby.Completed,
		Started: at, Ended: at.Add(time.Minute), Model: key, ModelKey: key,
	}}
	for i := range 10 {
		score := 0.0
		if i < right {
			score = 1
		}
		s.Items = append(s.Items, hobby.Item{
			ID: newID(), Activity: s.Activity.ID, Family: "arithmetic", Version: 2, Level: 1, Seed: uint64(10*day + i), Split: hobby.Practice,
			Messages: []hobby.Message{{Role: "user", Content: "1 + 1?"}}, Answer: "2", Reference: "2",
			Score: score, Verifier: "exact", At: s.Activity.Started, ModelKey: key, Model: key,
		})
	}
	return s
}

// history is a session of ten answers on most days of 300. On Sundays fewer are right, and
// the second model is the better one.
func history(now time.Time) (all []hobby.Session) {
	for day := range 300 {
		if day%10 == 3 {
			continue
		}
		at := now.Add(time.Duration(day-300) * 24 * time.Hour)
		key, right := "first", 4+day%3
		if day >= 200 {
			key, right = script, 7+day%3
		}
		if at.UTC().Weekday() == time.Sunday {
			right -= 3
		}
		all = append(all, practised(at, day, right, key))
		if day >= 297 {
			all = append(all, examined(at, "first", 9), examined(at, script, 14))
		}
	}
	return all
}

// large is n sessions of the last three years, most with answers, and an insight in every second.
func large(now time.Time, n int) (all []hobby.Session) {
	for i := range n {
		at := now.Add(-time.Duration(n-i) * (3 * 365 * 24 * time.Hour / time.Duration(n)))
		kind, key := hobby.SkillPractice, fmt.Sprintf("model %d", 4*i/n)
		if i%5 == 4 {
			kind = hobby.CodeAnalysis
		}
		s := hobby.Session{Activity: hobby.Activity{
			ID: newID(), Agent: "agent", Plan: hobby.Plan{Kind: kind}, Status: hobby.Completed,
			Started: at, Ended: at.Add(time.Minute), Model: key, ModelKey: key, Description: fmt.Sprintf("Code analysis, part %d", i%97),
		}}
		if kind == hobby.SkillPractice {
			s.Activity.Plan.Family, s.Activity.Plan.Level = "arithmetic", 1+i%3
			s.Activity.Description = fmt.Sprintf("Skill practice: arithmetic, level %d", 1+i%3)
			for j := range 5 {
				item := hobby.Item{
					ID: newID(), Activity: s.Activity.ID, Family: "arithmetic", Version: 2, Level: 1 + i%3, Seed: uint64(10*i + j), Split: hobby.Practice,
					Messages: []hobby.Message{{Role: "user", Content: fmt.Sprintf("%d + %d?", i, j)}}, Answer: "2", Reference: strconv.Itoa(i + j),
					Verifier: "exact", At: s.Activity.Ended, ModelKey: key, Model: key,
				}
				if (i+j)%3 == 0 {
					item.Answer, item.Score = item.Reference, 1
				}
				s.Items = append(s.Items, item)
			}
		}
		if i%2 == 0 {
			s.Insights = []hobby.Insight{{
				ID: newID(), Activity: s.Activity.ID, Kind: kind, At: s.Activity.Ended, Confidence: 0.8,
				Text:     fmt.Sprintf("function F%d of p%d/f.go has %d branches", i, i%211, 11+i%7),
				Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: fmt.Sprintf("p%d/f.go", i%211), Line: 1 + i%300}},
			}}
		}
		all = append(all, s)
	}
	return all
}

// examined is a run of the benchmark by a model that passes so many of 20 tasks.
func examined(at time.Time, key string, passes int) hobby.Session {
	s := hobby.Session{Activity: hobby.Activity{
		ID: newID(), Agent: "agent", Plan: hobby.Plan{Kind: hobby.BenchmarkRunning}, Status: hobby.Completed,
		Started: at, Ended: at.Add(time.Minute), Model: key, ModelKey: key,
	}}
	for i := range 20 {
		item := hobby.Item{
			ID: newID(), Activity: s.Activity.ID, Family: "skill_practice/arithmetic", Level: 1, Seed: uint64(i), Split: hobby.HeldOut, Sample: 1,
			Messages: []hobby.Message{{Role: "user", Content: "1 + 1?"}}, Answer: "2", Reference: "2",
			Verifier: "exact", At: at, ModelKey: key, Model: key,
		}
		if i%4 == 3 {
			item.Family = "tool_mastery/file_tools"
		}
		if i < passes {
			item.Score = 1
		}
		s.Items = append(s.Items, item)
	}
	return s
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
