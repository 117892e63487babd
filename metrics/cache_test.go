package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/metrics"
)

// TestOneReadingServesAll asks from many goroutines at a time.
func TestOneReadingServesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := busy()
		src.read = func(context.Context) error { time.Sleep(time.Second); return nil }
		c := metrics.New(src, nil)
		ask := func(want int) {
			t.Helper()
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if _, err := c.Summary(t.Context()); err != nil {
						t.Error(err)
					}
					if _, err := c.Dashboard(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if got := src.read1(); got != want {
				t.Errorf("%d readings, want %d", got, want)
			}
		}
		ask(1)
		time.Sleep(9 * time.Second)
		ask(1)
		time.Sleep(time.Second)
		ask(2)
	})
}

func TestTheCacheCanBeOff(t *testing.T) {
	src := busy()
	c := metrics.New(src, &metrics.Options{Cache: -1})
	for range 3 {
		if _, err := c.Summary(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := src.read1(); got != 3 {
		t.Errorf("%d readings, want 3", got)
	}
}

// TestWhenTheStoreFails serves the last reading and says how old it is.
func TestWhenTheStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := busy()
		failure := errors.New("the disk is gone")
		src.read = func(context.Context) error { return failure }
		c := metrics.New(src, nil)
		for range 2 { // nothing was ever read, so every call tries
			if _, err := c.Dashboard(t.Context()); !errors.Is(err, failure) {
				t.Errorf("%v, want %v", err, failure)
			}
		}
		if text := scrape(t, c, ""); strings.Contains(text, "hobby_") ||
			!strings.Contains(text, `pastime_reading_errors_total{part="practice"} 3`) || strings.Contains(text, "age_seconds{") {
			t.Errorf("a collector that never could read says\n%s", text)
		}
		src.read = nil
		first, err := c.Summary(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		src.read = func(context.Context) error { return failure }
		time.Sleep(time.Minute)
		again, err := c.Summary(t.Context())
		if err != nil || !again.At.Equal(first.At) {
			t.Errorf("%v, %v; want the reading of %v", again.At, err, first.At)
		}
		text := scrape(t, c, "")
		for _, want := range []string{`pastime_reading_age_seconds{part="practice"} 60`,
			`pastime_reading_errors_total{part="practice"} 4`, "hobby_activities_total 6"} {
			if !strings.Contains(text, want+"\n") {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		if n := src.read1(); n != 5 {
			t.Errorf("%d readings, want 5: a failed one is not repeated at once", n)
		}
		src.read = nil
		time.Sleep(10 * time.Second)
		if s, err := c.Summary(t.Context()); err != nil || !s.At.After(first.At) {
			t.Errorf("%v, %v; want a new reading", s.At, err)
		}
	})
}

// TestAStoreThatHangs is given up after the timeout, and a caller may give up
// sooner.
func TestAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := busy()
		src.read = func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("hung: %w", ctx.Err()) }
		c := metrics.New(src, nil)
		begin := time.Now()
		if _, err := c.Summary(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("%v after %v, want a timeout after 5 s", err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin = time.Now()
		if _, err := c.Summary(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("%v after %v, want the caller's timeout", err, time.Since(begin))
		}
		time.Sleep(time.Minute) // the reading that was left behind ends by itself
	})
}
