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

func TestAResultFromElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "one")
		a := assign(t, f, "one", "sums")
		if a.Status != subagent.Pending || a.Executor != "wire" || a.Deadline.Sub(a.Assigned) != 15*time.Minute {
			t.Errorf("assigned: %+v", a)
		}
		o := w.last(t)
		if o.Agent != "one" || o.Attempt != 1 || o.Plan.Budget.Items != 12 || o.Plan.Budget.Time != 10*time.Minute || o.Timeout != 15*time.Minute {
			t.Errorf("order %+v", o)
		}
		w.say(t, o, subagent.Started, nil)
		if a = read(t, f, a.ID); a.Status != subagent.Running || a.Started.IsZero() {
			t.Errorf("started: %+v", a)
		}
		for range 10 { // for longer than any lease
			time.Sleep(5 * time.Second)
			w.say(t, o, subagent.Alive, nil)
		}
		w.say(t, o, subagent.Done, answer(t, o))
		a = read(t, f, a.ID)
		out := a.Outcome
		if a.Status != subagent.Completed || out.Items != 12 || out.Passes != 12 || out.Gain == nil || *out.Gain <= 0 || out.Executor != "wire" || out.ModelKey != subagenttest.SumsKey || len(out.Insights) != 1 {
			t.Errorf("done: %+v, %+v", a, out)
		}
		s, err := f.store.Activity(t.Context(), a.ID)
		if err != nil || len(s.Items) != 12 || s.Insights[0].Taint != hobby.Untrusted || s.Insights[0].Source != "subagent:one" || *s.Activity.Origin != (hobby.Origin{Agent: "one", Executor: "wire", Assignment: a.ID, Attempt: 1}) {
			t.Errorf("activity: %+v %v", s.Activity, err)
		}
		w.say(t, o, subagent.Done, answer(t, o)) // a duplicate
		if tries, _ := counted(t, f); tries != 12 {
			t.Errorf("%d answers counted, want 12", tries)
		}
		if st := f.Stats(); st.Completed != 1 || st.Active != 0 || st.Agents[0].Active != 0 || st.Late == 0 {
			t.Errorf("stats %+v", st)
		}
		f.stop()
	})
}

// TestLyingAgents has agents send what they must not, one lie at a time.
func TestLyingAgents(t *testing.T) {
	first := func(change func(i *hobby.Item)) func(*subagent.Result) {
		return func(r *subagent.Result) { change(&r.Items[0]) }
	}
	for name, c := range map[string]struct {
		lie     func(r *subagent.Result)
		refused int // of 12 answers
		passes  int
	}{
		"honest":                     {func(*subagent.Result) {}, 0, 12},
		"claims a pass":              {first(func(i *hobby.Item) { i.Answer, i.Score = "no", 1 }), 0, 11},
		"claims a failure":           {first(func(i *hobby.Item) { i.Score, i.Note = 0, "wrong" }), 0, 12},
		"rewrites the task":          {first(func(i *hobby.Item) { i.Reference, i.Answer, i.Messages = "1", "1", nil }), 0, 11},
		"an easier task":             {first(func(i *hobby.Item) { i.Seed = 0; i.Answer = "0" }), 1, 11},
		"another family":             {first(func(i *hobby.Item) { i.Family = "differences" }), 1, 11},
		"another level":              {first(func(i *hobby.Item) { i.Level = -5 }), 1, 11},
		"another suite":              {first(func(i *hobby.Item) { i.Suite = "sums-2" }), 1, 11},
		"a held-out task":            {first(func(i *hobby.Item) { i.Split = hobby.HeldOut }), 1, 11},
		"no split":                   {first(func(i *hobby.Item) { i.Split = "" }), 1, 11},
		"another model":              {first(func(i *hobby.Item) { i.ModelKey = "better" }), 1, 11},
		"no model":                   {first(func(i *hobby.Item) { i.ModelKey = "" }), 1, 11},
		"the same task twice":        {func(r *subagent.Result) { r.Items = append(r.Items, r.Items[0]) }, 1, 12},
		"the same id for everything": {func(r *subagent.Result) { sameIDs(r) }, 0, 12},
		"an answer that is no text":  {first(func(i *hobby.Item) { i.Answer = "\xff\x00" }), 0, 11},
		"an answer of a megabyte":    {first(func(i *hobby.Item) { i.Answer = strings.Repeat("x", 1<<20) }), 1, 11},
		"from the future":            {first(func(i *hobby.Item) { i.At = i.At.AddDate(900, 0, 0) }), 0, 12},
		"from before time":           {first(func(i *hobby.Item) { i.At = time.Time{} }), 0, 12},
		"endless effort":             {first(func(i *hobby.Item) { i.Latency, i.TokensIn, i.TokensOut = 1<<62, 1<<62, -1 }), 0, 12},
		"a taint that washes":        {func(r *subagent.Result) { r.Insights[0].Taint = hobby.Trusted; r.Insights[0].Source = "" }, 0, 12},
		"evidence of files": {func(r *subagent.Result) {
			r.Insights[0].Evidence = []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "/etc/passwd"}}
		}, 0, 12},
		"an insight out of range": {func(r *subagent.Result) { r.Insights[0].Confidence = 7 }, 0, 12},
		"another kind's insight":  {func(r *subagent.Result) { r.Insights[0].Kind = "void" }, 0, 12},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, w := wired(t, nil, "liar")
				a := assign(t, f, "liar", "sums")
				o := w.last(t)
				r := answer(t, o)
				c.lie(r)
				sent := len(r.Items)
				w.say(t, o, subagent.Done, r)
				a = read(t, f, a.ID)
				if a.Status != subagent.Completed || a.Outcome.Refused != c.refused || a.Outcome.Items != sent-c.refused || a.Outcome.Passes != c.passes || (c.refused > 0) != (len(a.Outcome.Reasons) > 0) {
					t.Fatalf("%s: %+v", a.Status, a.Outcome)
				}
				s, err := f.store.Activity(t.Context(), a.ID)
				if err != nil {
					t.Fatal(err)
				}
				now := time.Now()
				for _, i := range s.Items {
					if i.Split != hobby.Practice || i.Suite != "sums-1" || len(i.Messages) != 1 || i.ModelKey != subagenttest.SumsKey || i.At.After(now) || i.At.Before(a.Assigned) || i.TokensOut < 0 {
						t.Errorf("stored: %+v", i)
					}
				}
				for _, i := range s.Insights {
					if i.Taint != hobby.Untrusted || i.Source != "subagent:liar" || i.Kind != "sums" || len(i.Evidence) > 0 {
						t.Errorf("stored: %+v", i)
					}
				}
				f.stop()
			})
		})
	}
}

