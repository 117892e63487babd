package gocode

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

var _ hobby.Examiner = (*analyst)(nil)

// Exam implements hobby.Examiner. Each task names its file, with the digest of its
// text.
func (a *analyst) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	l, err := a.tree.Read(ctx)
	if err != nil {
		return hobby.Exam{}, fmt.Errorf("gocode: %w", err)
	}
	files, read := written(l.Files), loader(a.tree)
	return practice.Deal(ctx, r, families, func(r *rand.Rand, at hobby.Level, split hobby.Split, n int) ([]practice.Task, error) {
		family, _ := study.Family(families, at.Family, at.Level)
		var open []func() study.Pose
		for _, k := range files {
			if k.asks[at.Level-1] > 0 {
				open = append(open, func() study.Pose { return pose(k, read(k), family, at.Level) })
			}
		}
		return study.Deal(ctx, r, split, n, open)
	})
}

// pose makes questions about a file's text; nil when it is not what was examined.
func pose(k *facts, text []byte, family hobby.Family, level int) study.Pose {
	if text == nil {
		return nil
	}
	f := parse(k.path, text)
	fit := fitting(f, level)
	return func(seed uint64) (practice.Task, bool) {
		t, ok := questionOf(study.Seeded(seed, &family, level), fit, family.Name)
		if ok {
			study.Name("gocode", &t, family, level, seed, k.path, k.digest)
		}
		return t, ok
	}
}

// Sit implements hobby.Examiner. A task whose file is another one now is
// hobby.ErrChanged.
func (a *analyst) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) ([]hobby.Item, error) {
	l, err := a.tree.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("gocode: %w", err)
	}
	files := map[string]*facts{}
	for _, k := range written(l.Files) {
		files[k.path] = k
	}
	read := loader(a.tree)
	return practice.Sit(ctx, m, s, func(id hobby.TaskID) (practice.Task, error) {
		family, ok := study.Family(families, id.Family, id.Level)
		if !ok || id.Source == "" || id.Digest == "" {
			return practice.Task{}, fmt.Errorf("gocode: %w: there is no task %+v", hobby.ErrInvalid, id)
		}
		k := files[id.Source]
		if k == nil || k.digest != id.Digest {
			return practice.Task{}, fmt.Errorf("gocode: %w: %.256s", hobby.ErrChanged, id.Source)
		}
		ask := pose(k, read(k), family, id.Level)
		if ask == nil {
			return practice.Task{}, fmt.Errorf("gocode: %w: %.256s", hobby.ErrChanged, id.Source)
		}
		t, ok := ask(id.Seed)
		if !ok {
			return practice.Task{}, fmt.Errorf("gocode: %w: there is no task %+v", hobby.ErrInvalid, id)
		}
		return t, nil
	})
}
