package hobbytest

import (
	"math"

	"github.com/pastime-go/pastime/hobby"
)

var eventTests = map[string]func(storeTest){
	"EventsTellOfEveryCommit": func(t storeTest) {
		s := session(1)
		s.Activity.Description, s.Activity.Goal, s.Activity.Approach = "described", "a goal", "an approach"
		s.Activity.Plan.Candidates = []hobby.Candidate{{Kind: "sums", Score: 1, Probability: 1}}
		s.Activity.Plan.Context, s.Activity.Plan.Seed, s.Activity.Plan.Budget.Items = []float64{1}, 7, 12
		a := t.commit(s)
		first := bare(a)
		b := t.commit(with(session(2), 2))
		in := insight("i", "")
		more := with(hobby.Session{Activity: a}, 3)
		more.Insights = []hobby.Insight{in}
		a = t.commit(more)
		a = t.commit(ended(hobby.Session{Activity: a}, hobby.Failed))
		b = t.commit(ended(hobby.Session{Activity: b}, hobby.Completed))
		events := must[[]hobby.Event](t)(t.Events(t.ctx, 0, 100))
		type told struct {
			Kind, ID string
			Version  int
		}
		var got []told
		var bodies []hobby.ActivityEvent
		for _, e := range events {
			got = append(got, told{e.Kind, e.ID, e.Version})
			bodies = append(bodies, must[hobby.ActivityEvent](t)(e.Activity()))
		}
		t.same("the events", got, []told{
			{hobby.ActivityStarted, a.ID, 1}, {hobby.ActivityStarted, b.ID, 1}, {hobby.ActivityProgress, a.ID, 2},
			{hobby.ActivityFinished, a.ID, 3}, {hobby.ActivityFinished, b.ID, 2},
		})
		in.Activity = a.ID
		t.same("the new insights", bodies[2].Insights, []hobby.Insight{in})
		t.same("the started activity", bodies[0].Activity, first)
		a.Goal, a.Approach, a.Plan.Policy, a.Plan.Propensity = "", "", "", 0 // the first event told them
		t.same("the ended activity", bodies[3].Activity, bare(a))
		if len(bodies[3].Insights)+len(bodies[3].Tallies)+len(bodies[0].Tallies) > 0 {
			t.Error("an event tells of insights or tallies that its commit did not change")
		}
		t.same("the tallies that changed, with their new values", bodies[2].Tallies, t.tallies())
		t.addsUp()
	},
	"EventsAreSmall": func(t storeTest) {
		s := session(1)
		for range 100 {
			s.Activity.Plan.Candidates = append(s.Activity.Plan.Candidates, hobby.Candidate{Kind: "sums", Family: "add", Probability: 0.01})
		}
		a := t.commit(s)
		t.commit(ended(hobby.Session{Activity: a}, hobby.Completed))
		for _, e := range must[[]hobby.Event](t)(t.Events(t.ctx, 0, 100)) {
			if len(e.Body) > 500 {
				t.Errorf("%s has %d bytes: the plan's candidates are in the activity", e.Kind, len(e.Body))
			}
		}
		t.same("the stored candidates", len(t.session(a.ID).Activity.Plan.Candidates), 100)
	},
	"EventsInPages": func(t storeTest) {
		for i := range 7 {
			t.commit(session(i))
		}
		for after := range hobby.Cursor(8) {
			for limit := 1; limit < 9; limit++ {
				events := must[[]hobby.Event](t)(t.Events(t.ctx, after, limit))
				if want := min(limit, 7-int(after)); len(events) != want || want > 0 && events[0].Pos != after+1 {
					t.Errorf("Events(%d, %d) has %d events, want %d from %d on", after, limit, len(events), want, after+1)
				}
			}
		}
		for after, want := range map[hobby.Cursor]int{-5: 7, 99: 0, math.MaxInt64: 0} {
			if events := must[[]hobby.Event](t)(t.Events(t.ctx, after, 0)); len(events) != want {
				t.Errorf("Events(%d, 0) has %d events, want %d", after, len(events), want)
			}
		}
	},
	"Changed": func(t storeTest) {
		before := t.Changed()
		select {
		case <-before:
			t.Fatal("closed before anything was committed")
		default:
		}
		t.commit(session(1))
		<-before
		t.commit(session(2))
	},
	"ConsumersNeverGoBack": func(t storeTest) {
		for i := range 5 {
			t.commit(session(i))
		}
		for _, step := range []struct{ set, want hobby.Cursor }{{3, 3}, {2, 3}, {0, 3}, {3, 3}, {5, 5}, {4, 5}} {
			if err := t.SetConsumed(t.ctx, "graph", step.set); err != nil {
				t.Fatal(err)
			}
			if got := must[hobby.Cursor](t)(t.Consumed(t.ctx, "graph")); got != step.want {
				t.Errorf("after SetConsumed(%d): %d, want %d", step.set, got, step.want)
			}
		}
		if got := must[hobby.Cursor](t)(t.Consumed(t.ctx, "Graph")); got != 0 {
			t.Errorf("a consumer of another name is at %d", got)
		}
	},
}

// bare is an activity as an event tells of it.
func bare(a hobby.Activity) hobby.Activity {
	a.Plan = a.Plan.Bare()
	a.Plan.Seed, a.Plan.Budget = 0, hobby.Budget{}
	return a
}
