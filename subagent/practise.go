package subagent

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// Practise is the Handler that carries out orders with a program's own hobbies
// and model, as [hobby.Practise] does. m may be nil; orders for hobbies that need
// one then fail.
func Practise(hobbies []hobby.Hobby, m hobby.Model) Handler { return practise(hobbies, m, nil) }

// practise is Practise with the store's insights in told, so that none is made
// again.
func practise(hobbies []hobby.Hobby, m hobby.Model, told hobby.InsightReader) Handler {
	hobbies = slices.Clone(hobbies)
	return func(ctx context.Context, o Order) (Result, error) {
		at := slices.IndexFunc(hobbies, func(h hobby.Hobby) bool { return h.Kind == o.Plan.Kind })
		if at < 0 {
			return Result{}, fmt.Errorf("%w: %q", hobby.ErrUnknownKind, o.Plan.Kind)
		}
		s, err := hobby.Practise(ctx, hobbies[at], o.Plan, &hobby.PractiseOptions{
			Model: m, Told: told, MaxItems: MaxItems, MaxInsights: MaxInsights,
		})
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
