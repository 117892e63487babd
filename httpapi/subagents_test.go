package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
)

// post decodes the body of a POST that must succeed.
func post[T any](t *testing.T, w *world, target, body string) T {
	t.Helper()
	status, _, got := w.do("POST", target, body)
	var v T
	if status != 200 {
		t.Fatalf("POST %s: %d %s", target, status, got)
	}
	if err := json.Unmarshal([]byte(got), &v); err != nil {
		t.Fatalf("POST %s: %v in %s", target, err, got)
	}
	return v
}

// wait waits until an assignment has ended, and reads it.
func (w *world) wait(t *testing.T, id string) httpapi.Assignment {
	t.Helper()
	if _, err := w.coordinator.Wait(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return get[httpapi.Assignment](t, w, "/hobby/assignments/"+id)
}

// TestTheDeadlineOfAnAssignment is the larger of the configured time and the
// duration plus a minute.
func TestTheDeadlineOfAnAssignment(t *testing.T) {
	w := newWorld(t, nil, nil)
	post[object](t, w, "/hobby/subagents/register", `{"subagent_id":"one","capabilities":["*"]}`)
	for minutes, want := range map[string]float64{"10": 15, "14.5": 15.5, "60": 61} {
		a := post[httpapi.Assignment](t, w, "/hobby/assign-to-subagent",
			`{"subagent_id":"one","hobby_type":"BROKEN","duration_minutes":`+minutes+`}`)
		if got := a.Deadline.Sub(a.AssignedAt).Minutes(); got != want {
			t.Errorf("%s minutes are given up after %v, want %v", minutes, got, want)
		}
	}
}

func TestAFullAgent(t *testing.T) {
	w := newWorld(t, nil, nil)
	post[object](t, w, "/hobby/subagents/register", `{"subagent_id":"five","capabilities":["*"]}`)
	const body = `{"subagent_id":"five","hobby_type":"WAITING","duration_minutes":0.5}`
	for range 5 {
		post[httpapi.Assignment](t, w, "/hobby/assign-to-subagent", body)
		<-w.entered
	}
	status, header, got := w.do("POST", "/hobby/assign-to-subagent", body)
	if status != 409 {
		t.Errorf("the sixth: %d %s", status, got)
	}
	checkProblem(t, "the sixth", status, header, got)
	if l := get[httpapi.Assignments](t, w, "/hobby/assignments?status=running"); l.Count != 5 {
		t.Errorf("%d run", l.Count)
	}
	w.release <- struct{}{}
	for get[httpapi.SubagentStats](t, w, "/hobby/subagents/stats").Subagents[0].Active == 5 {
		continue
	}
	post[httpapi.Assignment](t, w, "/hobby/assign-to-subagent", body)
}

func TestWhatTheCoordinatorRefuses(t *testing.T) {
	w := newWorld(t, nil, nil)
	post[object](t, w, "/hobby/subagents/register", `{"subagent_id":"coder","capabilities":["CODE_ANALYSIS","SKILL_PRACTICE"]}`)
	for _, c := range []struct {
		want                 int
		method, target, body string
	}{
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"","capabilities":["*"]}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a b","capabilities":["*"]}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"` + strings.Repeat("x", 129) + `","capabilities":["*"]}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":[]}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a"}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["NO_SUCH_KIND"]}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["*"],"max_concurrent":0}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["*"],"max_concurrent":101}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["*"],"endpoint":"http://169.254.169.254/latest"}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["*"],"metadata":{"x":"` + strings.Repeat("x", 4096) +
			`"}}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["*"],"surprise":1}`},
		{422, "POST", "/hobby/subagents/register", `{"subagent_id":"a1","capabilities":["*"],"Subagent_id":"a9"}`},
		{422, "DELETE", "/hobby/subagents/" + strings.Repeat("x", 129), ""},
		{404, "DELETE", "/hobby/subagents/nobody", ""},
		{404, "POST", "/hobby/assign-to-subagent", `{"subagent_id":"nobody","hobby_type":"CODE_ANALYSIS","duration_minutes":1}`},
		{422, "POST", "/hobby/assign-to-subagent", `{"subagent_id":"coder","hobby_type":"WAITING","duration_minutes":1}`},
		{422, "POST", "/hobby/assign-to-subagent", `{"subagent_id":"coder","hobby_type":"NO_SUCH","duration_minutes":1}`},
		{422, "POST", "/hobby/assign-to-subagent", `{"subagent_id":"coder","hobby_type":"CODE_ANALYSIS","duration_minutes":0}`},
		{422, "POST", "/hobby/assign-to-subagent", `{"subagent_id":"coder","hobby_type":"CODE_ANALYSIS","duration_minutes":60.01}`},
		{503, "POST", "/hobby/assign-to-subagent", `{"subagent_id":"coder","hobby_type":"SKILL_PRACTICE","duration_minutes":1}`}, // no model
		{422, "POST", "/hobby/distribute?num_assignments=0", ""},
		{422, "POST", "/hobby/distribute?num_assignments=101", ""},
		{404, "GET", "/hobby/assignments/abc123", ""},
		{404, "GET", "/hobby/assignments/%00", ""},
		{422, "GET", "/hobby/assignments?status=sleeping", ""},
		{422, "GET", "/hobby/assignments?cursor=forged", ""},
	} {
		status, header, body := w.do(c.method, c.target, c.body)
		if status != c.want {
			t.Errorf("%s %s %.80s: %d %s, want %d", c.method, c.target, c.body, status, body, c.want)
			continue
		}
		checkProblem(t, c.method+" "+c.target, status, header, body)
	}
	if s := get[httpapi.SubagentStats](t, w, "/hobby/subagents/stats"); s.Registered != 1 {
		t.Errorf("refused agents were registered: %+v", s.Subagents)
	}
}

