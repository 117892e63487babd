package pastime

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

// training is the part that trains adapters and chooses which serves a kind. There is
// none without a trainer.
func training(ctx context.Context, k *Kit) (Part, error) {
	if k.opts.Trainer == nil {
		return Part{}, nil
	}
	if _, ok := k.model.(hobby.AdapterHost); !ok {
		return Part{}, fmt.Errorf("%w: Options.Trainer needs a model that takes adapters, a hobby.AdapterHost", hobby.ErrInvalid)
	}
	opts := k.opts.LoRA
	if opts.Model != nil || opts.Presence != nil || opts.Hobbies != nil || opts.Hold != nil {
		return Part{}, fmt.Errorf("%w: Options.LoRA's Model, Presence, Hobbies and Hold must be nil: Open has them", hobby.ErrInvalid)
	}
	registry, err := adapters.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the adapters: %w", err)
	}
	opts.Model, opts.Presence, opts.Hobbies = k.model, k.Presence, k.hobbies
	opts.Hold = func(ctx context.Context, why string) (func(), error) { return k.Hobby.Hold(ctx, why) }
	opts.Agent = cmp.Or(opts.Agent, k.opts.Hobby.Agent)
	opts.Poll = cmp.Or(opts.Poll, k.opts.Hobby.PollEvery)
	if opts.Dir == "" {
		if opts.Dir, err = k.Dir("adapters"); err != nil {
			return Part{}, err
		}
	}
	if opts.Redact == nil {
		opts.Redact = k.opts.Hobby.Redact
	}
	if opts.Insights == nil {
		opts.Insights = k.preferred
	}
	if opts.Scorer == nil {
		opts.Scorer = k.Feedback
	}
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	p, err := lora.New(registry, k.opts.Hobby.Past, k.opts.Trainer, &opts) // answers that were archived are practice, too
	if err != nil {
		return Part{}, fmt.Errorf("making the pipeline of adapters: %w", err)
	}
	k.Adapters = p
	if k.opts.Hobby.Chooser == nil {
		k.opts.Hobby.Chooser = p
	}
	served := httpapi.LoRA(&httpapi.Training{Pipeline: p, Store: registry, Model: k.model, Schedule: opts.Schedule})
	return Part{
		Name: "training", Observes: p, Slots: p.Slots(), Run: p.Run,
		Consumers: []hobby.Consumer{registry}, Serves: []httpapi.Part{served},
	}, nil
}

// training reads the variables of trainings.
func (e *env) training() lora.Options {
	const schedule = "HOBBY_LORA_SCHEDULE"
	text := cmp.Or(e.get(schedule), "0 3 * * *")
	s := parseCron(text)
	if s == nil {
		e.fail(schedule, text, "a schedule of cron, such as 0 3 * * *")
	}
	if !e.boolean("HOBBY_LORA_ENABLED", true) || s == nil {
		return lora.Options{}
	}
	return lora.Options{Schedule: s}
}

// parseCron reads a schedule of cron; nil for a wrong one, and for one that never comes,
// such as 31 February.
func parseCron(text string) hobby.Schedule {
	if strings.Contains(text, "TZ=") && !strings.Contains(text, " ") {
		return nil // the parser panics
	}
	s, err := cron.ParseStandard(text)
	if err != nil || s.Next(time.Now()).IsZero() {
		return nil
	}
	return s
}
