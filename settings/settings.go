// Package settings lets people change some of what a host configured, while the program runs:
// how often it practises, how long the user must be away, what a day may use, which kinds are
// practised, and which of the host's models answers.
//
// A value that was given to the program, such as by a flag, beats one that people chose, and
// a chosen one beats the host's default. The host says what may be changed; that is nothing
// by default. A model is chosen by its name among those that the host lists, so no path and no
// address comes from a page.
package settings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Name names a setting.
type Name string

// The settings.
const (
	Interval Name = "interval"
	Idle     Name = "idle"
	Budget   Name = "budget"
	Kinds    Name = "kinds"
	Model    Name = "model"
)

// Names are all settings.
func Names() []Name { return []Name{Interval, Idle, Budget, Kinds, Model} }

// Changed is the kind of the event that says that settings were changed. It has no body.
const Changed = "settings.changed"

// ErrFixed refuses to change what the host does not let people change.
var ErrFixed = errors.New("settings: fixed")

// Shortest is the least Interval, and the least Idle, that people can choose.
const Shortest = time.Second

const longest = 366 * 24 * time.Hour

// Values are settings as people chose them. A nil field was not chosen: the default is in
// force.
type Values struct {
	// Interval is the time from the start of one session to the next, and Idle how long the
	// user must be away before one starts. Both are at least Shortest, and at most a year.
	Interval *time.Duration `json:"interval,omitempty"`
	Idle     *time.Duration `json:"idle,omitempty"`
	// Budget bounds all sessions of a UTC day together; its zero fields are unbounded.
	Budget *hobby.Budget `json:"budget,omitempty"`
	// Kinds says of kinds whether they are practised. What it does not name is as the host
	// configured it.
	Kinds map[hobby.Kind]bool `json:"kinds,omitempty"`
	// Model names a model that the host offers.
	Model *string `json:"model,omitempty"`
}

// Store keeps what people chose, for each agent.
type Store interface {
	// Settings returns what was put last; nothing is chosen before.
	Settings(ctx context.Context, agent string) (Values, error)
	// PutSettings keeps v, and tells with an event Changed.
	PutSettings(ctx context.Context, agent string, v Values) error
}

// Options configures Settings. Nil and the zero value are legal.
type Options struct {
	// Allowed are those that people may change. Default none.
	Allowed []Name
	// Fixed says what has decided a setting, such as "-interval". It cannot be changed,
	// also where it is allowed. Default none.
	Fixed map[Name]string
	// Picker picks among models. Default nil: there is no choice.
	Picker *Picker
	// Logger takes warnings. Default nil: silent.
	Logger *slog.Logger
}

// Settings are those of one manager. Make them with New. All methods are safe for concurrent
// use.
type Settings struct {
	store    Store
	manager  *hobby.Manager
	opts     Options
	defaults hobby.Tuning

	turn chan struct{} // a semaphore around putting values in force

	mu      sync.Mutex
	values  Values // written with the turn and mu
	trouble error  // likewise; why the model that was chosen does not answer
}

// Source says where the value of a setting comes from.
type Source string

// The sources. A later one beats an earlier one.
const (
	FromDefault Source = "default"
	FromChoice  Source = "chosen"
	FromFixed   Source = "fixed"
)

// Setting is the value in force, and where it comes from. By says what has fixed it, for
// people; it is "" where the value is not fixed.
type Setting[T any] struct {
	Value, Default T
	From           Source
	By             string
}

// State is what is in force.
type State struct {
	Interval, Idle Setting[time.Duration]
	Budget         Setting[hobby.Budget]
	Kinds          Setting[map[hobby.Kind]bool]
	// Model is the zero Setting without a Picker.
	Model Setting[string]
	// Opening is the model that was chosen and is being opened; until it is open, that of
	// Model answers. "" when there is none.
	Opening string
	// Trouble is why the model that was chosen could not be opened, so that the default
	// answers; nil when it could.
	Trouble error
}

// New makes the settings of a manager, and puts in force what is in the store. What is stored
// and cannot be any more, such as a kind that is gone, is left out with a warning.
func New(ctx context.Context, s Store, m *hobby.Manager, o *Options) (*Settings, error) {
	all := &Settings{store: s, manager: m, defaults: m.Tuning(), turn: make(chan struct{}, 1)}
	if o != nil {
		all.opts = *o
	}
	if all.opts.Logger == nil {
		all.opts.Logger = slog.New(slog.DiscardHandler)
	}
	for _, n := range all.opts.Allowed {
		if !slices.Contains(Names(), n) {
			return nil, fmt.Errorf("settings: %w: Options.Allowed names %q, which is no setting", hobby.ErrInvalid, n)
		}
	}
	for n := range all.opts.Fixed {
		if !slices.Contains(Names(), n) {
			return nil, fmt.Errorf("settings: %w: Options.Fixed names %q, which is no setting", hobby.ErrInvalid, n)
		}
	}
	return all, all.load(ctx, ctx)
}

