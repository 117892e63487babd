package lora

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/hobby"
)

// ErrVerdict is a version that no trial has promoted.
var ErrVerdict = errors.New("lora: no trial has promoted it")

// Serving says what serves a kind now: the champion's adapter, or the base. The kind ""
// is the agent as a whole. It implements [hobby.Chooser].
func (p *Pipeline) Serving(_ context.Context, k hobby.Kind) (hobby.Serving, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.serving[k], nil
}

// Champion is the name of the adapter that serves a kind, to be used in requests of the
// host's own; "" is the base. The kind "" is the agent as a whole. Of a nil Pipeline it is
// the base: a host need not ask whether anything is trained.
func (p *Pipeline) Champion(k hobby.Kind) string {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.serving[k].Adapter
}

// champion reads a kind's champion from the store; nil is the base.
func (p *Pipeline) champion(ctx context.Context, k hobby.Kind) (*Version, error) {
	all, err := p.store.Aliases(ctx)
	if err != nil {
		return nil, fmt.Errorf("lora: reading what serves: %w", err)
	}
	id := all[k][Champion]
	if id == "" {
		return nil, nil
	}
	v, err := p.store.Version(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("lora: reading the champion of %q: %w", k, err)
	}
	return &v, nil
}

// load makes a version's adapter available to the model.
func (p *Pipeline) load(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	if _, err := p.host.InfoWith(ctx, id); err == nil {
		return nil // a name stands for one adapter for ever
	}
	v, err := p.store.Version(ctx, id)
	if err != nil {
		return fmt.Errorf("lora: reading version %.64q: %w", id, err)
	}
	if err := checkDigest(&v.Artifact); err != nil {
		return err
	}
	if err := p.host.LoadAdapter(ctx, id, v.Artifact.Dir); err != nil {
		return fmt.Errorf("lora: loading version %s: %w", v.Name(), err)
	}
	return nil
}

// Activation says what serves a kind after Apply.
type Activation struct {
	Kind    hobby.Kind `json:"kind"`
	Version string     `json:"version"` // "" is the base
	Was     string     `json:"was"`
	Proof   *Proof     `json:"proof,omitempty"`
	At      time.Time  `json:"at"`
}

// Apply has a version serve a kind; "base" is the base. The version's files, its base and
// that it acts are checked. Without force it must be of the kind, and its trials against
// the base and the champion must both have promoted it: the error is ErrVerdict
// otherwise, as it is when those trials were under another key of the base, with activations of
// eight bits for example. For the kind "", the agent as a whole, those are the trials that a run with
// [Request].Whole has made. Force overrides nothing else.
func (p *Pipeline) Apply(ctx context.Context, k hobby.Kind, version string, force bool) (Activation, error) {
	a := Activation{Kind: k, At: time.Now().UTC()}
	if version != "base" && version != "" {
		v, err := p.store.Version(ctx, version)
		if err != nil {
			return a, fmt.Errorf("lora: version %.64q: %w", version, err)
		}
		switch {
		case !v.Forgotten.IsZero():
			return a, fmt.Errorf("lora: version %s: %w", v.Name(), ErrForgotten)
		case v.Kind != k && k != "" && !force:
			return a, fmt.Errorf("lora: version %s serving %q: %w for that", v.Name(), k, ErrVerdict)
		case !force:
			if err := p.earned(ctx, k, &v); err != nil {
				return a, err
			}
		}
		if a.Proof, err = p.activate(ctx, &v); err != nil {
			return a, err
		}
		a.Version = v.ID
	}
	by, why := byApply, "by hand"
	if force {
		by, why = byForce, "by hand, whatever its trial said"
	}
	now, err := p.store.Aliases(ctx)
	if err != nil {
		return a, fmt.Errorf("lora: reading what serves: %w", err)
	}
	a.Was = now[k][Champion]
	// Where it was the champion but could not serve, it must be on record that a person insisted.
	if force && a.Version != "" && a.Was == a.Version && errors.Is(p.mayServe(ctx, k, a.Version), ErrVerdict) {
		if err := p.point(ctx, Flip{Kind: k, From: a.Was, By: by, Why: why}, nil); err != nil {
			return a, err
		}
		return a, p.point(ctx, Flip{Kind: k, To: a.Version, By: by, Why: why}, nil)
	}
	return a, p.point(ctx, Flip{Kind: k, From: a.Was, To: a.Version, By: by, Why: why}, nil)
}

