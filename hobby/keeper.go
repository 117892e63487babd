package hobby

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/internal/proc"
)

// keeper commits what a session verifies at short intervals, so that it survives
// a crash.
type keeper struct {
	m       *Manager
	out     *sink
	closing chan struct{} // closed by end
	ended   chan struct{} // closed when run has ended
}

func startKeeper(ctx context.Context, m *Manager, out *sink, cancel context.CancelCauseFunc) *keeper {
	k := &keeper{m: m, out: out, closing: make(chan struct{}), ended: make(chan struct{})}
	go k.run(ctx, cancel)
	return k
}

// run commits every Options.FlushEvery, or when much is waiting, and enforces
// the CPU budget.
func (k *keeper) run(ctx context.Context, cancel context.CancelCauseFunc) {
	defer close(k.ended)
	tick := time.NewTicker(k.m.opts.FlushEvery)
	defer tick.Stop()
	cpu, limit := proc.CPUTime(), k.out.a.Plan.Budget.CPU
	for {
		select {
		case <-k.closing:
			return
		case <-tick.C:
		case <-k.out.many:
		}
		if limit > 0 && proc.CPUTime()-cpu >= limit {
			cancel(fmt.Errorf("%w: %v of CPU", ErrBudget, limit))
		}
		if _, err := k.flush(context.WithoutCancel(ctx)); err != nil {
			cancel(err)
			return
		}
	}
}

// flush commits a part of what was verified. It reports whether there was any. What could
// not be stored is committed again by the next flush, unless the store finds it invalid.
func (k *keeper) flush(ctx context.Context) (more bool, err error) {
	s := k.out.take()
	if len(s.Items)+len(s.Insights) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	a, err := k.m.store.Commit(ctx, s, nil)
	switch {
	case err == nil:
		k.out.stored(a)
		return true, nil
	case errors.Is(err, ErrInvalid):
		k.out.drop()
	}
	return true, fmt.Errorf("hobby: storing what activity %s verified: %w", s.Activity.ID, err)
}

// end ends run.
func (k *keeper) end() {
	close(k.closing)
	<-k.ended
}

// drain commits all that is left.
func (k *keeper) drain(ctx context.Context) error {
	for {
		if more, err := k.flush(ctx); !more || err != nil {
			return err
		}
	}
}
