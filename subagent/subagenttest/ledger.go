package subagenttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

// LedgerMaker makes an empty ledger and the store that it commits activities
// to. Both last until the test ends.
type LedgerMaker func(t testing.TB) (subagent.Ledger, hobby.Store)

// TestLedger is the contract of a subagent.Ledger.
func TestLedger(t *testing.T, fresh LedgerMaker) {
	t.Run("Story", func(t *testing.T) { ledgerStory(t, fresh) })
	t.Run("Refusals", func(t *testing.T) { ledgerRefusals(t, fresh) })
	t.Run("OneWinner", func(t *testing.T) { ledgerOneWinner(t, fresh) })
	t.Run("Agents", func(t *testing.T) { ledgerAgents(t, fresh) })
	t.Run("Listing", func(t *testing.T) { ledgerListing(t, fresh) })
	t.Run("Closed", func(t *testing.T) { ledgerClosed(t, fresh) })
	t.Run("Model", func(t *testing.T) { ledgerModel(t, fresh) })
}

// epoch is when the tests' assignments were made.
var epoch = time.Date(2026, 2, 7, 10, 30, 0, 0, time.UTC)

func assignment(id, agent string) subagent.Assignment {
	return subagent.Assignment{
		ID: id, Plan: hobby.Plan{Kind: hobby.SkillPractice, Seed: 7, Policy: "test", Propensity: 1}, Status: subagent.Pending, Attempt: 1,
		Agent: agent, Executor: "test", Assigned: epoch, Deadline: epoch.Add(time.Hour),
	}
}

// session is what an assignment with two answers is recorded as.
func session(id string) *hobby.Session {
	s := &hobby.Session{Activity: hobby.Activity{
		ID: id, Agent: "agent", Plan: hobby.Plan{Kind: hobby.SkillPractice}, Status: hobby.Completed,
		Started: epoch, Ended: epoch.Add(time.Minute),
	}}
	for i := range 2 {
		s.Items = append(s.Items, hobby.Item{
			ID: fmt.Sprint(id, "-", i), Family: "sums", Level: 1, Split: hobby.Practice, Score: float64(i), Verifier: "v", At: epoch, ModelKey: "k",
		})
	}
	return s
}

