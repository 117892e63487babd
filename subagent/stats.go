package subagent

import (
	"cmp"
	"slices"
	"time"
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
	// Connected is false for an agent that must connect and is not, or whose
	// transport this host does not have. Resting says until when a failing
	// agent is given nothing; zero when it does not rest.
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
	h.Sum += d
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

// meters count since the coordinator was made. They are guarded by its lock.
type meters struct {
	completed, failed                 int64 // in all time
	retries, fallbacks, refused, late int64
	queue, run                        Histogram
}

func (m *meters) init() { m.queue, m.run = newHistogram(), newHistogram() }

// count takes in an assignment that has ended. The caller holds c.mu.
func (c *Coordinator) count(a *Assignment) {
	t := c.totals[a.Agent]
	if a.Status == Completed {
		t.Completed++
		c.meters.completed++
	} else {
		t.Failed++
		c.meters.failed++
	}
	c.totals[a.Agent] = t
	if a.Outcome != nil {
		c.meters.refused += int64(a.Outcome.Refused)
	}
	if !a.Started.IsZero() {
		c.meters.queue.observe(max(0, a.Started.Sub(a.Assigned)))
		c.meters.run.observe(max(0, a.Ended.Sub(a.Started)))
	}
}

// Stats reports what the fleet is doing.
func (c *Coordinator) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Stats{
		Registered: len(c.fleet.members), Active: len(c.flights),
		Completed: c.meters.completed, Failed: c.meters.failed,
		Retries: c.meters.retries, Fallbacks: c.meters.fallbacks, Refused: c.meters.refused, Late: c.meters.late,
		Queue: c.meters.queue.clone(), Run: c.meters.run.clone(),
	}
	for _, f := range c.flights {
		if f.member == nil {
			s.Waiting++
		}
	}
	for _, m := range c.fleet.members {
		s.Agents = append(s.Agents, AgentStats{
			Registration: m.Registration, Seen: m.seen.UTC(), Connected: !m.gone, Resting: m.rest, Active: m.active, Totals: c.totals[m.ID],
		})
	}
	slices.SortFunc(s.Agents, func(a, b AgentStats) int { return cmp.Compare(a.ID, b.ID) })
	return s
}
