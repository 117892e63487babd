package lora

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/stat"
)

// Who moves an alias, beside persons.
const (
	byTrial  = "trial"
	byApply  = "apply" // a person, for what a trial promoted
	byForce  = "force" // a person, whatever the trial said
	byWatch  = "watch"
	byForget = "forget"
)

// exams is how many exams a watch has, spread evenly over its time. Those that were due
// while no program ran are sat afterwards, one at each look.
const exams = 12

// look is the longest time between two looks at whether an exam is due.
const look = time.Minute

// watchAll watches champions until ctx ends.
func (p *Pipeline) watchAll(ctx context.Context) {
	every := min(look, p.opts.Trial.Watch/exams)
	for {
		if err := p.watch(ctx); err != nil && ctx.Err() == nil {
			p.opts.Logger.Warn("watching what serves", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(every, p.opts.Poll)):
		}
	}
}

// watch has each champion sit an exam when one is due, and rolls back those that are
// shown to be worse than what they replaced.
func (p *Pipeline) watch(ctx context.Context) error {
	now, err := p.store.Aliases(ctx)
	if err != nil {
		return fmt.Errorf("lora: reading what serves: %w", err)
	}
	var errs error
	for i := range p.opts.Hobbies {
		h := &p.opts.Hobbies[i]
		if x, ok := h.Executor.(hobby.Examiner); ok {
			w := &watching{Pipeline: p, hob: h, exam: x}
			if err := w.look(ctx, now[h.Kind][Champion]); err != nil {
				errs = errors.Join(errs, fmt.Errorf("watching the champion of %q: %w", h.Kind, err))
			}
		}
	}
	if champion := now[""][Champion]; champion != "" || p.Champion("") != "" {
		h, err := p.whole(ctx)
		if err == nil {
			w := &watching{Pipeline: p, hob: h, exam: h.Executor.(hobby.Examiner)}
			err = w.look(ctx, champion)
		}
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("watching the champion of all kinds: %w", err))
		}
	}
	return errs
}

// watching is the watch over one champion, from its first exam on. It is stored as a trial
// against what the champion replaced, so it goes on in another process. The trial's name
// is made of the promotion: a version that is promoted again is watched again.
type watching struct {
	*Pipeline
	Trial
	hob   *hobby.Hobby
	exam  hobby.Examiner
	all   tally
	by    map[hobby.Level]*stat.Sign
	asked map[hobby.TaskID]bool
}

// look does what is due for the champion of a kind.
func (w *watching) look(ctx context.Context, champion string) error {
	if w.Champion(w.hob.Kind) != champion { // Run loads it soon
		return nil
	}
	flip, err := w.promotion(ctx, champion)
	if err != nil {
		return err
	}
	id := ""
	if flip != nil {
		id = hobby.ModelKey("watch", string(flip.Kind), flip.To, flip.From, flip.At.UTC().Format(time.RFC3339Nano))
	}
	if err := w.closeOthers(ctx, id); err != nil || flip == nil {
		return err
	}
	o := &w.opts.Trial
	w.Trial = Trial{
		ID: id, Kind: flip.Kind, Candidate: flip.To, Baseline: flip.From, Watch: true, Started: time.Now().UTC(), PValue: 1,
		Most: exams * o.WatchTasks, Alpha: o.level(),
	}
	page, err := w.store.Trials(ctx, TrialFilter{ID: id})
	if err != nil {
		return fmt.Errorf("lora: reading the watch: %w", err)
	}
	if len(page.Trials) > 0 {
		w.Trial = page.Trials[0]
	}
	sat := (w.Pairs + o.WatchTasks - 1) / o.WatchTasks
	age := time.Since(w.Started) // a start in the future was stamped by a wrong clock
	switch {
	case w.Verdict == Rollback: // the process has died before the alias moved
		return w.rollback(ctx)
	case w.Verdict != "" || age >= 0 && age < time.Duration(sat)*o.Watch/exams:
		return nil
	}
	if err := w.resume(ctx); err != nil {
		return err
	}
	if sat >= exams {
		return w.end(ctx, "")
	}
	return w.sit(ctx)
}

