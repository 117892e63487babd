package subagent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

// TestTheWayOfALostAssignment follows one past silent agents to this process,
// and to its end where this process may not.
func TestTheWayOfALostAssignment(t *testing.T) {
	for _, local := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			o := &subagent.Options{}
			if !local {
				o.LocalConcurrent = -1
			}
			f, w := wired(t, o, "a", "b", "c", "d", "e")
			a := assign(t, f, "a", "sums")
			time.Sleep(5 * time.Minute)
			agents := map[string]bool{}
			for i, sent := range w.orders() {
				if agents[sent.Agent] || sent.Attempt != int64(i+1) {
					t.Errorf("order %d: attempt %d at %s again", i, sent.Attempt, sent.Agent)
				}
				agents[sent.Agent] = true
			}
			if len(agents) != 3 {
				t.Errorf("%d agents were tried, want 3", len(agents))
			}
			a = read(t, f, a.ID)
			want := outline{Status: subagent.Completed, Executor: subagent.Local, Attempt: 4, Past: 3}
			if !local {
				want = outline{Status: subagent.Failed, Agent: a.Agent, Executor: "wire", Attempt: 3, Past: 2, Err: subagent.ErrLost.Error()}
			}
			same(t, "the assignment", want, outlineOf(a))
			if n := f.Stats().Fallbacks; (n == 1) != local {
				t.Errorf("%d assignments ran here because no agent could", n)
			}
			f.stop()
		})
	}
}

func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, &subagent.Options{Timeout: 2 * time.Minute}, "slow")
		a := assign(t, f, "slow", "sums") // 10 minutes of practice: the deadline is at 11
		o := w.last(t)
		w.say(t, o, subagent.Started, nil)
		for time.Since(a.Assigned) < 11*time.Minute {
			time.Sleep(5 * time.Second)
			w.say(t, o, subagent.Alive, nil)
			if got := read(t, f, a.ID); got.Status != subagent.Running {
				t.Fatalf("after %v it is %s: %s", time.Since(a.Assigned), got.Status, got.Err)
			}
		}
		time.Sleep(10 * time.Second)
		if a = read(t, f, a.ID); a.Status != subagent.Failed || a.Err != subagent.ErrTimeout.Error() || len(w.cancelled) == 0 {
			t.Errorf("%+v, cancelled %v", a, w.cancelled)
		}
		w.say(t, o, subagent.Done, answer(t, o))
		if tries, _ := counted(t, f); tries != 0 {
			t.Errorf("the result after the deadline was counted")
		}
		f.stop()
	})
}

// TestTimeoutHere has a hobby of this process go on when its time is up: a
// little longer, and for longer than it may.
func TestTimeoutHere(t *testing.T) {
	for late, want := range map[time.Duration]subagent.Status{2 * time.Minute: subagent.Completed, 20 * time.Minute: subagent.Failed} {
		synctest.Test(t, func(t *testing.T) {
			forever := empty("forever")
			forever.Executor = hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
				if err := out.Insight(hobby.Insight{Text: "so far", Confidence: 1}); err != nil {
					return err
				}
				<-ctx.Done()
				time.Sleep(late)
				return ctx.Err()
			})
			f := newHost(t, []hobby.Hobby{forever}, nil)
			register(t, f.Coordinator, "a", "*")
			a := assign(t, f, "a", "forever")
			time.Sleep(16 * time.Minute)
			a = read(t, f, a.ID)
			if a.Status != want || (a.Outcome != nil) != (want == subagent.Completed) {
				t.Errorf("%v late: %+v", late, a)
			}
			// The place is taken for as long as the hobby really runs.
			if s := f.Stats(); s.Active != 0 || (s.Agents[0].Active == 1) != (want == subagent.Failed) {
				t.Errorf("%v late: %+v", late, s)
			}
			time.Sleep(20 * time.Minute)
			if s := f.Stats(); s.Agents[0].Active != 0 {
				t.Errorf("%+v", s)
			}
			f.stop()
		})
	}
}

func TestUnregisteringGivesTheWorkAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "leaver", "stayer")
		a := assign(t, f, "leaver", "sums")
		first := w.last(t)
		w.say(t, first, subagent.Started, nil)
		if err := f.Unregister(t.Context(), "leaver"); err != nil {
			t.Fatal(err)
		}
		o := w.last(t)
		if o.Agent != "stayer" || o.Attempt != 2 {
			t.Fatalf("%+v", o)
		}
		if err := f.Unregister(t.Context(), "stayer"); err != nil {
			t.Fatal(err)
		}
		w.say(t, first, subagent.Done, answer(t, first))
		if a = read(t, f, a.ID); a.Status != subagent.Completed || a.Executor != subagent.Local || a.Agent != "" || len(a.Past) != 2 {
			t.Errorf("%+v", a)
		}
		if err := f.Unregister(t.Context(), "leaver"); !errors.Is(err, subagent.ErrUnknownAgent) {
			t.Error(err)
		}
		if _, err := f.Assign(t.Context(), "leaver", "sums", time.Minute); !errors.Is(err, subagent.ErrUnknownAgent) {
			t.Error(err)
		}
		f.stop()
	})
}

func TestABrokenTransportFallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "one")
		w.broken = subagent.ErrUnreachable
		a := assign(t, f, "one", "sums")
		a = read(t, f, a.ID)
		same(t, "the assignment", outline{Status: subagent.Completed, Executor: subagent.Local, Attempt: 2, Past: 1}, outlineOf(a))
		if !strings.Contains(a.Past[0].Err, "cannot be reached") {
			t.Errorf("%+v", a.Past)
		}
		f.stop()
	})
}

// TestAFullAgentAndTheWaitForAPlace fills agents, then loses one of them while
// this process may do nothing.
func TestAFullAgentAndTheWaitForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, &subagent.Options{LocalConcurrent: -1}, "one", "two")
		var all []subagent.Assignment
		for range 5 {
			all = append(all, assign(t, f, "one", "sums"), assign(t, f, "two", "sums"))
		}
		if _, err := f.Assign(t.Context(), "one", "sums", time.Minute); !errors.Is(err, subagent.ErrFull) {
			t.Fatalf("the sixth: %v", err)
		}
		if as, err := f.Distribute(t.Context(), 5); len(as) != 0 || err != nil {
			t.Errorf("distributing among the busy: %d, %v", len(as), err)
		}
		orders := w.orders()
		if err := f.Unregister(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		if s := f.Stats(); s.Waiting != 5 || s.Active != 10 {
			t.Errorf("%d wait, %d are open", s.Waiting, s.Active)
		}
		if a := read(t, f, all[0].ID); a.Status != subagent.Pending || a.Agent != "" {
			t.Errorf("waiting: %+v", a)
		}
		for _, o := range orders {
			if o.Agent == "two" {
				w.say(t, o, subagent.Done, answer(t, o))
			}
		}
		for _, o := range w.orders()[10:] {
			if o.Agent != "two" {
				t.Errorf("given to %s", o.Agent)
			}
			w.say(t, o, subagent.Done, answer(t, o))
		}
		for _, a := range all {
			if a = read(t, f, a.ID); a.Status != subagent.Completed || a.Agent != "two" {
				t.Errorf("%+v", a)
			}
		}
		f.stop()
	})
}

