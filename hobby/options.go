package hobby

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Options configures a Manager. Nil and the zero value are legal; every zero
// field has the default that its comment gives.
type Options struct {
	// Agent names the agent in activities and tallies. Each of the agents that
	// share a store has its own proficiency; they have the counts and the daily
	// budget in common. Default "agent".
	Agent string
	// Model answers the hobbies that need one and have none of their own, see
	// Hobby.Model. Default none.
	Model Model
	// Chooser says with which adapter a model answers a kind, or which other model does.
	// Default nil: the kind's model without an adapter.
	Chooser Chooser
	// Past answers for what was moved out of the store. Default [PastOf] the store.
	Past Past
	// Policy chooses what to practise. Default NewLearnability(nil).
	Policy Policy
	// Scorer predicts how people would rate insights, so that the best can be shown first.
	// Default nil: the newest are.
	Scorer Scorer
	// Dismissed are the shapes of insights that people do not want to be told; see
	// [Insight.Shape]. It is asked once a session, and a session keeps no insight of such
	// a shape. Default nil: all are told.
	Dismissed func(ctx context.Context) (map[string]bool, error)
	// Topics know what could be looked into: see [Topic]. When the policy leaves the
	// topic of a topical hobby open, one of theirs is drawn. Default none.
	Topics []TopicSource
	// Knobs are the learning preferences; they are taken as they are, zero
	// fields too. Default focus on weaknesses, variety 0.3, intensity 0.5.
	Knobs *Knobs

	// Disabled keeps the manager from starting sessions by itself until Resume;
	// requests are still carried out.
	Disabled bool
	// Off lists registered kinds that the policy must not choose.
	Off []Kind
	// Interval is the time from the start of one session to the next.
	// Default 15 min.
	Interval time.Duration
	// Presence tells whether the user is here. A host gives the same one to
	// everything that works while the user is away. Default one of the manager's
	// own, with IdleThreshold.
	Presence *Presence
	// IdleThreshold is how long the user must be away. Default 5 min; a nanosecond
	// means that practice does not wait for the user to be away. With a Presence
	// it must be 0 or the same as its Idle.
	IdleThreshold time.Duration
	// MaxDuration bounds a session. Default 10 min.
	MaxDuration time.Duration
	// Grace is how long a running session may go on after the context of Run
	// has ended. Default 2 s; negative means none.
	Grace time.Duration
	// FlushEvery is the longest that verified work stays uncommitted.
	// Default 2 s.
	FlushEvery time.Duration
	// PollEvery is how often Run looks for what other processes committed to the
	// same store. It sees its own commits at once. Default 2 s.
	PollEvery time.Duration

	// Daily bounds all sessions of a UTC day together. Default unbounded.
	Daily Budget
	// OnBattery reports whether the machine runs on battery; practice rests
	// while it does. Default nil: never.
	OnBattery func() bool

	// Redact is applied to what comes from outside before it is stored: items and
	// insights (see [Item.Redact] and [Insight.Redact]), and an activity's topic,
	// description, error and the name of its model. It must be safe for concurrent
	// use, and must not change its own output. Default nil: unchanged; see package
	// hobby/redact.
	Redact func(string) string
	// Consumers follow the event log while Run is active. Their names must
	// differ.
	Consumers []Consumer
	// Slots run on their schedules while Run is active. Their names must
	// differ.
	Slots []Slot
	// Logger takes warnings and session ends. Default nil: silent.
	Logger *slog.Logger
}

// withDefaults fills in the zero fields.
func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	def := func(v *time.Duration, to time.Duration) {
		if *v == 0 {
			*v = to
		}
	}
	def(&d.Interval, 15*time.Minute)
	def(&d.MaxDuration, 10*time.Minute)
	def(&d.Grace, 2*time.Second)
	def(&d.FlushEvery, 2*time.Second)
	def(&d.PollEvery, 2*time.Second)
	d.Grace = max(0, d.Grace)
	if d.Presence == nil {
		d.Presence = NewPresence(d.IdleThreshold)
	}
	def(&d.IdleThreshold, d.Presence.Idle())
	if d.Agent == "" {
		d.Agent = "agent"
	}
	if d.Knobs == nil {
		d.Knobs = &Knobs{FocusOnWeaknesses: true, Variety: 0.3, Intensity: 0.5}
	}
	if d.Policy == nil {
		d.Policy = NewLearnability(nil)
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

func (o *Options) validate(hobbies []Hobby) error {
	for _, f := range []struct {
		name string
		d    time.Duration
	}{
		{"Interval", o.Interval}, {"IdleThreshold", o.IdleThreshold}, {"MaxDuration", o.MaxDuration},
		{"FlushEvery", o.FlushEvery}, {"PollEvery", o.PollEvery},
	} {
		if f.d < 0 {
			return fmt.Errorf("%w: Options.%s is %v, must be positive", ErrInvalid, f.name, f.d)
		}
	}
	if o.IdleThreshold != o.Presence.Idle() {
		return fmt.Errorf("%w: Options.IdleThreshold is %v, must be 0 or that of Options.Presence, %v",
			ErrInvalid, o.IdleThreshold, o.Presence.Idle())
	}
	for name, v := range map[string]float64{"Variety": o.Knobs.Variety, "Intensity": o.Knobs.Intensity} {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%w: Options.Knobs.%s is %v, must be in [0, 1]", ErrInvalid, name, v)
		}
	}
	if err := o.bounds(hobbies); err != nil {
		return err
	}
	names := map[string]bool{}
	unique := func(field, name string) error {
		if name == "" || names[field+name] {
			return fmt.Errorf("%w: the name %q in Options.%s is empty or taken twice", ErrInvalid, name, field)
		}
		names[field+name] = true
		return nil
	}
	for i, c := range o.Consumers {
		if c == nil {
			return fmt.Errorf("%w: Options.Consumers[%d] is nil", ErrInvalid, i)
		}
		if err := unique("Consumers", c.Name()); err != nil {
			return err
		}
	}
	for i, s := range o.Topics {
		if s == nil {
			return fmt.Errorf("%w: Options.Topics[%d] is nil", ErrInvalid, i)
		}
	}
	for _, s := range o.Slots {
		if err := unique("Slots", s.Name); err != nil {
			return err
		}
		if s.Schedule == nil || s.Run == nil {
			return fmt.Errorf("%w: slot %q needs a Schedule and a Run", ErrInvalid, s.Name)
		}
	}
	return nil
}

// bounds checks Daily and Off.
func (o *Options) bounds(hobbies []Hobby) error {
	if d := o.Daily; min(int64(d.Time), int64(d.Items), d.Tokens, int64(d.CPU), d.MicroUSD) < 0 {
		return fmt.Errorf("%w: Options.Daily is %+v, must have no negative field", ErrInvalid, d)
	}
	for _, k := range o.Off {
		if !slices.ContainsFunc(hobbies, func(h Hobby) bool { return h.Kind == k }) {
			return fmt.Errorf("%w: Options.Off names %q, which is not registered", ErrUnknownKind, k)
		}
	}
	return nil
}
