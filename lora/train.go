package lora

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"time"
)

var errStalled = errors.New("lora: the training made no step for too long")

// train trains the last round.
func (r *run) train(ctx context.Context) (string, error) {
	round := &r.Rounds[len(r.Rounds)-1]
	n := len(r.Rounds)
	data, err := readRows(r.rowFile(r.id, n), round.File)
	if err != nil { // it was lost or changed: sampling makes it again
		r.Rounds = r.Rounds[:n-1]
		return StageSample, nil //nolint:nilerr // see above
	}
	// The directory is named after what is learned, so that nothing else is ever
	// written over it.
	dir := filepath.Join(r.dir(), fmt.Sprintf("round-%d-%s", n, round.File[:16]))
	if a, err := readArtifact(dir); err == nil {
		round.Artifact = a
		return StageMeasure, nil
	}
	j := Job{Dir: dir, Base: r.Base, Config: r.Recipe.Config}
	if j.Config.Seed == 0 {
		j.Config.Seed = seedOf(r.Seed, "train", n) >> 1
	}
	if n > 1 {
		j.Parent = r.Rounds[n-2].Artifact.Dir
	} else if r.From != "" {
		v, err := r.store.Version(ctx, r.From)
		if err != nil {
			return "", fmt.Errorf("lora: what the training goes on from: %w", err)
		}
		j.Parent = v.Artifact.Dir
	}
	if s, ok := r.trainer.(Sizer); ok {
		if most, err := s.Memory(j, data); err == nil { // Train has the error, too
			r.opts.Logger.Info("training starts", "round", n, "examples", len(data.Train), "most_memory_bytes", most)
		}
	}
	a, err := r.watched(ctx, j, data, n)
	if err != nil {
		return "", err
	}
	if err := checkArtifact(&a, &j); err != nil {
		return "", err
	}
	if err := writeArtifact(dir, &a); err != nil {
		return "", err
	}
	round.Artifact = &a
	return StageMeasure, nil
}

// watched trains, and gives a training up that makes no step.
func (r *run) watched(ctx context.Context, j Job, data Dataset, n int) (Artifact, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(r.opts.Stall, func() { cancel(errStalled) })
	defer stall.Stop()
	j.Wait = func(ctx context.Context) error {
		if r.opts.Presence == nil || r.opts.Presence.Free() {
			return nil
		}
		stall.Stop()
		defer stall.Reset(r.opts.Stall)
		return r.wait(ctx)
	}
	type result struct {
		a   Artifact
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: fmt.Errorf("panic in the trainer: %v\n%s", p, debug.Stack())}
			}
		}()
		a, err := r.trainer.Train(ctx, j, data, func(s Step) {
			stall.Reset(r.opts.Stall)
			r.tell(Progress{Job: r.id, Stage: StageTrain, Round: n, Step: &s})
		})
		done <- result{a, err}
	}()
	select {
	case d := <-done:
		if d.err != nil {
			return Artifact{}, fmt.Errorf("lora: training: %w", d.err)
		}
		return d.a, nil
	case <-ctx.Done():
	}
	// A trainer ends soon after its context. One that does not is left behind: nothing
	// reads its directory, which has no artifact.json.
	select {
	case d := <-done:
		return d.a, errors.Join(context.Cause(ctx), d.err)
	case <-time.After(time.Minute):
		return Artifact{}, fmt.Errorf("%w; the trainer does not end", context.Cause(ctx))
	}
}
