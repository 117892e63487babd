package subagent

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// member is a registered agent as the coordinator sees it.
type member struct {
	Registration
	transport Transport // nil: it works in this process, or this host lacks its transport
	active    int       // places taken
	given     uint64    // the number of the last assignment that it was given
	seen      time.Time // its last sign of life

	gone     bool      // its transport says that it is not connected
	failures int       // attempts in a row that failed by its fault
	rests    time.Time // until when it is given nothing; zero when it does not rest

	ranks map[string]int // its position in the ranking of each capability
}

// here reports whether the agent works in this process.
func (m *member) here() bool { return m.Executor == Local }

// yields reports whether its work gives this machine back when somebody needs it.
func (m *member) yields() bool {
	_, shares := m.transport.(sharer)
	return m.here() || shares
}

// mustConnect reports whether the agent can be reached only once it has
// connected by itself, or not at all.
func (m *member) mustConnect() bool { return !m.here() && (m.transport == nil || m.Endpoint == "") }

func (m *member) free() bool { return m.active < m.MaxConcurrent }

// roster lists the agents and ranks those of each capability by load.
type roster struct {
	members map[string]*member
	resting map[*member]struct{}
	local   *member // this process as the last resort: it is no agent
	ranks   map[string]*ranking
	gifts   uint64        // how many assignments were given
	changed chan struct{} // nil while nobody waits for a change
	freed   chan struct{} // has an element when a place may have become free
}

func newRoster(localPlaces int) *roster {
	return &roster{
		members: map[string]*member{}, resting: map[*member]struct{}{}, ranks: map[string]*ranking{}, freed: make(chan struct{}, 1),
		local: &member{Registration: Registration{Agent: Agent{Capabilities: []string{Any}, MaxConcurrent: localPlaces}, Executor: Local}},
	}
}

// announce tells those who wait that something has changed.
func (r *roster) announce() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// add lists m, in place of a member with the same id.
func (r *roster) add(m *member) {
	was := r.members[m.ID]
	r.members[m.ID] = m
	delete(r.resting, m)
	if was != nil && was != m {
		delete(r.resting, was)
		r.update(was)
	}
	r.update(m)
	r.wake()
}

// remove takes m off the list.
func (r *roster) remove(m *member) {
	delete(r.members, m.ID)
	delete(r.resting, m)
	r.update(m)
}

// away is the agent that has been disconnected for longest; nil when all are
// connected.
func (r *roster) away() (longest *member) {
	for _, m := range r.members {
		if m.gone && (longest == nil || m.seen.Before(longest.seen)) {
			longest = m
		}
	}
	return longest
}

// update puts m at its rank, or takes it out of the rankings while it must not
// be given work.
func (r *roster) update(m *member) {
	r.announce()
	in := !m.gone && m.rests.IsZero() && r.members[m.ID] == m
	for c, at := range m.ranks {
		if !in || !slices.Contains(m.Capabilities, c) {
			heap.Remove(r.ranks[c], at)
		} else {
			heap.Fix(r.ranks[c], at)
		}
	}
	if !in {
		return
	}
	for _, c := range m.Capabilities {
		if _, ok := m.ranks[c]; ok {
			continue
		}
		if r.ranks[c] == nil {
			r.ranks[c] = &ranking{capability: c}
		}
		heap.Push(r.ranks[c], m)
	}
}

// take takes a place at the least loaded agent that can do k and that avoid
// does not list; nil when there is none.
func (r *roster) take(k hobby.Kind, avoid map[string]bool) *member {
	best := r.ranks[string(k)].best(avoid)
	if any := r.ranks[Any].best(avoid); best == nil || any != nil && before(any, best) {
		best = any
	}
	if best == nil || !best.free() {
		return nil
	}
	r.occupy(best)
	return best
}

// occupy takes a place at m.
func (r *roster) occupy(m *member) {
	m.active++
	if m != r.local {
		r.gifts++
		m.given = r.gifts
		r.update(m)
	}
}

// release gives a place at m back.
func (r *roster) release(m *member) {
	m.active--
	if m != r.local {
		r.update(m)
	}
	r.wake()
}

// wake wakes the reconciler.
func (r *roster) wake() {
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// rest keeps an agent from being chosen for a while, longer with each failure
// in a row. An agent of this process never rests.
func (r *roster) rest(m *member) {
	if m.here() {
		return
	}
	m.failures++
	m.rests = time.Now().Add(min(time.Second<<min(m.failures-1, 10), time.Minute))
	r.resting[m] = struct{}{}
	r.update(m)
}

// rested ends the rests that are over at now.
func (r *roster) rested(now time.Time) {
	for m := range r.resting {
		if !now.Before(m.rests) {
			m.rests = time.Time{}
			delete(r.resting, m)
			r.update(m)
		}
	}
}

// avoiding returns avoid with the agents added of which is true.
func (r *roster) avoiding(avoid map[string]bool, is func(*member) bool) map[string]bool {
	all := maps.Clone(avoid)
	for id, m := range r.members {
		if is(m) {
			if all == nil {
				all = map[string]bool{}
			}
			all[id] = true
		}
	}
	return all
}

// before ranks by load, and among equals the one that has waited longest.
func before(a, b *member) bool {
	return cmp.Or(
		cmp.Compare(a.active*b.MaxConcurrent, b.active*a.MaxConcurrent), cmp.Compare(a.given, b.given), cmp.Compare(a.ID, b.ID)) < 0
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
	r.members[i].ranks[r.capability], r.members[j].ranks[r.capability] = i, j
}
func (r *ranking) Push(v any) {
	m := v.(*member)
	m.ranks[r.capability] = len(r.members)
	r.members = append(r.members, m)
}
func (r *ranking) Pop() any {
	last := len(r.members) - 1
	m := r.members[last]
	r.members[last] = nil
	r.members = r.members[:last]
	delete(m.ranks, r.capability)
	return m
}

// best is the first member that avoid does not list. It looks below a member
// only when that member is avoided, so its cost grows only with the number of
// avoided members.
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
