// Package latch lets callers wait until something has begun.
package latch

import (
	"context"
	"sync"
	"time"
)

// Patience is how long Wait waits: a host starts what it serves within moments
// of listening, or not at all.
const Patience = 5 * time.Second

// Latch is closed until Open is called. Its methods are safe for concurrent use.
type Latch struct {
	once sync.Once
	open chan struct{}
}

// New makes a latch that is closed.
func New() *Latch { return &Latch{open: make(chan struct{})} }

// Open opens the latch for good.
func (l *Latch) Open() { l.once.Do(func() { close(l.open) }) }

// Opened is closed when the latch is open.
func (l *Latch) Opened() <-chan struct{} { return l.open }

// Wait returns nil when the latch is open or Patience is at an end, and the
// cause of ctx when that ends first.
func (l *Latch) Wait(ctx context.Context) error {
	select {
	case <-l.open: // the usual case takes no timer
		return nil
	default:
	}
	t := time.NewTimer(Patience)
	defer t.Stop()
	select {
	case <-l.open:
	case <-t.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}
