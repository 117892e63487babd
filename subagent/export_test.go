package subagent

import (
	"fmt"
	"testing"
)

// RouteAmong takes places in a fleet of n agents, half of which can do
// all and half one of eight kinds, and gives them back.
func RouteAmong(b *testing.B, n int) {
	f := newFleet()
	for i := range n {
		m := &member{Registration: Registration{Agent: Agent{ID: fmt.Sprint("agent-", i), Capabilities: []string{Any}, MaxConcurrent: 5}}, places: map[string]int{}}
		if i%2 == 1 {
			m.Capabilities = []string{fmt.Sprint("kind-", i%8)}
		}
		f.members[m.ID] = m
		f.update(m)
	}
	avoid := map[string]bool{"agent-0": true, "agent-1": true}
	taken := make([]*member, 0, n)
	b.ResetTimer()
	for range b.N {
		m := f.take("kind-3", avoid)
		if m == nil {
			b.Fatal("nobody is free")
		}
		if taken = append(taken, m); len(taken) == n {
			b.StopTimer()
			for _, m := range taken {
				f.release(m)
			}
			taken = taken[:0]
			b.StartTimer()
		}
	}
}
