package subagent_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/subagent"
)

// slow is a hobby that takes an hour.
func slow(k hobby.Kind) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Hour):
			return nil
		}
	})}
}

// inHere has an agent work in the coordinator's process in each way that there is.
var inHere = map[string]func(*testing.T, *host, *subagent.InProcess, subagent.Agent, hobby.Hobby){
	"registered": func(t *testing.T, f *host, _ *subagent.InProcess, a subagent.Agent, _ hobby.Hobby) {
		register(t, f.Coordinator, a.ID, a.Capabilities...)
	},
	"connected": func(t *testing.T, _ *host, tr *subagent.InProcess, a subagent.Agent, h hobby.Hobby) {
		w, err := subagent.NewWorker(a, subagent.Practise([]hobby.Hobby{h}, nil))
		if err != nil {
			t.Fatal(err)
		}
		tr.Connect(w)
	},
}

// TestWorkHereYields: what an agent of this process is at ends when the user comes
// back or the host pauses, waits for however long that lasts, and is then made again.
// Nobody is to blame, and no number of times is too many.
func TestWorkHereYields(t *testing.T) {
	for how, join := range inHere {
		t.Run(how, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { workHereYields(t, join) }) })
	}
}

func workHereYields(t *testing.T, join func(*testing.T, *host, *subagent.InProcess, subagent.Agent, hobby.Hobby)) {
	p, tr := hobby.NewPresence(time.Minute), subagent.NewInProcess()
	defer tr.Close()
	f := newHost(t, []hobby.Hobby{slow("walk")}, &subagent.Options{
		Presence: p, Timeout: 2 * time.Hour, Transports: []subagent.Transport{tr}, MaxAttempts: 2, LocalConcurrent: -1,
	})
	join(t, f, tr, subagent.Agent{ID: "here", Capabilities: []string{"walk"}}, slow("walk"))
	synctest.Wait()
	a := assign(t, f, "here", "walk")
	is := func(when string, status subagent.Status, active int) {
		t.Helper()
		synctest.Wait()
		if got := read(t, f, a.ID); got.Status != status || got.Agent != "here" && active > 0 || f.Stats().Agents[0].Active != active {
			t.Errorf("%s: %s (%s), %d active", when, got.Status, got.Err, f.Stats().Agents[0].Active)
		}
	}
	is("asked for while the user is here", subagent.Running, 1)
	const yields = 6
	for range yields {
		p.Touch()
		is("touched", subagent.Pending, 0)
		time.Sleep(50 * time.Second)
		is("the user is still here", subagent.Pending, 0)
		time.Sleep(15 * time.Second)
		is("the user is away", subagent.Running, 1)
	}
	ended, err := p.Pause(t.Context()) // returns once it has yielded
	same(t, "what the pause ended", []string{"an assignment of here (Walk)"}, ended)
	if got := read(t, f, a.ID); err != nil || got.Status != subagent.Pending {
		t.Errorf("once Pause has returned (%v) it is %s", err, got.Status)
	}
	time.Sleep(48 * time.Hour) // 24 times as long as an attempt may take
	is("paused for two days", subagent.Pending, 0)
	p.Resume()
	time.Sleep(2 * time.Second)
	is("resumed", subagent.Running, 1)
	time.Sleep(61 * time.Minute)
	is("done", subagent.Completed, 0)
	s := f.Stats().Agents[0]
	past := read(t, f, a.ID).Past
	if len(past) != yields+1 || past[0].Err != hobby.ErrUserReturned.Error() {
		t.Errorf("the attempts before: %+v; want %d, the first with %q", past, yields+1, hobby.ErrUserReturned)
	}
	if d := cmp.Diff([]int64{1, 0, 0}, []int64{s.Totals.Completed, s.Totals.Failed, s.Totals.Lost}); d != "" {
		t.Errorf("what the agent has completed, failed and lost (-want +got):\n%s", d)
	}
	f.stop()
}

