package subagent

import (
	"cmp"
	"slices"
	"time"

	"github.com/pastime-go/pastime/internal/saturate"
)

// Stats is what the fleet is doing and has done.
type Stats struct {
	// Registered counts the agents, Active the open assignments, Waiting
	// those of them that no agent has now.
	Registered, Active, Waiting int
	// Completed and Failed count the assignments that ended, in all time.
	Completed, Failed int64
	// The following count since the coordinator was made: attempts that were
	// lost and made again, assignments that ran here because no agent could,
	// answers that were refused, reports that came too late to matter.
	Retries, Fallbacks, Refused, Late int64
	// Queue is the time from an assignment's making until it ran, Run the
	// time from there to its end, since the coordinator was made.
	Queue, Run Histogram
	// Agents are in the order of their ids.
	Agents []AgentStats
}

// AgentStats is what one agent is doing and has done.
type AgentStats struct {
	Registration
	// Seen is when it last gave a sign of life.
	Seen time.Time
	// Connected is false for an agent that must connect and has not, and for
	// one whose transport this host does not have. Resting says until when a
	// failing agent is given nothing; zero when it does not rest.
	Connected bool
	Resting   time.Time
	Active    int
	Totals
}

// Histogram counts durations: Counts[i] are at most Bounds[i] and more than
// the bound before; the last has no bound.
type Histogram struct {
	Bounds []time.Duration
	Counts []int64
	Sum    time.Duration
}

// bounds are from a millisecond to an hour.
var bounds = []time.Duration{
	time.Millisecond, 5 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour,
}

func newHistogram() Histogram {
	return Histogram{Bounds: bounds, Counts: make([]int64, len(bounds)+1)}
}

func (h *Histogram) observe(d time.Duration) {
	at, _ := slices.BinarySearch(h.Bounds, d)
	h.Counts[at]++
	h.Sum = saturate.Add(h.Sum, d) // a wrong clock makes a wait of centuries
}

func (h *Histogram) clone() Histogram {
	return Histogram{slices.Clone(h.Bounds), slices.Clone(h.Counts), h.Sum}
}

// Count is how many durations there were.
func (h *Histogram) Count() (n int64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// counters count since the coordinator was made.
type counters struct {
	completed, failed                 int64 // in all time
	retries, fallbacks, refused, late int64
	queue, run                        Histogram
}

func newCounters() counters { return counters{queue: newHistogram(), run: newHistogram()} }

// count takes in an assignment that has ended.
func (s *state) count(a *Assignment) {
	t := s.totals[a.Agent]
	if a.Status == Completed {
		t.Completed++
		s.counters.completed++
	} else {
		t.Failed++
		s.counters.failed++
	}
	s.totals[a.Agent] = t
	if a.Outcome != nil {
		s.counters.refused += int64(a.Outcome.Refused)
	}
	if !a.Started.IsZero() {
		s.counters.queue.observe(max(0, a.Started.Sub(a.Assigned)))
		s.counters.run.observe(max(0, a.Ended.Sub(a.Started)))
	}
}

// Stats reports what the agents are doing.
func (c *Coordinator) Stats() Stats {
	s := c.lock()
	defer s.unlock()
	n := &s.counters
	now := Stats{
		Registered: len(s.members), Active: len(s.flights), Waiting: s.waits, Completed: n.completed, Failed: n.failed,
		Retries: n.retries, Fallbacks: n.fallbacks, Refused: n.refused, Late: n.late,
		Queue: n.queue.clone(), Run: n.run.clone(),
	}
	for _, m := range s.members {
		now.Agents = append(now.Agents, AgentStats{
			Registration: m.Registration, Seen: m.seen.UTC(), Connected: !m.gone, Resting: m.rests, Active: m.active, Totals: s.totals[m.ID],
		})
	}
	slices.SortFunc(now.Agents, func(a, b AgentStats) int { return cmp.Compare(a.ID, b.ID) })
	return now
}
