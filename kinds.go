package pastime

import (
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/patterns"
	"github.com/pastime-go/pastime/hobby/practice/tools"
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
	var all []hobby.Hobby
	own := k.kinds()
	for _, kind := range k.opts.Kinds {
		if !slices.ContainsFunc(own, func(o ownKind) bool { return o.kind == kind }) {
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
	return append(all, k.opts.Hobbies...), nil
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
