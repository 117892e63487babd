package pastime

import (
	"cmp"
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	ledger "github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
)

// subagents is the part that gives practice to other agents.
func subagents(ctx context.Context, k *Kit) (Part, error) {
	l, err := ledger.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the assignments: %w", err)
	}
	opts := k.opts.Subagent
	opts.Model, opts.Presence = k.model, k.Presence
	if opts.Chooser == nil {
		opts.Chooser = k.opts.Hobby.Chooser
	}
	if opts.Off == nil {
		opts.Off = func() []hobby.Kind { return k.Hobby.Tuning().Off }
	}
	opts.Agent = cmp.Or(opts.Agent, k.opts.Hobby.Agent)
	if opts.Redact == nil {
		opts.Redact = k.opts.Hobby.Redact
	}
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	c, err := subagent.New(l, k.hobbies, &opts)
	if err != nil {
		return Part{}, fmt.Errorf("making the coordinator: %w", err)
	}
	k.Subagents = c
	return Part{Name: "assignments", Observes: c, Slots: c.Slots(), Run: c.Run, Serves: []httpapi.Part{httpapi.Subagents(c)}}, nil
}

// subagents reads the variables of sub-agents.
func (e *env) subagents() subagent.Options {
	o := subagent.Options{
		MaxConcurrent:   e.integer("HOBBY_SUBAGENT_MAX_CONCURRENT", subagent.DefaultConcurrent, 1, subagent.MostConcurrent),
		Timeout:         e.minutes("HOBBY_SUBAGENT_TIMEOUT_MINUTES", 15),
		DistributeEvery: e.minutes("HOBBY_AUTO_DISTRIBUTE_INTERVAL_MINUTES", 60),
	}
	if !e.boolean("HOBBY_AUTO_DISTRIBUTE_ENABLED", true) {
		o.DistributeEvery = -1
	}
	return o
}
