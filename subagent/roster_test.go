package subagent

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestRouting compares the rankings with a search through all agents.
func TestRouting(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := newRoster(1)
		var gone []*member // unregistered, still at work
		ids := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		caps := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{Any, "red", "blue"}), 1, 3, rapid.ID)
		rt.Repeat(map[string]func(*rapid.T){
			"register": func(rt *rapid.T) {
				id := ids.Draw(rt, "id")
				m := list.members[id]
				if m == nil {
					m = &member{ranks: map[string]int{}}
				}
				m.Agent = Agent{ID: id, Capabilities: caps.Draw(rt, "can"), MaxConcurrent: rapid.IntRange(1, 3).Draw(rt, "most")}
				list.members[id] = m
				list.update(m)
			},
			"unregister": func(rt *rapid.T) {
				if m := list.members[ids.Draw(rt, "id")]; m != nil {
					delete(list.members, m.ID)
					list.update(m)
					gone = append(gone, m)
				}
			},
			"rest": func(rt *rapid.T) {
				if m := list.members[ids.Draw(rt, "id")]; m != nil {
					m.gone = rapid.Bool().Draw(rt, "gone")
					m.rests = time.Time{}
					if rapid.Bool().Draw(rt, "rests") {
						m.rests = time.Unix(1, 0)
					}
					list.update(m)
				}
			},
			"take": func(rt *rapid.T) {
				k := hobby.Kind(rapid.SampledFrom([]string{"red", "blue", "green"}).Draw(rt, "kind"))
				avoid := map[string]bool{}
				for _, id := range rapid.SliceOfN(ids, 0, 4).Draw(rt, "avoid") {
					avoid[id] = true
				}
				var want *member
				for _, m := range list.members {
					if m.Can(k) && !avoid[m.ID] && !m.gone && m.rests.IsZero() && (want == nil || before(m, want)) {
						want = m
					}
				}
				if want != nil && !want.free() {
					want = nil
				}
				if got := list.take(k, avoid); got != want {
					rt.Fatalf("took %v, the best is %v", got, want)
				}
			},
			"release": func(rt *rapid.T) {
				m := list.members[ids.Draw(rt, "id")]
				if n := len(gone); m == nil && n > 0 {
					m = gone[n-1]
				}
				if m != nil && m.active > 0 {
					list.release(m)
				}
			},
			"": func(rt *rapid.T) {
				for c, r := range list.ranks {
					for i, m := range r.members {
						if m.ranks[c] != i || list.members[m.ID] != m || i > 0 && before(m, r.members[(i-1)/2]) {
							rt.Fatalf("the ranking of %s is out of order at %d", c, i)
						}
					}
				}
			},
		})
	})
}

// TestWaitsOfCenturies has two assignments wait, by a clock that was wrong, for
// longer than a duration holds together.
func TestWaitsOfCenturies(t *testing.T) {
	h := newHistogram()
	for range 2 {
		h.observe(250 * 365 * 24 * time.Hour)
	}
	if h.Sum <= 0 || h.Count() != 2 {
		t.Errorf("%d waits of %v", h.Count(), h.Sum)
	}
}
