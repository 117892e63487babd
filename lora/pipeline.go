package lora

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
)

// ErrNoTrainer says that the host has nothing that trains.
var ErrNoTrainer = errors.New("lora: there is no trainer")

// Options configures a Pipeline. Nil and the zero value are legal, but train nothing.
type Options struct {
	// Hobbies are what is practised. Those whose executor is a hobby.Examiner, and that
	// Model answers, can be trained.
	Hobbies []hobby.Hobby
	// Model is what is trained: a hobby.AdapterHost.
	Model hobby.Model
	// Presence makes work wait while the user is here. Default nil: it never waits.
	Presence *hobby.Presence
	// Hold makes practice rest while a run works, as [hobby.Manager.Hold] does. Default
	// nil.
	Hold func(ctx context.Context, why string) (release func(), err error)
	// Anchors are cases of the host's own that must not regress.
	Anchors []Anchor
	// Agent is the name under which the answers of trials are stored, as in
	// [hobby.Options]. Default "agent".
	Agent string
	// Dir is where the files of runs and adapters are. Default "adapters". The rows of a
	// run are removed when it ends.
	Dir string
	// Schedule says when to train by itself. Default nil: never. Window is how long a
	// night lasts, default 4 h, and Budget how much of it runs may work, without the time
	// that they wait for the user; default all of it. A run that is under way then stops,
	// and goes on in the next night. Both begin when the night's work does. A process that
	// goes on with the night of one that died has what is left of them: night.json in Dir
	// says how much that is, to a hundredth of the budget.
	Schedule hobby.Schedule
	Window   time.Duration
	Budget   time.Duration
	// Keep is how old a version's files become at least, before a night removes those that
	// nothing points to. Default 30 days; a negative number means for ever.
	Keep time.Duration
	// DropForgotten has the base serve at once in the place of an adapter that learned from
	// what is forgotten. Default: it serves until the next night replaces it by one that is
	// trained from the base.
	DropForgotten bool
	// Stall is how long a training may go without a step before it is given up.
	// Default 30 min.
	Stall time.Duration
	// Poll is how often Run looks for what other processes did. Default 2 s.
	Poll time.Duration
	// Recipe replaces parts of the base's own recipe; see [RecipeFor].
	Recipe Recipe
	// Trial configures trials.
	Trial TrialOptions
	// Insights are those of a kind that a run learns too, as [Select] takes them, such as
	// what people prefer. One that repeats a held-out task is left out, and all are where the
	// kind's tasks cannot be made again. Default nil: a run learns answers alone.
	Insights func(ctx context.Context, k hobby.Kind) ([]hobby.Insight, error)
	// Scorer predicts their quality; see [SelectOptions]. Default nil.
	Scorer hobby.Scorer
	// Redact is what texts are redacted with before they are stored. Default nil.
	Redact func(string) string
	// Progress is called as a run goes on, from one goroutine at a time. Default nil.
	Progress func(Progress)
	// Logger takes warnings. Default nil: silent.
	Logger *slog.Logger
}

// Progress says where a run is.
type Progress struct {
	Job   string
	Stage string
	Round int
	// Step is the training's last step, and Trial the trial as it runs; else nil.
	Step  *Step
	Trial *Trial
}

// Request asks for a run.
type Request struct {
	// Kind is what to train. "" is the kind whose last run is longest ago.
	Kind hobby.Kind `json:"kind,omitempty"`
	// Whole trains nothing: the newest champion of a kind is tried for the agent as a whole,
	// the kind "", on the exams of all kinds and the anchors, against the base and what serves
	// it. Kind must be "". The schedule does so by itself where there are two kinds or more.
	Whole bool `json:"whole,omitempty"`
	// Recipe replaces parts of that of Options.
	Recipe Recipe `json:"recipe"`
	// Seed draws the tasks and the answers. Default: another one for each run.
	Seed uint64 `json:"seed,string,omitempty"`
	// IfNew ends the run at once, with a reason, when the kind was not practised since
	// its last run.
	IfNew bool `json:"if_new,omitempty"`
	// DaysBack is how far back answers of practice are learned from, beside those that
	// the run draws. Default 30; a negative number means none.
	DaysBack int `json:"days_back,omitempty"`
	// MinQuality is the least quality of an insight that is learned; see [SelectOptions].
	MinQuality float64 `json:"min_quality,omitempty"`
	// Scheduled says that the run is one of the schedule: it works in the nights only.
	Scheduled bool `json:"scheduled,omitempty"`
}