func ledgerStory(t *testing.T, fresh LedgerMaker) {
	ctx := t.Context()
	l, store := fresh(t)
	a := assignment("a", "one")
	must(t, l.Create(ctx, a))
	got := must2(l.Start(ctx, "a", 1, epoch.Add(time.Second)))(t)
	if got.Status != subagent.Running || !got.Started.Equal(epoch.Add(time.Second)) {
		t.Errorf("started: %+v", got)
	}
	got = must2(l.Retry(ctx, "a", 1, subagent.Next{
		Agent: "two", Executor: "other", At: epoch.Add(2 * time.Second), Deadline: epoch.Add(2 * time.Hour), Err: "lost", Blame: true,
	}))(t)
	want := assignment("a", "two")
	want.Attempt, want.Executor, want.Deadline = 2, "other", epoch.Add(2*time.Hour)
	want.Past = []subagent.Attempt{{
		Attempt: 1, Agent: "one", Executor: "test", Started: epoch.Add(time.Second), Ended: epoch.Add(2 * time.Second), Err: "lost",
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("retried (-want +got):\n%s", d)
	}
	must2(l.Start(ctx, "a", 2, epoch.Add(3*time.Second)))(t)
	gain := hobby.Change{Mean: 0.02, Low: -0.1, High: 0.5}
	got = must2(l.End(ctx, "a", 2, subagent.End{
		Status: subagent.Completed, At: epoch.Add(time.Minute), Session: session("a"),
		Outcome: &subagent.Outcome{Insights: []string{"x"}, Items: 2, Passes: 1, Gain: &gain, Executor: "other"},
	}))(t)
	if d := cmp.Diff(got, must2(l.Assignment(ctx, "a"))(t)); d != "" || got.Status != subagent.Completed || *got.Outcome.Gain != gain {
		t.Errorf("stored is not what was returned: %+v\n%s", got, d)
	}
	act := must2(store.Activity(ctx, "a"))(t)
	if act.Activity.Items != 2 || act.Activity.Passes != 1 {
		t.Errorf("the activity has %d items, %d passes", act.Activity.Items, act.Activity.Passes)
	}
	totals := must2(l.Totals(ctx))(t)
	if d := cmp.Diff(map[string]subagent.Totals{"one": {Lost: 1}, "two": {Completed: 1}}, totals); d != "" {
		t.Errorf("totals (-want +got):\n%s", d)
	}
	var kinds []string
	for _, e := range must2(store.Events(ctx, 0, 100))(t) {
		if e.ID == "a" {
			kinds = append(kinds, e.Kind)
		}
	}
	told := []string{
		subagent.EventCreated, subagent.EventStarted, subagent.EventRetried, subagent.EventStarted,
		hobby.ActivityFinished, subagent.EventEnded,
	}
	if d := cmp.Diff(told, kinds); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
	if n := must2(l.Prune(ctx, epoch.Add(time.Minute)))(t); n != 0 {
		t.Errorf("pruned %d that ended later", n)
	}
	if n := must2(l.Prune(ctx, epoch.Add(time.Hour)))(t); n != 1 {
		t.Errorf("pruned %d, want 1", n)
	}
	if _, err := l.Assignment(ctx, "a"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("after pruning: %v", err)
	}
	if d := cmp.Diff(totals, must2(l.Totals(ctx))(t)); d != "" {
		t.Errorf("pruning changed the totals:\n%s", d)
	}
}

func ledgerRefusals(t *testing.T, fresh LedgerMaker) {
	ctx := t.Context()
	l, store := fresh(t)
	must(t, l.Create(ctx, assignment("a", "one")))
	done := subagent.End{Status: subagent.Completed, At: epoch, Session: session("a")}
	_, errStart := l.Start(ctx, "a", 2, epoch)
	_, errRetry := l.Retry(ctx, "a", 0, subagent.Next{At: epoch})
	_, errEarly := l.End(ctx, "a", 1, done) // it is pending
	must2(l.Start(ctx, "a", 1, epoch))(t)
	_, errTwice := l.Start(ctx, "a", 1, epoch)
	_, errStale := l.End(ctx, "a", 2, done)
	_, errOpen := l.End(ctx, "a", 1, subagent.End{Status: subagent.Running, At: epoch})
	for what, err := range map[string]error{
		"an id that exists": l.Create(ctx, assignment("a", "two")), "start of another attempt": errStart, "retry of another attempt": errRetry,
		"completed while pending": errEarly, "started twice": errTwice, "finish of another attempt": errStale, "finished as running": errOpen,
	} {
		if !errors.Is(err, subagent.ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", what, err)
		}
	}
	if _, err := l.Start(ctx, "nobody", 1, epoch); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("an unknown id: %v", err)
	}
	if _, err := l.Assignment(ctx, ""); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("an empty id: %v", err)
	}
	if _, err := store.Activity(ctx, "a"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("a refused result left an activity: %v", err)
	}
	must2(l.End(ctx, "a", 1, done))(t)
	_, errAgain := l.End(ctx, "a", 1, done)
	_, errFailed := l.End(ctx, "a", 1, subagent.End{Status: subagent.Failed, At: epoch})
	_, errReopen := l.Retry(ctx, "a", 1, subagent.Next{At: epoch})
	for what, err := range map[string]error{"completed": errAgain, "failed": errFailed, "retried": errReopen} {
		if !errors.Is(err, subagent.ErrConflict) {
			t.Errorf("%s after its end: %v, want ErrConflict", what, err)
		}
	}
	must(t, l.Create(ctx, assignment("b", "one")))
	must2(l.End(ctx, "b", 1, subagent.End{Status: subagent.Failed, At: epoch, Err: "cancelled"}))(t)
}

