// Package benchmark is the hobby of running benchmarks: once a day it puts fresh held-out
// tasks of all other hobbies to what serves, and says when that has become worse beyond
// chance.
//
// The day decides the tasks, so models that run on the same day answer the same ones and
// are compared in pairs, with McNemar's exact test. Runs of different days have other tasks
// of the same levels and are compared level by level (Mantel and Haenszel 1959). The
// answers are in no tally: what a hobby measures is never counted twice.
package benchmark

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/stat"
)

// RegressedEvent is the kind of the event that a host appends for a Regression.
const RegressedEvent = "benchmark.regressed"

// Options configures New. Nil and the zero value are legal.
type Options struct {
	// Tasks is how many tasks of each level are put. Default 1.
	Tasks int
	// Days is how far back a run is compared where no other model ran on its day, from
	// the last run on. Default 7.
	Days int
	// Alpha is the chance that a run which is no worse counts as a regression. Default
	// 0.001, because there is a run every day.
	Alpha float64
	// Regressed is told of a regression, once for each model and day, before the insight
	// that says so is stored: where the process ends in between, or it returns an error,
	// it is told again. Default nil.
	Regressed func(ctx context.Context, r Regression) error
}

// Regression says that what serves passes fewer tasks than before, beyond chance.
type Regression struct {
	Day time.Time `json:"day"`
	// Model and Before are the keys of the model that ran and of the one it is compared
	// with, which may be the same.
	Model  string `json:"model"`
	Before string `json:"before"`
	// Paired says that both answered the same tasks.
	Paired bool `json:"paired"`
	// Passes of Tries is the run, BeforePasses of BeforeTries what it is compared with.
	// Where they are Paired, all four are of the tasks that both answered, and else of the
	// levels that both did.
	Passes       int `json:"passes"`
	Tries        int `json:"tries"`
	BeforePasses int `json:"before_passes"`
	BeforeTries  int `json:"before_tries"`
	// P is one-sided: of McNemar's exact test where they are Paired, and else of Mantel and
	// Haenszel's.
	P float64 `json:"p"`
	// Difference is the share of passes less that before, level by level where they are not
	// Paired, and Low and High are its 95 % interval.
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// New makes the hobby. others are the hobbies whose tasks are put: those whose executors
// are a hobby.Examiner. r has the earlier runs. With m nil the host's model answers.
func New(others []hobby.Hobby, r hobby.Record, m hobby.Model, o *Options) hobby.Hobby {
	x := &executor{record: r}
	if o != nil {
		x.opts = *o
	}
	if x.opts.Tasks <= 0 {
		x.opts.Tasks = 1
	}
	if x.opts.Days <= 0 {
		x.opts.Days = 7
	}
	if !(x.opts.Alpha > 0 && x.opts.Alpha < 1) {
		x.opts.Alpha = 0.001
	}
	for _, h := range others {
		if e, ok := h.Executor.(hobby.Examiner); ok && len(h.Families) > 0 {
			x.others = append(x.others, other{h.Kind, e, h.Families})
		}
	}
	return hobby.Hobby{
		Kind: hobby.BenchmarkRunning, Executor: x, Model: m, NeedsModel: true, Ready: x.ready, Items: x.size(),
		Goal:     "Know each day what the model can do, and notice when it becomes worse",
		Approach: "Fresh held-out tasks of all families each day, the same for all models of the day",
	}
}

// other is a hobby whose tasks are put.
type other struct {
	kind     hobby.Kind
	examiner hobby.Examiner
	families []hobby.Family
}

// task names a task of the hobby among those of others.
func (o *other) task(id hobby.TaskID) hobby.TaskID {
	id.Family, id.Source = string(o.kind)+"/"+id.Family, "" // the digest names the text
	return id
}

type executor struct {
	record hobby.Record
	others []other
	opts   Options
}

// size is how many tasks a run has at most.
func (x *executor) size() (n int) {
	for _, o := range x.others {
		for _, f := range o.families {
			n += f.Levels * x.opts.Tasks
		}
	}
	return n
}

// ready allows one run a day by itself: the insight of a run is told at its end. A person
// may ask for more.
func (x *executor) ready(ctx context.Context) error {
	if len(x.others) == 0 {
		return errors.New("no hobby has tasks to measure with")
	}
	page, err := x.record.Insights(ctx, hobby.InsightFilter{Kind: hobby.BenchmarkRunning, Limit: 1})
	if err != nil {
		return fmt.Errorf("benchmark: %w", err)
	}
	if len(page.Insights) > 0 && hobby.Day(page.Insights[0].At) == hobby.Day(time.Now()) {
		return errors.New("today's run is done")
	}
	return nil
}

// Practise implements hobby.Executor.
func (x *executor) Practise(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
	s, err := out.Serving(ctx)
	if err != nil {
		return fmt.Errorf("benchmark: %w", err)
	}
	begun := time.Now().UTC()
	day := hobby.Day(begun)
	past, err := sessions(ctx, x.record, date(day-4*x.opts.Days))
	if err != nil {
		return err
	}
	earlier := run{} // the answers of a session of today that was cut
	for _, p := range past {
		if p.day == day && p.model == s.Info.Key {
			earlier = p.run
		}
	}
	now := run{}
	var spent error // of the last answer, where the budget is that of a run
	for n := range x.others {
		o := &x.others[n]
		exam, err := o.examiner.Exam(ctx, hobby.ExamRequest{Purpose: "benchmark", Seed: uint64(day), Split: hobby.HeldOut, Tasks: x.opts.Tasks})
		if err != nil {
			return fmt.Errorf("benchmark: the tasks of %s: %w", o.kind, err)
		}
		tasks := slices.DeleteFunc(exam.Tasks, func(id hobby.TaskID) bool {
			passed, done := earlier[o.task(id)]
			if done {
				now[o.task(id)] = passed
			}
			return done
		})
		if len(tasks) > 0 && spent != nil {
			return spent
		}
		items, err := o.examiner.Sit(ctx, s.Model, hobby.Sitting{Tasks: tasks, Adapter: s.Adapter})
		for _, i := range items {
			// A task is known by its hobby, too. A numbered answer is in no tally.
			i.Family, i.Sample = o.task(i.Task()).Family, 1
			now.add(&i)
			if err := out.Item(i); errors.Is(err, hobby.ErrBudget) {
				spent = err
			} else if err != nil {
				return err
			}
		}
		if err != nil {
			return fmt.Errorf("benchmark: %s: %w", o.kind, err)
		}
	}
	if len(now) == 0 {
		return errors.New("benchmark: no hobby has a held-out task today")
	}
	// What was told is today's run done: so it comes last.
	if err := x.compare(ctx, out, s, begun, now, past); err != nil {
		return err
	}
	return x.tell(ctx, out, s, begun, now)
}

// run has the answers of a model on a day, by task.
type run map[hobby.TaskID]bool

// add adds an answer; the first to a task counts.
func (r run) add(i *hobby.Item) {
	id := i.Task()
	id.Source = "" // the digest names the text
	if _, ok := r[id]; !ok {
		r[id] = i.Passed()
	}
}

// tried counts an answer: the passes, and the tries.
func tried(ok bool) [2]int {
	if ok {
		return [2]int{1, 1}
	}
	return [2]int{0, 1}
}

func (r run) passes() (n int) {
	for _, ok := range r {
		n += tried(ok)[0]
	}
	return n
}

// levels counts the passes and the tries of each level.
func (r run) levels() map[hobby.Level][2]int {
	all := map[hobby.Level][2]int{}
	for id, ok := range r {
		l, c := hobby.Level{Family: id.Family, Level: id.Level}, tried(ok)
		all[l] = [2]int{all[l][0] + c[0], all[l][1] + c[1]}
	}
	return all
}

// date writes a day.
func date(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// tell says what the model passes, by kind. The insight has the time when the run began,
// so it is of the day whose tasks were put.
func (x *executor) tell(ctx context.Context, out hobby.Sink, s hobby.Serving, begun time.Time, now run) error {
	day := hobby.Day(begun)
	if told, err := out.Told(ctx, id("run", day, s.Info.Key)); err != nil || told {
		return err
	}
	by := now.kinds()
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s %d of %d", k, by[k][0], by[k][1]))
	}
	return out.Insight(hobby.Insight{
		ID: id("run", day, s.Info.Key), At: begun, Topic: "benchmark", Confidence: 1,
		Text: fmt.Sprintf("On the benchmark of %s %s passes %d of %d tasks: %s.", date(day).Format(time.DateOnly), s.Info.Name,
			now.passes(), len(now), strings.Join(parts, ", ")),
	})
}

// id names an insight.
func id(what string, day int, key string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "pastime benchmark %s %d %s", what, day, key)).String()
}

