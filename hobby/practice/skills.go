package practice

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/hobby"
)

// Options configures Skills. Nil and the zero value are legal.
type Options struct {
	// Concurrency is the number of tasks that the model has at a time. Default 1,
	// or 8 for a model that can batch.
	Concurrency int
	// Items is the number of tasks of a session whose plan gives none. Default
	// 12.
	Items int
	// Sampling is how the model answers. Default greedy.
	Sampling hobby.Sampling
}

// Skills is the hobby of skill practice. It puts tasks of a suite, none of them
// held out, to a model and verifies the answers. It hands over every verified
// answer, and at the end of a session what they have in common. With m nil the
// host's model answers.
//
// A session fails when the model does not answer three times in a row.
func Skills(m hobby.Model, s *Suite, o *Options) hobby.Hobby {
	h := Drill(hobby.SkillPractice, m, s, o)
	h.Goal = "Answer more tasks right, at higher levels"
	h.Approach = "Generated tasks at the edge of what is known, each answer verified exactly"
	return h
}

// Drill is a hobby of any kind, such as a host's own, that puts tasks of a suite to a model
// as [Skills] does. So it can also be given to sub-agents, sit exams and be trained, which
// takes code of its own in a hobby whose [hobby.Executor] is written by hand. It has no goal
// and no approach.
func Drill(k hobby.Kind, m hobby.Model, s *Suite, o *Options) hobby.Hobby {
	if o == nil {
		o = &Options{}
	}
	p := &skills{suite: s, opts: *o}
	if p.opts.Items <= 0 {
		p.opts.Items = 12
	}
	return hobby.Hobby{Kind: k, Executor: p, Model: m, NeedsModel: true, Families: s.Families()}
}

// maxFailures is the number of missing answers in a row that ends a session.
const maxFailures = 3

var (
	_ hobby.Verifier = (*skills)(nil)
	_ hobby.Examiner = (*skills)(nil)
	_ hobby.Replayer = (*skills)(nil)
)

type skills struct {
	suite *Suite
	opts  Options
}