// promotion is how the champion came to serve; nil where that is not to be watched: it is
// the base, a person insisted on it, or it came back because another one was worse.
func (w *watching) promotion(ctx context.Context, champion string) (*Flip, error) {
	if champion == "" {
		return nil, nil
	}
	page, err := w.store.History(ctx, FlipFilter{Kind: &w.hob.Kind, Alias: Champion, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("lora: reading the history: %w", err)
	}
	if len(page.Flips) == 0 || page.Flips[0].To != champion || page.Flips[0].By != byTrial && page.Flips[0].By != byApply {
		return nil, nil
	}
	return &page.Flips[0], nil
}

// closeOthers closes the watches over what serves no more.
func (w *watching) closeOthers(ctx context.Context, id string) error {
	yes := true
	page, err := w.store.Trials(ctx, TrialFilter{Kind: w.hob.Kind, Watch: &yes, Limit: 100})
	if err != nil {
		return fmt.Errorf("lora: reading earlier watches: %w", err)
	}
	for _, t := range page.Trials {
		if t.Kind != w.hob.Kind || t.ID == id || t.Verdict != "" {
			continue
		}
		t.Verdict, t.Why, t.Ended = Inconclusive, "something else serves by now", time.Now().UTC()
		if err := w.store.PutTrial(ctx, t, nil, nil, nil); err != nil && !errors.Is(err, ErrConflict) {
			return fmt.Errorf("lora: closing a watch: %w", err)
		}
	}
	return nil
}

// resume reads the pairs of the watch so far.
func (w *watching) resume(ctx context.Context) error {
	w.by, w.asked = map[hobby.Level]*stat.Sign{}, map[hobby.TaskID]bool{}
	for {
		pairs, err := w.store.Pairs(ctx, w.ID, w.all.pairs, 1000)
		if err != nil {
			return fmt.Errorf("lora: reading the watch: %w", err)
		}
		if len(pairs) == 0 {
			return nil
		}
		for _, p := range pairs {
			w.count(p.Task, p.Candidate, p.Baseline)
		}
	}
}

// count counts a task that both answered.
func (w *watching) count(t hobby.TaskID, champion, before float64) {
	w.asked[t] = true
	w.all.add(champion, before)
	l := levelOf(t)
	if w.by[l] == nil {
		w.by[l] = &stat.Sign{}
	}
	if d := right(champion) - right(before); d != 0 {
		w.by[l].Add(d > 0)
	}
}

// sit puts held-out tasks to the champion and to what it replaced.
func (w *watching) sit(ctx context.Context) error {
	tasks, err := w.tasks(ctx)
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		return w.end(ctx, "")
	}
	if err := w.load(ctx, w.Baseline); err != nil {
		if gone(err) {
			return w.end(ctx, "what it replaced is gone")
		}
		return err
	}
	begun := time.Now().UTC()
	var items [2][]hobby.Item
	for i, adapter := range []string{w.Candidate, w.Baseline} {
		if err := w.wait(ctx); err != nil {
			return err
		}
		if items[i], err = w.exam.Sit(ctx, w.opts.Model, hobby.Sitting{Tasks: tasks, Adapter: adapter}); err != nil {
			return fmt.Errorf("lora: asking the model: %w", err)
		}
	}
	both := pairUp(items[0], items[1])
	var pairs []Pair
	for _, id := range tasks {
		if p, ok := both[id]; ok {
			w.count(id, p[0], p[1])
			w.LogE = w.all.sign.Opposite().LogE()
			w.PValue = min(w.PValue, math.Exp(-w.LogE))
			pairs = append(pairs, Pair{N: w.all.pairs - 1, Task: id, Candidate: p[0], Baseline: p[1], LogE: w.LogE})
		}
	}
	if len(pairs) == 0 { // the model has no room for any of them, today and the next time
		return w.end(ctx, fmt.Sprintf("none of the next %d tasks was answered by both", len(tasks)))
	}
	answers, ids, err := w.sessions(ctx, w.hob, hobby.Activity{
		ID: fmt.Sprintf("watch-%s-%d", w.ID, w.all.pairs), Started: begun, Adapter: w.Candidate,
		Plan: hobby.Plan{Policy: "watch/1"}, Description: "exam of the adapter that serves",
	}, items[0])
	if err != nil {
		return err
	}
	w.Activities = ids
	w.report()
	if w.Verdict, w.Why = w.verdict(); w.Verdict != "" {
		w.Ended = time.Now().UTC()
	}
	switch err := w.store.PutTrial(ctx, w.Trial, pairs, answers, nil); {
	case errors.Is(err, ErrConflict): // another process was faster, or something else serves by now
		return nil
	case err != nil:
		return fmt.Errorf("lora: storing the watch: %w", err)
	}
	w.tell(Progress{Trial: &w.Trial})
	if w.Verdict == Rollback {
		return w.rollback(ctx)
	}
	return nil
}