// ledgerOneWinner has many finish one assignment at once.
func ledgerOneWinner(t *testing.T, fresh LedgerMaker) {
	l, store := fresh(t)
	a := assignment("a", "one")
	a.Status = subagent.Running
	must(t, l.Create(t.Context(), a))
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 16 {
		wg.Go(func() {
			_, err := l.End(t.Context(), "a", 1, subagent.End{Status: subagent.Completed, At: epoch, Session: session("a")})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, subagent.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	tallies, _, err := store.Tallies(t.Context(), hobby.TallyFilter{})
	if won != 1 || err != nil || len(tallies) != 1 || tallies[0].Tries != 2 {
		t.Errorf("%d winners, tallies %+v, %v", won, tallies, err)
	}
}

func ledgerAgents(t *testing.T, fresh LedgerMaker) {
	ctx := t.Context()
	l, _ := fresh(t)
	metadata := map[string]any{"a": "b", "c": []any{1.5, nil}}
	one := subagent.Registration{
		Agent:    subagent.Agent{ID: "one", Capabilities: []string{"*"}, Metadata: metadata, MaxConcurrent: 5},
		Executor: "test", Registered: epoch,
	}
	two := subagent.Registration{
		Agent:    subagent.Agent{ID: "two", Capabilities: []string{"x"}, MaxConcurrent: 1},
		Executor: subagent.Local, Registered: epoch,
	}
	must(t, l.PutAgent(ctx, two))
	must(t, l.PutAgent(ctx, one))
	two.MaxConcurrent = 2
	must(t, l.PutAgent(ctx, two))
	if d := cmp.Diff([]subagent.Registration{one, two}, must2(l.Agents(ctx))(t)); d != "" {
		t.Errorf("agents (-want +got):\n%s", d)
	}
	must(t, l.DropAgent(ctx, "one"))
	must(t, l.DropAgent(ctx, "one"))
	if got := must2(l.Agents(ctx))(t); len(got) != 1 || got[0].ID != "two" {
		t.Errorf("after dropping one: %+v", got)
	}
}

func ledgerListing(t *testing.T, fresh LedgerMaker) {
	ctx := t.Context()
	l, _ := fresh(t)
	for i := range 7 {
		must(t, l.Create(ctx, assignment(fmt.Sprint("a", i), []string{"one", "two"}[i%2])))
	}
	must2(l.Start(ctx, "a1", 1, epoch))(t)
	must2(l.End(ctx, "a2", 1, subagent.End{Status: subagent.Failed, At: epoch}))(t)
	list := func(f subagent.Filter) (ids []string) {
		for {
			page := must2(l.Assignments(ctx, f))(t)
			for _, a := range page.Assignments {
				ids = append(ids, a.ID)
			}
			if f.Cursor = page.Next; f.Cursor == "" {
				return ids
			}
		}
	}
	for _, c := range []struct {
		f    subagent.Filter
		want []string
	}{
		{subagent.Filter{}, []string{"a6", "a5", "a4", "a3", "a2", "a1", "a0"}},
		{subagent.Filter{Limit: 2}, []string{"a6", "a5", "a4", "a3", "a2", "a1", "a0"}},
		{subagent.Filter{Status: subagent.Running}, []string{"a1"}},
		{subagent.Filter{Agent: "two", Limit: 1}, []string{"a5", "a3", "a1"}},
		{subagent.Filter{Open: true, Limit: 3}, []string{"a6", "a5", "a4", "a3", "a1", "a0"}},
		{subagent.Filter{Agent: "nobody"}, nil},
	} {
		if got := list(c.f); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.f, got, c.want)
		}
	}
	if _, err := l.Assignments(ctx, subagent.Filter{Cursor: "x"}); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a cursor that no listing gave: %v", err)
	}
}

// outline is what the model and the ledger must agree on.
type outline struct {
	Status  subagent.Status
	Attempt int64
	Agent   string
	Past    int
}

func outlineOf(a *subagent.Assignment) outline {
	return outline{a.Status, a.Attempt, a.Agent, len(a.Past)}
}

