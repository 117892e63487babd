// Package job carries out hobby.Jobs: long work in named stages, whose state is kept
// after each, so that it goes on where a dead process was.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// ErrCancelled is the cause of a stage's context when somebody has cancelled the job.
var ErrCancelled = errors.New("job: cancelled")

// Stage is one step of a job with a state of type S, which is kept as JSON.
type Stage[S any] struct {
	Name string
	// Run works on s.State and names the stage that follows, "" at the job's end.
	// After a crash it runs again, with the state that was kept last: what it does
	// elsewhere it must stand to do twice. An error fails the job.
	Run func(ctx context.Context, s *Step[S]) (next string, err error)
}

// Step is one stage as it is carried out.
type Step[S any] struct {
	// State is kept when the stage has ended, and by Keep.
	State S
	job   *hobby.Job
	keep  func(ctx context.Context, state S) error
}

// Job is the job as it was last kept. Its Fence guards what the stage commits.
func (s *Step[S]) Job() hobby.Job { return *s.job }

// Input decodes what was asked for.
func (s *Step[S]) Input(v any) error {
	if err := json.Unmarshal(s.job.Input, v); err != nil {
		return fmt.Errorf("job: decoding the input: %w", err)
	}
	return nil
}

// Keep keeps the state within a stage, which goes on from there after a crash.
func (s *Step[S]) Keep(ctx context.Context) error { return s.keep(ctx, s.State) }

// Options configures a Runner. Nil and the zero value are legal.
type Options struct {
	// Tries is how often a stage is begun at most when the process dies in it.
	// Default 3.
	Tries int
	// Poll is how often Run looks for what another process started, left or
	// cancelled. Default 2 s.
	Poll time.Duration
	// Leave says which jobs Run does not carry out: those of which somebody else calls
	// Finish. Default nil: none.
	Leave func(hobby.Job) bool
	// Progress is called when a job was kept, from the goroutine that carries it
	// out. Default nil.
	Progress func(hobby.Job)
	// Logger takes warnings, such as why a job has failed. Default nil: silent.
	Logger *slog.Logger
}

// Runner carries out the jobs of one line, one at a time. All methods are safe for
// concurrent use.
type Runner[S any] struct {
	journal hobby.Journal
	line    string
	stages  []Stage[S]
	opts    Options
	wake    chan struct{}

	mu      sync.Mutex
	running map[string]context.CancelCauseFunc
	// unkept is what was made of jobs and could not be kept, such as on a full disk. This
	// process has them still, so nobody can claim them: they go on here.
	unkept map[string]hobby.Job
}

// New makes a runner of a line. A job begins with the first stage.
func New[S any](j hobby.Journal, line string, stages []Stage[S], o *Options) (*Runner[S], error) {
	r := &Runner[S]{journal: j, line: line, stages: stages, wake: make(chan struct{}, 1), running: map[string]context.CancelCauseFunc{}}
	r.unkept = map[string]hobby.Job{}
	if o != nil {
		r.opts = *o
	}
	if r.opts.Tries == 0 {
		r.opts.Tries = 3
	}
	if r.opts.Poll == 0 {
		r.opts.Poll = 2 * time.Second
	}
	if r.opts.Logger == nil {
		r.opts.Logger = slog.New(slog.DiscardHandler)
	}
	names := map[string]bool{}
	for _, s := range stages {
		if s.Name == "" || s.Run == nil || names[s.Name] {
			return nil, fmt.Errorf("job: %w: the stage %q of %s has no name, no Run or a name that another has", hobby.ErrInvalid, s.Name, line)
		}
		names[s.Name] = true
	}
	if len(stages) == 0 {
		return nil, fmt.Errorf("job: %w: %s has no stages", hobby.ErrInvalid, line)
	}
	return r, nil
}