// earned refuses for a kind a version that lost one of the trials of its last run, or has none, or
// that was rolled back. One trial alone says little: a champion may be easier to beat than
// the base.
func (p *Pipeline) earned(ctx context.Context, k hobby.Kind, v *Version) error {
	page, err := p.store.Trials(ctx, TrialFilter{Candidate: v.ID, Limit: 1000})
	if err != nil {
		return fmt.Errorf("lora: reading the trials of version %s: %w", v.Name(), err)
	}
	var last *Trial // of its last run
	for i := range page.Trials {
		t := &page.Trials[i]
		switch {
		case t.Kind != k:
		case t.Watch && t.Verdict == Rollback, !t.Watch && (last == nil || t.Job == last.Job) && t.Verdict != Promote:
			return fmt.Errorf("lora: version %s: %w: %s", v.Name(), ErrVerdict, t.Why)
		case !t.Watch && last == nil:
			last = t
		}
	}
	if last == nil {
		return fmt.Errorf("lora: version %s: %w", v.Name(), ErrVerdict)
	}
	return p.proven(ctx, k, v.ID)
}

// proven refuses for a kind a version that was promoted only under other keys of the base: with
// another template, or activations of eight bits, other answers come, of which the trials say
// nothing.
func (p *Pipeline) proven(ctx context.Context, k hobby.Kind, id string) error {
	info, err := p.opts.Model.Info(ctx)
	if err != nil {
		return fmt.Errorf("lora: asking the model what it is: %w", err)
	}
	no := false
	page, err := p.store.Trials(ctx, TrialFilter{Candidate: id, Watch: &no, Limit: 1000})
	if err != nil {
		return fmt.Errorf("lora: reading the trials of version %s: %w", id, err)
	}
	others := false
	for i := range page.Trials {
		switch t := &page.Trials[i]; {
		case t.Kind != k || t.Verdict != Promote:
		case t.BaseKey == "" || t.BaseKey == info.Key:
			return nil
		default:
			others = true
		}
	}
	if others {
		return fmt.Errorf("lora: version %s: %w with the template and the precision of the model as it is now", id, ErrVerdict)
	}
	return nil
}

// mayServe is proven for a champion: what a person insisted on serves in any case.
func (p *Pipeline) mayServe(ctx context.Context, k hobby.Kind, id string) error {
	if id == "" {
		return nil
	}
	refused := p.proven(ctx, k, id)
	if !errors.Is(refused, ErrVerdict) {
		return refused
	}
	page, err := p.store.History(ctx, FlipFilter{Kind: &k, Alias: Champion, Limit: 1})
	if err != nil {
		return fmt.Errorf("lora: reading the history: %w", err)
	}
	if len(page.Flips) > 0 && page.Flips[0].To == id && page.Flips[0].By == byForce {
		return nil
	}
	return refused
}

// activate loads a version and shows that it acts where it is served.
func (p *Pipeline) activate(ctx context.Context, v *Version) (*Proof, error) {
	if p.host == nil {
		return nil, fmt.Errorf("lora: %w: the model takes no adapters", hobby.ErrNoModel)
	}
	h, err := p.hobby(v.Kind)
	if err != nil {
		return nil, err
	}
	x, ok := h.Executor.(hobby.Examiner)
	if !ok {
		return nil, fmt.Errorf("lora: %w: %q has no exams", hobby.ErrUnknownKind, v.Kind)
	}
	if err := checkDigest(&v.Artifact); err != nil {
		return nil, err
	}
	if err := p.load(ctx, v.ID); err != nil {
		return nil, err
	}
	levels := 0
	for _, f := range h.Families {
		levels += f.Levels
	}
	e, err := x.Exam(ctx, hobby.ExamRequest{ // few tasks of few levels may have the same answers by chance
		Purpose: "lora proof", Seed: seedOf(v.ID), Split: hobby.Practice, Tasks: max(4, 100/max(1, levels)+1),
	})
	if err != nil {
		return nil, fmt.Errorf("lora: listing tasks: %w", err)
	}
	return p.act(ctx, x, v.ID, &v.Artifact, e.Tasks)
}

