package hobby

import (
	"context"
	"time"
)

// SetWall replaces the wall clock that dates sessions and decides which slots
// are due.
func (m *Manager) SetWall(now func() time.Time) { m.wall = now }

// Tick carries out what is due, as the loop does when its timer fires.
func (m *Manager) Tick(ctx context.Context) {
	m.active = true
	m.tick(ctx)
}