func TestAssignmentsAsEvents(t *testing.T) {
	w := newWorld(t, nil, nil)
	post[object](t, w, "/hobby/subagents/register", `{"subagent_id":"one","capabilities":["*"]}`)
	a := w.wait(t, post[httpapi.Assignment](t, w, "/hobby/assign-to-subagent", `{"subagent_id":"one","hobby_type":"BROKEN"}`).ID)
	all := stream(t, w, "0", 2)
	if d := cmp.Diff([]string{"assignment.created", "assignment.finished"}, kinds(all)); d != "" {
		t.Errorf("the events of an assignment (-want +got):\n%s", d)
	}
	for _, sent := range all {
		var e httpapi.AssignmentEvent
		if err := json.Unmarshal([]byte(sent.Data), &e); err != nil || e.Assignment.ID != a.ID || e.Assignment.Kind != "BROKEN" {
			t.Errorf("%s: %s (%v)", sent.Kind, sent.Data, err)
		}
	}
}

func TestMoreAgentsThanFit(t *testing.T) {
	w := newWorld(t, nil, nil)
	ledger, err := subagents.New(t.Context(), w.store)
	if err != nil {
		t.Fatal(err)
	}
	coordinator, err := subagent.New(ledger, []hobby.Hobby{{Kind: "void",
		Executor: hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return nil })}}, &subagent.Options{MaxAgents: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.Handler = httpapi.New([]httpapi.Part{httpapi.Subagents(coordinator)}, nil)
	const body = `{"subagent_id":"%s","capabilities":["*"]}`
	for i, want := range []int{200, 200, 429} { // one agent twice, and another
		id := []string{"one", "one", "two"}[i]
		if status, header, got := w.do("POST", "/hobby/subagents/register", fmt.Sprintf(body, id)); status != want {
			t.Errorf("%s: %d %s, want %d", id, status, got, want)
		} else if want == 429 {
			checkProblem(t, id, status, header, got)
		}
	}
	// The coordinator does not run.
	if status, _, got := w.do("POST", "/hobby/assign-to-subagent", `{"subagent_id":"one","hobby_type":"VOID"}`); status != 503 {
		t.Errorf("%d %s", status, got)
	}
	if status, _, got := w.do("GET", "/hobby/subagents/stats", ""); status != 200 || !strings.Contains(got, `"total_registered":1`) {
		t.Errorf("%d %s", status, got)
	}
}