// Run is a training with all that belongs to it, as far as it is.
type Run struct {
	Job     hobby.Job
	Request Request
	State   State
	// Progress is what is known beyond State of a run that this process carries out.
	Progress Progress
}

// Pipeline makes adapters of what was practised, and has those serve that earned it. It
// is a [hobby.Chooser]. All methods are safe for concurrent use.
type Pipeline struct {
	store   Store
	source  hobby.ItemReader
	trainer Trainer
	host    hobby.AdapterHost // nil: the model has no adapters
	opts    Options
	runner  *job.Runner[State]

	mu      sync.Mutex
	serving map[hobby.Kind]hobby.Serving
	flips   map[hobby.Kind]int // how often this process has moved a champion
	live    map[string]Progress
	release func() // of Options.Hold
}

var _ hobby.Chooser = (*Pipeline)(nil)

// New makes a pipeline. src tells what was practised; t may be nil, and then nothing is
// trained.
func New(s Store, src hobby.ItemReader, t Trainer, o *Options) (*Pipeline, error) {
	if s == nil || src == nil {
		return nil, fmt.Errorf("lora: %w: New needs a Store and a source of items", hobby.ErrInvalid)
	}
	p := &Pipeline{
		store: s, source: src, trainer: t,
		serving: map[hobby.Kind]hobby.Serving{}, flips: map[hobby.Kind]int{}, live: map[string]Progress{},
	}
	if o != nil {
		p.opts = *o
	}
	d := &p.opts
	d.Agent, d.Dir = cmp.Or(d.Agent, "agent"), cmp.Or(d.Dir, "adapters")
	d.Window, d.Stall, d.Poll = cmp.Or(d.Window, 4*time.Hour), cmp.Or(d.Stall, 30*time.Minute), cmp.Or(d.Poll, 2*time.Second)
	d.Keep = cmp.Or(d.Keep, 30*24*time.Hour)
	d.Trial = d.Trial.withDefaults()
	if err := d.Trial.validate(); err != nil {
		return nil, err
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	p.host, _ = d.Model.(hobby.AdapterHost)
	dir, err := filepath.Abs(d.Dir)
	if err != nil {
		return nil, fmt.Errorf("lora: the folder of adapters: %w", err)
	}
	d.Dir = dir
	p.runner, err = job.New(s, Line, p.stages(), &job.Options{
		Poll: d.Poll, Logger: d.Logger, Progress: p.kept, Leave: p.ofTheNight,
	})
	return p, err
}

// kept is called when a job was kept.
func (p *Pipeline) kept(j hobby.Job) {
	if j.Status.Ended() {
		p.letGo()
		if j.Status != hobby.JobCompleted {
			p.abandon(j)
		}
		for n := 1; os.Remove(p.rowFile(j.ID, n)) == nil; n++ { // nothing reads them now, and a source may be forgotten
		}
		p.mu.Lock()
		delete(p.live, j.ID)
		p.mu.Unlock()
	}
	p.tell(Progress{Job: j.ID, Stage: j.Stage})
}

// tell hands progress to the host.
func (p *Pipeline) tell(g Progress) {
	p.mu.Lock()
	if _, open := p.live[g.Job]; open {
		p.live[g.Job] = g
	}
	p.mu.Unlock()
	if p.opts.Progress != nil {
		p.opts.Progress(g)
	}
}

// hold makes practice rest until letGo.
func (p *Pipeline) hold(ctx context.Context) error {
	p.mu.Lock()
	held := p.release != nil
	p.mu.Unlock()
	if held || p.opts.Hold == nil {
		return nil
	}
	release, err := p.opts.Hold(ctx, "an adapter is trained")
	if err != nil {
		return fmt.Errorf("lora: waiting for practice to rest: %w", err)
	}
	p.mu.Lock()
	p.release = release
	p.mu.Unlock()
	return nil
}

func (p *Pipeline) letGo() {
	p.mu.Lock()
	release := p.release
	p.release = nil
	p.mu.Unlock()
	if release != nil {
		release()
	}
}

// wait waits while the user is here.
func (p *Pipeline) wait(ctx context.Context) error {
	if p.opts.Presence == nil {
		return context.Cause(ctx)
	}
	return p.opts.Presence.Wait(ctx)
}

// Start begins a run, which Run carries out, here or in another process. It is
// hobby.ErrBusy while one is open, ErrNoTrainer without a trainer or a model that takes
// adapters, hobby.ErrInvalid for a kind that cannot be trained, and hobby.ErrUnknownKind
// where none can.
func (p *Pipeline) Start(ctx context.Context, r Request) (Run, error) {
	if err := p.check(ctx, &r); err != nil {
		return Run{}, err
	}
	j, err := p.runner.Start(ctx, r)
	if err != nil {
		return Run{}, fmt.Errorf("lora: %w", err)
	}
	return p.runOf(j)
}

// RunOnce is Start in the caller's goroutine, to the end. A run that failed is returned
// without an error. When ctx ends the run stays open, to go on later: see Finish.
func (p *Pipeline) RunOnce(ctx context.Context, r Request) (Run, error) {
	if err := p.check(ctx, &r); err != nil {
		return Run{}, err
	}
	defer p.letGo()
	j, err := p.runner.RunOnce(ctx, r)
	if err != nil {
		return Run{}, fmt.Errorf("lora: %w", err)
	}
	return p.runOf(j)
}

// Finish carries out a run that is open, such as one that ended with its process, to its
// end and in the caller's goroutine, or waits until another process has. When ctx ends the
// run stays open.
func (p *Pipeline) Finish(ctx context.Context, id string) (Run, error) {
	defer p.letGo()
	j, err := p.runner.Finish(ctx, id)
	if err != nil {
		return Run{}, fmt.Errorf("lora: going on with run %.64q: %w", id, err)
	}
	return p.runOf(j)
}

// check refuses a request that cannot be carried out, and fills in its kind.
func (p *Pipeline) check(ctx context.Context, r *Request) error {
	if p.trainer == nil || p.host == nil {
		return fmt.Errorf("%w, or the model takes no adapters", ErrNoTrainer)
	}
	info, err := p.opts.Model.Info(ctx)
	if err != nil {
		return fmt.Errorf("lora: asking the model what it is: %w", err)
	}
	recipe := r.Recipe.over(p.opts.Recipe).over(RecipeFor(info))
	if err := recipe.validate(); err != nil {
		return err
	}
	if !(r.MinQuality <= 1) {
		return fmt.Errorf("%w: a least quality of %v, must be at most 1", ErrConfig, r.MinQuality)
	}
	kinds := p.Kinds(ctx)
	if r.Whole {
		if r.Kind != "" {
			return fmt.Errorf("lora: %w: a run for the agent as a whole is of no kind, and not of %q", hobby.ErrInvalid, r.Kind)
		}
		_, err := p.whole(ctx)
		return err
	}
	if r.Kind != "" {
		if !slices.Contains(kinds, r.Kind) {
			return fmt.Errorf("lora: %w: %q cannot be trained: another model answers it, or it has no tasks for an exam; what can be: %v",
				hobby.ErrInvalid, r.Kind, kinds)
		}
		return nil
	}
	if len(kinds) == 0 {
		return fmt.Errorf("lora: %w: no kind can be trained", hobby.ErrUnknownKind)
	}
	last, err := p.lastRuns(ctx)
	if err != nil {
		return err
	}
	r.Kind = slices.MinFunc(kinds, func(a, b hobby.Kind) int { return last[a].Created.Compare(last[b].Created) })
	return nil
}

// Kinds lists the kinds that can be trained.
func (p *Pipeline) Kinds(ctx context.Context) (kinds []hobby.Kind) {
	if p.host == nil {
		return nil
	}
	own, err := p.opts.Model.Info(ctx)
	if err != nil {
		return nil
	}
	for i := range p.opts.Hobbies {
		h := &p.opts.Hobbies[i]
		if _, ok := h.Executor.(hobby.Examiner); !ok || len(h.Families) == 0 {
			continue
		}
		s, err := hobby.Served(ctx, h, p.opts.Model, nil)
		if err == nil && s.Info.Key == own.Key {
			kinds = append(kinds, h.Kind)
		}
	}
	return kinds
}

// hobby finds a hobby by its kind.
func (p *Pipeline) hobby(k hobby.Kind) (*hobby.Hobby, error) {
	for i := range p.opts.Hobbies {
		if p.opts.Hobbies[i].Kind == k {
			return &p.opts.Hobbies[i], nil
		}
	}
	return nil, fmt.Errorf("lora: %w: %q", hobby.ErrUnknownKind, k)
}

// lastRuns are the newest ended jobs of each kind.
func (p *Pipeline) lastRuns(ctx context.Context) (map[hobby.Kind]hobby.Job, error) {
	page, err := p.store.Jobs(ctx, hobby.JobFilter{Line: Line, Limit: 1000})
	if err != nil {
		return nil, fmt.Errorf("lora: reading the runs: %w", err)
	}
	last := map[hobby.Kind]hobby.Job{}
	for _, j := range page.Jobs {
		var r Request
		if json.Unmarshal(j.Input, &r) == nil && j.Status.Ended() && last[r.Kind].ID == "" {
			last[r.Kind] = j
		}
	}
	return last, nil
}

// Cancel ends a run.
func (p *Pipeline) Cancel(ctx context.Context, id string) error {
	_, err := p.runner.Cancel(ctx, id)
	return err
}

// Status tells of one run; "" is the newest. The error is hobby.ErrNotFound when there is
// none.
func (p *Pipeline) Status(ctx context.Context, id string) (Run, error) {
	if id == "" {
		page, err := p.store.Jobs(ctx, hobby.JobFilter{Line: Line, Limit: 1})
		if err != nil {
			return Run{}, fmt.Errorf("lora: %w", err)
		}
		if len(page.Jobs) == 0 {
			return Run{}, fmt.Errorf("lora: %w: there was no run", hobby.ErrNotFound)
		}
		return p.runOf(page.Jobs[0])
	}
	j, err := p.store.Job(ctx, id)
	if err != nil {
		return Run{}, fmt.Errorf("lora: run %.64q: %w", id, err)
	}
	return p.runOf(j)
}

// runOf decodes a job.
func (p *Pipeline) runOf(j hobby.Job) (Run, error) {
	r := Run{Job: j}
	for _, part := range []struct {
		raw json.RawMessage
		to  any
	}{{j.Input, &r.Request}, {j.State, &r.State}} {
		if len(part.raw) > 0 {
			if err := json.Unmarshal(part.raw, part.to); err != nil {
				return r, fmt.Errorf("lora: decoding run %s: %w", j.ID, err)
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r.Progress = p.live[j.ID]
	return r, nil
}

// seedOf draws a seed for one purpose of a run.
func seedOf(parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%q", fmt.Sprint(parts...))
	return h.Sum64()
}
