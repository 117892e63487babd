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

// refused remembers who has given all they may on a UTC day, so that whoever goes on costs
// nothing. It knows the first maxNetworks of a day.
type refused struct {
	mu  sync.Mutex
	day string
	of  map[string]bool
}

func (r *refused) has(now time.Time, speaker string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.day == now.UTC().Format(time.DateOnly) && r.of[speaker]
}

// add remembers a speaker who was refused after now.
func (r *refused) add(now time.Time, speaker string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if day := now.UTC().Format(time.DateOnly); day != r.day {
		r.day, r.of = day, map[string]bool{}
	}
	if len(r.of) < maxNetworks {
		r.of[speaker] = true
	}
}

// clear forgets all: what was given may be forgotten, too.
func (r *refused) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.of)
}

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
