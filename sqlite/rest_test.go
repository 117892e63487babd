package sqlite

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestStepsRest checks that one of many steps is followed by a rest in which another process
// gets the lock: as long as the step took, but no longer than such a process waits between
// two tries.
func TestStepsRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for step, want := range map[time.Duration]time.Duration{0: 0, 7 * time.Millisecond: 7 * time.Millisecond, time.Minute: longestRest} {
			begun := time.Now().Add(-step)
			now := time.Now()
			if err := rest(t.Context(), begun); err != nil || time.Since(now) != want {
				t.Errorf("after a step of %v: a rest of %v (%v), want %v", step, time.Since(now), err, want)
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		cancel(gone)
		if err := rest(ctx, time.Now().Add(-time.Hour)); !errors.Is(err, gone) {
			t.Errorf("a rest after the end: %v", err)
		}
	})
}

// TestURI has paths of Linux and of Windows, with slashes.
func TestURI(t *testing.T) {
	for path, want := range map[string]string{
		"/home/a b/agent.db": "file:///home/a%20b/agent.db", "C:/Users/a?b/agent.db": "file:///C:/Users/a%3Fb/agent.db",
	} {
		if got := uri(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
