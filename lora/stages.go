package lora

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
)

// The stages of a run, in their order. Sampling, training and measuring come again with
// each round.
const (
	StageChoose  = "choose"
	StageSample  = "sample"
	StageTrain   = "train"
	StageMeasure = "measure"
	StageProve   = "prove"
	StageTrial   = "trial"
	StageDeploy  = "deploy"
)

// The reasons of runs that end without a trial, or without a deployment.
const (
	ReasonNothingNew = "nothing_new" // nobody has practised since the last run
	ReasonNoLevel    = "no_level"    // no level can be learned
	ReasonTooFew     = "too_few"     // too few answers were right
	ReasonNoGain     = "no_gain"     // the first rounds moved no level
	ReasonChanged    = "changed"     // it was not tried against what is the champion by now
	ReasonCooling    = "cooling"     // a champion was rolled back a short time ago
)

// State is what a run has made so far.
type State struct {
	Recipe Recipe `json:"recipe"`
	Seed   uint64 `json:"seed,string"`
	// Base and BaseKey are those of the base, and BaseModel its name.
	Base      string `json:"base"`
	BaseKey   string `json:"base_key"`
	BaseModel string `json:"base_model"`
	// Incumbent is the champion as the run began; "" is the base. From is the version
	// that the training goes on from.
	Incumbent string `json:"incumbent,omitempty"`
	From      string `json:"from,omitempty"`

	Levels []LevelState `json:"levels,omitempty"`
	Rounds []Round      `json:"rounds,omitempty"`
	Proof  *Proof       `json:"proof,omitempty"`
	// Version is the adapter that the run made, and Trials what it was compared by.
	Version string   `json:"version,omitempty"`
	Trials  []string `json:"trials,omitempty"`
	// Verdict is "" where there was no trial. Reason says why, in one of the words of
	// the Reason constants or, of a trial, in a sentence.
	Verdict Verdict `json:"verdict,omitempty"`
	Reason  string  `json:"reason,omitempty"`
	// Deployed says that the version serves the kind now.
	Deployed bool `json:"deployed,omitempty"`
}

// Round is one of sampling and training.
type Round struct {
	// Funnel tells what became of the answers, and Rows counts those that are trained.
	// Digest is that of the data set, and File that of its file.
	Funnel Funnel `json:"funnel"`
	Rows   int    `json:"rows"`
	Digest string `json:"digest"`
	File   string `json:"file"`
	// Artifact is nil until the round is trained.
	Artifact *Artifact `json:"artifact,omitempty"`
}

// moving lists the levels that are practised.
func (s *State) moving() (all []*LevelState) {
	for i := range s.Levels {
		if s.Levels[i].moving() {
			all = append(all, &s.Levels[i])
		}
	}
	return all
}

// run is a stage of a run as it is carried out.
type run struct {
	*Pipeline
	*State
	id   string
	hob  *hobby.Hobby
	exam hobby.Examiner
	step *job.Step[State]
	// request is what was asked for, and keys are those of the model that the run goes on
	// from: its answers are its own.
	request Request
	keys    []string
}

func (p *Pipeline) stages() []job.Stage[State] {
	var all []job.Stage[State]
	for _, s := range []struct {
		name string
		run  func(*run, context.Context) (string, error)
	}{
		{StageChoose, (*run).choose},
		{StageSample, (*run).sample},
		{StageTrain, (*run).train},
		{StageMeasure, (*run).measure},
		{StageProve, (*run).prove},
		{StageTrial, (*run).try},
		{StageDeploy, (*run).deploy},
	} {
		all = append(all, job.Stage[State]{Name: s.name, Run: func(ctx context.Context, step *job.Step[State]) (string, error) {
			r, err := p.begin(ctx, step)
			if err != nil {
				return "", err
			}
			next, err := s.run(r, ctx)
			if err == nil && next == "" {
				r.tidy(context.WithoutCancel(ctx))
			}
			return next, err
		}})
	}
	return all
}