// TestRestart stops coordinators in mid-work; the next takes everything up.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlite.Open(t.Context(), ":memory:", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		w := &wire{}
		hobbies := []hobby.Hobby{subagenttest.Sums("sums")}
		o := &subagent.Options{Transports: []subagent.Transport{w}}
		c, stop := start(t, store, hobbies, o)
		f := &host{Coordinator: c, store: store}
		joinWire(t, f, "one")
		joinWire(t, f, "two")
		kept, moved := assign(t, f, "one", "sums"), assign(t, f, "two", "sums")
		orders := w.orders()
		w.say(t, orders[0], subagent.Started, nil)
		before := time.Now()
		stop()
		if d := time.Since(before); d != 2*time.Second {
			t.Errorf("the grace period took %v", d)
		}
		if f.Coordinator, stop = start(t, store, hobbies, o); f.Stats().Registered != 2 || f.Stats().Active != 2 {
			t.Errorf("after the restart: %+v", f.Stats())
		}
		synctest.Wait()
		w.say(t, orders[0], subagent.Done, answer(t, orders[0])) // it had gone on
		if a := read(t, f, kept.ID); a.Status != subagent.Completed || a.Attempt != 1 {
			t.Errorf("%+v", a)
		}
		time.Sleep(20 * time.Second) // the other is silent
		again := w.last(t)
		if again.Assignment != moved.ID || again.Agent != "one" || again.Attempt != 2 {
			t.Fatalf("%+v", again)
		}
		w.say(t, again, subagent.Done, answer(t, again))
		if a := read(t, f, moved.ID); a.Status != subagent.Completed {
			t.Errorf("%+v", a)
		}
		if tries, _ := counted(t, f); tries != 24 || f.Stats().Completed != 2 {
			t.Errorf("%d answers, %+v", tries, f.Stats())
		}
		stop()
	})
}

// TestRegistrationFlood registers more agents than there may be.
func TestRegistrationFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newHost(t, []hobby.Hobby{empty("void")}, &subagent.Options{MaxAgents: 10})
		refused := 0
		for i := range 100 {
			_, err := f.Register(t.Context(), subagent.Agent{ID: fmt.Sprint("a", i), Capabilities: []string{"*"}})
			if errors.Is(err, subagent.ErrTooMany) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		register(t, f.Coordinator, "a3", "void") // replacing is no flood
		if s := f.Stats(); refused != 90 || s.Registered != 10 || s.Agents[3].Capabilities[0] != "void" {
			t.Errorf("%d refused, %d registered", refused, s.Registered)
		}
		if err := f.Unregister(t.Context(), "a0"); err != nil {
			t.Fatal(err)
		}
		register(t, f.Coordinator, "late", "*")
		f.stop()
	})
}

// TestAgentsThatNeverComeBack make room: each restart of a machine may bring a
// new name.
func TestAgentsThatNeverComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := subagent.NewInProcess()
		f := newHost(t, []hobby.Hobby{empty("void")}, &subagent.Options{MaxAgents: 2, Transports: []subagent.Transport{tr}})
		connect := func(id string) (disconnect func()) {
			w, err := subagent.NewWorker(subagent.Agent{ID: id, Capabilities: []string{"*"}}, subagent.Practise([]hobby.Hobby{empty("void")}, nil))
			if err != nil {
				t.Fatal(err)
			}
			disconnect = tr.Connect(w)
			time.Sleep(time.Second)
			return disconnect
		}
		registered := func() (ids string) {
			for _, a := range f.Stats().Agents {
				ids += a.ID + " "
			}
			return ids
		}
		connect("old")()
		time.Sleep(time.Second)
		connect("young")()
		connect("new")
		if got := registered(); got != "new young " {
			t.Errorf("registered: %s", got)
		}
		connect("newer")
		connect("newest")
		if got := registered(); got != "new newer " {
			t.Errorf("registered: %s", got)
		}
		f.stop()
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestHourlyDistribution lets a day pass.
func TestHourlyDistribution(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newHost(t, []hobby.Hobby{subagenttest.Sums("sums"), empty("void")}, nil)
		register(t, f.Coordinator, "a", "*")
		m, err := hobby.New(f.store, []hobby.Hobby{empty("void")},
			&hobby.Options{Interval: 48 * time.Hour, PollEvery: time.Hour, Slots: f.Slots()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		time.Sleep(24*time.Hour + time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		page, err := f.Assignments(t.Context(), subagent.Filter{Limit: 1000})
		if err != nil || len(page.Assignments) != 24*3 {
			t.Errorf("%d assignments in a day, want 72: %v", len(page.Assignments), err)
		}
		kinds := map[hobby.Kind]int{}
		for _, a := range page.Assignments {
			kinds[a.Plan.Kind]++
			if a.Status != subagent.Completed || a.Assigned.Minute() != 0 || a.Plan.Policy != "distribute/1" {
				t.Errorf("%+v", a)
			}
		}
		if kinds["void"] <= kinds["sums"] { // it is never measured, so its gap is the widest
			t.Errorf("%v", kinds)
		}
		f.stop()
	})
}

// TestDistributionLeavesTheUsersMachineAlone has the user at work for an hour.
func TestDistributionLeavesTheUsersMachineAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "elsewhere")
		register(t, f.Coordinator, "here", "*")
		distribute := func(resting string) (agents []string) {
			if err := f.Slots()[0].Run(t.Context(), hobby.SlotRun{Resting: resting}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			page, err := f.Assignments(t.Context(), subagent.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range page.Assignments {
				agents = append(agents, a.Agent)
			}
			return agents
		}
		if got := distribute("the user is here"); fmt.Sprint(got) != "[elsewhere elsewhere elsewhere]" || len(w.orders()) != 3 {
			t.Errorf("while the user is here: %v", got)
		}
		if got := distribute(""); got[0] != "here" {
			t.Errorf("once the user is away: %v", got)
		}
		f.stop()
	})
}