// compare tells of a regression.
func (x *executor) compare(ctx context.Context, out hobby.Sink, s hobby.Serving, begun time.Time, now run, past []session) error {
	day := hobby.Day(begun)
	r, ok := x.against(past, s.Info.Key, day, now)
	if !ok || r.P > x.opts.Alpha {
		return nil
	}
	told, err := out.Told(ctx, id("regressed", day, s.Info.Key))
	if err != nil || told {
		return err
	}
	if x.opts.Regressed != nil {
		if err := x.opts.Regressed(ctx, r); err != nil {
			return err
		}
	}
	how := fmt.Sprintf("in the %d days before, other tasks of the same levels", x.opts.Days)
	if r.Paired {
		how = "on the same tasks"
	}
	return out.Insight(hobby.Insight{
		ID: id("regressed", day, s.Info.Key), At: begun, Topic: "benchmark", Confidence: 1 - x.opts.Alpha,
		Text: fmt.Sprintf("On the benchmark of %s %s passes %d of %d tasks, fewer than the model %s, which passed %d of %d %s "+
			"(%s points, 95 %% interval %s to %s; p = %.2g).",
			r.Day.Format(time.DateOnly), s.Info.Name, r.Passes, r.Tries, r.Before, r.BeforePasses, r.BeforeTries, how,
			points(r.Difference), points(r.Low), points(r.High), r.P),
	})
}

