package hobby

import (
	"context"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/internal/proc"
)

// keeper commits what a session verifies at short intervals, so that it survives
// a crash.
type keeper struct {
	m       *Manager
	out     *sink
	closing chan struct{} // closed by close: ends run
	ended   chan struct{} // closed when run has ended
	turn    chan struct{} // a semaphore around Commit
}

func startKeeper(ctx context.Context, m *Manager, out *sink, cancel context.CancelCauseFunc) *keeper {
	k := &keeper{m: m, out: out, closing: make(chan struct{}), ended: make(chan struct{}), turn: make(chan struct{}, 1)}
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
		if err := k.flush(context.WithoutCancel(ctx)); err != nil {
			cancel(err)
			return
		}
	}
}

// flush commits what was verified since the last flush.
func (k *keeper) flush(ctx context.Context) error {
	k.turn <- struct{}{}
	defer func() { <-k.turn }()
	if err := k.out.failed(); err != nil {
		return err
	}
	s := k.out.take()
	if len(s.Items)+len(s.Insights) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	a, err := k.m.store.Commit(ctx, s, nil)
	return k.out.stored(a, err)
}

// close ends the keeper and commits what is left.
func (k *keeper) close(ctx context.Context) error {
	close(k.closing)
	<-k.ended
	return k.flush(ctx)
}
