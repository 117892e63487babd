package rlhf

import "github.com/pastime-go/pastime/rlhf/internal/reward"

// teaches implements teacher.
func (t *taste) teaches(of []Target, raters []int, n int) []float64 {
	look, items := t.look(ofReaders), make([]reward.Item, len(of))
	for i := range of {
		items[i] = itemOf(&of[i], look)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	nats := make([]float64, len(of))
	for _, g := range t.model.Informative(items, raters, n) {
		nats[g.Item] = g.Nats
	}
	return nats
}
