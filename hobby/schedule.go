package hobby

import "time"

// Schedule says when a slot's next run is due, strictly after t. The zero
// time means never. Schedules of github.com/robfig/cron/v3 satisfy it.
type Schedule interface {
	Next(t time.Time) time.Time
}

// Every is a Schedule with a run at each multiple of its duration in UTC, as
// time.Time.Truncate counts them: Every(24*time.Hour) is midnight.
type Every time.Duration

// Next returns the first multiple of e after t; never for e <= 0.
func (e Every) Next(t time.Time) time.Time {
	if e <= 0 {
		return time.Time{}
	}
	d := time.Duration(e)
	return t.UTC().Truncate(d).Add(d)
}

// Lease is the right to carry out one run of a slot.
type Lease struct {
	Slot string
	// Due is the time the run was due.
	Due time.Time
	// Fence guards what the run commits.
	Fence Fence
	// Try counts how often this run was begun, from 1. A process that dies ends a
	// try; one that gives the run back does not.
	Try int
}

// Outcome is how a run of a slot ended. The zero value is a run that is done, and will
// never be given out again.
type Outcome struct {
	// Again makes the run due again at once. With an Err it was a try; without, it
	// was given back, because the program ends.
	Again bool
	// Err says why the run failed; without Again it has failed for good.
	Err string
}

// SlotState is what is known of a slot.
type SlotState struct {
	Name string
	// Settled is the due time of the newest run that has ended for good or, before
	// the first, when the slot was first claimed.
	Settled time.Time
	// Err is why the last run that ended failed; "" when it did not.
	Err string
	// Due is the run that goes on, or is to be tried again; zero when there is none.
	// Tries counts how often it was begun.
	Due   time.Time
	Tries int
}

// skew is how far clocks may differ before one of them counts as wrong. These
// are the clocks of processes that share a store, or one clock at two times.
const skew = 24 * time.Hour

// Ahead reports whether last, up to which all runs of s are settled, was stamped
// by a wrong clock: a run of s that is due more than a day after now lies before
// last, and would be left out. A Store then claims the slot as if for the first
// time.
func Ahead(s Schedule, last, now time.Time) bool {
	next := s.Next(now.Add(skew))
	return !next.IsZero() && last.After(next)
}

// Due returns the newest run of s that is due at now when all runs up to and
// including last are settled. Runs that were missed, because nothing was
// running, are not made up for one by one: the newest stands for them all. So
// a slot gives one run per due time however often the program restarts and
// whatever the wall clock does.
func Due(s Schedule, last, now time.Time) (time.Time, bool) {
	due := s.Next(last)
	if due.IsZero() || due.After(now) {
		return due, false
	}
	// Skip ahead over a long absence: the newest run lies in (now-d, now] for
	// the smallest d that holds any.
	for d := time.Second; d > 0 && d < now.Sub(due); d *= 2 {
		if t := s.Next(now.Add(-d)); !t.IsZero() && !t.After(now) {
			due = t
			break
		}
	}
	for {
		next := s.Next(due)
		if next.IsZero() || next.After(now) {
			return due, true
		}
		due = next
	}
}