// ledgerModel carries out random transitions, most of them wrong, beside a
// model that is a few lines long.
func ledgerModel(t *testing.T, fresh LedgerMaker) {
	rapid.Check(t, func(rt *rapid.T) {
		// Not t.Context(): the ledger of one round must not wait for all.
		ctx := context.Background()
		l, store := fresh(t)
		model := map[string]subagent.Assignment{}
		completed := 0
		id := rapid.SampledFrom([]string{"a", "b", "c"})
		near := func(rt *rapid.T, a subagent.Assignment) int64 {
			return a.Attempt + int64(rapid.IntRange(-1, 1).Draw(rt, "off"))
		}
		check := func(rt *rapid.T, known, allowed bool, err error) bool {
			switch {
			case !known && !errors.Is(err, hobby.ErrNotFound):
				rt.Fatalf("unknown id: %v", err)
			case known && !allowed && !errors.Is(err, subagent.ErrConflict):
				rt.Fatalf("not allowed: %v", err)
			case known && allowed && err != nil:
				rt.Fatalf("allowed: %v", err)
			}
			return known && allowed
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": func(rt *rapid.T) {
				a := assignment(id.Draw(rt, "id"), "one")
				if rapid.Bool().Draw(rt, "running") {
					a.Status = subagent.Running
				}
				_, exists := model[a.ID]
				if check(rt, true, !exists, l.Create(ctx, a)) {
					model[a.ID] = a
				}
			},
			"start": func(rt *rapid.T) {
				key := id.Draw(rt, "id")
				m, known := model[key]
				attempt := near(rt, m)
				_, err := l.Start(ctx, key, attempt, epoch)
				if check(rt, known, m.Attempt == attempt && m.Status == subagent.Pending, err) {
					m.Status = subagent.Running
					model[key] = m
				}
			},
			"retry": func(rt *rapid.T) {
				key := id.Draw(rt, "id")
				m, known := model[key]
				attempt := near(rt, m)
				_, err := l.Retry(ctx, key, attempt, subagent.Next{Agent: "two", Executor: "test", At: epoch, Deadline: epoch})
				if check(rt, known, m.Attempt == attempt && !m.Status.Final(), err) {
					m.Status, m.Attempt, m.Agent = subagent.Pending, m.Attempt+1, "two"
					model[key] = m
				}
			},
			"finish": func(rt *rapid.T) {
				key := id.Draw(rt, "id")
				m, known := model[key]
				attempt := near(rt, m)
				f := subagent.End{Status: rapid.SampledFrom([]subagent.Status{subagent.Completed, subagent.Failed}).Draw(rt, "as"), At: epoch}
				if f.Status == subagent.Completed {
					f.Session = session(key)
				}
				_, err := l.End(ctx, key, attempt, f)
				may := m.Status == subagent.Running || m.Status == subagent.Pending && f.Status == subagent.Failed
				if check(rt, known, may && m.Attempt == attempt, err) {
					m.Status = f.Status
					model[key] = m
					if f.Status == subagent.Completed {
						completed++
					}
				}
			},
			"": func(rt *rapid.T) {
				for key, m := range model {
					a, err := l.Assignment(ctx, key)
					m.Past = make([]subagent.Attempt, m.Attempt-1)
					if d := cmp.Diff(outlineOf(&m), outlineOf(&a)); d != "" || err != nil {
						rt.Fatalf("stored, %v (-model +got):\n%s", err, d)
					}
				}
				tallies, _, err := store.Tallies(ctx, hobby.TallyFilter{})
				tries := int64(0)
				for _, tally := range tallies {
					tries += tally.Tries
				}
				if err != nil || tries != int64(2*completed) {
					rt.Fatalf("%d answers counted, %d results accepted, %v", tries, completed, err)
				}
			},
		})
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must2[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// ledgerClosed has the store closed under the ledger.
func ledgerClosed(t *testing.T, fresh LedgerMaker) {
	ctx := t.Context()
	l, store := fresh(t)
	must(t, l.Create(ctx, assignment("a", "one")))
	must(t, store.Close())
	_, start := l.Start(ctx, "a", 1, epoch)
	_, retry := l.Retry(ctx, "a", 1, subagent.Next{At: epoch})
	_, end := l.End(ctx, "a", 1, subagent.End{Status: subagent.Failed, At: epoch})
	_, one := l.Assignment(ctx, "a")
	_, list := l.Assignments(ctx, subagent.Filter{})
	_, totals := l.Totals(ctx)
	_, prune := l.Prune(ctx, epoch)
	_, agents := l.Agents(ctx)
	_, _, tallies := l.Tallies(ctx, hobby.TallyFilter{})
	for name, err := range map[string]error{
		"Create": l.Create(ctx, assignment("b", "one")), "Start": start, "Retry": retry, "End": end,
		"Assignment": one, "Assignments": list, "Totals": totals, "Prune": prune, "Agents": agents, "Tallies": tallies,
		"PutAgent":  l.PutAgent(ctx, subagent.Registration{Agent: subagent.Agent{ID: "one"}}),
		"DropAgent": l.DropAgent(ctx, "one"),
	} {
		if !errors.Is(err, hobby.ErrClosed) {
			t.Errorf("%s: %v, want ErrClosed", name, err)
		}
	}
}
