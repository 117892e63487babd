package hobbytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// BenchmarkStore measures the calls that practice makes all the time. open
// returns a store, empty or not, which the benchmark does not close.
func BenchmarkStore(b *testing.B, open func(b *testing.B) hobby.Store) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprintf("Commit/writers=%d", writers), func(b *testing.B) {
			s := open(b)
			b.ResetTimer()
			took, err := CommitSessions(b.Context(), s, writers, b.N)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/took.Seconds(), "sessions/s")
		})
	}
	for _, read := range Reads() {
		b.Run(read.Name, func(b *testing.B) {
			s := open(b)
			for b.Loop() {
				if err := read.Call(b.Context(), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Read is something that a dashboard or a restart asks of a store.
type Read struct {
	Name string
	Call func(ctx context.Context, s hobby.Store) error
}

// Reads lists what must cost the same however many activities a store has.
func Reads() []Read {
	return []Read{
		{"List", listing(hobby.Filter{Limit: 20})},
		{"ListAgent", listing(hobby.Filter{Limit: 20, Agent: "agent"})},
		{"ListKind", listing(hobby.Filter{Limit: 20, Kind: "skill_practice"})},
		{"ListAgentKindStatus", listing(hobby.Filter{Limit: 20, Agent: "agent", Kind: "skill_practice", Status: hobby.Failed})},
		{"ListNothing", listing(hobby.Filter{Limit: 20, Agent: "agent", Kind: "skill_practice", Status: hobby.Running})},
		{"Insights", func(ctx context.Context, s hobby.Store) error {
			_, err := s.Insights(ctx, hobby.InsightFilter{Kind: "skill_practice", Limit: 20})
			return err
		}},
		{"Items", items(hobby.ItemFilter{Limit: 20})},
		{"ItemsToLearnFrom", items(hobby.ItemFilter{Limit: 20, Kind: "skill_practice", Split: hobby.Practice, Passed: true, Untainted: true})},
		{"ItemsOfNoModel", items(hobby.ItemFilter{Limit: 20, Kind: "skill_practice", ModelKeys: []string{"none"}})},
		{"Sessions", func(ctx context.Context, s hobby.Store) error {
			_, err := s.Sessions(ctx, hobby.Filter{Limit: 20})
			return err
		}},
		{"Counts", func(ctx context.Context, s hobby.Store) error {
			_, err := s.Counts(ctx, hobby.CountFilter{})
			return err
		}},
		{"Today", func(ctx context.Context, s hobby.Store) error {
			_, err := s.Counts(ctx, hobby.CountFilter{Bucket: hobby.Daily, Since: time.Now().UTC().Truncate(24 * time.Hour)})
			return err
		}},
		{"TalliesUnchanged", func(ctx context.Context, s hobby.Store) error {
			head, err := s.Head(ctx)
			if err != nil {
				return err
			}
			_, _, err = s.Tallies(ctx, hobby.TallyFilter{Agent: "agent", Since: head - 1})
			return err
		}},
		{"Events", func(ctx context.Context, s hobby.Store) error {
			head, err := s.Head(ctx)
			if err != nil {
				return err
			}
			_, err = s.Events(ctx, head-10, 100)
			return err
		}},
		{"Recover", func(ctx context.Context, s hobby.Store) error {
			_, err := s.Recover(ctx, time.Now())
			return err
		}},
	}
}

func items(f hobby.ItemFilter) func(ctx context.Context, s hobby.Store) error {
	return func(ctx context.Context, s hobby.Store) error {
		_, err := s.Items(ctx, f)
		return err
	}
}

func listing(f hobby.Filter) func(ctx context.Context, s hobby.Store) error {
	return func(ctx context.Context, s hobby.Store) error {
		_, err := s.List(ctx, f)
		return err
	}
}

// CommitSessions commits n sessions, each with four items and an end, by so
// many writers at once, and returns how long that took.
func CommitSessions(ctx context.Context, s hobby.Store, writers, n int) (time.Duration, error) {
	start := time.Now()
	var next atomic.Int64
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n) && errs[w] == nil; i = next.Add(1) {
				sess := ended(with(session(int(i)), 4), hobby.Completed)
				sess.Activity.ID = fmt.Sprintf("bench-%d-%d", start.UnixNano(), i)
				for j := range sess.Items {
					sess.Items[j].ID = fmt.Sprintf("%s-%d", sess.Activity.ID, j)
				}
				_, errs[w] = s.Commit(ctx, sess, nil)
			}
		})
	}
	wg.Wait()
	return time.Since(start), errors.Join(errs...)
}
