// Package gate lets callers wait for something that is about to begin.
package gate

import (
	"context"
	"sync"
	"time"
)

// Patience is how long Wait waits: a host starts what it serves within moments
// of listening, or not at all.
const Patience = 5 * time.Second

// Gate is closed until Open is called. Its methods are safe for concurrent use.
type Gate struct {
	once sync.Once
	open chan struct{}
}

// New makes a gate that is closed.
func New() *Gate { return &Gate{open: make(chan struct{})} }

// Open opens the gate for good.
func (g *Gate) Open() { g.once.Do(func() { close(g.open) }) }

// Opened is closed when the gate is open.
func (g *Gate) Opened() <-chan struct{} { return g.open }

// Wait returns nil when the gate is open or Patience is at an end, and the
// cause of ctx when that ends first.
func (g *Gate) Wait(ctx context.Context) error {
	select {
	case <-g.open: // the usual case takes no timer
		return nil
	default:
	}
	t := time.NewTimer(Patience)
	defer t.Stop()
	select {
	case <-g.open:
	case <-t.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}
