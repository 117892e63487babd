package pastime

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/tools"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

// DefaultSuite is the task families of package practice together with SQL, and with a
// host's own.
func DefaultSuite(own ...practice.Family) (*practice.Suite, error) {
	return practice.NewSuite(slices.Concat(practice.Families(), []practice.Family{sqltask.New()}, own)...)
}

// DefaultTools is the task families of package tools together with those for SQL, and with
// a host's own, such as those of [tools.Hosted].
func DefaultTools(own ...practice.Family) (*practice.Suite, error) {
	sql := tools.SQL(func() (tools.Database, error) { return sqltask.Open() })
	return practice.NewSuite(slices.Concat(tools.Families(), []practice.Family{sql}, own)...)
}

// ground makes what several parts share: the hobbies, and the presence that
// tells whether the user is here.
func ground(_ context.Context, k *Kit) (Part, error) {
	if k.opts.Hobby.Model != nil || k.opts.Subagent.Model != nil {
		return Part{}, fmt.Errorf("%w: Options.Hobby.Model and Options.Subagent.Model must be nil: Open takes the model", hobby.ErrInvalid)
	}
	var err error
	if k.hobbies, err = k.practised(); err != nil {
		return Part{}, err
	}
	if k.Presence = k.opts.Hobby.Presence; k.Presence == nil {
		k.Presence = hobby.NewPresence(k.opts.Hobby.IdleThreshold)
	}
	return Part{}, nil
}

// manager is the part that practises. It runs the slots and the consumers of
// those that are made before it.
func manager(_ context.Context, k *Kit) (Part, error) {
	opts := k.opts.Hobby
	opts.Model, opts.Presence = k.model, k.Presence
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	opts.Slots, opts.Consumers = append(k.daily(), opts.Slots...), slices.Clone(opts.Consumers)
	opts.Topics = append(slices.Clone(opts.Topics), weak{k})
	for _, p := range k.parts {
		opts.Slots = append(opts.Slots, p.Slots...)
		opts.Consumers = append(opts.Consumers, p.Consumers...)
		if p.Topics != nil {
			opts.Topics = append(opts.Topics, p.Topics)
		}
	}
	m, err := hobby.New(k.Store, k.hobbies, &opts)
	if err != nil {
		return Part{}, fmt.Errorf("making the manager: %w", err)
	}
	k.Hobby = m
	return Part{Run: m.Run, Serves: []httpapi.Part{httpapi.Hobby(m)}}, nil
}

// weak has what the agent is weak at as topics for research, which looks for what
// could help the other kinds.
type weak struct{ *Kit }

// Topics implements hobby.TopicSource.
func (w weak) Topics(ctx context.Context, k hobby.Kind, limit int) ([]hobby.Topic, error) {
	if k != hobby.ResearchIntegration {
		return nil, nil
	}
	all, err := w.Hobby.Weaknesses(ctx, limit+2)
	all = slices.DeleteFunc(all, func(t hobby.Topic) bool { return strings.HasPrefix(t.Name, k.Title()) })
	return all[:min(len(all), limit)], err
}

// practice reads the variables of practice.
func (e *env) practice() hobby.Options {
	return hobby.Options{
		Disabled:      !e.boolean("AUTONOMOUS_HOBBY_ENABLED", true),
		Interval:      e.minutes("HOBBY_INTERVAL_MINUTES", 15),
		IdleThreshold: e.minutes("HOBBY_IDLE_THRESHOLD_MINUTES", 5),
		MaxDuration:   e.minutes("HOBBY_MAX_DURATION_MINUTES", 10),
		Knobs: &hobby.Knobs{
			FocusOnWeaknesses: e.boolean("HOBBY_FOCUS_WEAKNESSES", true),
			Variety:           e.number("HOBBY_VARIETY_FACTOR", 0.3, 0, 1),
			Intensity:         e.number("HOBBY_INTENSITY_LEVEL", 0.5, 0, 1),
		},
	}
}
