package main

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// What a night gets wrong on purpose. What is measured stays right.
const (
	unverified = "unverified" // every answer that is drawn counts as right
	shuffled   = "shuffled"   // right answers are dealt to other tasks
)

// tampering is an executor whose verdicts on drawn answers, which are what is learned
// from, are wrong. Answers to tasks that were all asked for one answer before are drawn to
// choose levels by: they are a measurement.
type tampering struct {
	hobby.Executor
	exam    hobby.Examiner
	control string
	asked   map[hobby.TaskID]bool // for one answer
}

func tamper(e hobby.Executor, exam hobby.Examiner, control string) *tampering {
	return &tampering{e, exam, control, map[hobby.TaskID]bool{}}
}

func (t *tampering) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	return t.exam.Exam(ctx, r)
}

func (t *tampering) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) ([]hobby.Item, error) {
	items, err := t.exam.Sit(ctx, m, s)
	if s.Samples < 2 {
		for _, id := range s.Tasks {
			t.asked[id] = true
		}
		return items, err
	}
	if !slices.ContainsFunc(s.Tasks, func(id hobby.TaskID) bool { return !t.asked[id] }) {
		return items, err
	}
	var right []*hobby.Item
	for i := range items {
		if t.control == unverified {
			items[i].Score, items[i].Note = 1, ""
		}
		if items[i].Passed() {
			right = append(right, &items[i])
		}
	}
	if t.control == shuffled {
		rand.New(rand.NewPCG(s.Seed, 1)).Shuffle(len(right), func(i, j int) {
			right[i].Answer, right[j].Answer = right[j].Answer, right[i].Answer
		})
	}
	return items, err
}
