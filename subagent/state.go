package subagent

import (
	"context"
	"sync"
)

// phase is where a Run is.
type phase int

// The phases. Goroutines may begin in loading, serving and draining, new
// assignments in serving only.
const (
	stopped  phase = iota
	loading        // what the ledger has open is taken up
	serving        // everything goes
	draining       // nothing new begins; what runs may end
	halted         // nothing begins any more
)

// state is what a coordinator knows and what only one at a time may read or
// change. Only [Coordinator.lock] yields it, so its methods can be called only
// with the lock. They never wait.
type state struct {
	mu    sync.Mutex
	phase phase
	work  context.Context // of the goroutines of this Run
	idle  chan struct{}   // closed when there are no flights, while draining
	planner
	flights  map[string]*flight
	totals   map[string]Totals
	counters counters
}

// lock waits for the coordinator's lock. Whoever has it must not wait for a
// turn or a ledger: who has a turn takes the lock, never the reverse.
func (c *Coordinator) lock() *state {
	c.locked.mu.Lock()
	return &c.locked
}

func (s *state) unlock() { s.mu.Unlock() }

// vacate takes its place away from a flight and puts it in another stage. A
// goroutine that works at it is stopped, and gives the place back itself. A
// flight that is over stays so.
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
	f.stage = to
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
