package lora

import (
	"context"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// choose looks at every level and chooses those to practise.
func (r *run) choose(ctx context.Context) (string, error) {
	var in Request
	if err := r.step.Input(&in); err != nil {
		return "", err
	}
	info, err := r.opts.Model.Info(ctx)
	if err != nil {
		return "", fmt.Errorf("lora: asking the model what it is: %w", err)
	}
	r.Base, r.BaseKey, r.BaseModel = info.Base, info.Key, info.Name
	r.Recipe = in.Recipe.over(r.opts.Recipe).over(RecipeFor(info))
	if r.Seed = in.Seed; r.Seed == 0 {
		r.Seed = seedOf(r.id)
	}
	if cooling, err := r.coolsDown(ctx); err != nil || cooling {
		r.Reason = ReasonCooling
		return "", err
	}
	if in.Whole {
		return r.nominate(ctx)
	}
	marked, err := r.marked(ctx)
	if err != nil {
		return "", err
	}
	if in.IfNew && !marked {
		if fresh, err := r.practised(ctx, in.Kind); err != nil || !fresh {
			r.Reason = ReasonNothingNew
			return "", err
		}
	}
	if err := r.goOnFrom(ctx); err != nil {
		return "", err
	}
	answered, err := r.probe(ctx)
	if err != nil {
		return "", err
	}
	if err := r.draw(ctx, answered); err != nil {
		return "", err
	}
	if r.Recipe.choose(r.Levels) == 0 {
		r.Reason = ReasonNoLevel
		return "", nil
	}
	return StageSample, r.look(ctx, func(l *LevelState, now float64) { l.Now = now })
}

// marked reports whether the champion learned from what is forgotten, so that it is to be
// replaced though nothing is new.
func (r *run) marked(ctx context.Context) (bool, error) {
	v, err := r.champion(ctx, r.hob.Kind)
	return v != nil && !v.Forgotten.IsZero(), err
}

// practised reports whether a kind was practised since its last run.
func (r *run) practised(ctx context.Context, k hobby.Kind) (bool, error) {
	last, err := r.lastRuns(ctx)
	if err != nil || last[k].ID == "" {
		return true, err
	}
	page, err := r.source.Items(ctx, hobby.ItemFilter{Kind: k, Split: hobby.Practice, Since: last[k].Created, Limit: 1})
	if err != nil {
		return false, fmt.Errorf("lora: reading what was practised: %w", err)
	}
	return len(page.Items) > 0, nil
}

// goOnFrom decides what the training goes on from: the champion, where its adapter has
// the recipe's shape and nothing that it learned from was forgotten.
func (r *run) goOnFrom(ctx context.Context) error {
	v, err := r.champion(ctx, r.hob.Kind)
	if err != nil || v == nil {
		return err
	}
	r.Incumbent = v.ID
	a, b := v.Config.WithDefaults(), r.Recipe.Config.WithDefaults()
	if v.Forgotten.IsZero() && v.Base == r.Base && a.Rank == b.Rank && a.Scale() == b.Scale() && slices.Equal(a.Modules, b.Modules) {
		r.From = v.ID
	}
	return nil
}

// probe asks practice tasks of all levels. It returns the answers of what the run goes on
// from.
func (r *run) probe(ctx context.Context) ([]hobby.Item, error) {
	r.Levels = nil
	var levels []hobby.Level
	for _, f := range r.hob.Families {
		for i := range f.Levels {
			l := hobby.Level{Family: f.Name, Level: i + 1}
			levels = append(levels, l)
			r.Levels = append(r.Levels, LevelState{Level: l, Guess: f.GuessAt(l.Level)})
		}
	}
	tasks, err := r.list(ctx, "probe", hobby.Practice, r.Recipe.Probe, levels...)
	if err != nil {
		return nil, err
	}
	rival, err := r.rival(ctx)
	if err != nil {
		return nil, err
	}
	base, err := r.sound(ctx, "", tasks)
	if err != nil {
		return nil, err
	}
	now := base
	if r.From != "" {
		name, err := r.adapter(ctx, 0)
		if err != nil {
			return nil, err
		}
		if now, err = r.sound(ctx, name, tasks); err != nil {
			return nil, err
		}
	}
	champion := now // what the training goes on from, but where its shape is another
	if rival != r.From {
		if champion, err = r.sound(ctx, rival, tasks); err != nil {
			return nil, err
		}
	}
	was, is, best := shares(base), shares(now), shares(champion)
	n := map[hobby.Level]float64{}
	tokens := map[hobby.Level]float64{}
	for i := range now {
		l := hobby.Level{Family: now[i].Family, Level: now[i].Level}
		n[l]++
		tokens[l] += float64(now[i].TokensIn + now[i].TokensOut)
	}
	for i := range r.Levels {
		l := &r.Levels[i]
		if rival != "" {
			l.Champion = best[l.Level]
		}
		l.Base, l.Now, l.Tokens = was[l.Level], is[l.Level], tokens[l.Level]/max(1, n[l.Level])
	}
	return now, nil
}

// sound asks the first half of each level's tasks, and the others of the levels of which
// one was right: what a model cannot do at all takes it the longest. Of the levels where it
// is right of one task in ten, it takes one in 23 for such a one at 60 tasks, and one in 8
// at 40.
func (r *run) sound(ctx context.Context, adapter string, tasks []hobby.TaskID) ([]hobby.Item, error) {
	var first, rest []hobby.TaskID
	n := map[hobby.Level]int{}
	for _, t := range tasks {
		n[levelOf(t)]++
	}
	seen := map[hobby.Level]int{}
	for _, t := range tasks {
		if l := levelOf(t); 2*seen[l] < n[l] {
			seen[l]++
			first = append(first, t)
		} else {
			rest = append(rest, t)
		}
	}
	items, err := r.ask(ctx, adapter, 1, first)
	if err != nil {
		return nil, err
	}
	some := shares(items)
	rest = slices.DeleteFunc(rest, func(t hobby.TaskID) bool { return some[levelOf(t)] == 0 })
	more, err := r.ask(ctx, adapter, 1, rest)
	return append(items, more...), err
}

// draw draws answers to the tasks of the levels that could be chosen, which were answered
// greedily before.
func (r *run) draw(ctx context.Context, answered []hobby.Item) error {
	hopeful := map[hobby.Level]bool{}
	for i := range r.Levels {
		hopeful[r.Levels[i].Level] = r.Recipe.hopeful(&r.Levels[i])
	}
	var tasks []hobby.TaskID
	known := map[hobby.TaskID]bool{}
	for i := range answered {
		if id := answered[i].Task(); hopeful[levelOf(id)] {
			tasks = append(tasks, id)
			known[id] = answered[i].Passed()
		}
	}
	name, err := r.adapter(ctx, 0)
	if err != nil {
		return err
	}
	items, err := r.ask(ctx, name, min(8, r.Recipe.Samples), tasks)
	if err != nil {
		return err
	}
	var by [2][]hobby.Item // answers to tasks that were answered wrong, and right
	for i := range items {
		k := 0
		if known[items[i].Task()] {
			k = 1
		}
		by[k] = append(by[k], items[i])
	}
	all, wrong, right := shares(items), shares(by[0]), shares(by[1])
	for i := range r.Levels {
		l := &r.Levels[i]
		p, ok := all[l.Level]
		if !ok {
			continue
		}
		l.Sampled = &p
		if q := l.beyondGuess(right[l.Level]); q > 0 {
			l.Luck = max(0, l.beyondGuess(wrong[l.Level])) / q
		}
	}
	return nil
}

// look asks practice tasks of the levels that are practised, the same in each round: two
// answers to one task say more of what a round has moved than answers to two.
func (r *run) look(ctx context.Context, note func(l *LevelState, now float64)) error {
	name, err := r.adapter(ctx, len(r.Rounds))
	if err != nil {
		return err
	}
	var levels []hobby.Level
	for _, l := range r.moving() {
		levels = append(levels, l.Level)
	}
	tasks, err := r.list(ctx, "look", hobby.Practice, r.Recipe.Again, levels...)
	if err != nil {
		return err
	}
	items, err := r.ask(ctx, name, 1, tasks)
	if err != nil {
		return err
	}
	now := shares(items)
	for _, l := range r.moving() {
		note(l, now[l.Level])
	}
	return nil
}

// measure drops the levels that the last round did not move.
func (r *run) measure(ctx context.Context) (string, error) {
	if len(r.Rounds) >= r.Recipe.Rounds {
		return StageProve, nil
	}
	if err := r.look(ctx, r.Recipe.moved); err != nil {
		return "", err
	}
	if len(r.moving()) == 0 {
		r.Reason = ReasonNoGain
		return "", nil
	}
	return StageSample, nil
}
