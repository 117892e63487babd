package lora

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// opponent is a baseline that a candidate must beat.
type opponent struct {
	Trial
	contest
	guard *guarding
	found []float64 // candidate and baseline score of the pairs that are stored
	base  bool
	pairs []Pair // that are not stored yet
}

// batch is how many tasks are asked between two reports of a trial.
const batch = 60

// maxMissing is the share of tasks that may lack one of the two answers.
const maxMissing = 0.01

// try compares the candidate with the base, and with the champion where there is one.
func (r *run) try(ctx context.Context) (string, error) {
	if err := r.load(ctx, r.Version); err != nil {
		return "", err
	}
	all, err := r.opponents(ctx)
	if err != nil {
		return "", err
	}
	items, err := r.compare(ctx, all)
	if err != nil {
		return "", err
	}
	asked := map[hobby.TaskID]bool{}
	for i := range items {
		asked[items[i].Task()] = true
	}
	promoted := true
	for _, o := range all {
		promoted = promoted && o.Verdict == Promote
	}
	if promoted {
		more, err := r.guardAll(ctx, all, asked)
		if err != nil {
			return "", err
		}
		items = append(items, more...)
	}
	if err := r.settle(ctx, all, items); err != nil {
		return "", err
	}
	if r.Verdict == Promote {
		return StageDeploy, nil
	}
	return "", nil
}

// rival loads the champion that must be beaten, beside the base. "" is none: a champion
// that has learned from something that was forgotten, or that is of another base, is not.
func (r *run) rival(ctx context.Context) (string, error) {
	if r.Incumbent == "" {
		return "", nil
	}
	v, err := r.store.Version(ctx, r.Incumbent)
	if err != nil {
		return "", fmt.Errorf("lora: reading the champion: %w", err)
	}
	if !v.Forgotten.IsZero() || v.Base != r.Base {
		return "", nil
	}
	return v.ID, r.load(ctx, v.ID)
}

// opponents are the base and the champion, with what is stored of their trials.
func (r *run) opponents(ctx context.Context) (all []*opponent, err error) {
	ids := []string{""}
	rival, err := r.rival(ctx)
	if err != nil {
		return nil, err
	}
	if rival != "" {
		ids = append(ids, rival)
	}
	past, err := r.nights(ctx)
	if err != nil {
		return nil, err
	}
	practised, err := r.learned(ctx)
	if err != nil {
		return nil, err
	}
	r.Trials = nil
	for _, id := range ids {
		o := &opponent{base: id == "", guard: newGuarding(r.opts.Trial, practised)}
		o.contest = contest{TrialOptions: r.opts.Trial, past: past}
		o.Trial = Trial{
			ID: hobby.ModelKey("trial", r.id, r.Version, id), Kind: r.hob.Kind, Candidate: r.Version, Baseline: id,
			BaseKey: r.BaseKey, Job: r.id, Started: time.Now().UTC(), PValue: 1,
		}
		if err := r.resume(ctx, o); err != nil {
			return nil, err
		}
		r.Trials = append(r.Trials, o.Trial.ID)
		all = append(all, o)
	}
	return all, nil
}

// resume reads the pairs that a run which was interrupted has stored. They count, and
// the answers that are given now instead of theirs do not.
func (r *run) resume(ctx context.Context, o *opponent) error {
	page, err := r.store.Trials(ctx, TrialFilter{ID: o.Trial.ID})
	if err != nil || len(page.Trials) == 0 {
		return err
	}
	o.Trial = page.Trials[0]
	for {
		pairs, err := r.store.Pairs(ctx, o.Trial.ID, len(o.found)/2, 1000)
		if err != nil || len(pairs) == 0 {
			return err
		}
		for _, p := range pairs {
			o.found = append(o.found, p.Candidate, p.Baseline)
		}
	}
}

