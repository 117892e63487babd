package pastime

import (
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/settings"
	chosen "github.com/pastime-go/pastime/sqlite/settings"
)

// picking is the part that has the model answer that people chose, among those that the host
// offers. There is none without Options.Models.
func picking(_ context.Context, k *Kit) (Part, error) {
	if k.opts.Settings.Picker != nil {
		return Part{}, fmt.Errorf("%w: Options.Settings.Picker must be nil: Open makes it of Options.Models", hobby.ErrInvalid)
	}
	if k.opts.Models == nil || k.model == nil {
		return Part{}, nil
	}
	p, err := settings.NewPicker(k.model, *k.opts.Models, k.opts.Hobby.Chooser)
	if err != nil {
		return Part{}, fmt.Errorf("offering models: %w", err)
	}
	k.opts.Settings.Picker, k.opts.Hobby.Chooser = p, p
	return Part{Close: p.Close}, nil
}

// setting is the part with which people change settings, as far as the host allows it.
func setting(ctx context.Context, k *Kit) (Part, error) {
	if len(k.opts.Settings.Allowed) == 0 {
		return Part{}, nil
	}
	store, err := chosen.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the settings: %w", err)
	}
	opts := k.opts.Settings
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	if k.Settings, err = settings.New(ctx, store, k.Hobby, &opts); err != nil {
		return Part{}, err
	}
	return Part{Run: k.Settings.Run, Serves: []httpapi.Part{httpapi.Settings(k.Settings)}}, nil
}