// Start creates a job, which Run carries out, here or in another process;
// hobby.ErrBusy while one of the line is open.
func (r *Runner[S]) Start(ctx context.Context, input any) (hobby.Job, error) {
	raw, err := json.Marshal(input)
	if err != nil {
		return hobby.Job{}, fmt.Errorf("job: marshalling the input: %w", err)
	}
	j, err := r.journal.StartJob(ctx, hobby.Job{Line: r.line, Stage: r.stages[0].Name, Input: raw})
	if err != nil {
		return hobby.Job{}, err
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return j, nil
}

// RunOnce starts a job and carries it out, in the caller's goroutine. When ctx ends
// the job stays open, to go on later. A job that failed is returned without an error.
func (r *Runner[S]) RunOnce(ctx context.Context, input any) (hobby.Job, error) {
	j, err := r.Start(ctx, input)
	if err != nil {
		return hobby.Job{}, err
	}
	return r.Finish(ctx, j.ID)
}

// Finish carries out a job that was started, to its end, or waits until another process
// has. When ctx ends the job stays open, to go on later.
func (r *Runner[S]) Finish(ctx context.Context, id string) (hobby.Job, error) {
	for {
		j, err := r.carryOut(ctx, id)
		if !errors.Is(err, hobby.ErrHeld) && !errors.Is(err, hobby.ErrStale) {
			return j, err
		}
		// Run of this or another process was faster.
		if j, err = r.journal.Job(ctx, id); err != nil || j.Status.Ended() {
			return j, err
		}
		if err = pause(ctx, r.opts.Poll); err != nil {
			return hobby.Job{}, err
		}
	}
}

// Cancel ends a job: one that this process carries out at once, another process's
// when that notices.
func (r *Runner[S]) Cancel(ctx context.Context, id string) (hobby.Job, error) {
	j, err := r.journal.CancelJob(ctx, id)
	if err != nil {
		return hobby.Job{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if cancel := r.running[id]; cancel != nil {
		cancel(ErrCancelled)
	}
	return j, nil
}

// Run carries out what is open, also what a dead process has left, until ctx ends. It
// returns nil then.
func (r *Runner[S]) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := r.next(ctx)
		if err != nil && ctx.Err() == nil {
			r.opts.Logger.Warn("carrying out a job", "line", r.line, "error", err)
		}
		select {
		case <-r.wake:
		default:
			if err := pause(ctx, r.opts.Poll, r.wake); err != nil {
				return nil //nolint:nilerr // ctx has ended
			}
		}
	}
	return nil
}

// next carries out the line's open job, if there is one that nobody else has.
func (r *Runner[S]) next(ctx context.Context) error {
	page, err := r.journal.Jobs(ctx, hobby.JobFilter{Line: r.line, Open: true})
	if err != nil {
		return err
	}
	for _, j := range page.Jobs {
		if r.opts.Leave != nil && r.opts.Leave(j) {
			continue
		}
		_, err := r.carryOut(ctx, j.ID)
		if err != nil && !errors.Is(err, hobby.ErrHeld) && !errors.Is(err, hobby.ErrStale) {
			return err
		}
	}
	return nil
}

// take claims a job, unless this process has it still with something that was not kept.
func (r *Runner[S]) take(ctx context.Context, id string) (j hobby.Job, unkept bool, err error) {
	r.mu.Lock()
	j, unkept = r.unkept[id]
	delete(r.unkept, id)
	r.mu.Unlock()
	if !unkept {
		j, err = r.journal.ClaimJob(ctx, id)
	}
	return j, unkept, err
}

// owe remembers what could not be kept. A job that somebody else has by now is theirs.
func (r *Runner[S]) owe(j hobby.Job, err error) {
	if err == nil || errors.Is(err, hobby.ErrStale) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unkept[j.ID] = j
}

// carryOut claims a job and carries it out to its end, or to that of ctx.
func (r *Runner[S]) carryOut(ctx context.Context, id string) (hobby.Job, error) {
	j, unkept, err := r.take(ctx, id)
	if err != nil {
		return hobby.Job{}, err
	}
	jctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.mu.Lock()
	r.running[id] = cancel
	r.mu.Unlock()
	var watch sync.WaitGroup
	watch.Go(func() { r.watch(jctx, id, cancel) })
	defer func() {
		r.mu.Lock()
		delete(r.running, id)
		r.mu.Unlock()
		cancel(nil)
		watch.Wait()
	}()
	for unkept || !j.Status.Ended() {
		if !unkept {
			r.step(jctx, &j)
		}
		unkept = false
		kept, err := r.journal.KeepJob(context.WithoutCancel(ctx), j)
		if err != nil {
			r.owe(j, err)
			return hobby.Job{}, fmt.Errorf("job: keeping stage %s: %w", j.Stage, err)
		}
		j = kept
		if j.Status == hobby.JobFailed {
			r.opts.Logger.Warn("a job has failed", "line", j.Line, "job", j.ID, "stage", j.Stage, "error", j.Err)
		}
		r.tell(j)
		if ctx.Err() != nil && !j.Status.Ended() {
			err := r.journal.ReleaseJob(context.WithoutCancel(ctx), j)
			r.owe(j, err)
			return j, errors.Join(context.Cause(ctx), err)
		}
	}
	return j, nil
}

// watch ends a job that another process has cancelled.
func (r *Runner[S]) watch(ctx context.Context, id string, cancel context.CancelCauseFunc) {
	for pause(ctx, r.opts.Poll) == nil {
		if j, err := r.journal.Job(ctx, id); err == nil && j.Cancelled {
			cancel(ErrCancelled)
		}
	}
}

// step carries out one stage and says in j how it ended.
func (r *Runner[S]) step(ctx context.Context, j *hobby.Job) {
	next, state, err := r.stage(ctx, j)
	switch {
	case errors.Is(context.Cause(ctx), ErrCancelled), err == nil && j.Cancelled:
		j.Status = hobby.JobCancelled
	case err != nil && ctx.Err() != nil:
		return // it goes on later, with the state that was kept
	case err != nil:
		j.Status, j.Err = hobby.JobFailed, err.Error()
	case next == "":
		j.Status = hobby.JobCompleted
	default:
		j.Stage = next
	}
	if err == nil {
		j.State = state
	}
}

// stage runs the stage that j is at, and returns what it made.
func (r *Runner[S]) stage(ctx context.Context, j *hobby.Job) (next string, state json.RawMessage, err error) {
	if j.Cancelled {
		return "", j.State, nil
	}
	if j.Tries > r.opts.Tries {
		return "", nil, fmt.Errorf("the process ended in the stage %s %d times", j.Stage, r.opts.Tries)
	}
	s := Step[S]{job: j}
	if len(j.State) > 0 {
		if err := json.Unmarshal(j.State, &s.State); err != nil {
			return "", nil, fmt.Errorf("decoding the state: %w", err)
		}
	}
	s.keep = func(ctx context.Context, state S) (err error) {
		at := *j
		if at.State, err = json.Marshal(state); err != nil {
			return fmt.Errorf("job: marshalling the state: %w", err)
		}
		if at, err = r.journal.KeepJob(ctx, at); err == nil {
			*j = at
			r.tell(at)
		}
		return err
	}
	for _, stage := range r.stages {
		if stage.Name != j.Stage {
			continue
		}
		if next, err = call(ctx, stage, &s); err != nil {
			return "", nil, err
		}
		if next != "" && !r.has(next) {
			return "", nil, fmt.Errorf("the stage %s names %q as the next, which is none", stage.Name, next)
		}
		state, err = json.Marshal(s.State)
		return next, state, err
	}
	return "", nil, fmt.Errorf("there is no stage %q in this program", j.Stage)
}

func (r *Runner[S]) has(name string) bool {
	for _, s := range r.stages {
		if s.Name == name {
			return true
		}
	}
	return false
}

// call runs a stage and makes an error of its panic.
func call[S any](ctx context.Context, stage Stage[S], s *Step[S]) (next string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the stage %s: %v\n%s", stage.Name, p, debug.Stack())
		}
	}()
	return stage.Run(ctx, s)
}

func (r *Runner[S]) tell(j hobby.Job) {
	if r.opts.Progress != nil {
		r.opts.Progress(j)
	}
}

// pause waits for a time, or for one of some channels; the error is the end of ctx.
func pause(ctx context.Context, d time.Duration, wake ...chan struct{}) error {
	t := time.NewTimer(d)
	defer t.Stop()
	var woken chan struct{}
	if len(wake) > 0 {
		woken = wake[0]
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-woken:
	case <-t.C:
	}
	return nil
}
