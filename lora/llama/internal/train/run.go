package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// run is a running training.
type run struct {
	*Spec
	ctx    context.Context
	pool   *kernel.Pool
	lanes  lanes
	state  state
	grads  *nn.Gradients // zero between steps
	base   bases
	decay  []bool
	report func(lora.Step)

	began   time.Time
	waiting sync.Mutex    // held while Wait runs
	refused error         // what Wait said, which ends the training
	away    time.Duration // paused or validating
	tokens  int64         // read by this run
}

// Run trains t, from its checkpoint when there is one, and returns the adapter
// and its artifact. Its checkpoint stays until [RemoveCheckpoint].
func Run(ctx context.Context, t *Spec, report func(lora.Step)) (*nn.Adapter, lora.Artifact, error) {
	p, a, err := RunParameters(ctx, t, report)
	if err != nil {
		return nil, lora.Artifact{}, err
	}
	return p.Adapter, a, nil
}

// RunParameters is Run for an adapter or, when t is Full, all weights.
func RunParameters(ctx context.Context, t *Spec, report func(lora.Step)) (*nn.Parameters, lora.Artifact, error) {
	if err := t.Check(); err != nil {
		return nil, lora.Artifact{}, err
	}
	if err := os.MkdirAll(t.Job.Dir, 0o755); err != nil {
		return nil, lora.Artifact{}, fmt.Errorf("lora: the job's directory: %w", err)
	}
	r := &run{Spec: t, ctx: ctx, report: report, pool: kernel.NewPool(t.Threads)}
	if err := r.start(); err != nil {
		return nil, lora.Artifact{}, err
	}
	defer r.pool.Work()() // its threads sleep during a pause
	err := r.loop()
	if err != nil && ctx.Err() != nil {
		return nil, lora.Artifact{}, errors.Join(context.Cause(ctx), r.state.save(t.Job.Dir, r.wait))
	}
	if err != nil {
		return nil, lora.Artifact{}, err
	}
	kept := r.state.params
	if r.state.best != nil {
		kept = r.state.best
	}
	return kept, lora.Artifact{
		Dir: t.Job.Dir, Base: t.Base, Steps: r.state.Step, Tokens: r.state.Tokens, Stopped: r.state.Stopped,
		Loss: r.state.EpochLoss / float64(max(1, r.state.EpochSteps)), Before: r.state.Before, Validation: r.state.Best,
	}, nil
}