// report fills in what the pairs say so far.
func (w *watching) report() {
	t, a := &w.Trial, &w.all
	n := float64(a.pairs)
	t.Pairs, t.Wins, t.Losses, t.Ties = a.pairs, a.sign.Wins, a.sign.Losses, a.ties()
	t.CandidateScore, t.BaselineScore = a.candidate/n, a.baseline/n
	d := a.difference(2 * t.Alpha)
	t.Difference = &d
}

// verdict says that the champion is worse: over all levels together, or at one of them.
// Each of the two questions has Alpha, half of that of the options, and that of the levels
// is divided among them. So a champion that is nowhere worse is rolled back with a chance of
// at most TrialOptions.Alpha, however often it is looked at (Ville's inequality, and
// Bonferroni).
func (w *watching) verdict() (Verdict, string) {
	sure := -math.Log(w.Alpha)
	if w.all.sign.Opposite().LogE() >= sure {
		return Rollback, fmt.Sprintf("since it serves it answers fewer held-out tasks right than before: of %d tasks %d were lost and %d won",
			w.all.pairs, w.all.sign.Losses, w.all.sign.Wins)
	}
	for l, s := range w.by {
		if s.Opposite().LogE() >= sure+math.Log(float64(w.levels())) {
			return Rollback, fmt.Sprintf("since it serves it has lost %s level %d: %d tasks were lost and %d won",
				l.Family, l.Level, s.Losses, s.Wins)
		}
	}
	return "", ""
}

// levels is how many levels the hobby has.
func (w *watching) levels() (n int) {
	for _, f := range w.hob.Families {
		n += f.Levels
	}
	return max(1, n)
}

