// Package compare puts the same held-out tasks to two of a host's models and says how much more
// one of them passes, with an interval. The number of tasks is fixed before, each task is a
// pair, and no answer counts in a tally: only the result is kept.
package compare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
	"github.com/pastime-go/pastime/internal/stat"
)

// Line is that of the jobs in a hobby.Journal.
const Line = "comparison"

// MostTasks bounds Request.Tasks.
const MostTasks = 2000

// atATime is how many tasks a model has at a time: a comparison is cancelled, and its progress
// is seen, between them.
const atATime = 8

// Request says what is compared.
type Request struct {
	// First and Second name models, as Options.Take knows them.
	First  string `json:"first"`
	Second string `json:"second"`
	// Kind is whose tasks are asked.
	Kind hobby.Kind `json:"kind"`
	// Tasks is about how many: each level of each family has as many as any other, at least
	// one. Default 100.
	Tasks int `json:"tasks"`
	// Seed draws the tasks. Default 0: Start draws one.
	Seed uint64 `json:"seed,string"`
}

// Side is what became of one model's answers. Passed has a letter for each task that it has
// had so far: y when it passed, n when it did not, and - for one that its context had no room
// for, which is no pair.
type Side struct {
	Key    string `json:"key"`
	Passed string `json:"passed"`
}

// State is how far a comparison is, and what came of it.
type State struct {
	Of int `json:"of"` // tasks; 0 before they are drawn
	// Tasks are drawn once, since the files that they ask about may change before the second
	// model has them. They are not kept beyond the end.
	Tasks  []hobby.TaskID `json:"tasks,omitempty"`
	First  Side           `json:"first"`
	Second Side           `json:"second"`
}

// Result is what a comparison that is complete says.
type Result struct {
	// Pairs are the tasks that both models answered; Wins those that the first alone passed,
	// Losses those that the second alone passed.
	Pairs, Wins, Losses int
	// First and Second are the shares that passed. Difference is First less Second, and Low
	// and High hold it with a chance of at least 95 %.
	First, Second, Difference, Low, High float64
}

// Result compares the sides; false before both have had all tasks, and without a pair.
func (s *State) Result() (r Result, complete bool) {
	if s.Of == 0 || len(s.First.Passed) != s.Of || len(s.Second.Passed) != s.Of {
		return r, false
	}
	var sign stat.Sign
	first, second := 0, 0
	for i := range s.Of {
		a, b := s.First.Passed[i], s.Second.Passed[i]
		if a == '-' || b == '-' {
			continue
		}
		r.Pairs++
		if a == 'y' {
			first++
		}
		if b == 'y' {
			second++
		}
		if a != b {
			sign.Add(a == 'y')
		}
	}
	if r.Pairs == 0 {
		return r, false
	}
	n := float64(r.Pairs)
	r.Wins, r.Losses = sign.Wins, sign.Losses
	r.First, r.Second, r.Difference = float64(first)/n, float64(second)/n, float64(first-second)/n
	r.Low, r.High = sign.Exact(r.Pairs-sign.Wins-sign.Losses, 0.975)
	return r, true
}

// Run is a comparison as it is kept.
type Run struct {
	Job     hobby.Job
	Request Request
	State   State
}

// Options is what a Comparer works with. Take is needed.
type Options struct {
	// Hobbies are those whose tasks can be asked: Examiners with families.
	Hobbies []hobby.Hobby
	// Take opens a model by its name, and release gives it back.
	Take func(ctx context.Context, name string) (m hobby.Model, release func() error, err error)
	// Hold lets practice rest while models are compared. Default nil: it goes on.
	Hold func(ctx context.Context, why string) (release func(), err error)
	// Poll is how often Run looks for what another process started. Default 2 s.
	Poll time.Duration
	// Logger takes warnings. Default nil: silent.
	Logger *slog.Logger
}

// Comparer compares models, one pair at a time. All methods are safe for concurrent use.
type Comparer struct {
	journal hobby.Journal
	runner  *job.Runner[State]
	opts    Options
}

// New makes a comparer.
func New(j hobby.Journal, o Options) (*Comparer, error) {
	if o.Take == nil {
		return nil, fmt.Errorf("compare: %w: Options.Take is nil", hobby.ErrInvalid)
	}
	c := &Comparer{journal: j, opts: o}
	var err error
	c.runner, err = job.New(j, Line, []job.Stage[State]{
		{Name: "first", Run: func(ctx context.Context, s *job.Step[State]) (string, error) {
			return "second", c.examine(ctx, s, func(r *Request) string { return r.First }, &s.State.First)
		}},
		{Name: "second", Run: func(ctx context.Context, s *job.Step[State]) (string, error) {
			err := c.examine(ctx, s, func(r *Request) string { return r.Second }, &s.State.Second)
			s.State.Tasks = nil
			return "", err
		}},
	}, &job.Options{Poll: o.Poll, Logger: o.Logger})
	return c, err
}

// Kinds are those whose tasks can be asked.
func (c *Comparer) Kinds() (all []hobby.Kind) {
	for i := range c.opts.Hobbies {
		if examines(&c.opts.Hobbies[i]) {
			all = append(all, c.opts.Hobbies[i].Kind)
		}
	}
	return all
}