// point has f.To serve f.Kind in the place of f.From, here and by the store. The error is
// ErrConflict when something else serves by now. What cannot serve moves nothing.
func (p *Pipeline) point(ctx context.Context, f Flip, fence *hobby.Fence) error {
	s, err := p.ready(ctx, f.To)
	if err != nil {
		return err
	}
	all, err := p.store.Aliases(ctx)
	if err != nil {
		return fmt.Errorf("lora: reading what serves: %w", err)
	}
	now := all[f.Kind]
	if now[Champion] != f.From {
		return fmt.Errorf("lora: moving the champion: %w: it is %q", ErrConflict, now[Champion])
	}
	if flips := Promotion(f.Kind, now, f.To, f.By, f.Why); flips != nil {
		if err := p.store.Point(ctx, flips, fence); err != nil {
			return fmt.Errorf("lora: moving the champion: %w", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serving[f.Kind] = s
	p.flips[f.Kind]++
	return nil
}

// ready loads a version, and says what serves with it.
func (p *Pipeline) ready(ctx context.Context, id string) (s hobby.Serving, err error) {
	if id == "" {
		return s, nil
	}
	v, err := p.store.Version(ctx, id)
	if err != nil {
		return s, fmt.Errorf("lora: reading version %.64q: %w", id, err)
	}
	if err := p.load(ctx, id); err != nil {
		return s, err
	}
	info, err := p.host.InfoWith(ctx, id)
	if err != nil {
		return s, fmt.Errorf("lora: asking the model what it is with the adapter: %w", err)
	}
	if info.Base != "" && info.Base != v.Base {
		return s, fmt.Errorf("%w: version %s was trained on %s, and %s answers", ErrBase, v.Name(), v.Base, info.Base)
	}
	return hobby.Serving{Adapter: id, Info: info}, nil
}

// deploy has a promoted version serve, once it has shown again that it acts.
func (r *run) deploy(ctx context.Context) (string, error) {
	v, err := r.store.Version(ctx, r.Version)
	if err != nil {
		return "", fmt.Errorf("lora: reading the candidate: %w", err)
	}
	if !v.Forgotten.IsZero() {
		return "", fmt.Errorf("lora: deploying: %w", ErrForgotten)
	}
	now, err := r.champion(ctx, r.hob.Kind)
	if err != nil {
		return "", err
	}
	cooling, err := r.coolsDown(ctx)
	switch {
	case err != nil:
		return "", err
	case now != nil && now.ID != r.Incumbent && now.ID != v.ID: // somebody was faster
		r.Reason = ReasonChanged
		return "", nil
	case cooling:
		r.Reason = ReasonCooling
		return "", nil
	}
	tasks, err := r.probes(ctx)
	if err != nil {
		return "", err
	}
	if err := r.load(ctx, v.ID); err != nil {
		return "", err
	}
	if r.Proof, err = r.act(ctx, r.exam, v.ID, &v.Artifact, tasks); err != nil {
		return "", err
	}
	from := ""
	if now != nil {
		from = now.ID
	}
	f := r.step.Job().Fence
	switch err := r.point(ctx, Flip{Kind: r.hob.Kind, From: from, To: v.ID, By: byTrial, Why: r.Reason}, &f); {
	case errors.Is(err, ErrConflict): // somebody was faster
		r.Reason = ReasonChanged
		return "", nil
	case err != nil:
		return "", err
	}
	r.Deployed = true
	return "", nil
}

// follow makes what serves here what the store says, after flips of other processes too.
// An adapter that cannot be loaded, or was not tried on the model as it answers now, leaves
// what served before. What was read before a flip
// of this process is older than the flip, and moves nothing.
func (p *Pipeline) follow(ctx context.Context) error {
	if p.host == nil {
		return nil
	}
	p.mu.Lock()
	flips := maps.Clone(p.flips)
	p.mu.Unlock()
	all, err := p.store.Aliases(ctx)
	if err != nil {
		return fmt.Errorf("lora: reading what serves: %w", err)
	}
	if err := p.dropForgotten(ctx, all); err != nil {
		return err
	}
	kinds := map[hobby.Kind]string{}
	p.mu.Lock()
	for k := range p.serving {
		kinds[k] = ""
	}
	p.mu.Unlock()
	for k, names := range all {
		kinds[k] = names[Champion]
	}
	var errs error
	for k, id := range kinds {
		if p.Champion(k) == id {
			continue
		}
		err := p.mayServe(ctx, k, id)
		if err != nil {
			errs = errors.Join(errs, err)
			continue
		}
		s, err := p.ready(ctx, id)
		if err != nil {
			errs = errors.Join(errs, err)
			continue
		}
		p.mu.Lock()
		if p.flips[k] == flips[k] {
			p.serving[k] = s
		}
		p.mu.Unlock()
	}
	return errs
}

// Run loads what serves, carries out what was started, also what a dead process left,
// watches champions, and follows the flips of other processes, until ctx ends. It returns
// nil then.
func (p *Pipeline) Run(ctx context.Context) error {
	defer p.letGo()
	g, ctx := errgroup.WithContext(ctx)
	if p.trainer != nil && p.host != nil {
		g.Go(func() error { return p.runner.Run(ctx) })
	}
	if p.host != nil && p.opts.Trial.Watch > 0 {
		g.Go(func() error { p.watchAll(ctx); return nil })
	}
	g.Go(func() error {
		tick := time.NewTicker(p.opts.Poll)
		defer tick.Stop()
		for told := ""; ; {
			said := ""
			if err := p.follow(ctx); err != nil && ctx.Err() == nil {
				said = err.Error()
			}
			if said != "" && said != told { // not at every tick
				p.opts.Logger.Warn("following what serves", "error", said)
			}
			told = said
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
	return g.Wait()
}

// Adapter reads one version.
func (p *Pipeline) Adapter(ctx context.Context, id string) (Version, error) {
	return p.store.Version(ctx, id)
}

// Adapters lists versions.
func (p *Pipeline) Adapters(ctx context.Context, f VersionFilter) (VersionPage, error) {
	return p.store.Versions(ctx, f)
}

// Compare reads the newest trial of two versions, one of a kind before one of the agent as a
// whole; "" or "base" is the base. The error is
// hobby.ErrNotFound without one.
func (p *Pipeline) Compare(ctx context.Context, candidate, baseline string) (Trial, error) {
	if baseline == "base" {
		baseline = ""
	}
	no := false
	page, err := p.store.Trials(ctx, TrialFilter{Candidate: candidate, Baseline: &baseline, Watch: &no, Limit: 10})
	if err != nil {
		return Trial{}, fmt.Errorf("lora: reading the trial: %w", err)
	}
	if len(page.Trials) == 0 {
		return Trial{}, fmt.Errorf("lora: %w: no trial of these two", hobby.ErrNotFound)
	}
	if of := slices.IndexFunc(page.Trials, func(t Trial) bool { return t.Kind != "" }); of > 0 {
		return page.Trials[of], nil
	}
	return page.Trials[0], nil
}

// Touched lists the versions that learned from a source.
func (p *Pipeline) Touched(ctx context.Context, source string) (all []Version, err error) {
	f := VersionFilter{Source: hobby.SourceHash(source), Limit: 1000}
	for {
		page, err := p.store.Versions(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("lora: %w", err)
		}
		all = append(all, page.Versions...)
		if f.Cursor = page.Next; f.Cursor == "" {
			return all, nil
		}
	}
}
