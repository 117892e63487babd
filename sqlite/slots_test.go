package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// TestAHolderThatDiedAheadOfTime holds a slot by a clock at 2099 when its
// process dies.
func TestAHolderThatDiedAheadOfTime(t *testing.T) {
	path, daily := filepath.Join(t.TempDir(), "agent.db"), hobby.Every(24*time.Hour)
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	dead := open(t, path, nil)
	if _, err := dead.Claim(t.Context(), "daily", now.AddDate(73, 0, 0), daily); !errors.Is(err, hobby.ErrNotDue) {
		t.Fatal(err)
	}
	if _, err := dead.Claim(t.Context(), "daily", now.AddDate(73, 0, 1), daily); err != nil {
		t.Fatal(err)
	}
	closeStore(t, dead)
	s := open(t, path, nil)
	defer closeStore(t, s)
	if _, err := s.Claim(t.Context(), "daily", now, daily); !errors.Is(err, hobby.ErrClock) {
		t.Errorf("once the clock is right: %v", err)
	}
	if l, err := s.Claim(t.Context(), "daily", now.AddDate(0, 0, 1), daily); err != nil || l.Fence.Attempt != 2 {
		t.Errorf("the day after: %+v, %v", l, err)
	}
}
