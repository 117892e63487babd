package pastime_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/subagent"
)

// follower is a consumer that counts the activities it is told of, by agent.
type follower struct {
	mu     sync.Mutex
	events int
}

func (f *follower) Name() string { return "follower" }

func (f *follower) Consume(_ context.Context, events []hobby.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events += len(events)
	return nil
}

// TestAStoppedAgentPractisesNoAssignments has a sub-agent of this process, to
// which work is given every hour, and stops practice for a day.
func TestAStoppedAgentPractisesNoAssignments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kit, err := pastime.Open(t.Context(), ":memory:", &hobbytest.Model{}, &pastime.Options{Hobby: hobby.Options{PollEvery: time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- kit.Run(ctx) }()
		synctest.Wait()
		if _, err := kit.Subagents.Register(ctx, subagent.Agent{ID: "here", Capabilities: []string{"*"}}); err != nil {
			t.Fatal(err)
		}
		given := func() int {
			t.Helper()
			time.Sleep(4 * time.Hour)
			synctest.Wait()
			page, err := kit.Subagents.Assignments(ctx, subagent.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Assignments)
		}
		if _, err := kit.Hobby.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		if n := given(); n > 0 {
			t.Errorf("%d assignments were practised here while practice was stopped", n)
		}
		kit.Hobby.Resume()
		if n := given(); n == 0 {
			t.Error("no assignment was made in hours of practice")
		}
		cancel()
		if err := errors.Join(<-done, kit.Close()); err != nil {
			t.Error(err)
		}
	})
}

// TestStopGivesTheMachineBack: once POST /hobby/stop is answered no sub-agent of
// this process is at work; what it was at waits for POST /hobby/start.
func TestStopGivesTheMachineBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		walk := hobby.Hobby{Kind: "walk", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(5 * time.Minute):
				return nil
			}
		})}
		kit, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{
			Hobbies: []hobby.Hobby{walk}, Hobby: hobby.Options{PollEvery: time.Hour, Interval: 1000 * time.Hour},
			Subagent: subagent.Options{DistributeEvery: -1},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- kit.Run(ctx) }()
		synctest.Wait()
		if _, err := kit.Subagents.Register(ctx, subagent.Agent{ID: "here", Capabilities: []string{"walk"}}); err != nil {
			t.Fatal(err)
		}
		a, err := kit.Subagents.Assign(ctx, "here", "walk", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		is := func(when string, want subagent.Status, active int) {
			t.Helper()
			got, err := kit.Subagents.Assignment(ctx, a.ID)
			if n := kit.Subagents.Stats().Agents[0].Active; err != nil || got.Status != want || n != active {
				t.Errorf("%s: %s, %d active, %v; want %s, %d", when, got.Status, n, err, want, active)
			}
		}
		post := func(path string) {
			t.Helper()
			rec := httptest.NewRecorder()
			kit.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "POST", path, nil))
			if rec.Code != http.StatusOK {
				t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
			}
		}
		is("assigned", subagent.Running, 1)
		post("/hobby/stop")
		is("stopped", subagent.Pending, 0)
		time.Sleep(24 * time.Hour)
		is("a day later", subagent.Pending, 0)
		post("/hobby/start")
		time.Sleep(2 * time.Second)
		is("started", subagent.Running, 1)
		time.Sleep(5 * time.Minute)
		is("in the end", subagent.Completed, 0)
		cancel()
		if err := errors.Join(<-done, kit.Close()); err != nil {
			t.Error(err)
		}
	})
}

