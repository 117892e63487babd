package latch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/internal/latch"
)

func TestWait(t *testing.T) {
	why := errors.New("the caller left")
	for name, c := range map[string]struct {
		opens, leaves time.Duration // 0: never
		after         time.Duration
		err           error
	}{
		"it opens":          {opens: time.Second, after: time.Second},
		"it never opens":    {after: latch.Patience},
		"the caller leaves": {opens: 2 * time.Second, leaves: time.Second, after: time.Second, err: why},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := latch.New()
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if c.opens > 0 {
					time.AfterFunc(c.opens, g.Open)
				}
				if c.leaves > 0 {
					time.AfterFunc(c.leaves, func() { cancel(why) })
				}
				begin := time.Now()
				if err := g.Wait(ctx); !errors.Is(err, c.err) || time.Since(begin) != c.after {
					t.Errorf("Wait returned %v after %v, want %v after %v", err, time.Since(begin), c.err, c.after)
				}
				g.Open()
				g.Open()
				<-g.Opened()
				begin = time.Now()
				if err := g.Wait(t.Context()); err != nil || time.Since(begin) != 0 {
					t.Errorf("an open latch: %v after %v", err, time.Since(begin))
				}
			})
		})
	}
}