// RemoveCheckpoint removes the checkpoint of a job whose adapter is safely written.
func RemoveCheckpoint(dir string) error {
	if err := os.Remove(filepath.Join(dir, stateName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("lora: removing the checkpoint: %w", err)
	}
	return nil
}

// start makes the first state, or restores a later one.
func (r *run) start() error {
	c := r.Job.Config
	params, weights, err := r.first()
	if err != nil {
		return err
	}
	opt := nn.NewAdamW()
	opt.Beta1, opt.Beta2, opt.Decay, opt.Clip = c.Beta1, c.Beta2, c.WeightDecay, c.Clip
	values, decay := params.Values()
	opt.Init(values)
	r.state, r.decay = state{params: params, opt: opt}, decay
	fingerprint := r.fingerprint()
	if err := r.state.restore(r.Job.Dir, fingerprint, r.steps()); err != nil {
		return err
	}
	r.state.Fingerprint = fingerprint
	r.grads = params.Zeros()
	r.pool.Idle = r.wait
	r.lanes = r.newLanes(weights)
	if room := r.baseMemory(); room > 0 {
		r.base = bases{rows: make([][]float32, len(r.Train)), left: room}
	}
	return nil
}

// first is the parameters that training begins with, and the model's weights,
// which are among them when all are trained.
func (r *run) first() (*nn.Parameters, *nn.Weights, error) {
	if r.Full {
		w := nn.Trainable(r.Weights)
		return &nn.Parameters{Weights: w}, w, nil
	}
	c := r.Job.Config
	p := &nn.Parameters{Adapter: nn.NewAdapter(r.Model, c.Rank, float32(c.Scale()), Modules(c))}
	if r.Start == nil {
		p.Adapter.Init(r.Model, c.Seed)
		return p, r.Weights, nil
	}
	if err := r.CheckStart(); err != nil {
		return nil, nil, err
	}
	p.Set(&nn.Parameters{Adapter: r.Start})
	return p, r.Weights, nil
}

// yield is called between parts of the work.
func (r *run) yield() error {
	if r.Job.Wait != nil {
		r.waiting.Lock()
		defer r.waiting.Unlock()
		if r.refused != nil {
			return r.refused
		}
		start := time.Now()
		err := r.Job.Wait(r.ctx)
		r.away += time.Since(start)
		if err != nil && r.ctx.Err() == nil {
			r.refused = fmt.Errorf("lora: waiting to go on: %w", err)
			return r.refused
		}
	}
	return context.Cause(r.ctx)
}

// wait is yield where an error cannot end the pass. The pass gets the error from
// its next yield.
func (r *run) wait() { _ = r.yield() }

func (r *run) loop() error {
	c, s := r.Job.Config, &r.state
	total, per := r.steps(), r.stepsPerEpoch()
	warmup := int(math.Ceil(max(0, c.Warmup) * float64(total)))
	every := c.EvalEvery
	if every == 0 {
		every = per
	}
	r.began = time.Now()
	if err := r.before(); err != nil {
		return err
	}
	for {
		if err := r.conclude(every, total, per); err != nil || s.Step == total || s.Stopped {
			return err
		}
		if s.Step%per == 0 {
			s.EpochLoss, s.EpochSteps = 0, 0
		}
		step, err := r.step(nn.Rate(s.Step, total, warmup, c.LearningRate, c.Floor))
		if err != nil {
			return err
		}
		s.Pending = &step
	}
}

// conclude measures, reports and saves the result of the pending step. If it is
// stopped midway, it is repeated when the job goes on.
func (r *run) conclude(every, total, per int) (err error) {
	s := &r.state
	if s.Pending == nil {
		return nil
	}
	step := *s.Pending
	if s.Step%every == 0 || s.Step == total {
		if step.Validation, err = r.validate(); err != nil {
			return err
		}
		r.judge(step.Validation)
	}
	s.Pending = nil
	r.tell(step, total, per)
	if s.Step%r.Job.Config.CheckpointEvery == 0 || s.Step == total || s.Stopped {
		return s.save(r.Job.Dir, r.wait)
	}
	return nil
}

// before measures the validation loss that training starts from, once.
func (r *run) before() (err error) {
	if r.state.Step == 0 && r.state.Before == nil {
		r.state.Before, err = r.validate()
	}
	return err
}

// step makes one optimiser step. Nothing of the state changes before all of it
// has been computed.
func (r *run) step(rate float64) (lora.Step, error) {
	s := &r.state
	order := r.order(s.Step)
	batches := r.batches(order)
	learned, tokens := 0, 0
	for _, b := range batches {
		learned += b.Learned()
		tokens += len(b.Tokens)
	}
	sum, err := r.backward(order, batches, 1/float32(learned))
	if err != nil {
		return lora.Step{}, err
	}
	params, _ := s.params.Values()
	grads, _ := r.grads.Values()
	loss := sum / float64(learned)
	norm := s.opt.Step(r.pool, params, grads, r.decay, rate)
	if !finite(loss) || !finite(norm) {
		return lora.Step{}, fmt.Errorf("%w at step %d: loss %v, gradient norm %v; the last checkpoint is kept",
			lora.ErrDiverged, s.Step+1, loss, norm)
	}
	s.Step++
	s.Tokens += int64(tokens)
	r.tokens += int64(tokens)
	s.EpochLoss += loss
	s.EpochSteps++
	return lora.Step{Loss: loss, LearningRate: rate, GradientNorm: norm}, nil
}

// validate is the mean loss of the validation set; nil without one.
func (r *run) validate() (*float64, error) {
	if len(r.Validation) == 0 {
		return nil, nil
	}
	start, paused := time.Now(), r.away
	sum, n, err := r.loss(pack(r.Validation, r.Job.Config.PassTokens))
	if err != nil {
		return nil, err
	}
	r.away = paused + time.Since(start)
	mean := sum / float64(n)
	if !finite(mean) {
		return nil, fmt.Errorf("%w after step %d: validation loss %v; the last checkpoint is kept", lora.ErrDiverged, r.state.Step, mean)
	}
	return &mean, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// judge keeps the parameters when their validation loss is the smallest so far.
// It stops the training after Patience losses in a row that are not.
func (r *run) judge(loss *float64) {
	if loss == nil {
		return
	}
	s := &r.state
	if s.Best != nil && !(*loss < *s.Best) {
		s.Bad++
		s.Stopped = r.Job.Config.Patience > 0 && s.Bad >= r.Job.Config.Patience
		return
	}
	s.Best, s.Bad = loss, 0
	if s.best == nil {
		s.best = s.params.Zeros()
	}
	s.best.Set(s.params)
}

// tell reports a step.
func (r *run) tell(step lora.Step, total, per int) {
	if r.report == nil {
		return
	}
	step.Step, step.Total, step.Tokens = r.state.Step, total, r.state.Tokens
	step.Epoch = float64(step.Step) / float64(per)
	if busy := (time.Since(r.began) - r.away).Seconds(); busy > 0 {
		step.TokensPerSecond = float64(r.tokens) / busy
		perStep := float64(r.state.Tokens) / float64(step.Step)
		step.Left = time.Duration(float64(total-step.Step) * perStep / step.TokensPerSecond * float64(time.Second))
	}
	r.report(step)
}