// Practise implements hobby.Executor.
func (p *skills) Practise(ctx context.Context, plan hobby.Plan, out hobby.Sink) error {
	s, err := out.Serving(ctx)
	if err != nil {
		return fmt.Errorf("practice: %w", err)
	}
	items := p.items(&plan)
	next := p.dealer(&plan)
	seen := newReview(func(family string) []string { return p.suite.index[family].Info().Requires })
	failures := 0
	for asked := 0; asked < items && ctx.Err() == nil; {
		tasks, err := next(min(p.concurrency(s.Model), items-asked))
		if err != nil {
			return err
		}
		if len(tasks) == 0 {
			break // there are no more
		}
		asked += len(tasks)
		answered, err := p.askAll(ctx, s, tasks)
		for i := range answered {
			if err := out.Item(answered[i]); err != nil {
				if errors.Is(err, hobby.ErrBudget) {
					seen.add(&answered[i])
					return seen.conclude(out)
				}
				return err
			}
			seen.add(&answered[i])
		}
		if len(answered) > 0 {
			failures = 0
		}
		if err != nil {
			if failures += len(tasks) - len(answered); failures >= maxFailures || ctx.Err() != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return seen.conclude(out)
}

// items returns the number of tasks of a plan.
func (p *skills) items(plan *hobby.Plan) int {
	if plan.Budget.Items > 0 {
		return plan.Budget.Items
	}
	return p.opts.Items
}

// concurrency is the number of tasks that are with the model at a time.
func (p *skills) concurrency(m hobby.Model) int {
	_, batches := m.(hobby.Batcher)
	switch {
	case p.opts.Concurrency > 0:
		return p.opts.Concurrency
	case batches:
		return 8
	default:
		return 1
	}
}

// maxTasks is the largest number of tasks that Tasks lists.
const maxTasks = 10_000

// Tasks implements hobby.Verifier.
func (p *skills) Tasks(plan hobby.Plan) ([]hobby.TaskID, error) {
	n := p.items(&plan)
	if n > maxTasks {
		return nil, fmt.Errorf("practice: %w: a plan of %d items, at most %d can be listed", hobby.ErrInvalid, n, maxTasks)
	}
	tasks, err := p.dealer(&plan)(n)
	if err != nil {
		return nil, err
	}
	ids := make([]hobby.TaskID, len(tasks))
	for i := range tasks {
		ids[i] = tasks[i].ID()
	}
	return ids, nil
}

// Verify implements hobby.Verifier.
func (p *skills) Verify(i hobby.Item) (hobby.Item, error) {
	t, err := p.suite.Task(i.Family, i.Level, i.Seed)
	if err != nil {
		return hobby.Item{}, err
	}
	return Verify(&t, i)
}

// Replay implements hobby.Replayer.
func (p *skills) Replay(i hobby.Item) ([]hobby.Turn, error) {
	t, err := p.suite.Task(i.Family, i.Level, i.Seed)
	if err != nil || t.Use == nil {
		return nil, err
	}
	return t.replay(i.Answer), nil
}

// dealer returns a function that deals the next n tasks of a plan, or fewer when there
// are no more. A plan without a family goes through all families in turn.
func (p *skills) dealer(plan *hobby.Plan) func(n int) ([]Task, error) {
	r := rand.New(rand.NewPCG(plan.Seed, 0))
	levels := []hobby.Level{{Family: plan.Family, Level: max(1, plan.Level)}}
	if plan.Family == "" {
		levels = nil
		for _, f := range p.suite.Families() {
			levels = append(levels, hobby.Level{Family: f.Name, Level: min(max(1, plan.Level), f.Levels)})
		}
	}
	decks := make([]*Deck, len(levels))
	turn, dry := 0, 0
	return func(n int) (tasks []Task, err error) {
		for len(tasks) < n && dry < len(levels) {
			at := turn % len(levels)
			turn++
			if decks[at] == nil {
				if decks[at], err = p.suite.Deck(levels[at], hobby.Practice); err != nil {
					return nil, err
				}
			}
			t, ok := decks[at].Next(r)
			if !ok {
				dry++
				continue
			}
			dry = 0
			tasks = append(tasks, t)
		}
		return tasks, nil
	}
}

// Exam implements hobby.Examiner.
func (p *skills) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	return Deal(ctx, r, p.suite.Families(), func(r *rand.Rand, l hobby.Level, split hobby.Split, n int) ([]Task, error) {
		deck, err := p.suite.Deck(l, split)
		if err != nil {
			return nil, err
		}
		var tasks []Task
		for len(tasks) < n {
			t, ok := deck.Next(r)
			if !ok {
				break
			}
			tasks = append(tasks, t)
		}
		return tasks, nil
	})
}

// Sit implements hobby.Examiner.
func (p *skills) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) ([]hobby.Item, error) {
	return Sit(ctx, m, s, func(id hobby.TaskID) (Task, error) { return p.suite.Task(id.Family, id.Level, id.Seed) })
}

// askAll returns the answers in the order of the tasks, without missing ones, and
// the first error.
func (p *skills) askAll(ctx context.Context, s hobby.Serving, tasks []Task) ([]hobby.Item, error) {
	o := &AskOptions{Sampling: p.opts.Sampling}
	if _, batches := s.Model.(hobby.Batcher); batches && len(tasks) > 1 {
		return AskAll(ctx, s, tasks, o)
	}
	var mu sync.Mutex
	answers := make([]*hobby.Item, len(tasks))
	var g errgroup.Group
	for i := range tasks {
		g.Go(func() error {
			item, err := Ask(ctx, s, tasks[i], o)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			answers[i] = &item
			return nil
		})
	}
	err := g.Wait()
	var items []hobby.Item
	for _, a := range answers {
		if a != nil {
			items = append(items, *a)
		}
	}
	return items, err
}
