package hobby

import "time"

// SetWall replaces the wall clock that decides which slots are due.
func (m *Manager) SetWall(now func() time.Time) { m.wall = now }
