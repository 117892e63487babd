package pastime

import (
	"context"
	"fmt"

	"github.com/pastime-go/pastime/compare"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// comparing is the part that compares two of the models that the host offers. There is none
// where people may not choose among them.
func comparing(ctx context.Context, k *Kit) (Part, error) {
	picker := k.opts.Settings.Picker
	if picker == nil || k.Settings == nil {
		return Part{}, nil
	}
	journal, err := jobs.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the comparisons: %w", err)
	}
	c, err := compare.New(journal, compare.Options{
		Hobbies: k.hobbies, Take: picker.Take, Hold: k.Hobby.Hold, Poll: k.opts.Hobby.PollEvery, Logger: k.opts.Logger,
	})
	if err != nil {
		return Part{}, fmt.Errorf("making what compares models: %w", err)
	}
	return Part{Run: c.Run, Serves: []httpapi.Part{httpapi.Compare(c)}}, nil
}
