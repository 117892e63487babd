package pastime

import (
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/tools"
)

// kinds makes the hobbies of every Kit, in this order. One that needs a model takes
// k.model, which may be nil, and rests without. Another kind is another line.
func (k *Kit) kinds() []func() (hobby.Hobby, error) {
	return []func() (hobby.Hobby, error){
		k.skills,
		k.tools,
		k.creative,
	}
}

// practised are the Kit's own hobbies and the host's. A hobby of the host takes the place
// of the Kit's own of the same kind.
func (k *Kit) practised() ([]hobby.Hobby, error) {
	var all []hobby.Hobby
	for _, makes := range k.kinds() {
		h, err := makes()
		if err != nil {
			return nil, err
		}
		theirs := slices.ContainsFunc(k.opts.Hobbies, func(o hobby.Hobby) bool { return o.Kind == h.Kind })
		if wanted := k.opts.Kinds == nil || slices.Contains(k.opts.Kinds, h.Kind); wanted && !theirs {
			all = append(all, h)
		}
	}
	return append(all, k.opts.Hobbies...), nil
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
