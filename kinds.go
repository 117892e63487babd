package pastime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/benchmark"
	"github.com/pastime-go/pastime/hobby/practice/patterns"
	"github.com/pastime-go/pastime/hobby/practice/tools"
	"github.com/pastime-go/pastime/sqlite"
)

// ownKind is a hobby that every Kit has.
type ownKind struct {
	kind  hobby.Kind
	makes func() (hobby.Hobby, error)
}

// kinds are the hobbies of every Kit, in this order. One that needs a model takes k.model,
// which may be nil, and rests without. Another kind is another line.
func (k *Kit) kinds() []ownKind {
	return []ownKind{
		{hobby.SkillPractice, k.skills},
		{hobby.ToolMastery, k.tools},
		{hobby.CreativeProblemSolving, k.creative},
		{hobby.PatternRecognition, k.patterns},
	}
}

// practised are the Kit's own hobbies that Options.Kinds names, and the host's. A hobby of
// the host takes the place of the Kit's own of the same kind.
func (k *Kit) practised() ([]hobby.Hobby, error) {
	if err := hobby.CheckHobbies(k.opts.Hobbies); err != nil {
		return nil, fmt.Errorf("Options.Hobbies: %w", err)
	}
	var all []hobby.Hobby
	own := k.kinds()
	for _, kind := range k.opts.Kinds {
		if kind != hobby.BenchmarkRunning && !slices.ContainsFunc(own, func(o ownKind) bool { return o.kind == kind }) {
			return nil, fmt.Errorf("%w: Options.Kinds names %q, which a Kit does not have by itself", hobby.ErrUnknownKind, kind)
		}
	}
	for _, o := range own {
		named := k.opts.Kinds == nil || slices.Contains(k.opts.Kinds, o.kind)
		if !named || slices.ContainsFunc(k.opts.Hobbies, func(h hobby.Hobby) bool { return h.Kind == o.kind }) {
			continue
		}
		h, err := o.makes()
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	all = append(all, k.opts.Hobbies...)
	if b := hobby.BenchmarkRunning; (k.opts.Kinds == nil || slices.Contains(k.opts.Kinds, b)) &&
		!slices.ContainsFunc(all, func(h hobby.Hobby) bool { return h.Kind == b }) {
		all = append(all, k.benchmark(all))
	}
	return all, nil
}

// benchmark runs the tasks of all others. A regression is an event.
func (k *Kit) benchmark(others []hobby.Hobby) hobby.Hobby {
	return benchmark.New(others, k.Store, k.model, &benchmark.Options{Regressed: func(ctx context.Context, r benchmark.Regression) error {
		return k.Store.Write(ctx, func(tx *sqlite.Tx) error {
			_, err := tx.Append(benchmark.RegressedEvent, r.Day.Format(time.DateOnly)+" "+r.Model, 1, r)
			return err
		})
	}})
}

// daily is the slot that runs the benchmark once a UTC day: in the first hour in which
// practice neither rests nor is busy, unless the policy did so before. Other slots are at
// work as a day begins.
func (k *Kit) daily() []hobby.Slot {
	at := slices.IndexFunc(k.hobbies, func(h hobby.Hobby) bool { return h.Kind == hobby.BenchmarkRunning })
	if at < 0 || k.model == nil && k.hobbies[at].Model == nil || slices.Contains(k.opts.Hobby.Off, hobby.BenchmarkRunning) {
		return nil
	}
	ready := k.hobbies[at].Ready
	return []hobby.Slot{{Name: "benchmark", Schedule: hobby.Every(time.Hour), Run: func(ctx context.Context, r hobby.SlotRun) error {
		if r.Resting != "" || ready != nil && ready(ctx) != nil {
			return nil
		}
		_, err := k.Hobby.RunOnce(ctx, hobby.BenchmarkRunning)
		if errors.Is(err, hobby.ErrBusy) {
			return nil
		}
		return err
	}}}
}

// patterns is pattern recognition in the agent's own record.
func (k *Kit) patterns() (hobby.Hobby, error) {
	return patterns.New(patterns.Own(k.Store), k.model, &patterns.Options{Redact: k.opts.Hobby.Redact})
}

// skills is skill practice.
func (k *Kit) skills() (hobby.Hobby, error) {
	suite := k.opts.Suite
	if suite == nil {
		var err error
		if suite, err = DefaultSuite(); err != nil {
			return hobby.Hobby{}, fmt.Errorf("building the task suite: %w", err)
		}
	}
	return practice.Skills(k.model, suite, &k.opts.Skills), nil
}

// tools is tool mastery.
func (k *Kit) tools() (hobby.Hobby, error) {
	suite := k.opts.Tools
	if suite == nil {
		var err error
		if suite, err = DefaultTools(); err != nil {
			return hobby.Hobby{}, fmt.Errorf("building the suite of tools: %w", err)
		}
	}
	return tools.New(k.model, suite, &k.opts.Skills), nil
}

// creative is creative problem solving.
func (k *Kit) creative() (hobby.Hobby, error) {
	suite, err := practice.NewSuite(practice.Ways()...)
	if err != nil {
		return hobby.Hobby{}, fmt.Errorf("building the suite of problems: %w", err)
	}
	return practice.Creative(k.model, suite, &k.opts.Skills), nil
}
