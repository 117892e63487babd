package rlhf

import (
	"sync"
	"time"
)

// quota counts what was shown to each network on a UTC day.
type quota struct {
	mu  sync.Mutex
	day string
	of  map[string]int
}

// maxNetworks bounds the networks that are counted apart; all others count as one.
const maxNetworks = 10_000

// add counts n more for a network, unless they would be more than most.
func (q *quota) add(now time.Time, network string, n, most int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if day := now.UTC().Format(time.DateOnly); day != q.day {
		q.day, q.of = day, map[string]int{}
	}
	if _, ok := q.of[network]; !ok && len(q.of) >= maxNetworks {
		network = ""
	}
	if q.of[network]+n > most {
		return false
	}
	q.of[network] += n
	return true
}
