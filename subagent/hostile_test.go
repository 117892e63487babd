package subagent_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

// TestHostileReports decodes reports of some MiB whose lists would take a
// hundred times as much.
func TestHostileReports(t *testing.T) {
	list := func(element string) string {
		return "[" + strings.Repeat(element+",", subagent.MaxResult/(len(element)+1)) + element + "]"
	}
	for name, result := range map[string]string{
		"insights":          `{"insights":` + list("{}") + `}`,
		"insights, escaped": `{"\u0069nsights":` + list("{}") + `}`,
		"items":             `{"items":` + list("{}") + `}`,
		"ITEMS":             `{"ITEMS":` + list("{}") + `}`,
		"evidence":          `{"insights":[{"evidence":` + list("{}") + `}]}`,
		"many messages":     `{"items":[` + strings.Repeat(`{"messages":[{},{},{},{},{},{},{},{},{},{},{},{},{},{}]},`, 1<<16) + `{}]}`,
		"many short lists":  `{"items":[{}` + strings.Repeat(`,{"messages":[`+strings.Repeat("{},", 998)+`{}]}`, 999) + `]}`,
		"depth":             `{"items":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(`{"event":"done","result":` + result + `}`)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := json.Unmarshal(data, &subagent.Report{})
			runtime.ReadMemStats(&after)
			if !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("the error is %v, want one of hobby.ErrInvalid", err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
				t.Errorf("%d MiB were allocated for %d bytes", took>>20, len(data))
			}
		})
	}
}

// TestLargestReport decodes a report with as much as a result may have.
func TestLargestReport(t *testing.T) {
	r := subagent.Result{Items: make([]hobby.Item, subagent.MaxItems), Insights: make([]hobby.Insight, subagent.MaxInsights)}
	for i := range r.Items {
		r.Items[i] = hobby.Item{ID: fmt.Sprint(i), Note: `[[{"` + strings.Repeat(",", 100), Messages: []hobby.Message{
			{Role: hobby.RoleSystem, Content: strings.Repeat("{", 100)}, {Role: hobby.RoleUser, Content: `\"`}, {Role: hobby.RoleAssistant},
		}}
	}
	for i := range r.Insights {
		r.Insights[i].Evidence = make([]hobby.Evidence, 100)
	}
	data, err := json.Marshal(subagent.Report{Event: subagent.Done, Result: &r})
	if err != nil {
		t.Fatal(err)
	}
	var got subagent.Report
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	same(t, "the report", subagent.Report{Event: subagent.Done, Result: &r}, got)
}

// TestNothingAnswered has an agent call an assignment done without an answer,
// or claim that its time is up at once. Both are failed attempts.
func TestNothingAnswered(t *testing.T) {
	for name, r := range map[string]*subagent.Result{
		"nothing":         {},
		"an insight":      {Insights: []hobby.Insight{{Text: "done", Confidence: 0.5}}},
		"time that is up": {Err: subagent.ErrTimeout.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, w := wired(t, nil, "idle", "honest")
				a := assign(t, f, "idle", "sums")
				w.say(t, w.last(t), subagent.Done, r)
				o := w.last(t)
				if o.Assignment != a.ID || o.Agent != "honest" || o.Attempt != 2 {
					t.Fatalf("the next order is %+v", o)
				}
				w.say(t, o, subagent.Done, answer(t, o))
				same(t, "the assignment", outline{Status: subagent.Completed, Agent: "honest", Executor: "wire", Attempt: 2, Past: 1},
					outlineOf(read(t, f, a.ID)))
				idle := f.Stats().Agents[1]
				same(t, "its totals", subagent.Totals{Lost: 1}, idle.Totals)
				if idle.Resting.IsZero() {
					t.Error("the agent does not rest")
				}
				f.stop()
			})
		})
	}
}

// TestNestedMetadata registers agents whose metadata is nested too deep for
// the clients that read it.
func TestNestedMetadata(t *testing.T) {
	nested := func(depth int) map[string]any {
		var v any = "x"
		for range depth - 1 {
			v = []any{v}
		}
		return map[string]any{"a": v}
	}
	for depth, fits := range map[int]bool{1: true, 8: true, 9: false, 1900: false} {
		a := subagent.Agent{ID: "a", Capabilities: []string{"*"}, Metadata: nested(depth)}
		_, err := a.Normalise(nil)
		if fits != (err == nil) || !fits && (!errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), "Agent.Metadata is nested")) {
			t.Errorf("nested %d deep: %v", depth, err)
		}
	}
}

// TestConfidenceOfOthers has an agent claim certainty. Only a fact that was
// computed here is certain.
func TestConfidenceOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, &subagent.Options{LocalConcurrent: -1}, "one")
		a := assign(t, f, "one", "void")
		w.say(t, w.last(t), subagent.Done, &subagent.Result{Insights: []hobby.Insight{
			{Text: "certain", Confidence: 1}, {Text: "nearly", Confidence: 0.9999}, {Text: "maybe", Confidence: 0.5}, {Text: "none", Confidence: 2},
		}})
		s, err := f.store.Activity(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, i := range s.Insights {
			got[i.Text] = i.Confidence
		}
		same(t, "the confidence stored", map[string]float64{"certain": 0.99, "nearly": 0.99, "maybe": 0.5}, got)
		f.stop()
	})
}

