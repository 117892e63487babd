package subagent_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
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
		same(t, "the order", subagent.Order{
			Assignment: a.ID, Attempt: 1, Agent: "one", Plan: a.Plan, Timeout: 15 * time.Minute, Lease: 15 * time.Second,
		}, o)
		same(t, "its budget", hobby.Budget{Items: 12, Time: 10 * time.Minute}, o.Plan.Budget)
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
		same(t, "done", outline{Status: subagent.Completed, Agent: "one", Executor: "wire", Attempt: 1}, outlineOf(a))
		if out.Gain != nil || len(out.Insights) != 1 {
			t.Errorf("gain and insights: %+v", out)
		}
		same(t, "the outcome", &subagent.Outcome{
			Items: 12, Passes: 12, Executor: "wire", Model: "adder", ModelKey: subagenttest.SumsKey, Gain: out.Gain, Insights: out.Insights,
		}, out)
		s, err := f.store.Activity(t.Context(), a.ID)
		if err != nil || len(s.Items) != 12 || s.Insights[0].Taint != hobby.Untrusted || s.Insights[0].Source != "subagent:one" {
			t.Errorf("activity: %+v %v", s, err)
		}
		same(t, "its origin", &hobby.Origin{Agent: "one", Executor: "wire", Assignment: a.ID, Attempt: 1}, s.Activity.Origin)
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
		"another version":            {first(func(i *hobby.Item) { i.Version = 2 }), 1, 11},
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
				out := a.Outcome
				if a.Status != subagent.Completed || (c.refused > 0) != (len(out.Reasons) > 0) {
					t.Fatalf("%s: %+v", a.Status, out)
				}
				same(t, "refused, accepted and passed", []int{c.refused, sent - c.refused, c.passes}, []int{out.Refused, out.Items, out.Passes})
				s, err := f.store.Activity(t.Context(), a.ID)
				if err != nil {
					t.Fatal(err)
				}
				now := time.Now()
				for _, i := range s.Items {
					if i.At.After(now) || i.At.Before(a.Assigned) || i.TokensOut < 0 || i.Version > 1 {
						t.Errorf("stored: %+v", i)
					}
					same(t, "stored", []any{hobby.Practice, 1, subagenttest.SumsKey}, []any{i.Split, len(i.Messages), i.ModelKey})
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
				honest, liar := f.Stats().Agents[0], f.Stats().Agents[1]
				same(t, "totals", []subagent.Totals{{Completed: 1}, {Lost: 1}}, []subagent.Totals{honest.Totals, liar.Totals})
				if liar.Resting.IsZero() {
					t.Error("the liar does not rest")
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

// TestWhatOthersTellAgain has agents that do not know what is stored: what an
// agent tells again is left out, and none can take the id of another's.
func TestWhatOthersTellAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, &subagent.Options{LocalConcurrent: -1}, "one", "two")
		tell := func(agent string, ids ...string) []string {
			t.Helper()
			a := assign(t, f, agent, "void")
			var r subagent.Result
			for _, id := range ids {
				r.Insights = append(r.Insights, hobby.Insight{ID: id, Text: agent + " tells " + id, Confidence: 0.5})
			}
			w.say(t, w.last(t), subagent.Done, &r)
			if a = read(t, f, a.ID); a.Status != subagent.Completed {
				t.Fatalf("%+v", a)
			}
			return a.Outcome.Insights
		}
		for _, c := range []struct {
			agent string
			ids   []string
			want  []string
		}{
			{"one", []string{"x", "y"}, []string{"one tells x", "one tells y"}},
			{"one", []string{"y", "z"}, []string{"one tells z"}},
			{"two", []string{"x"}, []string{"two tells x"}},
			{"two", []string{"", ""}, []string{"two tells ", "two tells "}},
		} {
			if got := tell(c.agent, c.ids...); !slices.Equal(got, c.want) {
				t.Errorf("%s tells %q: %q are taken, want %q", c.agent, c.ids, got, c.want)
			}
		}
		page, err := f.store.Insights(t.Context(), hobby.InsightFilter{})
		if err != nil || len(page.Insights) != 6 {
			t.Errorf("%d insights are stored, want 6: %v", len(page.Insights), err)
		}
		if page, err := f.store.Insights(t.Context(), hobby.InsightFilter{ID: "x"}); err != nil || len(page.Insights) != 0 {
			t.Errorf("an agent chose the id of an insight: %+v %v", page, err)
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