// load puts in force what the store has. It waits for a model until wait ends.
func (s *Settings) load(ctx, wait context.Context) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	s.note(nil)
	v, err := s.store.Settings(ctx, s.manager.Settings().Agent)
	if err != nil {
		return fmt.Errorf("settings: reading what was chosen: %w", err)
	}
	for k := range v.Kinds {
		if !s.registered(k) {
			s.opts.Logger.Warn("a setting is left out: there is no such kind any more", "kind", k)
			delete(v.Kinds, k)
		}
	}
	for _, n := range v.chosen() {
		if err := s.check(n, &v); err != nil {
			s.opts.Logger.Warn("a setting is left out", "setting", n, "error", err)
			v.set(n, &Values{})
		}
	}
	if err := s.pick(wait, &v); err != nil && !errors.Is(err, ErrOpening) {
		s.fallBack(err)
	}
	return s.tune(v)
}

// enter takes the turn, and leave gives it back.
func (s *Settings) enter(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Settings) leave() { <-s.turn }

// Change puts v in force in the place of all that was chosen before, and stores it. The
// error is ErrFixed for what people may not change, and hobby.ErrInvalid for what cannot be;
// then nothing is changed. What was chosen of a setting that is fixed now is kept for when it
// is not. A model that is chosen is opened first, if it is offered. One that takes longer is ErrOpening:
// all is changed, and the model answers when it is open.
func (s *Settings) Change(ctx context.Context, v Values) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	for _, n := range v.chosen() {
		if by := s.fixed(n); by != "" && !s.same(n, &v) {
			return fmt.Errorf("%w: %s is set by %s", ErrFixed, n, by)
		}
		if err := s.check(n, &v); err != nil {
			return err
		}
	}
	longest := patience
	if end, ok := ctx.Deadline(); ok {
		longest = min(longest, time.Until(end)/2)
	}
	wait, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if v.Model != nil {
		if err := s.opts.Picker.offered(wait, *v.Model); err != nil {
			return err
		}
	}
	for _, n := range Names() {
		if s.fixed(n) != "" {
			v.set(n, &s.values)
		}
	}
	opening := s.pick(wait, &v)
	if err := context.Cause(ctx); err != nil {
		return errors.Join(err, s.back())
	}
	if opening != nil && !errors.Is(opening, ErrOpening) {
		return fmt.Errorf("%w: the model cannot be opened: %w", hobby.ErrInvalid, errors.Join(opening, s.back()))
	}
	if err := s.store.PutSettings(ctx, s.manager.Settings().Agent, v); err != nil {
		return fmt.Errorf("settings: keeping what was chosen: %w", errors.Join(err, s.back()))
	}
	s.note(nil)
	if err := s.tune(v); err != nil {
		return err // and no ErrOpening, which says that all is changed
	}
	return opening
}

// State returns what is in force.
func (s *Settings) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, now, v := &s.defaults, s.manager.Tuning(), &s.values
	st := State{
		Interval: setting(s, Interval, now.Interval, d.Interval, v.Interval != nil),
		Idle:     setting(s, Idle, now.Idle, d.Idle, v.Idle != nil),
		Budget:   setting(s, Budget, now.Daily, d.Daily, v.Budget != nil),
		Kinds:    setting(s, Kinds, s.on(now.Off), s.on(d.Off), len(v.Kinds) > 0),
		Trouble:  s.trouble,
	}
	if p := s.opts.Picker; p != nil {
		st.Model = setting(s, Model, p.Picked(), p.models.Default, v.Model != nil)
		st.Opening = p.Opening()
	}
	return st
}

// Offers lists the models that can be chosen; none without a Picker.
func (s *Settings) Offers(ctx context.Context) ([]Offer, error) {
	if s.opts.Picker == nil {
		return nil, nil
	}
	return s.opts.Picker.Offers(ctx)
}

// Run puts in force what other processes chose for this agent, and closes a model that was
// replaced once the session that it answers has ended. It returns nil when ctx ends.
func (s *Settings) Run(ctx context.Context) error {
	sub := s.manager.Subscribe(1, Changed)
	defer sub.Close()
	changes := sub.C()
	var replaced <-chan struct{}
	if s.opts.Picker != nil {
		replaced = s.opts.Picker.replaced
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-changes:
			if !ok { // the manager's Run has ended
				changes = nil
				continue
			}
			if err := s.load(ctx, ended); err != nil && ctx.Err() == nil {
				s.opts.Logger.Warn("settings of another process", "error", err)
			}
		case <-replaced:
			release, err := s.manager.Hold(ctx, "the model is being changed")
			if err != nil {
				return nil //nolint:nilerr // ctx has ended, and the picker's Close closes it
			}
			if err := s.opts.Picker.sweep(); err != nil {
				s.opts.Logger.Warn("closing a model that was replaced", "error", err)
			}
			release()
		}
	}
}

