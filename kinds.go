package pastime

import (
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// kinds makes the hobbies of every Kit, in this order. One that needs a model takes
// k.model, which may be nil, and rests without. Another kind is another line.
func (k *Kit) kinds() []func() (hobby.Hobby, error) {
	return []func() (hobby.Hobby, error){
		k.skills,
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
		if !slices.ContainsFunc(k.opts.Hobbies, func(o hobby.Hobby) bool { return o.Kind == h.Kind }) {
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