func sameIDs(r *subagent.Result) {
	for i := range r.Items {
		r.Items[i].ID = "one"
	}
}

// TestAnAgentThatSendsNothingGood has its whole result refused; the work goes
// to another, and the liar rests.
func TestAnAgentThatSendsNothingGood(t *testing.T) {
	for name, lie := range map[string]func(r *subagent.Result){
		"answers nobody asked for": func(r *subagent.Result) {
			for i := range r.Items {
				r.Items[i].Seed++
			}
		},
		"more answers than fit":  func(r *subagent.Result) { r.Items = make([]hobby.Item, subagent.MaxItems+1) },
		"more insights than fit": func(r *subagent.Result) { r.Insights = make([]hobby.Insight, subagent.MaxInsights+1) },
		"more bytes than fit":    func(r *subagent.Result) { r.Insights[0].Text = strings.Repeat("x", subagent.MaxResult) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, w := wired(t, nil, "liar", "honest")
				a := assign(t, f, "liar", "sums")
				o := w.last(t)
				r := answer(t, o)
				lie(r)
				w.say(t, o, subagent.Done, r)
				o = w.last(t)
				if o.Assignment != a.ID || o.Agent != "honest" || o.Attempt != 2 {
					t.Fatalf("the next order %+v", o)
				}
				w.say(t, o, subagent.Done, answer(t, o))
				a = read(t, f, a.ID)
				if a.Status != subagent.Completed || a.Agent != "honest" || len(a.Past) != 1 || !strings.Contains(a.Past[0].Err, "refused") {
					t.Errorf("%+v", a)
				}
				if tries, _ := counted(t, f); tries != 12 {
					t.Errorf("%d answers counted", tries)
				}
				for _, s := range f.Stats().Agents {
					if s.ID == "liar" && (s.Lost != 1 || s.Resting.IsZero()) || s.ID == "honest" && s.Completed != 1 {
						t.Errorf("stats of %+v", s)
					}
				}
				f.stop()
			})
		})
	}
}

