package lora

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/durable"
)

// nightSlot is the slot of the nightly training.
const nightSlot = "training"

// Slots has the nightly training, where Options.Schedule is set.
func (p *Pipeline) Slots() []hobby.Slot {
	if p.opts.Schedule == nil || p.trainer == nil || p.host == nil {
		return nil
	}
	return []hobby.Slot{{Name: nightSlot, Schedule: p.opts.Schedule, Heavy: true, Run: p.night}}
}

var (
	errWindow = errors.New("lora: the night's window has ended")
	errBudget = errors.New("lora: the night's budget is used up")
)

// ofTheNight reports whether a job waits for the next night.
func (p *Pipeline) ofTheNight(j hobby.Job) bool {
	var r Request
	return p.opts.Schedule != nil && json.Unmarshal(j.Input, &r) == nil && r.Scheduled
}

// night goes on with what the last one has left, and then trains each kind in turn. Where
// nothing is new the run says so. Its error is kept with the slot.
func (p *Pipeline) night(ctx context.Context, slot hobby.SlotRun) error {
	if _, err := p.opts.Model.Info(ctx); err != nil {
		return fmt.Errorf("lora: asking the model what it is: %w", err)
	}
	inside, cancel := p.inside(ctx, slot.Due)
	defer cancel()
	done, err := p.leftOver(inside)
	kinds := p.Kinds(ctx)
	if len(kinds) == 0 {
		return fmt.Errorf("lora: %w: no kind can be trained", hobby.ErrUnknownKind)
	}
	for _, k := range kinds {
		if err != nil {
			break
		}
		if !done[k] {
			_, err = p.RunOnce(inside, Request{Kind: k, IfNew: true, Scheduled: true})
		}
	}
	if err == nil && len(kinds) > 1 {
		err = p.wholeNight(inside)
	}
	if _, err := p.Collect(ctx); err != nil && ctx.Err() == nil {
		p.opts.Logger.Warn("removing old adapters", "error", err)
	}
	switch {
	case inside.Err() != nil && ctx.Err() == nil: // what is open goes on the next night
		p.opts.Logger.Info("training rests until the next night", "why", context.Cause(inside))
		p.mu.Lock()
		clear(p.live)
		p.mu.Unlock()
		return nil
	case errors.Is(err, hobby.ErrBusy): // somebody was faster, whose run goes on
		return nil
	}
	return err
}

// wholeNight tries the newest champion for the agent as a whole, where there is one to try.
func (p *Pipeline) wholeNight(ctx context.Context) error {
	id, err := p.untried(ctx)
	if err != nil || id == "" {
		return err
	}
	_, err = p.RunOnce(ctx, Request{Whole: true, IfNew: true, Scheduled: true})
	return err
}

// leftOver finishes the run that is open, of an earlier night or of a person, and names
// its kind.
func (p *Pipeline) leftOver(ctx context.Context) (done map[hobby.Kind]bool, err error) {
	page, err := p.store.Jobs(ctx, hobby.JobFilter{Line: Line, Open: true})
	if err != nil {
		return nil, fmt.Errorf("lora: reading the runs: %w", err)
	}
	defer p.letGo()
	done = map[hobby.Kind]bool{}
	for _, j := range page.Jobs {
		var r Request
		if err := json.Unmarshal(j.Input, &r); err == nil {
			done[r.Kind] = true
		}
		if _, err := p.runner.Finish(ctx, j.ID); err != nil {
			return done, fmt.Errorf("lora: going on with run %s: %w", j.ID, err)
		}
	}
	return done, nil
}

// timesheet is what a night has worked so far. It is kept in a file of Options.Dir, so that
// the process that goes on with the night of one that died works what is left of it.
type timesheet struct {
	Due    time.Time     `json:"due"`
	Began  time.Time     `json:"began"`
	Worked time.Duration `json:"worked_ns"`
	file   string
}

// timesheet reads that of the night that was due, and begins one where there is none.
func (p *Pipeline) timesheet(due time.Time) *timesheet {
	now := time.Now().UTC()
	t := &timesheet{}
	file := filepath.Join(p.opts.Dir, "night.json")
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, t)
	}
	t.file = file
	// A start in the future was stamped by a wrong clock, and no process writes a negative time.
	if err != nil || due.IsZero() || !t.Due.Equal(due) || t.Began.After(now) || t.Worked < 0 {
		t.Due, t.Began, t.Worked = due, now, 0
		p.keepTime(t)
	}
	return t
}

// keepTime keeps a timesheet. A night goes on where that fails: another process then has
// more time than it should.
func (p *Pipeline) keepTime(t *timesheet) {
	if t.Due.IsZero() { // it is of no schedule
		return
	}
	err := os.MkdirAll(filepath.Dir(t.file), 0o755)
	if err == nil {
		err = durable.WriteFile(t.file, 0o644, func(w io.Writer) error { return json.NewEncoder(w).Encode(t) })
	}
	if err != nil {
		p.opts.Logger.Warn("keeping how long the night has worked", "error", err)
	}
}

// inside ends with the night's window, and when its budget is used up.
func (p *Pipeline) inside(ctx context.Context, due time.Time) (context.Context, context.CancelFunc) {
	t := p.timesheet(due)
	ctx, cancel := context.WithTimeoutCause(ctx, p.opts.Window-time.Since(t.Began), errWindow)
	if p.opts.Budget <= 0 {
		return ctx, cancel
	}
	ctx, spent := context.WithCancelCause(ctx)
	tick := max(p.opts.Budget/100, time.Second)
	var count sync.WaitGroup
	count.Go(func() {
		for t.Worked < p.opts.Budget {
			select {
			case <-ctx.Done():
				return
			case <-time.After(tick):
			}
			if p.opts.Presence == nil || p.opts.Presence.Free() {
				t.Worked += tick
				p.keepTime(t)
			}
		}
		spent(errBudget)
	})
	return ctx, func() { spent(nil); cancel(); count.Wait() }
}