// nights are the e-values of the kind's earlier candidates against all that they had to
// beat, as logarithms.
func (r *run) nights(ctx context.Context) (logs []float64, err error) {
	if r.opts.Trial.Nights < 0 {
		return nil, nil
	}
	least := map[string]float64{}
	var order []string
	page, err := r.store.Trials(ctx, TrialFilter{Kind: r.hob.Kind, Limit: 1000})
	if err != nil {
		return nil, fmt.Errorf("lora: reading earlier trials: %w", err)
	}
	for _, t := range page.Trials {
		if t.Kind != r.hob.Kind || t.Job == r.id || t.Verdict == "" || t.Watch {
			continue
		}
		e, known := least[t.Candidate]
		if !known {
			order = append(order, t.Candidate)
			e = t.LogE
		}
		least[t.Candidate] = min(e, t.LogE)
	}
	for _, c := range order[:min(len(order), r.opts.Trial.Nights)] {
		logs = append(logs, least[c])
	}
	return logs, nil
}

// compare puts held-out tasks of the practised levels to all, until each contest has a
// verdict or one says that the candidate is not to be promoted.
func (r *run) compare(ctx context.Context, all []*opponent) (items []hobby.Item, err error) {
	tasks, err := r.held(ctx)
	if err != nil {
		return nil, err
	}
	dealt, missing := 0, 0
	over := func() bool {
		open := false
		for _, o := range all {
			if o.Verdict != "" && o.Verdict != Promote {
				return true
			}
			open = open || o.Verdict == ""
		}
		return !open
	}
	for len(tasks) > 0 && !over() {
		now := tasks[:min(batch, len(tasks))]
		tasks = tasks[len(now):]
		got, err := r.ask(ctx, r.Version, 1, now)
		if err != nil {
			return nil, err
		}
		items = append(items, got...)
		dealt += len(now)
		for _, o := range all {
			if o.Verdict != "" {
				continue
			}
			theirs, err := r.ask(ctx, o.Baseline, 1, now)
			if err != nil {
				return nil, err
			}
			missing += o.meet(now, got, theirs)
			if err := r.note(ctx, o); err != nil {
				return nil, err
			}
		}
	}
	for _, o := range all {
		switch {
		case float64(missing) > maxMissing*float64(dealt*len(all)):
			o.Verdict, o.Why = Inconclusive, fmt.Sprintf("%d of %d answers are missing", missing, dealt*len(all))
		case o.Verdict == "" && len(tasks) == 0:
			o.Verdict, o.Why = Inconclusive, "there are no more held-out tasks"
		case o.Verdict == "":
			o.Verdict, o.Why = Inconclusive, "the other trial has decided"
		}
	}
	return items, nil
}

// held lists the tasks of a trial, the levels in turn.
func (r *run) held(ctx context.Context) ([]hobby.TaskID, error) {
	moving := r.moving()
	var by [][]hobby.TaskID
	for _, l := range moving {
		tasks, err := r.list(ctx, "trial", hobby.HeldOut, r.opts.Trial.MostPairs/len(moving)+1, l.Level)
		if err != nil {
			return nil, err
		}
		by = append(by, tasks)
	}
	return inTurn(by, r.opts.Trial.MostPairs), nil
}

// meet counts the pairs of some tasks, up to the verdict, and how many lack an answer.
func (o *opponent) meet(tasks []hobby.TaskID, ours, theirs []hobby.Item) (missing int) {
	both := pairUp(ours, theirs)
	for _, id := range tasks {
		p, ok := both[id]
		if !ok {
			missing++
			continue
		}
		if o.Verdict != "" {
			continue
		}
		n := o.contest.pairs
		if 2*n < len(o.found) {
			p = [2]float64{o.found[2*n], o.found[2*n+1]}
		}
		e := o.contest.add(p[0], p[1])
		if l := levelOf(id); o.guard.practised[l] { // guardAll asks the others, of which the number is fixed before
			o.guard.add(l, p[0], p[1])
		}
		o.pairs = append(o.pairs, Pair{N: n, Task: id, Candidate: p[0], Baseline: p[1], LogE: e})
		o.Verdict, o.Why = o.contest.verdict()
	}
	return missing
}

// pairUp has the scores of the tasks that both answered.
func pairUp(ours, theirs []hobby.Item) map[hobby.TaskID][2]float64 {
	mine := map[hobby.TaskID]float64{}
	for i := range ours {
		mine[ours[i].Task()] = ours[i].Score
	}
	both := map[hobby.TaskID][2]float64{}
	for i := range theirs {
		if s, ok := mine[theirs[i].Task()]; ok {
			both[theirs[i].Task()] = [2]float64{s, theirs[i].Score}
		}
	}
	return both
}

