package kgraph_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// BenchmarkTouchWhileIndexing lets the user come back while 2,000 insights a second with two
// claims each are stored and indexed: how soon practice ends, and how many were indexed.
func BenchmarkTouchWhileIndexing(b *testing.B) {
	g, s := open(b, filepath.Join(b.TempDir(), "agent.db"), nil)
	defer s.Close()
	entered := make(chan struct{}, 1)
	m, err := hobby.New(s, []hobby.Hobby{{Kind: "sums", Executor: hobby.ExecutorFunc(
		func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
			entered <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	indexed := make(chan int, 1)
	go func() {
		n, begun := 0, time.Now()
		for ; ctx.Err() == nil; n++ {
			if _, err := s.Commit(ctx, learned(n), nil); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
			if _, err := follow(ctx, s, g); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
			if _, err := g.Rev(ctx); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
			if ahead := time.Duration(5*n)*time.Second/2000 - time.Since(begun); ahead > 0 {
				select {
				case <-ctx.Done():
				case <-time.After(ahead):
				}
			}
		}
		indexed <- 5 * n
	}()
	var took []time.Duration
	for b.Loop() {
		done := make(chan error, 1)
		go func() {
			_, err := m.RunOnce(b.Context(), "")
			done <- err
		}()
		select {
		case <-entered:
		case err := <-done:
			b.Fatalf("the session ended by itself: %v", err)
		}
		at := time.Now()
		m.Touch()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(at))
	}
	stop()
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
	b.ReportMetric(float64(<-indexed)/b.Elapsed().Seconds(), "insights/s")
}