// Start begins a comparison, which Run carries out. The error is hobby.ErrBusy while one runs,
// hobby.ErrUnknownKind and hobby.ErrInvalid.
func (c *Comparer) Start(ctx context.Context, r Request) (Run, error) {
	if r.Tasks == 0 {
		r.Tasks = 100
	}
	for r.Seed == 0 {
		r.Seed = rand.Uint64()
	}
	switch {
	case r.Tasks < 1 || r.Tasks > MostTasks:
		return Run{}, fmt.Errorf("compare: %w: Request.Tasks is %d, must be from 1 to %d", hobby.ErrInvalid, r.Tasks, MostTasks)
	case r.First == r.Second:
		return Run{}, fmt.Errorf("compare: %w: a model is not compared with itself", hobby.ErrInvalid)
	}
	if _, err := c.hobby(r.Kind); err != nil {
		return Run{}, err
	}
	open, err := c.journal.Jobs(ctx, hobby.JobFilter{Line: Line, Open: true, Limit: 1})
	if err != nil {
		return Run{}, err
	}
	if len(open.Jobs) > 0 { // a model that is opened beside those that are compared may not fit
		return Run{}, fmt.Errorf("compare: %w: a comparison runs", hobby.ErrBusy)
	}
	for _, name := range []string{r.First, r.Second} {
		_, release, err := c.opts.Take(ctx, name)
		if err != nil {
			return Run{}, fmt.Errorf("compare: %w", err)
		}
		if err := release(); err != nil {
			return Run{}, fmt.Errorf("compare: closing %s: %w", name, err)
		}
	}
	j, err := c.runner.Start(ctx, r)
	return Run{Job: j, Request: r}, err
}

// Cancel ends a comparison.
func (c *Comparer) Cancel(ctx context.Context, id string) (Run, error) {
	j, err := c.runner.Cancel(ctx, id)
	if err != nil {
		return Run{}, err
	}
	return runOf(j)
}

// Runs lists comparisons, the newest first.
func (c *Comparer) Runs(ctx context.Context, limit int) (all []Run, err error) {
	page, err := c.journal.Jobs(ctx, hobby.JobFilter{Line: Line, Limit: limit})
	if err != nil {
		return nil, err
	}
	for _, j := range page.Jobs {
		r, err := runOf(j)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// Run carries comparisons out until ctx ends, also one that a dead process left. It returns nil
// then.
func (c *Comparer) Run(ctx context.Context) error { return c.runner.Run(ctx) }

// examine puts the tasks that are left to a model.
func (c *Comparer) examine(ctx context.Context, s *job.Step[State], name func(*Request) string, side *Side) (err error) {
	var r Request
	if err := s.Input(&r); err != nil {
		return err
	}
	h, err := c.hobby(r.Kind)
	if err != nil {
		return err
	}
	if len(s.State.Tasks) == 0 {
		if s.State.Tasks, err = draw(ctx, h, &r); err != nil {
			return err
		}
	}
	tasks := s.State.Tasks
	s.State.Of = len(tasks)
	if c.opts.Hold != nil {
		release, err := c.opts.Hold(ctx, "two models are being compared")
		if err != nil {
			return err
		}
		defer release()
	}
	m, release, err := c.opts.Take(ctx, name(&r))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	info, err := m.Info(ctx)
	if err != nil {
		return fmt.Errorf("compare: asking %s what it is: %w", name(&r), err)
	}
	if side.Key != info.Key { // what another model has answered before a crash does not count
		*side = Side{Key: info.Key}
	}
	for len(side.Passed) < len(tasks) {
		asked := tasks[len(side.Passed):min(len(side.Passed)+atATime, len(tasks))]
		items, err := h.Executor.(hobby.Examiner).Sit(ctx, m, hobby.Sitting{Tasks: asked})
		if err != nil {
			return fmt.Errorf("compare: examining %s: %w", name(&r), err)
		}
		side.Passed += marks(asked, items)
		if err := s.Keep(ctx); err != nil {
			return err
		}
	}
	return nil
}

// marks has a letter for each task. The items are in the order of the tasks, and some may be
// missing.
func marks(tasks []hobby.TaskID, items []hobby.Item) string {
	all := make([]byte, len(tasks))
	for i, t := range tasks {
		all[i] = '-'
		if len(items) == 0 || items[0].Task() != t {
			continue
		}
		all[i] = 'n'
		if items[0].Passed() {
			all[i] = 'y'
		}
		items = items[1:]
	}
	return string(all)
}

// hobby is that of a kind whose tasks can be asked.
func (c *Comparer) hobby(k hobby.Kind) (*hobby.Hobby, error) {
	for i := range c.opts.Hobbies {
		if h := &c.opts.Hobbies[i]; h.Kind == k && examines(h) {
			return h, nil
		}
	}
	return nil, fmt.Errorf("compare: %w: %.64q has no exams", hobby.ErrUnknownKind, k)
}

func examines(h *hobby.Hobby) bool {
	_, is := h.Executor.(hobby.Examiner)
	return is && len(h.Families) > 0
}

// draw draws the tasks of a comparison.
func draw(ctx context.Context, h *hobby.Hobby, r *Request) ([]hobby.TaskID, error) {
	levels := 0
	for _, f := range h.Families {
		levels += f.Levels
	}
	e, err := h.Executor.(hobby.Examiner).Exam(ctx, hobby.ExamRequest{
		Purpose: "comparison", Seed: r.Seed, Tasks: max(1, r.Tasks/max(1, levels)),
	})
	if err == nil && len(e.Tasks) == 0 {
		err = fmt.Errorf("%w: there is no held-out task", hobby.ErrInvalid)
	}
	if err != nil {
		return nil, fmt.Errorf("compare: drawing tasks of %s: %w", r.Kind, err)
	}
	return e.Tasks, nil
}

func runOf(j hobby.Job) (r Run, err error) {
	r.Job = j
	if err := json.Unmarshal(j.Input, &r.Request); err != nil {
		return r, fmt.Errorf("compare: decoding the request of job %s: %w", j.ID, err)
	}
	if len(j.State) > 0 {
		if err := json.Unmarshal(j.State, &r.State); err != nil {
			return r, fmt.Errorf("compare: decoding the state of job %s: %w", j.ID, err)
		}
	}
	return r, nil
}