// note stores how far a trial is. It is closed later, when all is known.
func (r *run) note(ctx context.Context, o *opponent) error {
	t := o.Trial
	o.report(&t)
	t.Verdict, t.Why, t.Ended = "", "", time.Time{}
	f := r.step.Job().Fence
	err := r.store.PutTrial(ctx, t, o.pairs, nil, &f)
	if err != nil && !errors.Is(err, ErrConflict) { // closed by a run that was then interrupted
		return fmt.Errorf("lora: storing the trial: %w", err)
	}
	o.pairs = nil
	r.tell(Progress{Job: r.id, Stage: StageTrial, Round: len(r.Rounds), Trial: &t})
	return nil
}

// guardAll puts held-out tasks of the levels that were not practised to all, and the host's
// anchors. A trial for all kinds may have asked some of these tasks already. They are asked
// again: a contest ends when its pairs speak for the candidate, so its pairs guard nothing. It
// returns the candidate's answers to tasks that were not asked.
func (r *run) guardAll(ctx context.Context, all []*opponent, asked map[hobby.TaskID]bool) ([]hobby.Item, error) {
	var levels []hobby.Level
	seen := map[hobby.Level][2]bool{} // by the base, by the champion
	for i := range r.Levels {
		l := &r.Levels[i]
		s := [2]bool{l.Base >= r.Recipe.Seen, l.Champion >= r.Recipe.Seen}
		if !all[0].guard.practised[l.Level] && (s[0] || s[1]) {
			levels = append(levels, l.Level)
			seen[l.Level] = s
		}
	}
	o := &r.opts.Trial
	each := max(o.GuardLevel, (cmp.Or(o.GuardTasks, r.Recipe.Guard)+len(levels)-1)/max(1, len(levels)))
	tasks, err := r.list(ctx, "guard", hobby.HeldOut, each, levels...)
	if err != nil {
		return nil, err
	}
	ours, err := r.ask(ctx, r.Version, 1, tasks)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		theirs, err := r.ask(ctx, o.Baseline, 1, tasks)
		if err != nil {
			return nil, err
		}
		both := pairUp(ours, theirs)
		missing := len(tasks) - len(both)
		for _, id := range tasks {
			l := levelOf(id)
			if p, ok := both[id]; ok && (o.base && seen[l][0] || !o.base && seen[l][1]) {
				o.guard.add(l, p[0], p[1])
			}
		}
		o.Guardrails = o.guard.rails()
		if err := r.anchors(ctx, o); err != nil {
			return nil, err
		}
		if float64(missing) > maxMissing*float64(len(tasks)) {
			o.Verdict, o.Why = Inconclusive, fmt.Sprintf("%d of %d answers to what must not get worse are missing", missing, len(tasks))
		}
		if why := broken(o.Guardrails); why != "" {
			o.Verdict, o.Why = Rollback, why
		}
	}
	return slices.DeleteFunc(ours, func(i hobby.Item) bool { return asked[i.Task()] }), nil
}

// anchors asks the host's own cases.
func (r *run) anchors(ctx context.Context, o *opponent) error {
	for i := range r.opts.Anchors {
		a := &r.opts.Anchors[i]
		var got [2]bool
		var err error
		for j, adapter := range []string{r.Version, o.Baseline} {
			if got[j], err = a.right(ctx, r.opts.Model, adapter); err != nil {
				return err
			}
		}
		t := &tally{}
		score := map[bool]float64{true: 1}
		t.add(score[got[0]], score[got[1]])
		d := t.mean() // of one case that is known: there is nothing to estimate
		rail := t.rail(a.Name, 0, hobby.Change{Mean: d, Low: d, High: d})
		if rail.Passed = got[0] || !got[1]; !rail.Passed {
			rail.Why = fmt.Sprintf("it answers the anchor %q wrong", a.Name)
		}
		o.Guardrails = append(o.Guardrails, rail)
	}
	return nil
}

