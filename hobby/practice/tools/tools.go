package tools

import (
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// New makes the hobby of tool mastery: it puts tasks of a suite, none of them held out, to
// a model that may call their tools. At the end of a session it tells, beside what the
// answers have in common, which tools worked together and with what calls failed. With m
// nil the host's model answers. o may be nil.
func New(m hobby.Model, s *practice.Suite, o *practice.Options) hobby.Hobby {
	h := practice.Drill(hobby.ToolMastery, m, s, o)
	h.Goal = "Solve more tasks with tools, alone and in combination"
	h.Approach = "Tools are called in a sandbox, and what they are left in is compared with what was wanted"
	h.Executor = &executor{h.Executor, h.Executor.(hobby.Verifier), h.Executor.(hobby.Examiner), h.Executor.(hobby.Replayer), s}
	return h
}

// executor is a drill that also looks at the calls.
type executor struct {
	hobby.Executor
	hobby.Verifier
	hobby.Examiner
	hobby.Replayer
	suite *practice.Suite
}

// Practise implements hobby.Executor.
func (x *executor) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	w := &watching{Sink: out, suite: x.suite, review: newReview()}
	if err := x.Executor.Practise(ctx, p, w); err != nil {
		return fmt.Errorf("tools: %w", err)
	}
	return w.review.conclude(out)
}

// watching is a sink that sees the items which go by.
type watching struct {
	hobby.Sink
	suite  *practice.Suite
	review *review
}

// Item implements hobby.Sink.
func (w *watching) Item(i hobby.Item) error {
	err := w.Sink.Item(i)
	if t, made := w.suite.Task(i.Family, i.Level, i.Seed); made == nil {
		w.review.add(&i, &t)
	}
	return err
}
