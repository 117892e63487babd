package lora

import (
	"context"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// whole is the agent as a whole: its exams are those of all kinds that Options.Model
// answers. It is not practised.
type whole struct {
	hobby.Executor
	of []*hobby.Hobby
}

// whole makes the hobby of the kind "".
func (p *Pipeline) whole(ctx context.Context) (*hobby.Hobby, error) {
	w := whole{}
	h := &hobby.Hobby{Model: p.opts.Model}
	for _, k := range p.Kinds(ctx) {
		one, err := p.hobby(k)
		if err != nil {
			return nil, err
		}
		for _, f := range one.Families {
			if asks(h, f.Name) {
				return nil, fmt.Errorf("lora: %w: two kinds have a family %q", hobby.ErrInvalid, f.Name)
			}
			h.Families = append(h.Families, f)
		}
		w.of = append(w.of, one)
	}
	if len(w.of) == 0 {
		return nil, fmt.Errorf("lora: %w: no kind has exams", hobby.ErrUnknownKind)
	}
	h.Executor = w
	return h, nil
}

// asks reports whether a hobby has a family.
func asks(h *hobby.Hobby, family string) bool {
	return slices.ContainsFunc(h.Families, func(f hobby.Family) bool { return f.Name == family })
}

// Exam implements hobby.Examiner.
func (w whole) Exam(ctx context.Context, r hobby.ExamRequest) (all hobby.Exam, err error) {
	for _, h := range w.of {
		its := r
		its.Levels = nil
		for _, f := range h.Families {
			for n := range f.Levels {
				if l := (hobby.Level{Family: f.Name, Level: n + 1}); r.Levels == nil || slices.Contains(r.Levels, l) {
					its.Levels = append(its.Levels, l)
				}
			}
		}
		if len(its.Levels) == 0 {
			continue
		}
		e, err := h.Executor.(hobby.Examiner).Exam(ctx, its)
		if err != nil {
			return hobby.Exam{}, fmt.Errorf("%s: %w", h.Kind, err)
		}
		all.Tasks, all.Short = append(all.Tasks, e.Tasks...), append(all.Short, e.Short...)
	}
	return all, nil
}

// Sit implements hobby.Examiner. The answers of each kind are together.
func (w whole) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) (all []hobby.Item, err error) {
	for _, h := range w.of {
		its := s
		its.Tasks = nil
		for _, t := range s.Tasks {
			if asks(h, t.Family) {
				its.Tasks = append(its.Tasks, t)
			}
		}
		if len(its.Tasks) == 0 {
			continue
		}
		items, err := h.Executor.(hobby.Examiner).Sit(ctx, m, its)
		if all = append(all, items...); err != nil {
			return all, fmt.Errorf("%s: %w", h.Kind, err)
		}
	}
	return all, nil
}

// untried is the newest champion of a kind that does not serve the agent as a whole, and was
// not tried for that; "" is none.
func (p *Pipeline) untried(ctx context.Context) (string, error) {
	now, err := p.store.Aliases(ctx)
	if err != nil {
		return "", fmt.Errorf("lora: reading what serves: %w", err)
	}
	var newest Flip
	for _, k := range p.Kinds(ctx) {
		id := now[k][Champion]
		if id == "" || id == now[""][Champion] {
			continue
		}
		v, err := p.store.Version(ctx, id)
		if err != nil {
			return "", fmt.Errorf("lora: reading the champion of %s: %w", k, err)
		}
		tried, err := p.tried(ctx, id)
		if err != nil {
			return "", err
		}
		page, err := p.store.History(ctx, FlipFilter{Kind: &k, Alias: Champion, Limit: 1})
		if err != nil {
			return "", fmt.Errorf("lora: reading the history: %w", err)
		}
		if v.Forgotten.IsZero() && !tried && len(page.Flips) > 0 && page.Flips[0].At.After(newest.At) {
			newest = page.Flips[0]
		}
	}
	return newest.To, nil
}

// tried reports whether a version was tried for the agent as a whole.
func (p *Pipeline) tried(ctx context.Context, id string) (bool, error) {
	no := false
	page, err := p.store.Trials(ctx, TrialFilter{Candidate: id, Watch: &no, Limit: 1000})
	if err != nil {
		return false, fmt.Errorf("lora: reading the trials: %w", err)
	}
	return slices.ContainsFunc(page.Trials, func(t Trial) bool { return t.Kind == "" && t.Verdict != "" }), nil
}

// nominate names the version that a run for the agent as a whole tries, and looks at all
// levels of all kinds: it is tried on those that one of base, champion and it can do.
func (r *run) nominate(ctx context.Context) (string, error) {
	id, err := r.untried(ctx)
	if err != nil {
		return "", err
	}
	if id == "" {
		r.Reason = ReasonNothingNew
		return "", nil
	}
	now, err := r.store.Aliases(ctx)
	if err != nil {
		return "", fmt.Errorf("lora: reading what serves: %w", err)
	}
	r.Incumbent, r.Version, r.From = now[""][Champion], id, id
	if _, err := r.probe(ctx); err != nil {
		return "", err
	}
	for i := range r.Levels {
		l := &r.Levels[i]
		l.Chosen = max(l.Base, l.Champion, l.Now) >= r.Recipe.Seen
	}
	if len(r.moving()) == 0 {
		r.Reason = ReasonNoLevel
		return "", nil
	}
	return StageTrial, nil
}

// learned are the levels that the version which is tried has practised. The others must
// not get worse.
func (r *run) learned(ctx context.Context) (map[hobby.Level]bool, error) {
	levels := r.Levels
	if r.request.Whole {
		v, err := r.store.Version(ctx, r.Version)
		if err != nil {
			return nil, fmt.Errorf("lora: reading the candidate: %w", err)
		}
		levels = nil
		if of, err := r.Status(ctx, v.Job); err == nil && v.Job != "" { // else nobody knows
			levels = of.State.Levels
		}
	}
	all := map[hobby.Level]bool{}
	for i := range levels {
		if levels[i].moving() {
			all[levels[i].Level] = true
		}
	}
	return all, nil
}