// settle closes the trials, with the candidate's answers as an activity.
func (r *run) settle(ctx context.Context, all []*opponent, items []hobby.Item) (err error) {
	r.Verdict, r.Reason = Promote, all[0].Why
	for _, o := range all {
		if o.Verdict != Promote && (r.Verdict == Promote || o.Why != "the other trial has decided") {
			r.Verdict, r.Reason = o.Verdict, o.Why
		}
	}
	answers, ids, err := r.sessions(ctx, r.hob, hobby.Activity{
		ID: "trial-" + r.id, Started: all[0].Started, Adapter: r.Version,
		Plan: hobby.Plan{Policy: "trial/1", Seed: r.Seed}, Description: "trial of a new adapter",
	}, items)
	if err != nil {
		return err
	}
	f := r.step.Job().Fence
	for _, o := range all {
		t := o.Trial
		o.report(&t)
		t.Levels, t.Activities, t.Ended = o.levels(), ids, time.Now().UTC()
		err := r.store.PutTrial(ctx, t, o.pairs, answers, &f)
		if err != nil && !errors.Is(err, ErrConflict) {
			return fmt.Errorf("lora: storing the trial: %w", err)
		}
		answers = nil
		r.tell(Progress{Job: r.id, Stage: StageTrial, Round: len(r.Rounds), Trial: &t})
	}
	if r.Verdict == Promote {
		return nil
	}
	now, err := r.store.Aliases(ctx)
	if err == nil && now[r.hob.Kind][Candidate] == r.Version {
		flip := Flip{Kind: r.hob.Kind, Alias: Candidate, From: r.Version, By: byTrial, Why: r.Reason}
		err = r.store.Point(ctx, []Flip{flip}, &f)
	}
	return err
}

// levels are the results of the practised levels.
func (o *opponent) levels() (all []LevelResult) {
	for _, l := range o.guard.levels {
		if !o.guard.practised[l] {
			continue
		}
		t := o.guard.by[l]
		n := float64(t.pairs)
		all = append(all, LevelResult{
			Level: l, Pairs: t.pairs, Wins: t.sign.Wins, Losses: t.sign.Losses,
			CandidateScore: t.candidate / n, BaselineScore: t.baseline / n, Difference: t.difference(o.Alpha),
		})
	}
	return all
}

// sessions makes activities of the answers of an adapter to a hobby's exam, so that what it
// can do is known from its first minute, and names them. An exam of all kinds has one for
// each, and they share its time as their answers do.
func (p *Pipeline) sessions(
	ctx context.Context, h *hobby.Hobby, a hobby.Activity, items []hobby.Item,
) (all []hobby.Session, ids []string, err error) {
	info, err := p.host.InfoWith(ctx, a.Adapter)
	if err != nil {
		return nil, nil, fmt.Errorf("lora: asking the model what it is with the adapter: %w", err)
	}
	a.Agent, a.Status, a.Ended, a.Plan.Propensity = p.opts.Agent, hobby.Completed, time.Now().UTC(), 1
	a.Model, a.ModelKey = info.Name, info.Key
	var took time.Duration
	for i := range items {
		took += items[i].Latency
	}
	kinds := []*hobby.Hobby{h}
	if w, ok := h.Executor.(whole); ok {
		kinds = w.of
	}
	for _, k := range kinds {
		s := hobby.Session{Activity: a}
		of := &s.Activity
		of.Plan.Kind, of.Description = k.Kind, k.Kind.Title()+": "+a.Description
		if h.Kind == "" {
			of.ID += "-" + string(k.Kind)
		}
		for _, i := range items {
			if h.Kind == "" && !asks(k, i.Family) {
				continue
			}
			i.Activity = of.ID
			of.Cost = of.Cost.Add(i.Cost())
			of.Engaged += i.Latency
			s.Items = append(s.Items, i)
		}
		if len(s.Items) == 0 && h.Kind == "" {
			continue
		}
		if h.Kind == "" && took > 0 {
			share := float64(of.Engaged) / float64(took)
			of.Started = of.Ended.Add(-time.Duration(share * float64(a.Ended.Sub(a.Started))))
		}
		of.Engaged = min(of.Engaged, of.Ended.Sub(of.Started))
		all, ids = append(all, s), append(ids, of.ID)
	}
	return all, ids, nil
}
