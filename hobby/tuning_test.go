package hobby_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestTune changes a manager that runs: when its next session comes, which kinds it chooses,
// and how much it may use.
func TestTune(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, open(t), &hobby.Options{Interval: 24 * time.Hour, IdleThreshold: time.Hour}, one("sums"), one("words"))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		status := func() hobby.ManagerStatus {
			t.Helper()
			synctest.Wait()
			s, err := m.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		begun := time.Now()
		if s := status(); !s.Next.Equal(begun.Add(time.Hour)) {
			t.Errorf("before: the next session is at %v, the user is away at %v", s.Next, begun.Add(time.Hour))
		}

		want := hobby.Tuning{Interval: 2 * time.Hour, Idle: time.Minute, Daily: hobby.Budget{Items: 100}, Off: []hobby.Kind{"words"}}
		if err := m.Tune(want); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, m.Tuning()); d != "" {
			t.Errorf("in force (-want +got):\n%s", d)
		}
		if s := status(); !s.Next.Equal(begun.Add(time.Minute)) || s.Daily != want.Daily {
			t.Errorf("tuned: the next session is at %v, want %v; the budget is %+v", s.Next, begun.Add(time.Minute), s.Daily)
		}
		time.Sleep(5 * time.Hour) // the sessions at 0:01, 2:01 and 4:01
		page, err := m.Store().List(t.Context(), hobby.Filter{})
		if err != nil || len(page.Activities) != 3 {
			t.Errorf("%d sessions, want 3: %v", len(page.Activities), err)
		}
		for _, a := range page.Activities {
			if a.Plan.Kind != "sums" {
				t.Errorf("a session of %q, which is off", a.Plan.Kind)
			}
		}

		want.Daily = hobby.Budget{Items: 1} // less than was used
		if err := m.Tune(want); err != nil {
			t.Fatal(err)
		}
		if s := status(); s.Resting != "today's budget is used up" {
			t.Errorf("with a budget of less than was used it rests because of %q", s.Resting)
		}
		want.Daily, want.Off = hobby.Budget{}, []hobby.Kind{"sums", "words"}
		if err := m.Tune(want); err != nil {
			t.Fatal(err)
		}
		if s := status(); s.Resting != "every kind is off" {
			t.Errorf("with everything off it rests because of %q", s.Resting)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestTuneRefuses gives a manager what it cannot do, and sees that nothing is changed.
func TestTuneRefuses(t *testing.T) {
	m := manager(t, open(t), nil, one("sums"))
	before := m.Tuning()
	for name, bad := range map[string]func(*hobby.Tuning){
		"no interval":     func(t *hobby.Tuning) { t.Interval = 0 },
		"negative idle":   func(t *hobby.Tuning) { t.Idle = -1 },
		"negative budget": func(t *hobby.Tuning) { t.Daily.Tokens = -1 },
		"unknown kind":    func(t *hobby.Tuning) { t.Off = []hobby.Kind{"naps"} },
	} {
		tuning := before
		bad(&tuning)
		if err := m.Tune(tuning); !errors.Is(err, hobby.ErrInvalid) && !errors.Is(err, hobby.ErrUnknownKind) {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(before, m.Tuning()); d != "" {
			t.Errorf("%s changed what is in force:\n%s", name, d)
		}
	}
}

// TestSetIdle shortens and lengthens how long a user must be away, while somebody waits.
func TestSetIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(time.Hour)
		time.Sleep(time.Minute)
		changed := p.Changed()
		p.SetIdle(30 * time.Second)
		select {
		case <-changed:
		default:
			t.Error("the user has been away for longer than the new time, and nobody was told")
		}
		if !p.Away() {
			t.Error("the user is here")
		}
		changed = p.Changed()
		p.SetIdle(2 * time.Minute) // here again, for another minute
		<-changed
		changed, before := p.Changed(), time.Now()
		<-changed
		if took := time.Since(before); took != time.Minute || !p.Away() {
			t.Errorf("the user went away after %v, want 1m: %v", took, p.Away())
		}
	})
}

// TestAChosenModelIsTheStatus has the chooser put another model in the place of the host's.
func TestAChosenModelIsTheStatus(t *testing.T) {
	host, other := pupil("host"), pupil("other")
	c := &champions{of: map[hobby.Kind]hobby.Serving{}}
	m := manager(t, open(t), &hobby.Options{Model: host, Chooser: c}, quiz("sums", nil, nil))
	for _, want := range []struct {
		name string
		of   hobby.Serving
	}{{"host", hobby.Serving{}}, {"other", hobby.Serving{Model: other, Info: other.Identity}}, {"host", hobby.Serving{}}} {
		c.mu.Lock()
		c.of["sums"] = want.of
		c.mu.Unlock()
		m.ModelChanged()
		s, err := m.RunOnce(t.Context(), "sums")
		if err != nil || s.Activity.Model != want.name {
			t.Errorf("%q answered, want %q: %v", s.Activity.Model, want.name, err)
		}
		st, err := m.Status(t.Context())
		if err != nil || st.Model.Name != want.name {
			t.Errorf("the status says %q, want %q: %v", st.Model.Name, want.name, err)
		}
	}
}
