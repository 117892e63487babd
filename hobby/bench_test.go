package hobby_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite"
)

// BenchmarkTouch measures how long a person who comes back waits until
// practice is over and stored: the median and the 99th percentile.
func BenchmarkTouch(b *testing.B) {
	for name, session := range map[string]func(b *testing.B, entered chan<- struct{}) (hobby.Hobby, hobby.Model){
		"Waiting": func(_ *testing.B, entered chan<- struct{}) (hobby.Hobby, hobby.Model) {
			return stuck("sums", entered), nil
		},
		"SlowModel": skillsWithASlowModel,
		// As much as can be uncommitted: the next one would have flushed them.
		"ManyPending": func(_ *testing.B, entered chan<- struct{}) (hobby.Hobby, hobby.Model) { return pending(entered), nil },
	} {
		b.Run(name, func(b *testing.B) {
			s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "agent.db"), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			entered := make(chan struct{}, 1)
			h, model := session(b, entered)
			m := manager(b, s, &hobby.Options{FlushEvery: time.Hour, Model: model}, h)
			var took []time.Duration
			for b.Loop() {
				took = append(took, touch(b, m, entered))
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
		})
	}
}

// touch lets the user come back in the middle of a session.
func touch(b *testing.B, m *hobby.Manager, entered <-chan struct{}) time.Duration {
	b.Helper()
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
	return time.Since(at)
}

// skillsWithASlowModel is skill practice with a model that thinks until it is
// told to stop.
func skillsWithASlowModel(b *testing.B, entered chan<- struct{}) (hobby.Hobby, hobby.Model) {
	b.Helper()
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		b.Fatal(err)
	}
	model := &hobbytest.Model{Reply: func(ctx context.Context, _ hobby.Request) (string, error) {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-ctx.Done()
		return "", ctx.Err()
	}}
	return practice.Skills(model, suite, nil), model
}

func pending(entered chan<- struct{}) hobby.Hobby {
	text := strings.Repeat("x", 1000)
	return hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
		for range 63 {
			if err := out.Insight(hobby.Insight{Text: text, Confidence: 1}); err != nil {
				return err
			}
		}
		entered <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})}
}