// TestTheFleetIsOneWorker has a manager practise through the coordinator.
func TestTheFleetIsOneWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "one")
		m, err := hobby.New(f.store, []hobby.Hobby{f.Hobby(subagenttest.Sums("sums"))}, &hobby.Options{Disabled: true})
		if err != nil {
			t.Fatal(err)
		}
		practise := func() <-chan hobby.Session {
			got := make(chan hobby.Session, 1)
			go func() {
				s, err := m.RunOnce(t.Context(), "sums")
				if err != nil {
					t.Error(err)
				}
				got <- s
			}()
			synctest.Wait()
			return got
		}
		session := practise()
		o := w.last(t)
		w.say(t, o, subagent.Done, answer(t, o))
		s := <-session
		if s.Activity.Status != hobby.Completed || s.Activity.Passes == 0 || s.Activity.ID == o.Assignment {
			t.Errorf("%+v", s.Activity)
		}
		if tries, _ := counted(t, f); tries != int64(s.Activity.Items) {
			t.Errorf("%d counted, the session has %d", tries, s.Activity.Items)
		}
		if _, err := f.store.Activity(t.Context(), o.Assignment); !errors.Is(err, hobby.ErrNotFound) {
			t.Errorf("the assignment has an activity of its own: %v", err)
		}
		session = practise()
		m.Touch() // the user is back
		if s := <-session; s.Activity.Status != hobby.Interrupted {
			t.Errorf("%+v", s.Activity)
		}
		o = w.last(t)
		if a := read(t, f, o.Assignment); a.Status != subagent.Failed || len(w.cancelled) != 1 {
			t.Errorf("%+v, cancelled %v", a, w.cancelled)
		}
		if err := f.Unregister(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		if s := <-practise(); s.Activity.Status != hobby.Completed || s.Activity.Items == 0 {
			t.Errorf("without agents: %+v", s.Activity)
		}
		f.stop()
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "one")
		a := assign(t, f, "one", "sums")
		if err := f.Cancel(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if a = read(t, f, a.ID); a.Status != subagent.Failed || a.Err != subagent.ErrCancelled.Error() || len(w.cancelled) != 1 {
			t.Errorf("%+v %v", a, w.cancelled)
		}
		if err := f.Cancel(t.Context(), a.ID); !errors.Is(err, subagent.ErrConflict) {
			t.Error(err)
		}
		if err := f.Cancel(t.Context(), "nothing"); !errors.Is(err, hobby.ErrNotFound) {
			t.Error(err)
		}
		f.stop()
	})
}
