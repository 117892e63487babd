package rlhf

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// CatchUp learns from what was stored since the last time, by any process. A model that
// has learned from what is forgotten now predicts nothing any more.
func (p *Pipeline) CatchUp(ctx context.Context) error {
	if _, err := p.means.renew(ctx); err != nil {
		return err
	}
	forgotten, err := p.store.Forgotten(ctx)
	if err != nil {
		return fmt.Errorf("rlhf: reading what was forgotten: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if forgotten != p.forgotten {
		p.model, p.info, p.through, p.forgotten = untrained{}, ModelInfo{}, 0, forgotten
		p.refused.clear()
	}
	const most = 1000
	for {
		batch, err := p.store.Ratings(ctx, p.through, most)
		if err != nil {
			return fmt.Errorf("rlhf: reading feedback: %w", err)
		}
		for i := range batch {
			p.model.learn(&batch[i])
			p.through = batch[i].Pos
		}
		if len(batch) < most {
			return nil
		}
	}
}

// next learns from what was just stored, where that is all that there is to learn.
func (p *Pipeline) next(r *Stored) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Forgotten != p.forgotten || r.Pos > p.through+1 {
		return false
	}
	if r.Pos == p.through+1 {
		p.model.learn(&r.Rated)
		p.through = r.Pos
	}
	return true
}

// refitEvery is how often Slots looks whether to fit.
const refitEvery = 10 * time.Minute

// Slots are the pipeline's work on a schedule: the model is fitted when there is a tenth
// more to learn from or the last fit is a day ago, and at once after something was
// forgotten; exposures that nobody answered are dropped.
func (p *Pipeline) Slots() []hobby.Slot {
	return []hobby.Slot{
		{Name: "feedback.refit", Schedule: hobby.Every(refitEvery), Run: func(ctx context.Context, r hobby.SlotRun) error {
			due, err := p.refitDue(ctx, time.Now())
			if err != nil || !due {
				return err
			}
			return p.Refit(ctx, &r.Fence)
		}},
		{Name: "feedback.exposures", Schedule: hobby.Every(24 * time.Hour), Run: func(ctx context.Context, _ hobby.SlotRun) error {
			_, err := p.store.Drop(ctx, time.Now().Add(-p.opts.Keep))
			if err != nil {
				return fmt.Errorf("rlhf: dropping exposures without an answer: %w", err)
			}
			return nil
		}},
	}
}

func (p *Pipeline) refitDue(ctx context.Context, now time.Time) (bool, error) {
	if err := p.Load(ctx); err != nil {
		return false, err
	}
	if err := p.CatchUp(ctx); err != nil {
		return false, err
	}
	c, err := p.store.Counts(ctx)
	if err != nil {
		return false, fmt.Errorf("rlhf: counting feedback: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.info.Version == "" {
		return c.Ratings > 0, nil
	}
	old := now.Sub(p.info.At) > 24*time.Hour
	if old && p.model.version() != p.info.Version {
		return true, nil
	}
	if t, ok := p.model.(*taste); old && ok && p.means.current() != "" && p.means.current() != t.model.Embedder() {
		return true, nil // it knows nothing of what this embedder says; that of another host may take turns with it
	}
	return c.Ratings >= int64(p.info.fitted)+max(20, int64(p.info.fitted)/10), nil
}

// Run follows what other processes store until ctx ends.
func (p *Pipeline) Run(ctx context.Context) error {
	if p.means != nil {
		var asking sync.WaitGroup
		defer asking.Wait()
		asking.Go(func() { p.means.run(ctx) })
	}
	const loads = 30 // polls between two looks for another fit
	tick := time.NewTicker(p.opts.Poll)
	defer tick.Stop()
	for n := 0; ; n++ {
		err := error(nil)
		if n%loads == 0 {
			err = p.Load(ctx)
		}
		if err == nil {
			err = p.CatchUp(ctx)
		}
		if err != nil && ctx.Err() == nil {
			p.opts.Logger.Warn("feedback was not learned from", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
