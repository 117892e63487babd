package subagent

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// Practise is the Handler that carries out orders with a program's own hobbies, as
// [hobby.Practise] does with o, but for MaxItems and MaxInsights, which are those of
// a result. Without a model, orders for hobbies that need one fail.
func Practise(hobbies []hobby.Hobby, o *hobby.PractiseOptions) Handler {
	hobbies = slices.Clone(hobbies)
	var opts hobby.PractiseOptions
	if o != nil {
		opts = *o
	}
	opts.MaxItems, opts.MaxInsights = MaxItems, MaxInsights
	return func(ctx context.Context, o Order) (Result, error) {
		at := slices.IndexFunc(hobbies, func(h hobby.Hobby) bool { return h.Kind == o.Plan.Kind })
		if at < 0 {
			return Result{}, fmt.Errorf("%w: %q", hobby.ErrUnknownKind, o.Plan.Kind)
		}
		s, err := hobby.Practise(ctx, hobbies[at], o.Plan, &opts)
		r := Result{Model: s.Activity.Model, ModelKey: s.Activity.ModelKey, Items: s.Items, Insights: s.Insights, Cost: s.Activity.Cost}
		if r.ModelKey == "" && len(r.Items) > 0 {
			r.ModelKey = r.Items[0].ModelKey
		}
		return r, err
	}
}

// newID makes a UUIDv7.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil { // the system has no randomness to give
		return uuid.NewString()
	}
	return id.String()
}
