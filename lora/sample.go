package lora

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// sample makes the data set of the next round: right answers of the model as it is now
// to new practice tasks, and answers of the base to what must not be unlearned.
func (r *run) sample(ctx context.Context) (string, error) {
	n := len(r.Rounds) + 1
	own, err := r.own(ctx, n)
	if err != nil {
		return "", err
	}
	if n == 1 {
		moving := map[hobby.Level]bool{}
		for _, l := range r.moving() {
			moving[l.Level] = true
		}
		past, err := r.past(ctx, r.hob.Kind, r.keys, &r.request, r.step.Job().Created, func(l hobby.Level) bool { return moving[l] })
		if err != nil {
			return "", err
		}
		own = append(own, past[:min(len(past), r.Recipe.Tasks)]...)
	}
	kept := countRight(own, r.Recipe.Distinct)
	if kept < r.Recipe.Least {
		s, err := r.selectRows(ctx, own, nil)
		if err != nil {
			return "", err
		}
		if n > 1 { // the rounds before are trained: they are tried
			return StageProve, nil
		}
		r.Rounds = append(r.Rounds, Round{Funnel: s.Funnel, Rows: len(s.Rows), Digest: s.Digest})
		r.Reason = ReasonTooFew
		return "", nil
	}
	again, replay, err := r.keep(ctx, n, int(r.Recipe.Replay*float64(kept)))
	if err != nil {
		return "", err
	}
	s, err := r.selectRows(ctx, append(own, again...), replay)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(r.dir(), 0o755); err != nil {
		return "", fmt.Errorf("lora: %w", err)
	}
	file, err := writeRows(r.rowFile(r.id, n), s.Rows)
	if err != nil {
		return "", err
	}
	r.Rounds = append(r.Rounds, Round{Funnel: s.Funnel, Rows: len(s.Rows), Digest: s.Digest, File: file})
	return StageTrain, nil
}

// own draws answers to new tasks of the levels that are practised.
func (r *run) own(ctx context.Context, n int) (all []hobby.Item, err error) {
	name, err := r.adapter(ctx, n-1)
	if err != nil {
		return nil, err
	}
	moving := r.moving()
	for _, l := range moving {
		tasks, err := r.list(ctx, fmt.Sprint("sample ", n), hobby.Practice, max(1, r.Recipe.Tasks/len(moving)), l.Level)
		if err != nil {
			return nil, err
		}
		items, err := r.ask(ctx, name, r.Recipe.Samples, tasks)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

// keep has tasks answered of levels that are not practised: by the base those that it can
// do, and by the champion those that it has learned.
func (r *run) keep(ctx context.Context, n, most int) (learned, replay []hobby.Item, err error) {
	var base, champion []*LevelState
	for i := range r.Levels {
		switch l := &r.Levels[i]; {
		case l.moving():
		case r.From != "" && l.Now >= l.Base+4*r.Recipe.Rise && !l.Chosen:
			champion = append(champion, l)
		case l.Base >= r.Recipe.Seen:
			base = append(base, l)
		}
	}
	var tokens []float64
	for _, l := range slices.Concat(base, champion) {
		tokens = append(tokens, l.Tokens)
	}
	slices.Sort(tokens)
	for _, from := range []struct {
		levels  []*LevelState
		adapter string
		to      *[]hobby.Item
	}{{base, "", &replay}, {champion, r.From, &learned}} {
		var tasks []hobby.TaskID
		for _, l := range from.levels {
			dear := math.Sqrt(max(1, l.Tokens/max(1, tokens[len(tokens)/2]))) // long tasks are kept less often
			more, err := r.list(ctx, fmt.Sprint("keep ", n), hobby.Practice, int(float64(most)/float64(len(tokens))/dear)+1, l.Level)
			if err != nil {
				return nil, nil, err
			}
			tasks = append(tasks, more...)
		}
		if *from.to, err = r.ask(ctx, from.adapter, 1, tasks); err != nil {
			return nil, nil, err
		}
	}
	return learned, replay, nil
}

// countRight counts different right answers, at most so many to a task.
func countRight(items []hobby.Item, distinct int) (n int) {
	kept := map[hobby.TaskID]map[string]bool{}
	for i := range items {
		it := &items[i]
		if !it.Passed() || it.Finish != hobby.FinishStop || it.Answer == "" || len(kept[it.Task()]) == distinct || kept[it.Task()][it.Answer] {
			continue
		}
		if kept[it.Task()] == nil {
			kept[it.Task()] = map[string]bool{}
		}
		kept[it.Task()][it.Answer] = true
		n++
	}
	return n
}

// selectRows makes a data set of answers.
func (r *run) selectRows(ctx context.Context, own, replay []hobby.Item) (Selection, error) {
	o := SelectOptions{Base: r.BaseKey, Distinct: r.Recipe.Distinct, Seed: r.Seed}
	for i := range own {
		if k := own[i].ModelKey; k != r.BaseKey {
			add(&o.Own, k)
		}
	}
	return r.selected(ctx, &r.request, Material{Hobby: *r.hob, Items: own, Replay: replay}, o)
}

// selected makes a data set of a hobby's answers and insights.
func (p *Pipeline) selected(ctx context.Context, r *Request, m Material, o SelectOptions) (Selection, error) {
	if p.opts.Insights != nil {
		var err error
		if m.Insights, err = p.opts.Insights(ctx, m.Hobby.Kind); err != nil {
			return Selection{}, fmt.Errorf("lora: reading the insights of %s: %w", m.Hobby.Kind, err)
		}
	}
	if len(m.Insights) > 0 {
		var err error
		if o.HeldOut, err = heldOut(ctx, &m.Hobby, r.Seed); err != nil {
			return Selection{}, err
		}
		if len(o.HeldOut) == 0 {
			m.Insights = nil // whether they repeat one cannot be told
		}
	}
	o.Validation, o.MinQuality, o.Scorer, o.Redact = -1, r.MinQuality, p.opts.Scorer, p.opts.Redact
	return Select(ctx, []Material{m}, &o)
}
