package hobbytest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
)

// TestExaminer is the contract of hobby.Examiner. open returns a hobby whose executor
// is one, with levels that have tasks of both splits. It may be the same each time.
func TestExaminer(t *testing.T, open func(t *testing.T) hobby.Hobby) {
	for name, test := range map[string]func(*examinerTest){
		"lists the same again":        (*examinerTest).repeats,
		"lists nothing twice":         (*examinerTest).distinct,
		"keeps the splits apart":      (*examinerTest).apart,
		"says when there are no more": (*examinerTest).short,
		"draws by purpose and seed":   (*examinerTest).purposes,
		"refuses what is not there":   (*examinerTest).refuses,
		"sits what it lists":          (*examinerTest).sits,
		"draws samples":               (*examinerTest).samples,
		"names the adapter":           (*examinerTest).adapter,
		"leaves out what is too long": (*examinerTest).tooLong,
		"ends with its context":       (*examinerTest).ends,
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			x, ok := h.Executor.(hobby.Examiner)
			if !ok || len(h.Families) == 0 {
				t.Fatalf("%q has the executor %T and %d families; want an Examiner with some", h.Kind, h.Executor, len(h.Families))
			}
			test(&examinerTest{t, x, h.Families})
		})
	}
}

type examinerTest struct {
	*testing.T
	hobby.Examiner
	families []hobby.Family
}

// few is how many tasks of a level most tests list.
const few = 5

func (t *examinerTest) exam(r hobby.ExamRequest) hobby.Exam {
	t.Helper()
	if race.Enabled && len(r.Levels) == 0 { // a race shows in a level of each
		for i := range t.families {
			r.Levels = append(r.Levels, hobby.Level{Family: t.families[i].Name, Level: 1})
		}
	}
	e, err := t.Exam(t.Context(), r)
	if err != nil {
		t.Fatalf("Exam: %v", err)
	}
	if len(e.Tasks) == 0 {
		t.Fatalf("an exam without tasks: %+v", e)
	}
	return e
}

// echo answers what it is asked with the last words of it.
func echo() *Model {
	return &Model{Adapters: []string{"learned"}, Reply: func(_ context.Context, r hobby.Request) (string, error) {
		return fmt.Sprintf("%s %d", r.Adapter, *r.Seed), nil
	}}
}

func (t *examinerTest) sit(s hobby.Sitting) []hobby.Item {
	t.Helper()
	items, err := t.Sit(t.Context(), echo(), s)
	if err != nil {
		t.Fatalf("Sit: %v", err)
	}
	return items
}

func (t *examinerTest) repeats() {
	r := hobby.ExamRequest{Purpose: "trial", Seed: 7, Tasks: few}
	e := t.exam(r)
	if d := cmp.Diff(e, t.exam(r)); d != "" {
		t.Errorf("the same exam the second time (-first +second):\n%s", d)
	}
	s := hobby.Sitting{Tasks: e.Tasks[:min(10, len(e.Tasks))]}
	a, b := t.sit(s), t.sit(s)
	for i := range a {
		if a[i].Answer != b[i].Answer || cmp.Diff(a[i].Messages, b[i].Messages) != "" || a[i].Reference != b[i].Reference {
			t.Errorf("the same sitting the second time: %q answers %q, was %q", prompt(&b[i]), b[i].Answer, a[i].Answer)
		}
	}
}

func prompt(i *hobby.Item) string { return i.Messages[len(i.Messages)-1].Content }

func (t *examinerTest) distinct() {
	e := t.exam(hobby.ExamRequest{Purpose: "trial", Tasks: 4 * few})
	seen := map[string]hobby.TaskID{}
	perLevel := map[hobby.Level]int{}
	for _, i := range t.sit(hobby.Sitting{Tasks: e.Tasks}) {
		key := fmt.Sprint(i.Family, i.Level, prompt(&i))
		if other, twice := seen[key]; twice {
			t.Errorf("%+v and %+v ask the same: %s", other, i.Task(), prompt(&i))
		}
		seen[key] = i.Task()
		perLevel[hobby.Level{Family: i.Family, Level: i.Level}]++
	}
	for l, n := range perLevel {
		short := slices.ContainsFunc(e.Short, func(s hobby.Shortage) bool { return s.Level == l && s.Tasks == n })
		if n != 4*few && !short {
			t.Errorf("%+v has %d tasks, want %d, or a word that there are no more: %+v", l, n, 4*few, e.Short)
		}
	}
}

