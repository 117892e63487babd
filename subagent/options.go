package subagent

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Options configures a Coordinator. Nil and the zero value are legal; every
// zero field has the default that its comment gives.
type Options struct {
	// Agent names the agent whose practice this is, in activities and
	// tallies. Default "agent".
	Agent string
	// Model answers what is practised in this process, but for hobbies with a model
	// of their own. Default none: only other agents then practise hobbies that need
	// one.
	Model hobby.Model
	// Chooser says with which adapter a model answers a kind. What serves an
	// assignment is pinned as it begins. Give it the manager's. Default nil: none.
	Chooser hobby.Chooser
	// Transports reach agents beyond this process. Their names must differ. The
	// caller closes them after Run has returned. Default none.
	Transports []Transport

	// Presence tells whether the user is here. What runs in this process yields
	// when the user comes back or the host pauses, and is made again once the
	// machine is free; nobody is to blame. Nothing is begun again here before. This
	// holds for workers behind [InProcess] too. Give it the manager's. Default none:
	// nothing yields.
	Presence *hobby.Presence

	// MaxConcurrent is how many assignments an agent has at a time when its
	// registration does not say it, from 1 to MostConcurrent. Default 5.
	MaxConcurrent int
	// MaxAgents bounds the registered agents, up to 100,000. One more takes the
	// place of the agent that has been disconnected for longest; when all are
	// connected it is refused with ErrTooMany. Default 1,000.
	MaxAgents int
	// Timeout is how long an attempt may take: this long, or the assignment's
	// duration and a minute when that is longer. Default 15 min.
	Timeout time.Duration
	// Lease is how long an agent may be silent before its work is given to
	// another. Default 15 s.
	Lease time.Duration
	// MaxAttempts bounds the attempts at an assignment, the last resort of
	// running it here not counted. Default 3.
	MaxAttempts int
	// MaxWaiting bounds the assignments that wait for a free agent after a lost
	// attempt, from 1 to 1,000,000. One more fails. Default 1,000.
	MaxWaiting int
	// LocalConcurrent is how many assignments run here at a time because no
	// agent could take them. Default 1; negative means that none do.
	LocalConcurrent int
	// Items is how many answers an assignment asks for. Default 12; at most
	// MaxItems.
	Items int

	// Off lists kinds that Distribute must not choose; they can still be assigned. Give it
	// the manager's. Default none.
	Off func() []hobby.Kind
	// DistributeEvery is the interval of automatic distribution, and
	// DistributeCount how many assignments it makes. Default 60 min and 3; a
	// negative interval means none.
	DistributeEvery time.Duration
	DistributeCount int
	// Keep is how long assignments that have ended are kept. Default 30 days;
	// negative means for ever.
	Keep time.Duration
	// Grace is how long work may go on after the context of Run has ended.
	// Default 2 s; negative means none.
	Grace time.Duration

	// Redact is applied to what comes from outside before it is stored: items and
	// insights, errors and reasons, the names of models, the metadata of agents
	// and the topics of plans; see hobby.Options. Default nil: unchanged.
	Redact func(string) string
	// Logger takes warnings. Default nil: silent.
	Logger *slog.Logger
}

func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Agent == "" {
		d.Agent = "agent"
	}
	def(&d.MaxConcurrent, DefaultConcurrent)
	def(&d.MaxAgents, 1000)
	def(&d.Timeout, 15*time.Minute)
	def(&d.Lease, 15*time.Second)
	def(&d.MaxAttempts, 3)
	def(&d.MaxWaiting, 1000)
	def(&d.LocalConcurrent, 1)
	def(&d.Items, 12)
	def(&d.DistributeEvery, time.Hour)
	def(&d.DistributeCount, 3)
	def(&d.Keep, 30*24*time.Hour)
	def(&d.Grace, 2*time.Second)
	d.Grace = max(0, d.Grace)
	d.LocalConcurrent = max(0, d.LocalConcurrent)
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

func def[T int | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

func (o *Options) validate() error {
	for _, f := range []struct {
		name      string
		v         int64
		low, high int64
	}{
		{"MaxConcurrent", int64(o.MaxConcurrent), 1, MostConcurrent},
		{"MaxAgents", int64(o.MaxAgents), 1, 100_000},
		{"Timeout", int64(o.Timeout), 1, int64(366 * 24 * time.Hour)},
		{"Lease", int64(o.Lease), int64(time.Millisecond), int64(time.Hour)},
		{"MaxAttempts", int64(o.MaxAttempts), 1, 100},
		{"MaxWaiting", int64(o.MaxWaiting), 1, 1_000_000},
		{"LocalConcurrent", int64(o.LocalConcurrent), 0, MostConcurrent},
		{"Items", int64(o.Items), 1, MaxItems},
		{"DistributeCount", int64(o.DistributeCount), 1, 100},
	} {
		if f.v < f.low || f.v > f.high {
			return fmt.Errorf("%w: Options.%s is %d, must be %d to %d", hobby.ErrInvalid, f.name, f.v, f.low, f.high)
		}
	}
	names := map[string]bool{"": true, Local: true}
	for _, t := range o.Transports {
		if names[t.Name()] {
			return fmt.Errorf("%w: Options.Transports: the name %q is empty or taken twice", hobby.ErrInvalid, t.Name())
		}
		names[t.Name()] = true
	}
	return nil
}