// fixed says why a setting cannot be changed; "" when it can.
func (s *Settings) fixed(n Name) string {
	switch by, given := s.opts.Fixed[n]; {
	case given:
		return by
	case !slices.Contains(s.opts.Allowed, n):
		return "the program"
	}
	return ""
}

func setting[T any](s *Settings, n Name, now, def T, chosen bool) Setting[T] {
	at := Setting[T]{Value: now, Default: def, From: FromDefault, By: s.fixed(n)}
	switch {
	case at.By != "":
		at.From = FromFixed
	case chosen:
		at.From = FromChoice
	}
	return at
}

// chosen lists the settings that v has.
func (v *Values) chosen() (all []Name) {
	for n, has := range map[Name]bool{
		Interval: v.Interval != nil, Idle: v.Idle != nil, Budget: v.Budget != nil, Kinds: len(v.Kinds) > 0, Model: v.Model != nil,
	} {
		if has {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

// set has v have of a setting what another has.
func (v *Values) set(n Name, of *Values) {
	switch n {
	case Interval:
		v.Interval = of.Interval
	case Idle:
		v.Idle = of.Idle
	case Budget:
		v.Budget = of.Budget
	case Kinds:
		v.Kinds = of.Kinds
	case Model:
		v.Model = of.Model
	}
}

// same reports whether v has of a setting what is in force anyway: to send back what was
// read is no change.
func (s *Settings) same(n Name, v *Values) bool {
	now := s.manager.Tuning()
	switch n {
	case Interval:
		return *v.Interval == now.Interval
	case Idle:
		return *v.Idle == now.Idle
	case Budget:
		return *v.Budget == now.Daily
	case Kinds:
		on := s.on(now.Off)
		for k, is := range v.Kinds {
			if was, there := on[k]; !there || was != is {
				return false
			}
		}
		return true
	case Model:
		return s.opts.Picker != nil && *v.Model == s.opts.Picker.Picked()
	}
	return false
}

// check reports whether what v has of a setting cannot be.
func (s *Settings) check(n Name, v *Values) error {
	switch n {
	case Interval:
		return checkTime(n, *v.Interval)
	case Idle:
		return checkTime(n, *v.Idle)
	case Budget:
		if b := v.Budget; min(int64(b.Time), int64(b.Items), b.Tokens, int64(b.CPU), b.MicroUSD) < 0 {
			return fmt.Errorf("settings: %w: the budget is %+v, must have no negative field", hobby.ErrInvalid, *b)
		}
	case Kinds:
		for k := range v.Kinds {
			if !s.registered(k) {
				return fmt.Errorf("settings: %w: %.64q", hobby.ErrUnknownKind, k)
			}
		}
	case Model:
		if s.opts.Picker == nil {
			return fmt.Errorf("settings: %w: there is no model to choose", hobby.ErrInvalid)
		}
	}
	return nil
}

func checkTime(n Name, d time.Duration) error {
	if d < Shortest || d > longest {
		return fmt.Errorf("settings: %w: %s is %v, must be from %v to a year", hobby.ErrInvalid, n, d, Shortest)
	}
	return nil
}

// tune puts v in force, but for the model. The caller has the turn.
func (s *Settings) tune(v Values) error {
	t := s.defaults
	if v.Interval != nil && s.fixed(Interval) == "" {
		t.Interval = *v.Interval
	}
	if v.Idle != nil && s.fixed(Idle) == "" {
		t.Idle = *v.Idle
	}
	if v.Budget != nil && s.fixed(Budget) == "" {
		t.Daily = *v.Budget
	}
	if len(v.Kinds) > 0 && s.fixed(Kinds) == "" {
		on := s.on(t.Off)
		t.Off = nil
		for _, k := range s.manager.Settings().Kinds {
			if is, chosen := v.Kinds[k.Kind]; chosen && !is || !chosen && !on[k.Kind] {
				t.Off = append(t.Off, k.Kind)
			}
		}
	}
	if err := s.manager.Tune(t); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = v
	return nil
}

// on says of every kind whether it is practised, where off are not.
func (s *Settings) on(off []hobby.Kind) map[hobby.Kind]bool {
	all := map[hobby.Kind]bool{}
	for _, k := range s.manager.Settings().Kinds {
		all[k.Kind] = !slices.Contains(off, k.Kind)
	}
	return all
}

func (s *Settings) registered(k hobby.Kind) bool {
	return slices.ContainsFunc(s.manager.Settings().Kinds, func(r hobby.KindSetting) bool { return r.Kind == k })
}
