package subagent

import (
	"context"
	"sync"
)

// phase is the phase of a Run.
type phase int

// The phases. Goroutines may begin in loading, serving and draining, new
// assignments in serving only.
const (
	stopped  phase = iota
	loading        // what the ledger has open is taken up
	serving        // assignments can be made
	draining       // nothing new begins; what runs may end
	halted         // nothing begins any more
)

// state is what the coordinator's lock guards. Only [Coordinator.lock] returns
// it, so whoever calls a method has the lock. The methods never wait.
type state struct {
	mu    sync.Mutex
	phase phase
	work  context.Context // of the goroutines of this Run
	idle  chan struct{}   // closed when there are no flights, while draining
	planner
	flights  map[string]*flight
	waits    int // how many of the flights wait for a place
	totals   map[string]Totals
	counters counters
}

// lock waits for the coordinator's lock. A turn comes before the lock: whoever
// has the lock must not wait for a turn or for the ledger.
func (c *Coordinator) lock() *state {
	c.locked.mu.Lock()
	return &c.locked
}

func (s *state) unlock() { s.mu.Unlock() }

// open lists a flight.
func (s *state) open(f *flight, at stage) {
	s.flights[f.id] = f
	f.stage = over{} // it does not count yet
	s.put(f, at)
}

// put moves a listed flight to a stage, and counts those that wait.
func (s *state) put(f *flight, to stage) {
	if _, waits := f.stage.(*waiting); waits {
		s.waits--
	}
	if _, waits := to.(*waiting); waits {
		s.waits++
	}
	f.stage = to
}

// vacate releases the place of a flight and puts the flight in another stage. A
// goroutine that works at it is stopped, and releases the place itself. A
// flight that is over stays over.
func (s *state) vacate(f *flight, to stage) {
	switch at := f.stage.(type) {
	case over:
		return
	case *working:
		if at.stop != nil {
			at.stop(ErrCancelled)
		}
	default:
		if m := at.place(); m != nil {
			s.release(m)
		}
	}
	s.put(f, to)
}

// discard takes a flight off the list. err says why it has no final state.
func (s *state) discard(f *flight, err error) {
	if _, already := f.stage.(over); already {
		return
	}
	s.vacate(f, over{})
	delete(s.flights, f.id)
	f.err = err
	close(f.done)
	s.announce()
	if s.phase == draining && len(s.flights) == 0 {
		close(s.idle)
	}
}
