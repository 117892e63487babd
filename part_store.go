package pastime

import (
	"context"

	"github.com/pastime-go/pastime/sqlite"
)

// store is the part that all others need.
func store(ctx context.Context, k *Kit) (Part, error) {
	s, err := sqlite.Open(ctx, k.path, &k.opts.Store)
	if err != nil {
		return Part{}, err
	}
	k.Store = s
	return Part{Name: "store", Observes: s, Slots: s.Upkeep(), Close: s.Close}, nil
}
