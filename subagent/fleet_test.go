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
		f := newFleet()
		var gone []*member // unregistered, still at work
		ids := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		caps := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{Any, "red", "blue"}), 1, 3, rapid.ID)
		rt.Repeat(map[string]func(*rapid.T){
			"register": func(rt *rapid.T) {
				id := ids.Draw(rt, "id")
				m := f.members[id]
				if m == nil {
					m = &member{places: map[string]int{}}
				}
				m.Agent = Agent{ID: id, Capabilities: caps.Draw(rt, "can"), MaxConcurrent: rapid.IntRange(1, 3).Draw(rt, "most")}
				f.members[id] = m
				f.update(m)
			},
			"unregister": func(rt *rapid.T) {
				if m := f.members[ids.Draw(rt, "id")]; m != nil {
					delete(f.members, m.ID)
					f.update(m)
					gone = append(gone, m)
				}
			},
			"rest": func(rt *rapid.T) {
				if m := f.members[ids.Draw(rt, "id")]; m != nil {
					m.gone = rapid.Bool().Draw(rt, "gone")
					m.rest = time.Time{}
					if rapid.Bool().Draw(rt, "rests") {
						m.rest = time.Unix(1, 0)
					}
					f.update(m)
				}
			},
			"take": func(rt *rapid.T) {
				k := hobby.Kind(rapid.SampledFrom([]string{"red", "blue", "green"}).Draw(rt, "kind"))
				avoid := map[string]bool{}
				for _, id := range rapid.SliceOfN(ids, 0, 4).Draw(rt, "avoid") {
					avoid[id] = true
				}
				var want *member
				for _, m := range f.members {
					if m.Can(k) && !avoid[m.ID] && !m.gone && m.rest.IsZero() && (want == nil || before(m, want)) {
						want = m
					}
				}
				if want != nil && !want.free() {
					want = nil
				}
				if got := f.take(k, avoid); got != want {
					rt.Fatalf("took %v, the best is %v", got, want)
				}
			},
			"release": func(rt *rapid.T) {
				m := f.members[ids.Draw(rt, "id")]
				if n := len(gone); m == nil && n > 0 {
					m = gone[n-1]
				}
				if m != nil && m.active > 0 {
					f.release(m)
				}
			},
			"": func(rt *rapid.T) {
				for c, r := range f.ranks {
					for i, m := range r.members {
						if m.places[c] != i || f.members[m.ID] != m || i > 0 && before(m, r.members[(i-1)/2]) {
							rt.Fatalf("the ranking of %s is out of order at %d", c, i)
						}
					}
				}
			},
		})
	})
}