// TestTwoKitsShareNothing runs two agents in one program whose kinds, consumers
// and slots have the same names, one of them twice as often.
func TestTwoKitsShareNothing(t *testing.T) {
	hours := 10
	if race.Enabled { // as above
		hours = 3
	}
	synctest.Test(t, func(t *testing.T) {
		type agent struct {
			kit       *pastime.Kit
			followers *follower
			runs      int
			done      chan error
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		agents := map[string]*agent{"one": {}, "two": {}}
		for name, a := range agents {
			interval := map[string]time.Duration{"one": 10 * time.Minute, "two": 20 * time.Minute}[name]
			a.followers, a.done = &follower{}, make(chan error, 1)
			var err error
			a.kit, err = pastime.Open(ctx, ":memory:", nil, &pastime.Options{
				Hobby: hobby.Options{
					Agent: name, Interval: interval, IdleThreshold: time.Second, PollEvery: time.Hour, Consumers: []hobby.Consumer{a.followers},
					Slots: []hobby.Slot{{Name: "hourly", Schedule: hobby.Every(time.Hour), Run: func(context.Context, hobby.SlotRun) error {
						a.runs++
						return nil
					}}},
				},
				Kinds: []hobby.Kind{}, Hobbies: []hobby.Hobby{{Kind: "stargazing",
					Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
						return out.Insight(hobby.Insight{Text: "seen by " + name, Confidence: 1})
					})}},
			})
			if err != nil {
				t.Fatal(err)
			}
			go func() { a.done <- a.kit.Run(ctx) }()
		}
		time.Sleep(time.Duration(hours)*time.Hour - time.Minute)
		agents["two"].kit.Hobby.Touch() // the other does not notice
		synctest.Wait()
		cancel()
		sessions := map[string]int{"one": 6 * hours, "two": 3 * hours}
		for name, a := range agents {
			if err := <-a.done; err != nil {
				t.Errorf("%s: %v", name, err)
			}
			all, err := hobbytest.Audit(t.Context(), a.kit.Store)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(all) != sessions[name] {
				t.Errorf("%s practised %d times, want %d", name, len(all), sessions[name])
			}
			for _, act := range all {
				if act.Agent != name || act.Insights != 1 {
					t.Errorf("%s has the activity %+v", name, act)
				}
			}
			head, err := a.kit.Store.Head(t.Context())
			if err != nil || hobby.Cursor(a.followers.events) != head {
				t.Errorf("the follower of %s was told of %d events of %d, %v", name, a.followers.events, head, err)
			}
			if a.runs != hours-1 {
				t.Errorf("the slot of %s ran %d times, want %d", name, a.runs, hours-1)
			}
			if status, err := a.kit.Hobby.Status(t.Context()); err != nil || status.Idle == (name == "two") {
				t.Errorf("%s: idle %v, %v", name, status.Idle, err)
			}
		}
		if agents["one"].kit.Store.Node() == agents["two"].kit.Store.Node() {
			t.Error("two stores are one node")
		}
		if err := errors.Join(agents["one"].kit.Close(), agents["two"].kit.Close()); err != nil {
			t.Error(err)
		}
	})
}

// TestRequestsBeforeRun posts to a kit that listens already and begins to run a
// moment later, and to one that never does.
func TestRequestsBeforeRun(t *testing.T) {
	for name, c := range map[string]struct {
		runs  bool
		after time.Duration
	}{
		"it begins in a second": {true, time.Second},
		"it never begins":       {false, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kit, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{
					Hobby:   hobby.Options{Disabled: true},
					Hobbies: []hobby.Hobby{stargazing},
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := kit.Subagents.Register(t.Context(), subagent.Agent{ID: "one", Capabilities: []string{"*"}}); err != nil {
					t.Fatal(err)
				}
				handler := kit.Handler()
				begin := time.Now()
				var posts sync.WaitGroup
				for path, body := range map[string]string{
					"/hobby/run":                `{"hobby_type":"STARGAZING"}`,
					"/hobby/assign-to-subagent": `{"subagent_id":"one","hobby_type":"STARGAZING","duration_minutes":1}`,
					"/hobby/distribute":         "",
				} {
					posts.Go(func() {
						r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
						r.Host = "127.0.0.1"
						if body != "" {
							r.Header.Set("Content-Type", "application/json")
						}
						w := httptest.NewRecorder()
						handler.ServeHTTP(w, r)
						want := http.StatusServiceUnavailable
						switch {
						case c.runs && path == "/hobby/run":
							want = http.StatusAccepted
						case c.runs:
							want = http.StatusOK
						}
						if w.Code != want || time.Since(begin) != c.after {
							t.Errorf("%s: %d after %v, want %d after %v: %s", path, w.Code, time.Since(begin), want, c.after, w.Body)
						}
					})
				}
				time.Sleep(time.Second)
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				if c.runs {
					go func() { done <- kit.Run(ctx) }()
				} else {
					done <- nil
				}
				posts.Wait()
				synctest.Wait()
				cancel()
				if err := errors.Join(<-done, kit.Close()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
