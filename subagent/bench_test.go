package subagent_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
)

// benchCoordinator is a coordinator over a store in a file, with four agents of five
// places each whose handlers do nothing.
func benchCoordinator(b *testing.B, transport string) *subagent.Coordinator {
	b.Helper()
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "agent.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	tr := subagent.NewInProcess()
	c, stop := start(b, store, []hobby.Hobby{empty("void")}, &subagent.Options{Transports: []subagent.Transport{tr}, LocalConcurrent: -1})
	b.Cleanup(func() {
		stop()
		if err := tr.Close(); err != nil {
			b.Error(err)
		}
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	for i := range 4 {
		a := subagent.Agent{ID: fmt.Sprint("agent-", i), Capabilities: []string{"*"}}
		if transport == subagent.Local {
			register(b, c, a.ID, "*")
			continue
		}
		w, err := subagent.NewWorker(a, func(context.Context, subagent.Order) (subagent.Result, error) { return subagent.Result{}, nil })
		if err != nil {
			b.Fatal(err)
		}
		tr.Connect(w)
	}
	for changed := c.Changed(); c.Stats().Registered < 4; changed = c.Changed() { // who connects is registered in a moment
		<-changed
	}
	return c
}

// BenchmarkResults measures whole results: an assignment is made, run by a
// handler that does nothing, and integrated with its activity. Flood has 8
// submitters; one at a time gives the latency.
func BenchmarkResults(b *testing.B) {
	for _, transport := range []string{subagent.Local, "inprocess"} {
		for _, submitters := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/%d", transport, submitters), func(b *testing.B) {
				c := benchCoordinator(b, transport)
				took := make([]time.Duration, b.N)
				next := make(chan int)
				var wg sync.WaitGroup
				b.ResetTimer()
				for s := range submitters {
					wg.Go(func() {
						for i := range next {
							begin := time.Now()
							a, err := c.Assign(b.Context(), fmt.Sprint("agent-", s%4), "void", time.Minute)
							if err == nil {
								a, err = c.Wait(b.Context(), a.ID)
							}
							if err != nil || a.Status != subagent.Completed {
								b.Errorf("%+v, %v", a, err)
							}
							took[i] = time.Since(begin)
						}
					})
				}
				for i := range b.N {
					next <- i
				}
				close(next)
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "results/s")
				slices.Sort(took)
				b.ReportMetric(took[b.N/2].Seconds()*1e3, "p50-ms")
				b.ReportMetric(took[b.N*99/100].Seconds()*1e3, "p99-ms")
			})
		}
	}
}

// BenchmarkTransitions compares transitions of assignments with sessions
// committed to the same store, by 8 writers each, in turn.
func BenchmarkTransitions(b *testing.B) {
	open := func() (*sqlite.Store, subagent.Ledger) {
		store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "agent.db"), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { store.Close() })
		l, err := subagents.New(b.Context(), store)
		if err != nil {
			b.Fatal(err)
		}
		return store, l
	}
	plain, _ := open()
	_, l := open()
	var took [2]time.Duration
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := min(200, b.N-done)
		d, err := hobbytest.CommitSessions(b.Context(), plain, 8, n)
		if err != nil {
			b.Fatal(err)
		}
		took[0] += d
		took[1] += transitions(b, l, fmt.Sprint("a", done), n)
		done += n
	}
	b.ReportMetric(float64(b.N)/took[0].Seconds(), "sessions/s")
	b.ReportMetric(float64(b.N)/took[1].Seconds(), "transitions/s")
	b.ReportMetric(took[0].Seconds()/took[1].Seconds(), "ratio")
}

// transitions carries out n transitions by 8 writers: assignments that are
// made, start, and end.
func transitions(b *testing.B, l subagent.Ledger, prefix string, n int) time.Duration {
	ctx := b.Context()
	begin := time.Now()
	var wg sync.WaitGroup
	for w := range 8 {
		mine := n / 8
		if w < n%8 {
			mine++
		}
		wg.Go(func() {
			for i := range mine {
				id := fmt.Sprint(prefix, "-", w, "-", i/3)
				var err error
				switch i % 3 {
				case 0:
					err = l.Create(ctx, subagent.Assignment{
						ID: id, Plan: hobby.Plan{Kind: "void"}, Status: subagent.Pending, Attempt: 1,
						Agent: "a", Executor: "x", Assigned: begin, Deadline: begin,
					})
				case 1:
					_, err = l.Start(ctx, id, 1, begin)
				case 2:
					_, err = l.End(ctx, id, 1, subagent.End{Status: subagent.Completed, At: begin})
				}
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}

// BenchmarkRouting measures the choice among 10,000 agents: what Distribute
// does to find a free one, and the same to give the place back.
func BenchmarkRouting(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { subagent.RouteAmong(b, n) })
	}
}