// begin prepares a stage.
func (p *Pipeline) begin(ctx context.Context, step *job.Step[State]) (*run, error) {
	r := &run{Pipeline: p, State: &step.State, id: step.Job().ID, step: step}
	in := &r.request
	if err := step.Input(in); err != nil {
		return nil, err
	}
	if p.trainer == nil || p.host == nil {
		return nil, ErrNoTrainer
	}
	var err error
	if in.Whole {
		r.hob, err = p.whole(ctx)
	} else {
		r.hob, err = p.hobby(in.Kind)
	}
	if err != nil {
		return nil, err
	}
	ok := false
	if r.exam, ok = r.hob.Executor.(hobby.Examiner); !ok {
		return nil, fmt.Errorf("lora: %w: %q has no exams", hobby.ErrUnknownKind, in.Kind)
	}
	if err := p.hold(ctx); err != nil {
		return nil, err
	}
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.live[r.id] = Progress{Job: r.id, Stage: step.Job().Stage, Round: len(r.Rounds)}
	p.mu.Unlock()
	info, err := p.opts.Model.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("lora: asking the model what it is: %w", err)
	}
	if r.Base != "" && (info.Base != r.Base || info.Key != r.BaseKey) {
		return nil, fmt.Errorf("%w: the run began with %s, the model is %s now", ErrBase, r.BaseModel, info.Name)
	}
	r.keys = []string{info.Key}
	if r.From != "" {
		if err := p.load(ctx, r.From); err != nil {
			return nil, err
		}
		with, err := p.host.InfoWith(ctx, r.From)
		if err != nil {
			return nil, fmt.Errorf("lora: asking the model what it is with the adapter: %w", err)
		}
		r.keys = append(r.keys, with.Key)
	}
	return r, nil
}

// dir is where the files of the run are.
func (r *run) dir() string { return filepath.Dir(r.rowFile(r.id, 1)) }

// rowFile is where the rows of a run's round are.
func (p *Pipeline) rowFile(job string, round int) string {
	return filepath.Join(p.opts.Dir, "jobs", job, fmt.Sprintf("round-%d.jsonl", round))
}

// adapter is the name of the adapter that a round is sampled from: round 0 has that of
// the version that the run goes on from.
func (r *run) adapter(ctx context.Context, round int) (string, error) {
	if round == 0 {
		if r.From == "" {
			return "", nil
		}
		return r.From, r.load(ctx, r.From)
	}
	name := fmt.Sprintf("%s-%d", r.id, round)
	a := r.Rounds[round-1].Artifact
	if _, err := r.host.InfoWith(ctx, name); err == nil {
		return name, nil
	}
	if err := r.host.LoadAdapter(ctx, name, a.Dir); err != nil {
		return "", fmt.Errorf("lora: loading the adapter of round %d: %w", round, err)
	}
	return name, nil
}

// tidy unloads what only this run needed.
func (r *run) tidy(ctx context.Context) {
	for i := range r.Rounds {
		_ = r.host.UnloadAdapter(ctx, fmt.Sprintf("%s-%d", r.id, i+1)) // it may not be loaded
	}
}

// list draws distinct tasks of levels.
func (r *run) list(ctx context.Context, purpose string, split hobby.Split, n int, levels ...hobby.Level) ([]hobby.TaskID, error) {
	if len(levels) == 0 || n < 1 {
		return nil, nil
	}
	e, err := r.exam.Exam(ctx, hobby.ExamRequest{
		Purpose: "lora " + purpose, Seed: seedOf(r.Seed, purpose), Split: split, Levels: levels, Tasks: n,
	})
	if err != nil {
		return nil, fmt.Errorf("lora: listing tasks: %w", err)
	}
	once := map[hobby.TaskID]bool{} // what is asked twice would count twice
	for _, t := range e.Tasks {
		if once[t] || !slices.Contains(levels, levelOf(t)) {
			return nil, fmt.Errorf("lora: listing tasks: %w: %v comes twice, or is of another level", hobby.ErrInvalid, t)
		}
		once[t] = true
	}
	return e.Tasks, nil
}

// sitting is how many answers are asked for between two looks at whether the user is
// here.
const sitting = 256

// ask puts tasks to the model with an adapter. Several answers to a task are drawn at the
// recipe's temperature, one is greedy.
func (r *run) ask(ctx context.Context, adapter string, samples int, tasks []hobby.TaskID) (all []hobby.Item, err error) {
	s := hobby.Sitting{Adapter: adapter, Samples: samples, Seed: seedOf(r.Seed, "answers", len(r.Rounds))}
	if samples > 1 {
		s.Sampling.Temperature = r.Recipe.Temperature
	}
	for n := max(1, sitting/samples); len(tasks) > 0; tasks = tasks[min(n, len(tasks)):] {
		if err := r.wait(ctx); err != nil {
			return nil, err
		}
		s.Tasks = tasks[:min(n, len(tasks))]
		items, err := r.exam.Sit(ctx, r.opts.Model, s)
		if err != nil {
			return nil, fmt.Errorf("lora: asking the model: %w", err)
		}
		all = append(all, items...)
	}
	return all, nil
}

func levelOf(t hobby.TaskID) hobby.Level { return hobby.Level{Family: t.Family, Level: t.Level} }

// shares are the shares of right answers by level.
func shares(items []hobby.Item) map[hobby.Level]float64 {
	n, sum := map[hobby.Level]float64{}, map[hobby.Level]float64{}
	for i := range items {
		l := hobby.Level{Family: items[i].Family, Level: items[i].Level}
		n[l]++
		sum[l] += right(items[i].Score)
	}
	for l := range sum {
		sum[l] /= n[l]
	}
	return sum
}
