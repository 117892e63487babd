package httpapi

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"sync"
	"time"
)

const (
	// sessionTime is how long a browser stays logged in.
	sessionTime = 12 * time.Hour
	// maxSessions bounds the browsers that are logged in. One more ends the oldest session.
	maxSessions = 1000
)

// sessions are the browsers that are logged in.
type sessions struct {
	mu   sync.Mutex
	open map[[sha256.Size]byte]*session // by the hash of the cookie's value
	last uint64                         // the number of the newest
}

// session is one browser's. What it has asked for ends with it, event streams too.
type session struct {
	number uint64 // in the order of logins, of which several may have one time
	until  time.Time
	ctx    context.Context //nolint:containedctx // the session's life
	end    context.CancelFunc
}

// begin begins a session and returns the value of its cookie, which nobody can guess.
func (s *sessions) begin() string {
	value, now := rand.Text(), time.Now()
	begun := &session{until: now.Add(sessionTime)}
	begun.ctx, begun.end = context.WithDeadline(context.Background(), begun.until)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	begun.number = s.last
	maps.DeleteFunc(s.open, func(_ [sha256.Size]byte, old *session) bool { return !old.alive(now) })
	if len(s.open) >= maxSessions {
		oldest := begun
		var at [sha256.Size]byte
		for key, old := range s.open {
			if old.number < oldest.number {
				at, oldest = key, old
			}
		}
		s.endAt(at)
	}
	if s.open == nil {
		s.open = map[[sha256.Size]byte]*session{}
	}
	s.open[sha256.Sum256([]byte(value))] = begun
	return value
}

// of is the session of a cookie, nil when it has none.
func (s *sessions) of(value string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.open[sha256.Sum256([]byte(value))]; found != nil && found.alive(time.Now()) {
		return found
	}
	return nil
}

// end ends the session of a cookie, if it has one.
func (s *sessions) end(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endAt(sha256.Sum256([]byte(value)))
}

// endAt is end with s locked.
func (s *sessions) endAt(key [sha256.Size]byte) {
	if found := s.open[key]; found != nil {
		found.end()
		delete(s.open, key)
	}
}

func (s *session) alive(now time.Time) bool { return now.Before(s.until) && s.ctx.Err() == nil }

// within is a request's context that ends with the session, too.
func (s *session) within(ctx context.Context) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
