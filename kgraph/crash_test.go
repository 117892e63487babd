package kgraph_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

const processDir = "KGRAPH_TEST_DIR"

func TestMain(m *testing.M) {
	dir := os.Getenv(processDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := learnUntilKilled(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// learned is the nth session, with n insights that claim something.
func learned(n int) hobby.Session {
	id := fmt.Sprintf("session-%06d", n)
	s := hobby.Session{Activity: hobby.Activity{
		ID: id, Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed, Started: day.Add(time.Duration(n) * time.Second),
		Ended: day.Add(time.Duration(n+1) * time.Second),
	}}
	for i := range 5 {
		s.Insights = append(s.Insights, hobby.Insight{
			ID: fmt.Sprintf("%s-%d", id, i), Activity: id, Kind: hobby.CodeAnalysis, At: s.Activity.Started, Text: "f calls g", Confidence: 1,
			Claims: []hobby.Claim{
				{Subject: fmt.Sprint("m.f", n), Relation: hobby.Calls, Object: fmt.Sprint("m.g", i), Confidence: 1},
				{Subject: fmt.Sprint("m.g", i), Relation: hobby.Calls, Object: fmt.Sprint("m.f", n/2), Confidence: 1},
			},
		})
	}
	return s
}

// follow has the graph consume what the store's log has after its position, in batches,
// and returns how many events that were.
func follow(ctx context.Context, s *sqlite.Store, g *kgraph.Graph) (n int, err error) {
	for {
		at, err := s.Consumed(ctx, g.Name())
		if err != nil {
			return n, err
		}
		events, err := s.Events(ctx, at, 256)
		if err != nil || len(events) == 0 {
			return n, err
		}
		if err := g.Consume(ctx, events); err != nil {
			return n, err
		}
		n += len(events)
	}
}

func learnUntilKilled(dir string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return err
	}
	l, err := graphs.New(ctx, s)
	if err != nil {
		return err
	}
	g, err := kgraph.New(l, s, nil)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if _, err := s.Commit(ctx, learned(n), nil); err != nil {
			return err
		}
		if _, err := follow(ctx, s, g); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestKilled kills a process while it indexes: the graph opens at what was committed,
// catches up, and then equals one that was made without interruption.
func TestKilled(t *testing.T) {
	for round := range 3 {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), processDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines, n := bufio.NewScanner(out), 0; n < 20+17*round && lines.Scan(); n++ {
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed

		g, s := open(t, filepath.Join(dir, "agent.db"), nil)
		defer s.Close()
		at, err := s.Consumed(t.Context(), kgraph.Consumer)
		if err != nil {
			t.Fatal(err)
		}
		events, err := s.Events(t.Context(), 0, 10000)
		if err != nil {
			t.Fatal(err)
		}
		insights := 0
		for _, e := range events {
			if e.Pos <= at {
				body, err := e.Activity()
				if err != nil {
					t.Fatal(err)
				}
				insights += len(body.Insights)
			}
		}
		if rev, err := g.Rev(t.Context()); err != nil || rev != int64(insights) {
			t.Errorf("killed, the graph has revision %d, %v; up to its position %d insights were told", rev, err, insights)
		}
		if _, err := follow(t.Context(), s, g); err != nil {
			t.Fatal(err)
		}
		whole, ws := open(t, ":memory:", nil)
		defer ws.Close()
		for n := range len(events) {
			if _, err := ws.Commit(t.Context(), learned(n), nil); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := follow(t.Context(), ws, whole); err != nil {
			t.Fatal(err)
		}
		got, err := g.Hash(t.Context())
		want, err2 := whole.Hash(t.Context())
		if err != nil || err2 != nil || got != want {
			t.Errorf("the hash is %s, %v; without the kill %s, %v", got, err, want, err2)
		}
	}
}

// BenchmarkConsume indexes insights from the event log.
func BenchmarkConsume(b *testing.B) {
	ctx := context.Background()
	const sessions = 400
	insights := 0
	for range b.N {
		b.StopTimer()
		g, s := open(b, filepath.Join(b.TempDir(), "agent.db"), nil)
		for n := range sessions {
			if _, err := s.Commit(ctx, learned(n), nil); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		if _, err := follow(ctx, s, g); err != nil {
			b.Fatal(err)
		}
		if _, err := g.Rev(ctx); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		insights += 5 * sessions
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(insights)/b.Elapsed().Seconds(), "insights/s")
}
