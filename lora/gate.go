package lora

import (
	"context"
	"sync"
)

// Gate pauses a training. The zero value is open. It is safe for concurrent use.
type Gate struct {
	mu     sync.Mutex
	closed chan struct{} // closed when the gate opens again; nil while it is open
}

// Pause closes the gate: trainings that come to it wait.
func (g *Gate) Pause() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed == nil {
		g.closed = make(chan struct{})
	}
}

// Resume opens the gate.
func (g *Gate) Resume() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed != nil {
		close(g.closed)
		g.closed = nil
	}
}

// Wait returns when the gate is open, or when ctx ends. It is what Job.Wait
// wants.
func (g *Gate) Wait(ctx context.Context) {
	for {
		g.mu.Lock()
		closed := g.closed
		g.mu.Unlock()
		if closed == nil {
			return
		}
		select {
		case <-closed:
		case <-ctx.Done():
			return
		}
	}
}