// TestAnswersThatCannotBeVerified come from a hobby without a Verifier.
func TestAnswersThatCannotBeVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, &subagent.Options{LocalConcurrent: -1, MaxAttempts: 1}, "one")
		a := assign(t, f, "one", "void")
		o := w.last(t)
		r := answer(t, o)
		w.say(t, o, subagent.Done, r)
		if a = read(t, f, a.ID); a.Status != subagent.Failed || !strings.Contains(a.Err, "cannot be verified here") {
			t.Errorf("%+v", a)
		}
		a = assign(t, f, "one", "void")
		o = w.last(t)
		w.say(t, o, subagent.Done, &subagent.Result{Insights: []hobby.Insight{{Text: "seen", Confidence: 0.5}}})
		if a = read(t, f, a.ID); a.Status != subagent.Completed || a.Outcome.Gain != nil || len(a.Outcome.Insights) != 1 {
			t.Errorf("insights alone: %+v %+v", a, a.Outcome)
		}
		f.stop()
	})
}

// TestOthersResults has agents report on what is not theirs, or not any more.
func TestOthersResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "one", "two")
		a := assign(t, f, "one", "sums")
		o := w.last(t)
		for _, forged := range []subagent.Order{
			{Agent: "two", Assignment: o.Assignment, Attempt: 1},
			{Agent: "nobody", Assignment: o.Assignment, Attempt: 1},
			{Agent: "one", Assignment: o.Assignment, Attempt: 2},
			{Agent: "one", Assignment: o.Assignment, Attempt: 0},
			{Agent: "one", Assignment: "no-such", Attempt: 1},
		} {
			w.say(t, forged, subagent.Done, answer(t, o))
		}
		if a = read(t, f, a.ID); a.Status != subagent.Pending {
			t.Fatalf("a forged report moved it: %+v", a)
		}
		// The agent falls silent; its work goes to the other.
		time.Sleep(20 * time.Second)
		second := w.last(t)
		if second.Agent != "two" || second.Attempt != 2 {
			t.Fatalf("after the lease: %+v", second)
		}
		w.say(t, o, subagent.Alive, nil)
		if len(w.cancelled) == 0 || w.cancelled[len(w.cancelled)-1] != o.Assignment+"/1" {
			t.Errorf("who works in vain was not told: %v", w.cancelled)
		}
		w.say(t, o, subagent.Done, answer(t, o)) // the late result of attempt 1
		if a = read(t, f, a.ID); a.Status.Final() {
			t.Fatalf("a late result was taken: %+v", a)
		}
		w.say(t, second, subagent.Done, answer(t, second))
		if a = read(t, f, a.ID); a.Status != subagent.Completed || a.Attempt != 2 || a.Agent != "two" {
			t.Errorf("%+v", a)
		}
		if tries, _ := counted(t, f); tries != 12 {
			t.Errorf("%d answers counted", tries)
		}
		f.stop()
	})
}

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
			switch {
			case local && (a.Status != subagent.Completed || a.Executor != subagent.Local || a.Agent != "" || len(a.Past) != 3 || f.Stats().Fallbacks != 1):
				t.Errorf("%+v", a)
			case !local && (a.Status != subagent.Failed || a.Err != subagent.ErrLost.Error() || len(a.Past) != 2):
				t.Errorf("%+v", a)
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
			f := newFleet(t, []hobby.Hobby{forever}, nil)
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
		if a = read(t, f, a.ID); a.Status != subagent.Completed || a.Executor != subagent.Local || len(a.Past) != 1 || !strings.Contains(a.Past[0].Err, "cannot be reached") {
			t.Errorf("%+v", a)
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
		f := &fleet{Coordinator: c, store: store}
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
		f := newFleet(t, []hobby.Hobby{empty("void")}, &subagent.Options{MaxAgents: 10})
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

// TestHourlyDistribution lets a day pass.
func TestHourlyDistribution(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, []hobby.Hobby{subagenttest.Sums("sums"), empty("void")}, nil)
		register(t, f.Coordinator, "a", "*")
		m, err := hobby.New(f.store, []hobby.Hobby{empty("void")}, &hobby.Options{Disabled: true, PollEvery: time.Hour, Slots: f.Slots()})
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
		busy := true
		f, w := wired(t, &subagent.Options{Busy: func() bool { return busy }}, "elsewhere")
		register(t, f.Coordinator, "here", "*")
		distribute := func() (agents []string) {
			if err := f.Slots()[0].Run(t.Context(), hobby.Lease{}); err != nil {
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
		if got := distribute(); fmt.Sprint(got) != "[elsewhere elsewhere elsewhere]" || len(w.orders()) != 3 {
			t.Errorf("while the user is here: %v", got)
		}
		busy = false
		if got := distribute(); got[0] != "here" {
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
