package study

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// Quiz asks a model questions about a tree.
type Quiz struct {
	Families []hobby.Family
	// Questions is the number of questions of a session whose plan gives none.
	Questions int
	// Ask makes a question that is not held out. It is false when the tree has
	// none of this family and level.
	Ask func(r *rand.Rand, family hobby.Family, level int) (practice.Task, bool)
	// Trusted is the host's rule on where a tainted question comes from; see
	// [hobby.Item.Acceptance]. Nil trusts nothing.
	Trusted func(source string) bool
}

// ByRule is the acceptance of what a rule of the host trusts; nil when it trusts
// not all of the sources.
func ByRule(trusted func(source string) bool, sources ...string) *hobby.Acceptance {
	if trusted == nil || len(sources) == 0 || !all(sources, trusted) {
		return nil
	}
	return &hobby.Acceptance{Accepted: true, By: hobby.ByRule, At: time.Now().UTC(), Version: 1}
}

func all(sources []string, trusted func(string) bool) bool {
	return !slices.ContainsFunc(sources, func(s string) bool { return !trusted(s) })
}

// tries is the number of questions that are drawn for each one to be answered.
// Some were asked already, or do not fit the model's context.
const tries = 4

// Hold puts the questions of a session to what serves it. A plan without a family
// goes through all families in turn. Where a family has no question, the next has
// its turn. A question that was asked already, or that does not fit the model's
// context, is replaced by another. When none fits, the error is hobby.ErrTooLong.
// Hold ends without error when nothing more can be asked, or the budget is used up.
func (q *Quiz) Hold(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s, err := out.Serving(ctx)
	if err != nil {
		return err
	}
	n := p.Budget.Items
	if n <= 0 {
		n = q.Questions
	}
	next := q.drawing(p, n)
	var tooLong error
	answered := 0
	for answered < n {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t, ok := next()
		if !ok {
			break
		}
		item, err := practice.Ask(ctx, s, t, nil)
		if errors.Is(err, hobby.ErrTooLong) {
			tooLong = err
			continue
		}
		if err != nil {
			return err
		}
		answered++
		if item.Taint != hobby.Trusted {
			item.Acceptance = ByRule(q.Trusted, item.Source)
		}
		if err := out.Item(item); err != nil {
			return Spent(err)
		}
	}
	if answered == 0 {
		return tooLong
	}
	return nil
}

// drawing returns the questions of a session one after the other, none of them twice. It
// is false when there are no more: in a small tree the same question comes again.
func (q *Quiz) drawing(p hobby.Plan, n int) func() (practice.Task, bool) {
	r := rand.New(rand.NewPCG(p.Seed, 1))
	start := max(0, slices.IndexFunc(q.Families, func(f hobby.Family) bool { return f.Name == p.Family }))
	drawn := 0
	asked := map[string]bool{}
	return func() (practice.Task, bool) {
		for drawn < tries*n {
			first := start
			if p.Family == "" {
				first = drawn
			}
			drawn++
			t, ok := q.draw(r, first, p.Level)
			if !ok {
				return practice.Task{}, false
			}
			if !asked[t.Family+t.Params] {
				asked[t.Family+t.Params] = true
				return t, true
			}
		}
		return practice.Task{}, false
	}
}

// draw makes a question of the first family that has one.
func (q *Quiz) draw(r *rand.Rand, first, level int) (practice.Task, bool) {
	for i := range q.Families {
		f := q.Families[(first+i)%len(q.Families)]
		t, ok := q.Ask(r, f, min(max(1, level), f.Levels))
		if ok {
			return t, true
		}
	}
	return practice.Task{}, false
}

// Spent returns nil for the error of a used-up budget, which ends a session
// without a failure.
func Spent(err error) error {
	if errors.Is(err, hobby.ErrBudget) {
		return nil
	}
	return err
}

// Offered returns the families that have questions, which a policy can plan. Each
// has the levels, from 1 on, that have questions.
func (q *Quiz) Offered() []hobby.Family {
	var all []hobby.Family
	r := rand.New(rand.NewPCG(1, 1))
	for _, f := range q.Families {
		levels := 0
		for levels < f.Levels {
			if _, ok := q.Ask(r, f, levels+1); !ok {
				break
			}
			levels++
		}
		if f.Levels = levels; levels > 0 {
			all = append(all, f)
		}
	}
	return all
}

// mostTasks bounds what Tasks lists.
const mostTasks = 1000

// Tasks lists the questions that Hold would ask of a model with room for all of them.
func (q *Quiz) Tasks(p hobby.Plan) ([]hobby.TaskID, error) {
	n := p.Budget.Items
	if n <= 0 {
		n = q.Questions
	}
	if n > mostTasks {
		return nil, fmt.Errorf("%w: a plan of %d items, at most %d can be listed", hobby.ErrInvalid, n, mostTasks)
	}
	var all []hobby.TaskID
	next := q.drawing(p, n)
	for len(all) < n {
		t, ok := next()
		if !ok {
			break
		}
		all = append(all, t.ID())
	}
	return all, nil
}
