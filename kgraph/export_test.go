package kgraph

import "context"

// SaveNew has g save a snapshot if one fact is new, as it does in a large graph if many are.
func SaveNew(ctx context.Context, g *Graph) error {
	g.mu.Lock()
	g.saved -= minSaved - 1
	g.mu.Unlock()
	return g.save(ctx)
}
