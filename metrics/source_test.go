package metrics_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// source is a source with fixed answers, for the formats. read, when set, is
// called first.
type source struct {
	system   hobby.ManagerStatus
	progress hobby.Progress
	counts   map[hobby.Bucket][]hobby.Count
	read     func(ctx context.Context) error

	mu    sync.Mutex
	reads int
}

func (s *source) Status(ctx context.Context) (hobby.ManagerStatus, error) {
	s.mu.Lock()
	s.reads++
	s.mu.Unlock()
	if s.read != nil {
		if err := s.read(ctx); err != nil {
			return hobby.ManagerStatus{}, err
		}
	}
	return s.system, ctx.Err()
}

func (s *source) Progress(context.Context) (hobby.Progress, error) { return s.progress, nil }

func (s *source) Counts(_ context.Context, f hobby.CountFilter) ([]hobby.Count, error) {
	return s.counts[f.Bucket], nil
}

func (s *source) read1() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// busy is a source in the middle of things: one kind measured, one not, one
// activity running.
func busy() *source {
	rate := 0.02
	estimate := hobby.Estimate{Mean: 0.75, Low: 0.6, High: 0.875, Items: 40, Passes: 30}
	skill := hobby.KindProgress{
		Kind:        hobby.SkillPractice,
		Proficiency: hobby.KindProficiency{Kind: hobby.SkillPractice, Estimate: estimate},
		Count: hobby.Count{
			Kind: hobby.SkillPractice, Started: 6, Completed: 3, Failed: 1, Interrupted: 1, Items: 40, Passes: 30, Insights: 2,
			Time: 90 * time.Minute, Engaged: time.Hour, Last: time.Unix(1770458400, 250e6),
			Cost: hobby.Cost{TokensIn: 1000, TokensOut: 200, CPU: 3 * time.Second, MicroUSD: 1500},
		},
		ImprovementRate: &hobby.Change{Mean: rate, Low: -0.01, High: 0.05},
	}
	now := time.Now().UTC()
	return &source{
		system: hobby.ManagerStatus{
			Enabled: true, Running: true, Idle: true, Dropped: 4,
			Current: &hobby.Activity{Plan: hobby.Plan{Kind: hobby.SkillPractice}, Started: now.Add(-30 * time.Second)},
			Daily:   hobby.Budget{Tokens: 2000}, Used: hobby.Budget{Tokens: 1200},
			Model: hobby.ModelInfo{Name: "small \"one\"\n", Key: "k1"},
		},
		progress: hobby.Progress{
			AsOf: now, Total: 6, Overall: estimate, Engagement: &rate,
			Kinds: []hobby.KindProgress{skill, {Kind: hobby.CodeAnalysis, Degraded: true, Count: hobby.Count{Kind: hobby.CodeAnalysis}}},
		},
		counts: map[hobby.Bucket][]hobby.Count{
			hobby.Hourly: {{Kind: hobby.SkillPractice, At: now.Truncate(time.Hour), Started: 6}},
			hobby.Daily:  {{Kind: hobby.SkillPractice, At: now.Truncate(24 * time.Hour), Started: 6, Items: 40, Passes: 30}},
		},
	}
}

// practised is a manager over a real store, in which n activities of each of
// two kinds were committed, one every minute up to now.
func practised(t testing.TB, n int) (*hobby.Manager, *sqlite.Store) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	nothing := hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return nil })
	manager, err := hobby.New(store, []hobby.Hobby{
		{Kind: hobby.SkillPractice, Executor: nothing, Families: []hobby.Family{{Name: "sums", Levels: 2}}},
		{Kind: hobby.CodeAnalysis, Executor: nothing},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	for i := range n {
		at := now.Add(-time.Duration(n-i) * time.Minute)
		commit(t, store, hobby.SkillPractice, at, []float64{1, 0, 1, 1})
		commit(t, store, hobby.CodeAnalysis, at, nil)
	}
	return manager, store
}

var ids int

// commit stores one completed activity of a minute, whose answers have the
// given scores.
func commit(t testing.TB, store hobby.Store, k hobby.Kind, at time.Time, scores []float64) {
	t.Helper()
	ids++
	s := hobby.Session{Activity: hobby.Activity{
		ID: fmt.Sprint("a", ids), Agent: "agent", Plan: hobby.Plan{Kind: k}, Status: hobby.Completed,
		Started: at, Ended: at.Add(time.Minute), Engaged: 30 * time.Second,
	}}
	for i, score := range scores {
		s.Items = append(s.Items, hobby.Item{ID: fmt.Sprint("i", ids, "-", i), Family: "sums", Level: 1, At: at, Score: score,
			Split: hobby.Practice, Verifier: "exact", ModelKey: "k"})
	}
	if _, err := store.Commit(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
}
