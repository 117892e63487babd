package subagenttest

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pastime-go/pastime/subagent"
)

// Faults are the mistakes of a Faulty transport. Each order, cancellation and
// report is lost, duplicated or late with these chances in [0, 1],
// independently of the others.
type Faults struct {
	Seed            uint64
	Lose, Duplicate float64
	// Delay is the chance to be late, by up to MaxDelay. What is late is
	// overtaken by what is not.
	Delay    float64
	MaxDelay time.Duration
}

// Faulty makes a transport lose, duplicate, delay and reorder.
func Faulty(t subagent.Transport, f Faults) subagent.Transport {
	ctx, cancel := context.WithCancel(context.Background())
	return &faulty{Transport: t, faults: f, rand: rand.New(rand.NewPCG(f.Seed, 1)), ctx: ctx, cancel: cancel}
}

type faulty struct {
	subagent.Transport
	faults Faults
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu   sync.Mutex
	rand *rand.Rand
}

// copies draws the delays of the copies of a message that arrive.
func (f *faulty) copies() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 1
	if f.rand.Float64() < f.faults.Duplicate {
		n = 2
	}
	if f.rand.Float64() < f.faults.Lose {
		n = 0
	}
	delays := make([]time.Duration, n)
	for i := range delays {
		if f.rand.Float64() < f.faults.Delay {
			delays[i] = time.Duration(f.rand.Float64() * float64(f.faults.MaxDelay))
		}
	}
	return delays
}

// pass loses, duplicates, delays or delivers a message. It returns the error of
// a delivery that is not late.
func (f *faulty) pass(ctx context.Context, deliver func(context.Context) error) error {
	var err error
	for _, d := range f.copies() {
		if d == 0 {
			err = deliver(ctx)
			continue
		}
		f.wg.Go(func() {
			t := time.NewTimer(d)
			defer t.Stop()
			select {
			case <-t.C:
				_ = deliver(f.ctx) // the sender was told already that it was sent
			case <-f.ctx.Done():
			}
		})
	}
	return err
}

func (f *faulty) Send(ctx context.Context, to subagent.Agent, o subagent.Order) error {
	return f.pass(ctx, func(ctx context.Context) error { return f.Transport.Send(ctx, to, o) })
}

func (f *faulty) Cancel(ctx context.Context, to subagent.Agent, assignment string, attempt int64) error {
	return f.pass(ctx, func(ctx context.Context) error { return f.Transport.Cancel(ctx, to, assignment, attempt) })
}

func (f *faulty) Receive(ctx context.Context, fn func(context.Context, subagent.Report) error) error {
	return f.Transport.Receive(ctx, func(rctx context.Context, r subagent.Report) error {
		if r.Event == subagent.Present || r.Event == subagent.Gone {
			return fn(rctx, r)
		}
		return f.pass(rctx, func(dctx context.Context) error {
			if ctx.Err() != nil {
				return context.Cause(ctx) // nobody receives any more
			}
			return fn(dctx, r)
		})
	})
}

func (f *faulty) Close() error {
	f.cancel()
	f.wg.Wait()
	return f.Transport.Close()
}
