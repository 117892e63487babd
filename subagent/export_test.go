package subagent

import (
	"fmt"
	"testing"
)

// RouteAmong takes places among n agents, half of which can do
// all and half one of eight kinds, and gives them back.
func RouteAmong(b *testing.B, n int) {
	r := newRoster(1)
	for i := range n {
		m := &member{Registration: Registration{Agent: Agent{ID: fmt.Sprint("agent-", i), Capabilities: []string{Any},
			MaxConcurrent: 5}}, ranks: map[string]int{}}
		if i%2 == 1 {
			m.Capabilities = []string{fmt.Sprint("kind-", i%8)}
		}
		r.members[m.ID] = m
		r.update(m)
	}
	avoid := map[string]bool{"agent-0": true, "agent-1": true}
	taken := make([]*member, 0, n)
	b.ResetTimer()
	for range b.N {
		m := r.take("kind-3", avoid)
		if m == nil {
			b.Fatal("nobody is free")
		}
		if taken = append(taken, m); len(taken) == n {
			b.StopTimer()
			for _, m := range taken {
				r.release(m)
			}
			taken = taken[:0]
			b.StartTimer()
		}
	}
}