// tasks lists the tasks of the next exam: held out, and new in this watch. Where the
// adapter's training has found that neither can do a level, it is left out.
func (w *watching) tasks(ctx context.Context) ([]hobby.TaskID, error) {
	v, err := w.store.Version(ctx, w.Candidate)
	if err != nil {
		return nil, fmt.Errorf("lora: reading the champion: %w", err)
	}
	idle := map[hobby.Level]bool{}
	if w.Kind == "" { // the run that tried it knows the levels of all kinds
		last, err := w.lastRuns(ctx)
		if err != nil {
			return nil, err
		}
		v.Job = last[""].ID
	}
	if run, err := w.Status(ctx, cmp.Or(v.Job, "none")); err == nil {
		for _, l := range run.State.Levels {
			idle[l.Level] = !l.Chosen && max(l.Base, l.Champion, l.Now) < run.State.Recipe.Seen
		}
	}
	var levels []hobby.Level
	for _, f := range w.hob.Families {
		for i := range f.Levels {
			if l := (hobby.Level{Family: f.Name, Level: i + 1}); !idle[l] {
				levels = append(levels, l)
			}
		}
	}
	if len(levels) == 0 {
		return nil, nil
	}
	most := exams * w.opts.Trial.WatchTasks
	e, err := w.exam.Exam(ctx, hobby.ExamRequest{
		Purpose: "lora watch", Seed: seedOf(w.ID), Split: hobby.HeldOut, Levels: levels, Tasks: most/len(levels) + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("lora: listing tasks: %w", err)
	}
	by := make([][]hobby.TaskID, len(levels))
	for _, t := range e.Tasks {
		if i := slices.Index(levels, levelOf(t)); i >= 0 {
			by[i] = append(by[i], t)
		}
	}
	next := slices.DeleteFunc(inTurn(by, most), func(t hobby.TaskID) bool { return w.asked[t] })
	return next[:min(len(next), w.opts.Trial.WatchTasks)], nil
}

// inTurn takes up to most tasks, one of each list in turn.
func inTurn(by [][]hobby.TaskID, most int) (mixed []hobby.TaskID) {
	for i := 0; len(mixed) < most; i++ {
		before := len(mixed)
		for _, tasks := range by {
			if i < len(tasks) {
				mixed = append(mixed, tasks[i])
			}
		}
		if len(mixed) == before {
			break
		}
	}
	return mixed
}

// gone reports whether a version can serve no more.
func gone(err error) bool {
	for _, e := range []error{hobby.ErrNotFound, ErrDamaged, ErrForgotten, ErrCollected, ErrBase} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// end closes a watch that did not find the champion worse. why is the reason where it was
// not the last exam.
func (w *watching) end(ctx context.Context, why string) error {
	w.Verdict, w.Why, w.Ended = Inconclusive, why, time.Now().UTC()
	switch {
	case why != "":
	case w.all.pairs == 0:
		w.Why = "no held-out task can show what became worse since it serves"
	case w.all.sign.Better(w.Alpha):
		w.Verdict, w.Why = Promote, "since it serves, it goes on answering more held-out tasks right"
	default:
		w.Why = fmt.Sprintf("%d held-out tasks show nothing that became worse since it serves", w.all.pairs)
	}
	if err := w.store.PutTrial(ctx, w.Trial, nil, nil, nil); err != nil && !errors.Is(err, ErrConflict) {
		return fmt.Errorf("lora: closing the watch: %w", err)
	}
	w.tell(Progress{Trial: &w.Trial})
	return nil
}

// rollback has serve again what served before the champion, or the base where that
// cannot.
func (w *watching) rollback(ctx context.Context) error {
	f := Flip{Kind: w.Kind, From: w.Candidate, To: w.Baseline, By: byWatch, Why: w.Why}
	err := w.point(ctx, f, nil)
	if err != nil && !errors.Is(err, ErrConflict) && f.To != "" && ctx.Err() == nil {
		w.opts.Logger.Warn("what served before cannot serve again: the base does", "version", w.Baseline, "error", err)
		f.To = ""
		err = w.point(ctx, f, nil)
	}
	if errors.Is(err, ErrConflict) { // somebody was faster
		return nil
	}
	return err
}

// coolsDown reports whether the kind's champion was rolled back a short time ago, so that
// a run of the schedule makes no other one yet. A person may.
func (r *run) coolsDown(ctx context.Context) (bool, error) {
	var in Request
	if err := r.step.Input(&in); err != nil || !in.IfNew {
		return false, err
	}
	page, err := r.store.History(ctx, FlipFilter{Kind: &r.hob.Kind, Alias: Champion, Limit: 100})
	if err != nil {
		return false, fmt.Errorf("lora: reading the history: %w", err)
	}
	return slices.ContainsFunc(page.Flips, func(f Flip) bool {
		age := time.Since(f.At) // a time in the future was stamped by a wrong clock
		return f.By == byWatch && age >= 0 && age < r.opts.Trial.Cooldown
	}), nil
}