// TestASessionsWorkYieldsWithIt: what a session of this process waits for is not
// begun again when both yield.
func TestASessionsWorkYieldsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, tr := hobby.NewPresence(time.Minute), subagent.NewInProcess()
		defer tr.Close()
		f := newHost(t, nil, &subagent.Options{Presence: p, Transports: []subagent.Transport{tr}})
		inHere["connected"](t, f, tr, subagent.Agent{ID: "here", Capabilities: []string{"*"}}, slow(hobby.CreativeProblemSolving))
		synctest.Wait()
		ctx, stop := p.UntilTouch(t.Context())
		defer stop()
		ended := make(chan error, 1)
		go func() { ended <- f.Practise(ctx, hobby.Plan{Kind: hobby.CreativeProblemSolving}, &hobbytest.Sink{}) }()
		synctest.Wait()
		if n := f.Stats().Agents[0].Active; n != 1 {
			t.Fatalf("%d assignments run", n)
		}
		p.Touch()
		if err := <-ended; !errors.Is(err, hobby.ErrUserReturned) {
			t.Errorf("the session's work ended with %v", err)
		}
		time.Sleep(time.Hour)
		page, err := f.Assignments(t.Context(), subagent.Filter{})
		if err != nil || len(page.Assignments) != 1 || page.Assignments[0].Status != subagent.Failed || page.Assignments[0].Attempt != 1 {
			t.Errorf("%v: %+v", err, page.Assignments)
		}
		f.stop()
	})
}

// TestNobodyElseCanYield: an agent elsewhere, or a handler of this process, whose
// error has the words of a yield has made an attempt, like any other that fails.
func TestNobodyElseCanYield(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := subagent.NewInProcess()
		defer tr.Close()
		f := newHost(t, nil, &subagent.Options{Presence: hobby.NewPresence(time.Nanosecond), Transports: []subagent.Transport{tr}})
		w, err := subagent.NewWorker(subagent.Agent{ID: "sly", Capabilities: []string{"*"}},
			func(context.Context, subagent.Order) (subagent.Result, error) {
				return subagent.Result{}, hobby.ErrUserReturned
			})
		if err != nil {
			t.Fatal(err)
		}
		tr.Connect(w)
		synctest.Wait()
		a := assign(t, f, "sly", hobby.CreativeProblemSolving)
		time.Sleep(time.Hour)
		same(t, "the assignment", outline{
			Status: subagent.Failed, Agent: "sly", Executor: tr.Name(), Attempt: 1, Err: hobby.ErrUserReturned.Error()},
			outlineOf(read(t, f, a.ID)))
		var r subagent.Report
		said := []byte(`{"event":"done","agent":"far","result":{},"Yielded":{},"yielded":"paused"}`)
		if err := json.Unmarshal(said, &r); err != nil || r.Yielded != nil {
			t.Errorf("a message says that its agent yielded: %v, %v", r.Yielded, err)
		}
		f.stop()
	})
}

// TestLostWorkIsNotMadeHereInAPause: what an agent elsewhere has lost waits, too,
// before this machine makes it.
func TestLostWorkIsNotMadeHereInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(time.Nanosecond)
		w := &wire{}
		f := newHost(t, []hobby.Hobby{empty("void")}, &subagent.Options{Presence: p, Transports: []subagent.Transport{w}})
		joinWire(t, f, "far")
		a := assign(t, f, "far", "void")
		if _, err := p.Pause(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := read(t, f, a.ID); got.Agent != "far" || got.Status.Final() {
			t.Errorf("a pause here has moved what is elsewhere: %+v", got)
		}
		time.Sleep(time.Hour) // the agent says nothing
		if got := read(t, f, a.ID); got.Status != subagent.Pending || got.Executor == subagent.Local {
			t.Errorf("in the pause: %s at %q", got.Status, got.Executor)
		}
		p.Resume()
		time.Sleep(2 * time.Second)
		if got := read(t, f, a.ID); got.Status != subagent.Completed || got.Executor != subagent.Local {
			t.Errorf("after it: %s at %q: %s", got.Status, got.Executor, got.Err)
		}
		f.stop()
	})
}
