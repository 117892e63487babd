package practice

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
)

// draws makes the source of randomness of one level of an exam. Exams with another
// purpose or seed, and other levels, are drawn independently.
func draws(r *hobby.ExamRequest, l hobby.Level) *rand.Rand {
	h := fnv.New128a()
	fmt.Fprintf(h, "%q %d %q %q %d", r.Purpose, r.Seed, r.Split, l.Family, l.Level)
	sum := h.Sum(nil)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])))
}

// Deal makes an exam of families: deal returns up to n tasks of a level, none twice, and
// fewer when it has no more. It is what Examiners of several hobbies share.
func Deal(ctx context.Context, r hobby.ExamRequest, families []hobby.Family,
	deal func(r *rand.Rand, l hobby.Level, split hobby.Split, n int) ([]Task, error)) (hobby.Exam, error) {
	if r.Split == "" {
		r.Split = hobby.HeldOut
	}
	levels := r.Levels
	if levels == nil {
		for _, f := range families {
			for l := range f.Levels {
				levels = append(levels, hobby.Level{Family: f.Name, Level: l + 1})
			}
		}
	}
	if r.Tasks < 1 || r.Tasks > hobby.MaxExam/max(1, len(levels)) {
		return hobby.Exam{}, fmt.Errorf("practice: %w: %d tasks of each of %d levels, must be at least 1, and %d in all",
			hobby.ErrInvalid, r.Tasks, len(levels), hobby.MaxExam)
	}
	if r.Split != hobby.HeldOut && r.Split != hobby.Practice {
		return hobby.Exam{}, fmt.Errorf("practice: %w: ExamRequest.Split is %.64q", hobby.ErrInvalid, r.Split)
	}
	var e hobby.Exam
	seen := map[hobby.Level]bool{}
	for _, l := range levels {
		switch {
		case seen[l]:
			return hobby.Exam{}, fmt.Errorf("practice: %w: %s level %d is listed twice", hobby.ErrInvalid, l.Family, l.Level)
		case !has(families, l):
			return hobby.Exam{}, fmt.Errorf("practice: %w: there is no %.64q level %d", hobby.ErrInvalid, l.Family, l.Level)
		case ctx.Err() != nil:
			return hobby.Exam{}, context.Cause(ctx)
		}
		seen[l] = true
		tasks, err := deal(draws(&r, l), l, r.Split, r.Tasks)
		if err != nil {
			return hobby.Exam{}, err
		}
		for i := range tasks {
			e.Tasks = append(e.Tasks, tasks[i].ID())
		}
		if len(tasks) < r.Tasks {
			e.Short = append(e.Short, hobby.Shortage{Level: l, Tasks: len(tasks)})
		}
	}
	return e, nil
}

// has reports whether a level is one of the families'.
func has(families []hobby.Family, l hobby.Level) bool {
	for _, f := range families {
		if f.Name == l.Family {
			return l.Level >= 1 && l.Level <= f.Levels
		}
	}
	return false
}

// ID names the task.
func (t *Task) ID() hobby.TaskID {
	id := hobby.TaskID{Family: t.Family, Level: t.Level, Seed: t.Seed, Digest: t.Digest}
	if t.Digest != "" {
		id.Source = t.Source
	}
	return id
}

// sitBatch is how many questions of a sitting are with the model at a time.
const sitBatch = 256

// Sit puts the tasks of a sitting to m, as a hobby.Examiner does. remake makes a task
// from what names it.
func Sit(ctx context.Context, m hobby.Model, s hobby.Sitting, remake func(hobby.TaskID) (Task, error)) ([]hobby.Item, error) {
	if n := max(1, s.Samples); s.Samples < 0 || len(s.Tasks) > hobby.MaxExam/n {
		return nil, fmt.Errorf("practice: %w: %d tasks with %d samples each, at most %d answers are given",
			hobby.ErrInvalid, len(s.Tasks), s.Samples, hobby.MaxExam)
	}
	tasks := make([]Task, len(s.Tasks))
	for i, id := range s.Tasks {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var err error
		if tasks[i], err = remake(id); err != nil {
			return nil, fmt.Errorf("practice: task %d of the sitting: %w", i+1, err)
		}
	}
	serving, err := hobby.NewServing(ctx, m, s.Adapter)
	if err != nil {
		return nil, fmt.Errorf("practice: %w", err)
	}
	o := &AskOptions{Sampling: s.Sampling, Samples: s.Samples, Seed: s.Seed}
	var items []hobby.Item
	for qs := o.questions(tasks); len(qs) > 0; {
		n := min(sitBatch, len(qs))
		answered, err := o.askWhatFits(ctx, &serving, qs[:n])
		items = append(items, answered...)
		if err != nil {
			return items, err
		}
		qs = qs[n:]
	}
	return items, nil
}

// askWhatFits is askAll without the questions that the model's context has no room for.
func (o *AskOptions) askWhatFits(ctx context.Context, s *hobby.Serving, qs []question) ([]hobby.Item, error) {
	items, err := o.askAll(ctx, s, qs)
	if !errors.Is(err, hobby.ErrTooLong) {
		return items, err
	}
	for _, q := range qs[len(items):] {
		item, err := o.ask(ctx, s, q)
		switch {
		case errors.Is(err, hobby.ErrTooLong):
		case err != nil:
			return items, err
		default:
			items = append(items, item)
		}
	}
	return items, nil
}
