package settings_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/settings"
	"github.com/pastime-go/pastime/sqlite"
	chosen "github.com/pastime-go/pastime/sqlite/settings"
)

// named is a model that answers with its name.
func named(name string) *hobbytest.Model {
	return &hobbytest.Model{
		Identity: hobby.ModelInfo{Name: name, Key: hobby.ModelKey(name), Base: name},
		Reply:    func(context.Context, hobby.Request) (string, error) { return name, nil },
	}
}

// quiz asks what serves the session two questions; between them it calls between.
func quiz(k hobby.Kind, between func()) hobby.Hobby {
	return hobby.Hobby{
		Kind: k, NeedsModel: true, Families: []hobby.Family{{Name: "any", Levels: 1}},
		Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
			for i := range 2 {
				if i == 1 && between != nil {
					between()
				}
				s, err := out.Serving(ctx)
				if err != nil {
					return err
				}
				resp, err := s.Model.Generate(ctx, hobby.Request{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "?"}}})
				if err != nil {
					return err
				}
				if err := out.Item(hobby.Item{
					Family: "any", Version: 1, Level: 1, Seed: uint64(i), Split: hobby.Practice, Answer: resp.Message.Content, Score: 1,
					Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "?"}}, Finish: hobby.FinishStop, Verifier: "any",
				}); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func manager(t *testing.T, db *sqlite.Store, o *hobby.Options, hobbies ...hobby.Hobby) *hobby.Manager {
	t.Helper()
	m, err := hobby.New(db, hobbies, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func settle(t *testing.T, db *sqlite.Store, m *hobby.Manager, o *settings.Options) *settings.Settings {
	t.Helper()
	store, err := chosen.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	s, err := settings.New(t.Context(), store, m, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func of[T any](v T) *T { return &v }

// TestWhatBeatsWhat chooses everything, and starts the program again with less allowed and
// something given to it.
func TestWhatBeatsWhat(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "agent.db"))
	opts := &hobby.Options{Model: named("host"), Interval: time.Hour, IdleThreshold: time.Minute, Off: []hobby.Kind{"words"}}
	m := manager(t, db, opts, quiz("sums", nil), quiz("words", nil))
	s := settle(t, db, m, &settings.Options{Allowed: settings.Names()})
	v := settings.Values{
		Interval: of(2 * time.Hour), Idle: of(3 * time.Minute), Budget: &hobby.Budget{Items: 9}, Kinds: map[hobby.Kind]bool{"words": true,
			"sums": false},
	}
	if err := s.Change(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	both := map[hobby.Kind]bool{"sums": true, "words": false}
	want := settings.State{
		Interval: settings.Setting[time.Duration]{2 * time.Hour, time.Hour, settings.FromChoice, ""},
		Idle:     settings.Setting[time.Duration]{3 * time.Minute, time.Minute, settings.FromChoice, ""},
		Budget:   settings.Setting[hobby.Budget]{hobby.Budget{Items: 9}, hobby.Budget{}, settings.FromChoice, ""},
		Kinds:    settings.Setting[map[hobby.Kind]bool]{v.Kinds, both, settings.FromChoice, ""},
	}
	if d := cmp.Diff(want, s.State()); d != "" {
		t.Errorf("chosen (-want +got):\n%s", d)
	}
	if d := cmp.Diff(hobby.Tuning{Interval: 2 * time.Hour, Idle: 3 * time.Minute, Daily: *v.Budget, Off: []hobby.Kind{"sums"}},
		m.Tuning()); d != "" {
		t.Errorf("in force (-want +got):\n%s", d)
	}

	// The next start has a flag for the interval, and lets nobody change the kinds.
	opts.Interval, opts.Presence = 5*time.Minute, nil
	m = manager(t, db, opts, quiz("sums", nil), quiz("words", nil))
	s = settle(t, db, m, &settings.Options{
		Allowed: []settings.Name{settings.Interval, settings.Idle,
			settings.Budget}, Fixed: map[settings.Name]string{settings.Interval: "-interval"},
	})
	want.Interval = settings.Setting[time.Duration]{5 * time.Minute, 5 * time.Minute, settings.FromFixed, "-interval"}
	want.Kinds = settings.Setting[map[hobby.Kind]bool]{both, both, settings.FromFixed, "the program"}
	if d := cmp.Diff(want, s.State()); d != "" {
		t.Errorf("after a restart (-want +got):\n%s", d)
	}
	for name, bad := range map[string]settings.Values{
		"a fixed interval": {Interval: of(time.Hour)},
		"kinds":            {Kinds: map[hobby.Kind]bool{"sums": false}},
	} {
		if err := s.Change(t.Context(), bad); !errors.Is(err, settings.ErrFixed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Change(t.Context(), settings.Values{Interval: of(5 * time.Minute), Kinds: both}); err != nil {
		t.Errorf("what is in force anyway is refused: %v", err)
	}
	if got := s.State(); got.Idle.Value != time.Minute || got.Idle.From != settings.FromDefault || got.Budget.Value != (hobby.Budget{}) {
		t.Errorf("what is not chosen any more is %+v, %+v", got.Idle, got.Budget)
	}
	store, err := chosen.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	// What was chosen before the flag is in force again without it. What cannot be is left out.
	kept, err := store.Settings(t.Context(), "agent")
	if d := cmp.Diff(settings.Values{Interval: v.Interval, Kinds: v.Kinds}, kept); d != "" || err != nil {
		t.Errorf("kept of what is fixed (-want +got): %v\n%s", err, d)
	}
	kept.Budget, kept.Idle, kept.Model = &hobby.Budget{MicroUSD: 5}, of(time.Nanosecond), of("large")
	if err := store.PutSettings(t.Context(), "agent", kept); err != nil {
		t.Fatal(err)
	}
	s = settle(t, db, m, &settings.Options{Allowed: settings.Names()})
	if got := s.State(); got.Budget.Value != *kept.Budget || got.Interval.Value != 2*time.Hour || got.Idle.Value != time.Minute {
		t.Errorf("with an idle time and a model that cannot be: %+v", got)
	}
}

// TestWhatCannotBe refuses values, and sees that nothing is changed.
func TestWhatCannotBe(t *testing.T) {
	db := open(t, ":memory:")
	s := settle(t, db, manager(t, db, nil, quiz("sums", nil)), &settings.Options{Allowed: settings.Names()})
	before := s.State()
	for name, bad := range map[string]settings.Values{
		"a short interval":  {Interval: of(time.Millisecond)},
		"a long idle time":  {Idle: of(10000 * time.Hour)},
		"a negative budget": {Budget: &hobby.Budget{Tokens: -1}},
		"an unknown kind":   {Kinds: map[hobby.Kind]bool{"naps": true}},
		"a model":           {Model: of("large")},
	} {
		if err := s.Change(t.Context(), bad); !errors.Is(err, hobby.ErrInvalid) && !errors.Is(err, hobby.ErrUnknownKind) {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(before, s.State()); d != "" {
			t.Errorf("%s changed what is in force:\n%s", name, d)
		}
	}
	for _, o := range []settings.Options{{Allowed: []settings.Name{"colour"}}, {Fixed: map[settings.Name]string{"colour": "-c"}}} {
		store, err := chosen.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := settings.New(t.Context(), store, manager(t, db, nil, quiz("sums", nil)), &o); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// shelf offers two models, and one that cannot be opened. It counts those that are open.
type shelf struct{ open map[string]int }

func (s *shelf) models() settings.Models {
	return settings.Models{
		Default: "host",
		List: func(context.Context) ([]settings.Offer, error) {
			return []settings.Offer{{Name: "large"}, {Name: "small"}, {Name: "broken"}, {Name: "large", About: "again"}}, nil
		},
		Open: func(_ context.Context, name string) (hobby.Model, func() error, error) {
			if name == "broken" {
				return nil, nil, errors.New("it is damaged")
			}
			s.open[name]++
			return named(name), func() error { s.open[name]--; return nil }, nil
		},
	}
}

// TestPickAModel changes the model within a session and between two, and starts again with a
// model that is gone.
func TestPickAModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, ":memory:")
		s := &shelf{open: map[string]int{}}
		host := named("host")
		p, err := settings.NewPicker(host, s.models(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var all *settings.Settings
		m := manager(t, db, &hobby.Options{Model: host, Chooser: p, Disabled: true}, quiz("sums", func() {
			if err := all.Change(t.Context(), settings.Values{Model: of("large")}); err != nil {
				t.Error(err)
			}
		}), quiz("words", nil))
		all = settle(t, db, m, &settings.Options{Allowed: settings.Names(), Picker: p})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- all.Run(ctx) }()
		answered := func(k hobby.Kind, want string) {
			t.Helper()
			run, err := m.RunOnce(t.Context(), k)
			if err != nil || len(run.Items) != 2 {
				t.Fatalf("%+v, %v", run, err)
			}
			for _, i := range run.Items {
				if i.Answer != want || i.Model != want && run.Activity.Model != want {
					t.Errorf("%q answered as %q, want %q", i.Answer, run.Activity.Model, want)
				}
			}
			synctest.Wait()
		}
		answered("sums", "host") // and large is picked meanwhile
		answered("words", "large")
		if d := cmp.Diff(map[string]int{"large": 1}, s.open); d != "" {
			t.Errorf("open (-want +got):\n%s", d)
		}
		for _, bad := range []string{"broken", "/etc/passwd", "openai:http://x/v1#y", ""} {
			if err := all.Change(t.Context(), settings.Values{Model: &bad}); !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("the model %q: %v", bad, err)
			}
		}
		answered("words", "large")
		if err := all.Change(t.Context(), settings.Values{Model: of("small")}); err != nil {
			t.Fatal(err)
		}
		answered("words", "small")
		if d := cmp.Diff(map[string]int{"large": 0, "small": 1}, s.open); d != "" {
			t.Errorf("open after another was picked (-want +got):\n%s", d)
		}

		// A comparison shares what is open, and closes what it opened.
		small, release, err := p.Take(t.Context(), "small")
		if err != nil || s.open["small"] != 1 {
			t.Errorf("%v is open %d times: %v", small, s.open["small"], err)
		}
		if err := all.Change(t.Context(), settings.Values{}); err != nil {
			t.Fatal(err)
		}
		answered("words", "host")
		if s.open["small"] != 1 {
			t.Error("a model was closed that a comparison uses")
		}
		if err := errors.Join(release(), release()); err != nil || s.open["small"] != 0 {
			t.Errorf("small is open %d times: %v", s.open["small"], err)
		}
		cancel()
		if err := errors.Join(<-done, p.Close()); err != nil {
			t.Error(err)
		}

		store, err := chosen.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.PutSettings(t.Context(), "agent",
			settings.Values{Model: of("sold"), Kinds: map[hobby.Kind]bool{"gone": true}}); err != nil {
			t.Fatal(err)
		}
		all = settle(t, db, m, &settings.Options{Allowed: settings.Names(), Picker: p})
		if st := all.State(); st.Trouble == nil || st.Model.Value != "host" {
			t.Errorf("the model that was chosen is gone, and the state is %+v", st)
		}
		answered("words", "host")
	})
}

// TestALargeModel chooses models that take long to open: nobody waits for that longer than 10
// seconds, and the state is told at once. The last one that was chosen answers.
func TestALargeModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, ":memory:")
		isOpen := map[string]int{}
		p, err := settings.NewPicker(named("host"), settings.Models{
			Default: "host",
			List: func(context.Context) ([]settings.Offer, error) {
				return []settings.Offer{{Name: "huge"}, {Name: "other"}, {Name: "broken"}}, nil
			},
			Open: func(ctx context.Context, name string) (hobby.Model, func() error, error) {
				select {
				case <-time.After(5 * time.Minute):
				case <-ctx.Done():
					return nil, nil, context.Cause(ctx)
				}
				if name == "broken" {
					return nil, nil, errors.New("it is damaged")
				}
				isOpen[name]++
				return named(name), func() error { isOpen[name]--; return nil }, nil
			},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := manager(t, db, &hobby.Options{Model: named("host"), Chooser: p, Disabled: true, PollEvery: time.Second}, quiz("sums", nil))
		s := settle(t, db, m, &settings.Options{Allowed: settings.Names(), Picker: p})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		go func() { done <- m.Run(ctx) }()
		go func() { done <- s.Run(ctx) }()
		synctest.Wait()
		state := func(answers, opening string, trouble bool) {
			t.Helper()
			begin := time.Now()
			if st := s.State(); st.Model.Value != answers || st.Opening != opening || st.Trouble != nil != trouble || time.Since(begin) > 0 {
				t.Errorf("after %v %q answers, %q is opened, the trouble is %v; want %q, %q, %t",
					time.Since(begin), st.Model.Value, st.Opening, st.Trouble, answers, opening, trouble)
			}
			run, err := m.RunOnce(t.Context(), "sums")
			if err != nil || len(run.Items) != 2 || run.Items[0].Answer != answers {
				t.Errorf("a session: %+v, %v; want answers of %s", run, err, answers)
			}
			synctest.Wait()
		}
		choose := func(name string) {
			t.Helper()
			begin := time.Now()
			if err := s.Change(t.Context(), settings.Values{Model: &name}); !errors.Is(err, settings.ErrOpening) {
				t.Errorf("choosing %s: %v", name, err)
			}
			if d := time.Since(begin); d != 10*time.Second {
				t.Errorf("choosing %s took %v", name, d)
			}
		}
		choose("huge")
		state("host", "huge", false)
		if err := s.Change(t.Context(), settings.Values{Model: of("huge"), Interval: of(time.Hour)}); !errors.Is(err, settings.ErrOpening) {
			t.Errorf("changing something else meanwhile: %v", err)
		}
		time.Sleep(5 * time.Minute)
		state("huge", "", false)
		choose("other")
		state("huge", "other", false)
		short, stop := context.WithTimeout(t.Context(), 4*time.Second)
		if err := s.Change(short, settings.Values{Model: of("broken")}); !errors.Is(err, settings.ErrOpening) || short.Err() != nil {
			t.Errorf("choosing within 4 seconds: %v, %v", err, short.Err())
		}
		stop()
		state("huge", "broken", false)
		time.Sleep(6 * time.Minute)
		state("host", "", true)
		if d := cmp.Diff(map[string]int{"huge": 0}, isOpen); d != "" {
			t.Errorf("open (-want +got):\n%s", d)
		}
		gone, leave := context.WithTimeout(t.Context(), time.Hour)
		time.AfterFunc(time.Second, leave)
		if err := s.Change(gone, settings.Values{Model: of("other")}); !errors.Is(err, context.Canceled) {
			t.Errorf("whoever has chosen is gone: %v", err)
		}
		synctest.Wait()
		if got := s.State().Model.From; got != settings.FromChoice || p.Opening() != "" {
			t.Errorf("it is %s, and %q is opened", got, p.Opening())
		}

		store, err := chosen.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.PutSettings(t.Context(), "agent", settings.Values{Model: of("other")}); err != nil { // another process
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		state("host", "other", false)
		time.Sleep(5 * time.Minute)
		state("other", "", false)
		choose("huge")
		cancel()
		if err := errors.Join(<-done, <-done, p.Close()); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(map[string]int{"huge": 0, "other": 0}, isOpen); d != "" {
			t.Errorf("open at the end (-want +got):\n%s", d)
		}
	})
}

// spoiling is a store that makes an interval that it keeps one that cannot be.
type spoiling struct{ settings.Store }

func (s spoiling) PutSettings(ctx context.Context, agent string, v settings.Values) error {
	if v.Interval != nil {
		*v.Interval = 0
	}
	return s.Store.PutSettings(ctx, agent, v)
}

// TestAStubbornModel opens a model that goes on being opened whatever its context says.
func TestAStubbornModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, ":memory:")
		isOpen, goOn := map[string]int{}, make(chan struct{})
		p, err := settings.NewPicker(named("host"), settings.Models{
			Default: "host",
			List:    func(context.Context) ([]settings.Offer, error) { return []settings.Offer{{Name: "stubborn"}}, nil },
			Open: func(_ context.Context, name string) (hobby.Model, func() error, error) {
				<-goOn
				isOpen[name]++
				return named(name), func() error { isOpen[name]--; return nil }, nil
			},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		store, err := chosen.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		m := manager(t, db, &hobby.Options{Model: named("host"), Chooser: p, Disabled: true}, quiz("sums", nil))
		s, err := settings.New(t.Context(), spoiling{store}, m, &settings.Options{Allowed: settings.Names(), Picker: p})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Change(t.Context(), settings.Values{Model: of("stubborn")}); !errors.Is(err, settings.ErrOpening) {
			t.Errorf("choosing it: %v", err)
		}
		// A name that is not offered is refused at once, and changes nothing.
		begin := time.Now()
		if err := s.Change(t.Context(), settings.Values{Model: of("typo")}); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("choosing what is not offered: %v", err)
		}
		kept, err := store.Settings(t.Context(), "agent")
		if d := cmp.Diff(settings.Values{Model: of("stubborn")}, kept); d != "" || err != nil {
			t.Errorf("kept (-want +got): %v\n%s", err, d)
		}
		if d := time.Since(begin); d > 0 || p.Opening() != "stubborn" {
			t.Errorf("after %v %q is opened", d, p.Opening())
		}
		// What is not in force is told, also of a model that is being opened.
		err = s.Change(t.Context(), settings.Values{Model: of("stubborn"), Interval: of(time.Hour)})
		if !errors.Is(err, hobby.ErrInvalid) || errors.Is(err, settings.ErrOpening) {
			t.Errorf("an interval that cannot be in force: %v", err)
		}

		begin = time.Now()
		if err := p.Close(); err == nil || time.Since(begin) != 10*time.Second {
			t.Errorf("closing takes %v: %v", time.Since(begin), err)
		}
		close(goOn)
		synctest.Wait()
		if d := cmp.Diff(map[string]int{"stubborn": 0}, isOpen); d != "" || p.Picked() != "host" {
			t.Errorf("%s answers; open at the end (-want +got):\n%s", p.Picked(), d)
		}
	})
}

// TestAnotherProcess has one process put in force what another one chose.
func TestAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, ":memory:")
		m := manager(t, db, &hobby.Options{Model: named("host"), PollEvery: time.Second}, quiz("sums", nil))
		s := settle(t, db, m, &settings.Options{Allowed: settings.Names()})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		go func() { done <- m.Run(ctx) }()
		go func() { done <- s.Run(ctx) }()
		synctest.Wait()
		store, err := chosen.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.PutSettings(t.Context(), "agent", settings.Values{Interval: of(7 * time.Minute)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := s.State().Interval; got.Value != 7*time.Minute || got.From != settings.FromChoice {
			t.Errorf("the interval is %+v", got)
		}
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Error(err)
		}
	})
}