// TestClaimsOfOthers has an agent send claims and an acceptance that it must not:
// what can be kept is, doubted like its insight, and nobody's word but this host's
// accepts a text.
func TestClaimsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const secret = "hunter2"
		redacted := func(s string) string { return strings.ReplaceAll(s, secret, "***") }
		f, w := wired(t, &subagent.Options{LocalConcurrent: -1, Redact: redacted}, "one")
		a := assign(t, f, "one", "void")
		claim := func(subject, object string, confidence float64) hobby.Claim {
			return hobby.Claim{Subject: subject, Relation: hobby.LinksTo, Object: object, Confidence: confidence}
		}
		many := []hobby.Claim{
			claim("a", "b", 1), claim("a", "b", 1), claim("", "b", 1), claim("a", strings.Repeat("x", 513), 1), claim("a", "b", 7),
			claim("a", "b", -1), claim("a", "b\xff", 0.5), claim("a", "of "+secret, 1), claim("b", "c", 0.25),
		}
		for i := range 3 * hobby.MaxClaims {
			many = append(many, claim("b", fmt.Sprint(i), 0.5))
		}
		w.say(t, w.last(t), subagent.Done, &subagent.Result{Insights: []hobby.Insight{{
			Text: "it says", Confidence: 1, Claims: many, Acceptance: &hobby.Acceptance{Accepted: true, By: "root", At: time.Now()},
		}}})
		s, err := f.store.Activity(t.Context(), a.ID)
		if err != nil || len(s.Insights) != 1 {
			t.Fatalf("%v, %d insights", err, len(s.Insights))
		}
		in := s.Insights[0]
		want := []hobby.Claim{claim("a", "b", 0.99), claim("a", "b\uFFFD", 0.5), claim("b", "c", 0.25), claim("b", "0", 0.5)}
		same(t, "the first claims", want, in.Claims[:4])
		if len(in.Claims) != hobby.MaxClaims || in.Trusted() || in.Acceptance != nil {
			t.Errorf("%d claims, acceptance %+v", len(in.Claims), in.Acceptance)
		}
		f.stop()
	})
}

// TestWaitingIsBounded has an agent refuse more than may wait.
func TestWaitingIsBounded(t *testing.T) {
	const most, made = 5, 8
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, &subagent.Options{LocalConcurrent: -1, MaxWaiting: most})
		busy := subagent.Agent{ID: "busy", Capabilities: []string{"sums"}, Endpoint: "wire", MaxConcurrent: made}
		if _, err := f.Register(t.Context(), busy); err != nil {
			t.Fatal(err)
		}
		for range made {
			assign(t, f, "busy", "sums")
		}
		failed := 0
		for n, o := range w.orders() {
			w.say(t, o, subagent.Refused, nil)
			s := f.Stats()
			same(t, "waiting and failed", []int{min(n+1, most), max(0, n+1-most)}, []int{s.Waiting, int(s.Failed)})
			if a := read(t, f, o.Assignment); a.Status == subagent.Failed {
				failed++
				if !strings.Contains(a.Err, "5 assignments wait already") || !strings.Contains(a.Err, "the agent refused") {
					t.Errorf("it failed with %q", a.Err)
				}
			}
		}
		if failed != made-most {
			t.Errorf("%d failed, want %d", failed, made-most)
		}
		joinWire(t, f, "free") // five places
		time.Sleep(500 * time.Millisecond)
		for _, o := range w.orders()[made:] {
			w.say(t, o, subagent.Done, answer(t, o))
		}
		s := f.Stats()
		same(t, "completed, waiting and open", []int{most, 0, 0}, []int{int(s.Completed), s.Waiting, s.Active})
		f.stop()
	})
}

// TestClaimedYield has agents claim that they gave the machine back to its user.
// Only an attempt in this process can, and then counts as none.
func TestClaimedYield(t *testing.T) {
	for _, claim := range []error{hobby.ErrUserReturned, hobby.ErrPaused} {
		synctest.Test(t, func(t *testing.T) {
			f, w := wired(t, &subagent.Options{LocalConcurrent: -1, MaxAttempts: 3}, "a", "b", "c", "d", "e")
			a := assign(t, f, "a", "sums")
			for n := 0; n < len(w.orders()); n++ {
				w.say(t, w.orders()[n], subagent.Done, &subagent.Result{Err: claim.Error()})
			}
			if a = read(t, f, a.ID); a.Status != subagent.Failed || a.Attempt != 3 {
				t.Errorf("after %d orders it is %s: %+v", len(w.orders()), a.Status, a)
			}
			f.stop()
		})
	}
}
