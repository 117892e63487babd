package subagent

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// member is a registered agent as the coordinator sees it.
type member struct {
	Registration
	transport Transport // nil: it works in this process
	active    int       // places taken
	seen      time.Time
	turn      uint64 // when it was given work last; the order breaks ties

	gone     bool // its transport says that it is not connected
	failures int  // attempts in a row that it is to blame for
	rest     time.Time

	places map[string]int // its position in the ranking of each capability
}

// mustConnect reports whether the agent can be reached only once it has
// connected by itself, or not at all.
func (m *member) mustConnect() bool {
	return m.Executor != Local && (m.transport == nil || m.Endpoint == "")
}

func (m *member) free() bool { return m.active < m.MaxConcurrent }

// fleet ranks the agents of each capability by load. Its methods need the
// coordinator's lock.
type fleet struct {
	members map[string]*member
	ranks   map[string]*ranking
	turns   uint64
	changed chan struct{} // nil while nobody waits for a change
}

func newFleet() *fleet {
	return &fleet{members: map[string]*member{}, ranks: map[string]*ranking{}}
}

// announce tells those who wait that something has changed.
func (f *fleet) announce() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// update puts m at its rank, or takes it out of the rankings while it must not
// be given work.
func (f *fleet) update(m *member) {
	f.announce()
	in := !m.gone && m.rest.IsZero() && f.members[m.ID] == m
	for c, at := range m.places {
		if !in || !slices.Contains(m.Capabilities, c) {
			heap.Remove(f.ranks[c], at)
		} else {
			heap.Fix(f.ranks[c], at)
		}
	}
	if !in {
		return
	}
	for _, c := range m.Capabilities {
		if _, ok := m.places[c]; ok {
			continue
		}
		r := f.ranks[c]
		if r == nil {
			r = &ranking{capability: c}
			f.ranks[c] = r
		}
		heap.Push(r, m)
	}
}

// take takes a place at the least loaded agent that can do k and that avoid
// does not list; nil when there is none.
func (f *fleet) take(k hobby.Kind, avoid map[string]bool) *member {
	best := f.ranks[string(k)].best(avoid)
	if any := f.ranks[Any].best(avoid); best == nil || any != nil && before(any, best) {
		best = any
	}
	if best == nil || !best.free() {
		return nil
	}
	f.occupy(best)
	return best
}

func (f *fleet) occupy(m *member) {
	f.turns++
	m.active, m.turn = m.active+1, f.turns
	f.update(m)
}

func (f *fleet) release(m *member) {
	m.active--
	f.update(m)
}

// before ranks by load, and among equals the one that has waited longest.
func before(a, b *member) bool {
	return cmp.Or(cmp.Compare(a.active*b.MaxConcurrent, b.active*a.MaxConcurrent), cmp.Compare(a.turn, b.turn), cmp.Compare(a.ID, b.ID)) < 0
}

// ranking is a heap of members; each knows its position.
type ranking struct {
	capability string
	members    []*member
}

func (r *ranking) Len() int           { return len(r.members) }
func (r *ranking) Less(i, j int) bool { return before(r.members[i], r.members[j]) }
func (r *ranking) Swap(i, j int) {
	r.members[i], r.members[j] = r.members[j], r.members[i]
	r.members[i].places[r.capability], r.members[j].places[r.capability] = i, j
}
func (r *ranking) Push(v any) {
	m := v.(*member)
	m.places[r.capability] = len(r.members)
	r.members = append(r.members, m)
}
func (r *ranking) Pop() any {
	last := len(r.members) - 1
	m := r.members[last]
	r.members[last] = nil
	r.members = r.members[:last]
	delete(m.places, r.capability)
	return m
}

// best is the first member that avoid does not list. It looks below a member
// only when that is avoided, so its cost follows what is avoided.
func (r *ranking) best(avoid map[string]bool) *member {
	if r == nil {
		return nil
	}
	open := []int{0}
	var best *member
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if at >= len(r.members) {
			continue
		}
		m := r.members[at]
		switch {
		case best != nil && before(best, m):
		case avoid[m.ID]:
			open = append(open, 2*at+1, 2*at+2)
		default:
			best = m
		}
	}
	return best
}