func (t *examinerTest) apart() {
	prompts := map[string]hobby.Split{}
	for _, split := range []hobby.Split{hobby.HeldOut, hobby.Practice} {
		e := t.exam(hobby.ExamRequest{Purpose: "trial", Split: split, Tasks: 2 * few})
		for _, i := range t.sit(hobby.Sitting{Tasks: e.Tasks}) {
			if i.Split != split {
				t.Errorf("asked for a %s task, and %+v is for %s", split, i.Task(), i.Split)
			}
			if other, known := prompts[prompt(&i)]; known && other != split {
				t.Errorf("a prompt is in both splits: %s", prompt(&i))
			}
			prompts[prompt(&i)] = split
		}
	}
	held := t.exam(hobby.ExamRequest{Purpose: "trial", Tasks: few})
	if d := cmp.Diff(held, t.exam(hobby.ExamRequest{Purpose: "trial", Split: hobby.HeldOut, Tasks: few})); d != "" {
		t.Errorf("the default split is not the held-out one:\n%s", d)
	}
}

// short looks at what is said of the levels that have few tasks.
func (t *examinerTest) short() {
	e := t.exam(hobby.ExamRequest{Purpose: "trial", Tasks: 60})
	if len(e.Short) == 0 {
		return
	}
	r := hobby.ExamRequest{Purpose: "other", Seed: 1, Tasks: 70}
	for _, s := range e.Short {
		r.Levels = append(r.Levels, s.Level)
	}
	more := t.exam(r)
	for _, s := range e.Short {
		n := 0
		for _, id := range e.Tasks {
			if id.Family == s.Family && id.Level == s.Level.Level {
				n++
			}
		}
		if n != s.Tasks || n >= 60 {
			t.Errorf("%+v is said to be short, and %d tasks are listed", s, n)
		}
		if !slices.Contains(more.Short, s) {
			t.Errorf("%+v is short; another exam says %+v", s, more.Short)
		}
	}
}

func (t *examinerTest) purposes() {
	first := t.exam(hobby.ExamRequest{Purpose: "trial", Seed: 1, Tasks: few})
	for _, r := range []hobby.ExamRequest{{Purpose: "watch", Seed: 1, Tasks: few}, {Purpose: "trial", Seed: 2, Tasks: few}} {
		if e := t.exam(r); cmp.Equal(first.Tasks, e.Tasks) && len(first.Short) == 0 {
			t.Errorf("%+v lists what another exam does", r)
		}
	}
	l := hobby.Level{Family: first.Tasks[0].Family, Level: first.Tasks[0].Level}
	one := t.exam(hobby.ExamRequest{Purpose: "trial", Seed: 1, Tasks: few, Levels: []hobby.Level{l}})
	for i, id := range one.Tasks {
		if id != first.Tasks[i] {
			t.Errorf("task %d of %+v is %+v by itself, and %+v among other levels", i, l, id, first.Tasks[i])
		}
	}
}

func (t *examinerTest) refuses() {
	f := t.families[0]
	for why, r := range map[string]hobby.ExamRequest{
		"no tasks":      {Purpose: "trial"},
		"too many":      {Purpose: "trial", Tasks: hobby.MaxExam + 1},
		"no such level": {Tasks: 1, Levels: []hobby.Level{{Family: f.Name, Level: f.Levels + 1}}},
		"level 0":       {Tasks: 1, Levels: []hobby.Level{{Family: f.Name}}},
		"no family":     {Tasks: 1, Levels: []hobby.Level{{Family: "none-such", Level: 1}}},
		"twice":         {Tasks: 1, Levels: []hobby.Level{{Family: f.Name, Level: 1}, {Family: f.Name, Level: 1}}},
		"no split":      {Tasks: 1, Split: "none-such"},
	} {
		if e, err := t.Exam(t.Context(), r); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("an exam of %s: %+v, %v; want ErrInvalid", why, e, err)
		}
	}
	ids := t.exam(hobby.ExamRequest{Tasks: 1}).Tasks[:1]
	for why, s := range map[string]hobby.Sitting{
		"a task that is not there": {Tasks: []hobby.TaskID{{Family: "none-such", Level: 1}}},
		"negative samples":         {Tasks: ids, Samples: -1},
		"too many samples":         {Tasks: ids, Samples: hobby.MaxExam + 1},
		"an adapter not loaded":    {Tasks: ids, Adapter: "none-such"},
	} {
		m := echo()
		if items, err := t.Sit(t.Context(), m, s); !errors.Is(err, hobby.ErrInvalid) || m.Calls() != 0 {
			t.Errorf("a sitting with %s: %d items after %d requests, %v; want ErrInvalid", why, len(items), m.Calls(), err)
		}
	}
}