// TestStopEndsWhatAgentsOfThisProcessDo, in both ways in which an agent can live
// here, beside the session; and it says so.
func TestStopEndsWhatAgentsOfThisProcessDo(t *testing.T) {
	w := newWorld(t, nil, nil)
	if got := post[httpapi.Stopped](t, w, "/hobby/stop", ""); len(got.Ended) != 0 || !strings.Contains(got.Message, "nothing was practised") {
		t.Errorf("with nothing to stop: %+v", got)
	}
	post[object](t, w, "/hobby/start", "")
	post[object](t, w, "/hobby/subagents/register", `{"subagent_id":"registered","capabilities":["WAITING"]}`)
	worker, err := subagent.NewWorker(subagent.Agent{ID: "connected", Capabilities: []string{"waiting"}},
		func(ctx context.Context, _ subagent.Order) (subagent.Result, error) {
			w.entered <- struct{}{}
			<-ctx.Done()
			return subagent.Result{}, ctx.Err()
		})
	if err != nil {
		t.Fatal(err)
	}
	w.workers.Connect(worker)
	for t.Context().Err() == nil && len(get[httpapi.SubagentStats](t, w, "/hobby/subagents/stats").Subagents) < 2 {
		runtime.Gosched() // the coordinator hears of it in a goroutine of its own
	}
	assigned := map[string]string{}
	for _, agent := range []string{"registered", "connected"} {
		assigned[agent] = post[httpapi.Assignment](t, w, "/hobby/assign-to-subagent",
			`{"subagent_id":"`+agent+`","hobby_type":"WAITING","duration_minutes":30}`).ID
		<-w.entered
	}
	if status, _, body := w.do("POST", "/hobby/run", `{"hobby_type":"WAITING"}`); status != 202 {
		t.Fatalf("starting a session: %d %s", status, body)
	}
	<-w.entered
	got := post[httpapi.Stopped](t, w, "/hobby/stop", "")
	want := []string{`the session "Waiting"`, "an assignment of connected (Waiting)", "an assignment of registered (Waiting)"}
	if d := cmp.Diff(want, got.Ended); d != "" || !strings.HasPrefix(got.Message, "ended: "+strings.Join(want, ", ")) {
		t.Errorf("stop says %q and (-want +got):\n%s", got.Message, d)
	}
	if n := worker.Running(); n != 0 {
		t.Errorf("the worker is at %d orders", n)
	}
	stats := get[httpapi.SubagentStats](t, w, "/hobby/subagents/stats")
	for _, s := range stats.Subagents {
		if s.Active != 0 || s.Failed != 0 {
			t.Errorf("%s has %d active and %d failed", s.ID, s.Active, s.Failed)
		}
		if a := get[httpapi.Assignment](t, w, "/hobby/assignments/"+assigned[s.ID]); a.Status != "pending" {
			t.Errorf("the assignment of %s is %s", s.ID, a.Status)
		}
	}
}

// forgetful is a ledger that cannot be written after some assignments.
type forgetful struct {
	subagent.Ledger
	left int
}

func (f *forgetful) Create(ctx context.Context, a subagent.Assignment) error {
	if f.left--; f.left < 0 {
		return fmt.Errorf("writing: %w", hobby.ErrStorage)
	}
	return f.Ledger.Create(ctx, a)
}

// TestSomeAreGivenOut has a store fail after so many assignments. Who is told of an error
// alone asks again, while agents are at work.
func TestSomeAreGivenOut(t *testing.T) {
	for made, want := range map[int]string{0: "503 0 ", 2: "200 2 2 assignments were given out, and no more: the store cannot be written",
		3: "200 3 3 assignments were given out"} {
		store, err := sqlite.Open(t.Context(), ":memory:", nil)
		if err != nil {
			t.Fatal(err)
		}
		ledger, err := subagents.New(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		waits := hobby.Hobby{Kind: "waiting", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})}
		c, err := subagent.New(&forgetful{ledger, made}, []hobby.Hobby{waits}, &subagent.Options{Grace: -1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Run(ctx) }()
		w := &world{Handler: httpapi.New([]httpapi.Part{httpapi.Subagents(c)}, &httpapi.Options{Rate: -1})}
		post[object](t, w, "/hobby/subagents/register", `{"subagent_id":"one","capabilities":["*"]}`)
		status, _, body := w.do("POST", "/hobby/distribute?num_assignments=3", "")
		var got httpapi.Distributed
		if err := json.Unmarshal([]byte(body), &got); err != nil && status == 200 {
			t.Fatal(err)
		}
		if got := fmt.Sprint(status, " ", len(got.Assignments), " ", got.Message); got != want {
			t.Errorf("of a store that takes %d: %s, want %s", made, got, want)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
