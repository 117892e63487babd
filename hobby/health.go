package hobby

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// degradedAt is how many sessions in a row must yield nothing before a
	// kind rests.
	degradedAt = 3
	// longestRest bounds how long a degraded kind rests.
	longestRest = 24 * time.Hour
	// healthDepth is how many past sessions of a kind are looked at when a
	// program starts.
	healthDepth = 16
)

// health knows which kinds keep yielding nothing.
type health struct {
	turn chan struct{} // a semaphore around loading

	mu     sync.Mutex
	loaded bool
	kinds  map[Kind]kindHealth
}

type kindHealth struct {
	failures  int
	restUntil time.Time
	why       string // the last session failed; "" when it ended without an error
}

func newHealth() *health {
	return &health{turn: make(chan struct{}, 1), kinds: map[Kind]kindHealth{}}
}

// load reads once how the last sessions before this program went.
func (h *health) load(ctx context.Context, s Record, agent string, hobbies []Hobby, interval time.Duration) error {
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	h.mu.Lock()
	loaded := h.loaded
	h.mu.Unlock()
	if loaded {
		return nil
	}
	past := map[Kind]kindHealth{}
	for _, hobby := range hobbies {
		page, err := s.List(ctx, Filter{Kind: hobby.Kind, Agent: agent, Limit: healthDepth})
		if err != nil {
			return fmt.Errorf("hobby: reading the last sessions of %q: %w", hobby.Kind, err)
		}
		var k kindHealth
		for i := len(page.Activities) - 1; i >= 0; i-- {
			k = k.after(&page.Activities[i], interval)
		}
		past[hobby.Kind] = k
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kinds, h.loaded = past, true
	return nil
}

// after is the health once a has ended, where sessions follow each other after interval. An
// interrupted session does not change it.
func (k kindHealth) after(a *Activity, interval time.Duration) kindHealth {
	switch {
	case a.Items+a.Insights > 0:
		return kindHealth{}
	case a.Status != Completed && a.Status != Failed, strings.HasPrefix(a.Err, ErrUnreachable.Error()):
		return k // nor does one without its model
	}
	k.failures++
	k.why = a.Err
	if k.failures >= degradedAt {
		rest := interval
		for n := degradedAt; n <= k.failures && rest < longestRest; n++ {
			rest *= 2
		}
		k.restUntil = a.Ended.Add(min(rest, longestRest))
	}
	return k
}

func (h *health) note(a *Activity, interval time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kinds[a.Plan.Kind] = h.kinds[a.Plan.Kind].after(a, interval)
}

// forget ends a kind's rest.
func (h *health) forget(k Kind) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.kinds, k)
}

// rests says why a kind that keeps yielding nothing rests; "" when it does not.
func (k *kindHealth) rests(now time.Time) string {
	switch {
	case !now.Before(k.restUntil):
		return ""
	case k.why == "":
		return fmt.Sprintf("%d sessions in a row gave no answer and no insight", k.failures)
	}
	return fmt.Sprintf("%d sessions in a row gave no answer and no insight; the last failed: %s", k.failures, k.why)
}

func (h *health) of(k Kind) kindHealth {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kinds[k]
}
