package kgraph_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
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

// What a process of its own is told: the folder of its store, that it writes a snapshot, and
// that it shares the store.
const processDir, processSaves, processShares = "KGRAPH_TEST_DIR", "KGRAPH_TEST_SAVES", "KGRAPH_TEST_SHARES"

func TestMain(m *testing.M) {
	dir := os.Getenv(processDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	work := learnUntilKilled
	if os.Getenv(processSaves) != "" {
		work = saveUntilKilled
	}
	if os.Getenv(processShares) != "" {
		work = share
	}
	if err := work(dir); err != nil {
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

// saveUntilKilled writes a whole snapshot, and then one that does not end.
func saveUntilKilled(dir string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return err
	}
	l, err := graphs.New(ctx, s)
	if err != nil {
		return err
	}
	if err := l.WriteSnapshot(ctx, 1, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil {
		return err
	}
	return l.WriteSnapshot(ctx, 2, func(w io.Writer) error {
		for n := 0; ; n++ {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
			fmt.Println(n)
		}
	})
}

// killed kills a process with SIGKILL once it has written so many lines.
func killed(t *testing.T, lines int, env ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := bufio.NewScanner(out)
	for n := range lines {
		if !told.Scan() {
			t.Errorf("the process ended by itself after %d lines", n)
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

// TestKilledWhileSaving kills a process while it writes a snapshot: the one before is
// read, the next one can be written, and nothing of the broken one stays.
func TestKilledWhileSaving(t *testing.T) {
	dir := t.TempDir()
	killed(t, 3, processDir+"="+dir, processSaves+"=1")
	ctx := t.Context()
	s, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := graphs.New(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	parts := func() int {
		n, err := sqlite.ReadOne(ctx, s, "counting parts", "SELECT count(*) FROM pastime_graphs_snapshot_parts", nil, sqlite.ScanValue[int])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := parts(); n < 3 {
		t.Errorf("killed while it wrote, the process left %d parts, and the test shows nothing", n)
	}
	reads := func(want string) {
		t.Helper()
		var got []byte
		if err := l.ReadSnapshot(ctx, func(r io.Reader) (err error) { got, err = io.ReadAll(r); return err }); err != nil || string(got) != want {
			t.Errorf("the snapshot is %.20q, %v; want %q", got, err, want)
		}
	}
	reads("whole")
	if err := l.WriteSnapshot(ctx, 3, func(w io.Writer) error { _, err := io.WriteString(w, "next"); return err }); err != nil {
		t.Fatal(err)
	}
	reads("next")
	for more := true; more; {
		if more, err = l.Sweep(ctx, 100); err != nil {
			t.Fatal(err)
		}
	}
	if n := parts(); n != 1 {
		t.Errorf("%d parts are left of two snapshots, want the whole one's", n)
	}
}

// TestKilled kills a process while it indexes: the graph opens at what was committed,
// catches up, and then equals one that was made without interruption.
func TestKilled(t *testing.T) {
	for round := range 3 {
		dir := t.TempDir()
		killed(t, 20+17*round, processDir+"="+dir)
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
