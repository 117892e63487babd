package train

import (
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// lanes are the passes of a training. All threads work on each product of the only one, or
// each thread has one of its own, where the model is so small that they would wait for each
// other more than they would help.
type lanes struct {
	passes []*nn.Pass
	own    []*nn.Gradients // of batches that are computed at a time, zero between them
	merged nn.Panels       // of the weights with the adapter as it is
}

// atATime is how many batches are computed before their gradients are added up. It does
// not depend on the number of threads, so neither do the bytes.
const atATime = 16

// apart reports whether each thread has a pass of its own.
func (t *Spec) apart() bool { return !t.Full && !t.together && nn.Small(t.Model, t.Weights) }

func (r *run) newLanes(weights *nn.Weights) (l lanes) {
	pools := []*kernel.Pool{r.pool}
	var panels nn.Panels
	if r.apart() {
		panels = nn.NewPanels(r.pool, weights)
		if r.Job.Config.Dropout == 0 {
			l.merged = nn.NewPanels(r.pool, weights)
		}
		pools = nil
		for range r.pool.Threads() {
			pools = append(pools, kernel.NewPool(1))
		}
	}
	for _, pool := range pools {
		pool.Idle = r.wait
		p := nn.NewPass(r.Model, weights, r.state.params.Adapter, pool)
		p.Dropout, p.Panels = float32(r.Job.Config.Dropout), panels
		p.Merged = l.merged
		p.Yield, p.MaxTokens = r.yield, r.Spec.tokens()
		l.passes = append(l.passes, p)
	}
	return l
}

// merge makes the merged panels those of the adapter as it is now.
func (r *run) merge() {
	if r.lanes.merged != nil {
		r.lanes.merged.Merge(r.pool, r.Weights, r.state.params.Adapter)
	}
}

// each calls f with each place below n, and a pass that no other call has at that time. It
// returns the first error.
func (r *run) each(n int, f func(p *nn.Pass, i int) error) error {
	if !r.apart() {
		for i := range n {
			if err := f(r.lanes.passes[0], i); err != nil {
				return err
			}
		}
		return nil
	}
	errs := make([]error, n)
	r.pool.ForWorker(n, func(worker, i int) { errs[i] = f(r.lanes.passes[worker], i) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// backward adds the gradients of a step's batches, of the sequences in order, to r.grads,
// times scale. It returns the sum of their losses.
func (r *run) backward(order []int, batches []*nn.Batch, scale float32) (sum float64, err error) {
	left := order
	for _, b := range batches {
		r.base.recall(left, b)
		left = left[len(b.Starts):]
	}
	r.merge()
	losses := make([]float64, len(batches))
	for from := 0; from < len(batches); from += atATime {
		some := batches[from:min(len(batches), from+atATime)]
		for r.apart() && len(r.lanes.own) < len(some) {
			r.lanes.own = append(r.lanes.own, r.grads.Zeros())
		}
		err := r.each(len(some), func(p *nn.Pass, i int) (err error) {
			p.Seed = r.Job.Config.Seed<<32 ^ uint64(r.state.Step)<<12 ^ uint64(from+i)
			g := r.grads
			if r.apart() {
				g = r.lanes.own[i]
			}
			losses[from+i], _, err = p.Backward(some[i], g, scale)
			return err
		})
		if err != nil {
			return 0, err
		}
		r.gather(len(some))
	}
	for i, b := range batches {
		r.base.keep(order, b)
		order = order[len(b.Starts):]
		sum += losses[i]
	}
	return sum, nil
}

// gather adds up the gradients of the first n batches, in their order, where they have
// their own.
func (r *run) gather(n int) {
	sums, _ := r.grads.Values()
	for _, g := range r.lanes.own[:min(n, len(r.lanes.own))] {
		values, _ := g.Values()
		for i, v := range values {
			kernel.Axpy(sums[i], 1, v)
			clear(v)
		}
	}
}

// loss returns the sum of the losses of batches, and the number of their targets.
func (r *run) loss(batches []*nn.Batch) (sum float64, n int, err error) {
	r.merge()
	losses := make([]float64, len(batches))
	err = r.each(len(batches), func(p *nn.Pass, i int) (err error) {
		losses[i], _, err = p.Loss(batches[i])
		return err
	})
	for i, b := range batches {
		sum += losses[i]
		n += b.Learned()
	}
	return sum, n, err
}

// bases are what the base says of the examples to replay, by their place in Spec.Train, so
// that it is asked once and not in each epoch. What is kept changes no byte of the result.
type bases struct {
	rows [][]float32
	left int64 // bytes that may be kept beside them
}

// recall gives a batch what is kept of its sequences, which are the first of order.
func (k *bases) recall(order []int, b *nn.Batch) {
	for i := range b.Starts {
		if n := order[i]; n < len(k.rows) {
			b.Base[i] = k.rows[n]
		}
	}
}

// keep keeps what a batch has of its sequences, as long as there is room.
func (k *bases) keep(order []int, b *nn.Batch) {
	for i := range b.Starts {
		n, size := order[i], int64(4*len(b.Base[i]))
		if n < len(k.rows) && k.rows[n] == nil && size > 0 && size <= k.left {
			k.rows[n] = slices.Clone(b.Base[i])
			k.left -= size
		}
	}
}