func (t *examinerTest) sits() {
	e := t.exam(hobby.ExamRequest{Purpose: "trial", Tasks: 2})
	items := t.sit(hobby.Sitting{Tasks: e.Tasks})
	if len(items) != len(e.Tasks) {
		t.Fatalf("%d answers to %d tasks", len(items), len(e.Tasks))
	}
	for n, i := range items {
		if i.Task() != e.Tasks[n] {
			t.Errorf("answer %d is to %+v, want %+v", n, i.Task(), e.Tasks[n])
		}
		if err := i.Validate(); err != nil {
			t.Error(err)
		}
		base := i.Adapter == "" && !hobby.Adapted(i.ModelKey)
		want := []any{hobby.HeldOut, hobby.FinishStop, true, uint64(0), true}
		if d := cmp.Diff(want, []any{i.Split, i.Finish, i.Counted(), i.DrawSeed, base}); d != "" {
			t.Errorf("answer %d: split, finish, whether it counts, its draw, whether it is the base's (-want +got):\n%s", n, d)
		}
	}
	right := map[string]string{}
	for _, i := range items {
		right[prompt(&i)] = i.Reference
	}
	knows := &Model{Reply: func(_ context.Context, r hobby.Request) (string, error) {
		return right[r.Messages[len(r.Messages)-1].Content], nil
	}}
	items, err := t.Sit(t.Context(), knows, hobby.Sitting{Tasks: e.Tasks})
	for _, i := range items {
		if err != nil || !i.Passed() {
			t.Errorf("the reference %q does not pass: %s, %v", i.Answer, i.Note, err)
		}
	}
}

func (t *examinerTest) samples() {
	ids := t.exam(hobby.ExamRequest{Purpose: "sample", Split: hobby.Practice, Tasks: 2}).Tasks
	ids = ids[:min(len(ids), 6)]
	const k = 4
	s := hobby.Sitting{Tasks: ids, Samples: k, Sampling: hobby.Sampling{Temperature: 0.7}, Seed: 1}
	items := t.sit(s)
	if len(items) != k*len(ids) {
		t.Fatalf("%d answers to %d tasks, %d each", len(items), len(ids), k)
	}
	seeds := map[uint64]bool{}
	for n, i := range items {
		if i.Task() != ids[n/k] || i.Sample != n%k+1 || i.Counted() || i.Sampling.Temperature != 0.7 {
			t.Errorf("answer %d is sample %d of %+v at the temperature %v, counted: %v", n, i.Sample, i.Task(), i.Sampling.Temperature, i.Counted())
		}
		if seeds[i.DrawSeed] || !strings.HasSuffix(i.Answer, fmt.Sprint(i.DrawSeed)) {
			t.Errorf("answer %d, %q, is said to be drawn with the seed %d; seen before: %v", n, i.Answer, i.DrawSeed, seeds[i.DrawSeed])
		}
		seeds[i.DrawSeed] = true
	}
	s.Seed = 2
	for _, i := range t.sit(s) {
		if seeds[i.DrawSeed] {
			t.Errorf("another sitting draws with the seed %d again", i.DrawSeed)
		}
	}
}

func (t *examinerTest) adapter() {
	ids := t.exam(hobby.ExamRequest{Purpose: "trial", Tasks: 1}).Tasks
	m := echo()
	want, err := m.InfoWith(t.Context(), "learned")
	if err != nil {
		t.Fatal(err)
	}
	items, err := t.Sit(t.Context(), m, hobby.Sitting{Tasks: ids, Adapter: "learned"})
	if err != nil || len(items) != len(ids) {
		t.Fatalf("%d answers to %d tasks, %v", len(items), len(ids), err)
	}
	for _, i := range items {
		if i.Adapter != "learned" || i.ModelKey != want.Key || !strings.HasPrefix(i.Answer, "learned") {
			t.Errorf("an answer %q of the adapter %q under the key %s, want %s", i.Answer, i.Adapter, i.ModelKey, want.Key)
		}
	}
}

func (t *examinerTest) tooLong() {
	ids := t.exam(hobby.ExamRequest{Purpose: "trial", Tasks: few}).Tasks
	n := 0
	m := &Model{Reply: func(context.Context, hobby.Request) (string, error) {
		if n++; n%2 == 0 {
			return "", fmt.Errorf("a small model: %w", hobby.ErrTooLong)
		}
		return "yes", nil
	}}
	items, err := t.Sit(t.Context(), m, hobby.Sitting{Tasks: ids})
	if err != nil || len(items) == 0 || len(items) >= len(ids) {
		t.Errorf("%d answers to %d tasks of which some are too long, %v", len(items), len(ids), err)
	}
}

func (t *examinerTest) ends() {
	ids := t.exam(hobby.ExamRequest{Purpose: "trial", Tasks: 2}).Tasks
	ctx, cancel := context.WithCancelCause(t.Context())
	n := 0
	m := &Model{Reply: func(context.Context, hobby.Request) (string, error) {
		if n++; n == 2 {
			cancel(errBack)
		}
		return "yes", nil
	}}
	items, err := t.Sit(ctx, m, hobby.Sitting{Tasks: ids})
	if !errors.Is(err, errBack) || len(items) != 1 {
		t.Errorf("a sitting that ends at its second answer: %d items, %v; want 1 and the context's cause", len(items), err)
	}
	if _, err := t.Exam(ctx, hobby.ExamRequest{Tasks: 1}); err == nil {
		t.Error("an exam is listed after its context has ended")
	}
}