// points are those of a share, in hundredths.
func points(share float64) string { return fmt.Sprintf("%.1f", 100*share) }

// against compares a run with another model's of the day or, where there is none, with the
// last days of the model that ran last.
func (x *executor) against(past []session, model string, day int, now run) (Regression, bool) {
	r := Regression{Day: date(day), Model: model, P: 1}
	count := func(c, before [2]int) {
		r.Passes, r.Tries = r.Passes+c[0], r.Tries+c[1]
		r.BeforePasses, r.BeforeTries = r.BeforePasses+before[0], r.BeforeTries+before[1]
	}
	for _, p := range slices.Backward(past) {
		if p.day != day || p.model == model {
			continue
		}
		var sign stat.Sign
		for id, ok := range now {
			was, both := p.run[id]
			if !both {
				continue
			}
			count(tried(ok), tried(was))
			if was != ok {
				sign.Add(ok)
			}
		}
		if r.Tries == 0 {
			continue
		}
		r.Before, r.Paired = p.model, true
		if sign.Losses > sign.Wins {
			r.P = stat.McNemar(sign) / 2
		}
		r.Difference = float64(sign.Wins-sign.Losses) / float64(r.Tries)
		r.Low, r.High = sign.Difference(r.Tries-sign.Wins-sign.Losses, 0.05)
		return r, true
	}
	before, last := map[hobby.Level][2]int{}, 0
	for _, p := range slices.Backward(past) {
		if p.day >= day || r.Before != "" && (p.model != r.Before || p.day <= last-x.opts.Days) {
			continue
		}
		if r.Before == "" {
			r.Before, last = p.model, p.day
		}
		for l, c := range p.run.levels() {
			before[l] = [2]int{before[l][0] + c[0], before[l][1] + c[1]}
		}
	}
	if r.Before == "" {
		return r, false
	}
	var strata []stat.Stratum
	for l, c := range now.levels() {
		if b := before[l]; b[1] > 0 {
			count(c, b)
			strata = append(strata, stat.Stratum{K: c[0], N: c[1], OtherK: b[0], OtherN: b[1]})
		}
	}
	r.P = stat.MantelHaenszel(strata)
	r.Difference, r.Low, r.High = stat.RiskDifference(strata, 0.95)
	return r, true
}
