package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
)

// world is a handler over a real manager and store. Sessions of "waiting" wait
// until they are told to end.
type world struct {
	http.Handler
	manager     *hobby.Manager
	store       *sqlite.Store
	coordinator *subagent.Coordinator
	archive     *archive.Archiver
	graph       *kgraph.Graph
	workers     *subagent.InProcess
	adapters    *adapters.Registry
	entered     chan struct{}
	release     chan struct{}
	opening     chan struct{} // opening a model waits for its end; nil for none
}

// decide accepts or refuses as a host does.
func (w *world) decide(ctx context.Context, insight, by string, accept bool) error {
	if accept {
		return w.manager.Accept(ctx, insight, by)
	}
	return w.manager.Refuse(ctx, insight, by)
}

func newWorld(t testing.TB, model hobby.Model, o *httpapi.Options) *world {
	t.Helper()
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: store, workers: subagent.NewInProcess(), entered: make(chan struct{}, 100), release: make(chan struct{})}
	hobbies := []hobby.Hobby{
		practice.Skills(model, suite, nil),
		{Kind: "waiting", Description: "Waits", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
			if err := out.Insight(hobby.Insight{Text: "waiting teaches patience", Confidence: 0.5,
				Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "a.go", Line: 3}}}); err != nil {
				return err
			}
			w.entered <- struct{}{}
			select {
			case <-w.release:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})},
		{Kind: "broken", Executor: hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return errors.New("out of order") })},
	}
	w.archive, w.graph = openArchive(t, store), openGraph(t, store)
	if w.manager, err = hobby.New(store, hobbies, &hobby.Options{Model: model, Disabled: true, Past: w.archive}); err != nil {
		t.Fatal(err)
	}
	ledger, err := subagents.New(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if w.coordinator, err = subagent.New(ledger, hobbies, &subagent.Options{
		Model: model, Grace: -1, Presence: w.manager.Presence(), Transports: []subagent.Transport{w.workers},
	}); err != nil {
		t.Fatal(err)
	}
	if o == nil {
		o = &httpapi.Options{Rate: -1}
	}
	if w.adapters, err = adapters.New(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	pipeline, err := lora.New(w.adapters, store, nil, &lora.Options{Hobbies: hobbies, Model: model, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	w.Handler = httpapi.New([]httpapi.Part{
		httpapi.Hobby(w.manager), httpapi.Metrics(metrics.New(w.manager, &metrics.Options{Cache: -1})), httpapi.Subagents(w.coordinator),
		httpapi.Archive(w.archive), httpapi.Graph(w.graph, w.archive),
		httpapi.Feedback(openFeedback(t, w)),
		httpapi.LoRA(&httpapi.Training{Pipeline: pipeline, Store: w.adapters, Model: model}),
		httpapi.Settings(openSettings(t, w)),
		httpapi.Compare(openComparer(t, w, hobbies)),
	}, o)
	ctx, cancel := context.WithCancel(t.Context())
	done, coordinatorDone, archiveDone := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() { done <- w.manager.Run(ctx) }()
	go func() { coordinatorDone <- w.coordinator.Run(ctx) }()
	go func() { archiveDone <- w.archive.Run(ctx) }()
	<-w.coordinator.Ready()
	for {
		sys, err := w.manager.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if sys.Resting != "not running" {
			break
		}
		runtime.Gosched()
	}
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, hobby.ErrClosed) {
			t.Error(err)
		}
		if err := <-coordinatorDone; err != nil {
			t.Error(err)
		}
		if err := <-archiveDone; err != nil {
			t.Error(err)
		}
		if err := w.workers.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// do sends a request and returns the status and the body.
func (w *world) do(method, target, body string, header ...string) (int, http.Header, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec.Code, rec.Header(), rec.Body.String()
}

// get decodes the body of a GET that must succeed.
func get[T any](t *testing.T, w *world, target string) T {
	t.Helper()
	status, _, body := w.do("GET", target, "")
	var v T
	if status != 200 {
		t.Fatalf("GET %s: %d %s", target, status, body)
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("GET %s: %v in %s", target, err, body)
	}
	return v
}

type object = map[string]any

// TestWhatWasNeverMeasuredIsNull looks at every kind of a new agent.
func TestWhatWasNeverMeasuredIsNull(t *testing.T) {
	w := newWorld(t, nil, nil)
	p := get[object](t, w, "/hobby/progress")
	kinds := p["hobbies"].(object)
	if len(kinds) != 3 {
		t.Errorf("%d kinds, want a row for every registered one", len(kinds))
	}
	for name, k := range kinds {
		row := k.(object)
		for _, field := range []string{"proficiency", "proficiency_low", "proficiency_high", "success_rate", "improvement_rate",
			"last_activity"} {
			if v, ok := row[field]; !ok || v != nil {
				t.Errorf("%s: %s is %v (there: %v), want null", name, field, v, ok)
			}
		}
	}
}

func TestASessionFromRequestToItems(t *testing.T) {
	w := newWorld(t, hobbytest.Says("I don't know"), nil)
	status, _, body := w.do("POST", "/hobby/run", `{"hobby_type":"Skill_Practice"}`)
	var a httpapi.Activity
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != 202 || a.Status != "running" || a.Kind != "SKILL_PRACTICE" {
		t.Fatalf("%d %s, %v", status, body, err)
	}
	// The stop is answered once whatever runs is stored.
	if status, _, body := w.do("POST", "/hobby/stop", ""); status != 200 {
		t.Fatalf("stop: %d %s", status, body)
	}
	d := get[httpapi.ActivityDetail](t, w, "/hobby/activities/"+a.ID)
	if d.Status != "completed" && d.Status != "interrupted" {
		t.Errorf("after the stop it is %s", d.Status)
	}
	for _, i := range d.VerifiedItems {
		if i.Reference == "" || len(i.Messages) == 0 {
			t.Errorf("an item without its task: %+v", i)
		}
		if d := cmp.Diff([]any{false, "I don't know", "practice"}, []any{i.Passed, i.Answer, i.Split}); d != "" {
			t.Errorf("an item (-want +got):\n%s", d)
		}
	}
	if got := get[[]httpapi.Activity](t, w, "/hobby/activities?hobby_type=skill_practice"); len(got) != 1 || got[0].ID != a.ID {
		t.Errorf("listing %+v", got)
	}
}

func TestBadRequests(t *testing.T) {
	w := newWorld(t, nil, nil)
	for _, c := range []struct {
		want           int
		method, target string
		body           string
		header         []string
	}{
		{want: 404, method: "GET", target: "/hobby/nothing"},
		{want: 404, method: "GET", target: "/hobby/activities/no-such-id"},
		{want: 404, method: "GET", target: "/hobby/activities/%00%ff"},
		{want: 404, method: "GET", target: "/hobby/activities/" + strings.Repeat("x", 256)},
		{want: 422, method: "GET", target: "/hobby/activities/" + strings.Repeat("x", 257)},
		{want: 404, method: "GET", target: "/hobby/assignments/" + strings.Repeat("x", 256)},
		{want: 422, method: "GET", target: "/hobby/assignments/" + strings.Repeat("x", 257)},
		{want: 404, method: "DELETE", target: "/hobby/subagents/" + strings.Repeat("x", 128)},
		{want: 422, method: "DELETE", target: "/hobby/subagents/" + strings.Repeat("x", 129)},
		{want: 405, method: "POST", target: "/hobby/status"},
		{want: 405, method: "DELETE", target: "/hobby/activities"},
		{want: 422, method: "GET", target: "/hobby/activities?count=0"},
		{want: 422, method: "GET", target: "/hobby/activities?count=101"},
		{want: 422, method: "GET", target: "/hobby/activities?count=many"},
		{want: 422, method: "GET", target: "/hobby/activities?count=99999999999999999999"},
		{want: 422, method: "GET", target: "/hobby/activities?status=sleeping"},
		{want: 422, method: "GET", target: "/hobby/activities?cursor=forged"},
		{want: 422, method: "GET", target: "/hobby/activities?hobby_type=a+b"},
		{want: 422, method: "GET", target: "/hobby/activities?unknown=1"},
		{want: 422, method: "GET", target: "/hobby/insights?count=501"},
		{want: 422, method: "GET", target: "/hobby/benchmark?days=91"},
		{want: 422, method: "GET", target: "/hobby/insights?cursor=forged"},
		{want: 400, method: "GET", target: "/hobby/events", header: []string{"Last-Event-ID", "x"}},
		{want: 400, method: "GET", target: "/hobby/events?last_event_id=-1"},
		{want: 400, method: "POST", target: "/hobby/run", body: `{"hobby_type":`},
		{want: 422, method: "POST", target: "/hobby/run", body: `{"hobby_type":7}`},
		{want: 422, method: "POST", target: "/hobby/run", body: `{"hobby":"x"}`},
		{want: 422, method: "POST", target: "/hobby/run", body: `[1]`},
		{want: 413, method: "POST", target: "/hobby/run", body: `{"hobby_type":"` + strings.Repeat("x", 1<<20) + `"}`},
		{want: 415, method: "POST", target: "/hobby/run", body: "hobby_type=x",
			header: []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{want: 403, method: "POST", target: "/hobby/stop", header: []string{"Sec-Fetch-Site", "cross-site"}},
		{want: 403, method: "POST", target: "/hobby/stop", header: []string{"Origin", "https://evil.example"}},
	} {
		status, header, body := w.do(c.method, c.target, c.body, c.header...)
		if status != c.want {
			t.Errorf("%s %.60s %.40s: %d %.300s, want %d", c.method, c.target, c.body, status, body, c.want)
			continue
		}
		checkProblem(t, c.method+" "+c.target, status, header, body)
		if status == 405 && header.Get("Allow") == "" {
			t.Errorf("%s %s: 405 without Allow", c.method, c.target)
		}
	}
}

// checkProblem checks that a body is a problem of its status.
func checkProblem(t testing.TB, what string, status int, header http.Header, body string) {
	t.Helper()
	var p struct {
		Title, Detail string
		Status        int
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.Title == "" || p.Status != status ||
		header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: %d %s %s: not a problem body (%v)", what, status, header.Get("Content-Type"), body, err)
	}
}

func TestRateLimitAndHosts(t *testing.T) {
	w := newWorld(t, nil, &httpapi.Options{Rate: 1, Hosts: []string{"localhost"}})
	var statuses []int
	for range 4 {
		status, header, body := w.do("GET", "http://localhost:8800/hobby/config", "")
		statuses = append(statuses, status)
		if status == 429 {
			checkProblem(t, "429", status, header, body)
			if header.Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
		}
	}
	if statuses[0] != 200 || statuses[1] != 200 || statuses[3] != 429 {
		t.Errorf("four requests at once with a rate of 1: %v", statuses)
	}
	if status, _, _ := w.do("GET", "http://rebound.example/hobby/config", ""); status != 403 {
		t.Errorf("another name: %d, want 403", status)
	}
}

func TestInsightsInPages(t *testing.T) {
	w := newWorld(t, nil, nil)
	close(w.release)
	for range 3 {
		if _, err := w.manager.RunOnce(t.Context(), "waiting"); err != nil {
			t.Fatal(err)
		}
	}
	type page struct {
		Insights []struct{ ID string }
		Next     string `json:"next_cursor"`
	}
	all := get[page](t, w, "/hobby/insights")
	if len(all.Insights) != 3 || all.Next != "" {
		t.Fatalf("%+v, want three insights and no more", all)
	}
	target := "/hobby/insights?count=1&hobby_type=WAITING"
	for i, in := range all.Insights {
		p := get[page](t, w, target+"&cursor="+all.Next)
		if len(p.Insights) != 1 || p.Insights[0] != in || (p.Next == "") != (i == 2) {
			t.Errorf("page %d is %+v, want %s", i, p, in.ID)
		}
		all.Next = p.Next
	}
}

func TestRoutesOfAClosedStore(t *testing.T) {
	w := newWorld(t, nil, nil)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, route := range []string{"/hobby/events", "/hobby/activities", "/hobby/assignments", "/hobby/assignments/a"} {
		status, header, body := w.do("GET", route, "")
		if status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d %s, want 503", route, status, body)
		}
		checkProblem(t, route, status, header, body)
	}
}

// TestAPageCannotPointItsNameHere asks over a real connection: nothing else
// tells at which address a request came in.
func TestAPageCannotPointItsNameHere(t *testing.T) {
	ask := func(o *httpapi.Options, host string) int {
		t.Helper()
		srv := httptest.NewServer(newWorld(t, nil, o))
		defer srv.Close()
		req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/hobby/config", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	same := func(h http.Handler) http.Handler { return h }
	for _, c := range []struct {
		o    *httpapi.Options
		host string
		want int
	}{
		{&httpapi.Options{}, "rebound.example:8800", 403},
		{&httpapi.Options{}, "127.0.0.1:8800", 200},
		{&httpapi.Options{}, "LOCALHOST", 200},
		{&httpapi.Options{}, "[::1]:8800", 200},
		{&httpapi.Options{Hosts: []string{"Agent.example"}}, "agent.Example", 200},
		{&httpapi.Options{Hosts: []string{"agent.example"}}, "127.0.0.1", 403},
		{&httpapi.Options{Middleware: []func(http.Handler) http.Handler{same}}, "rebound.example", 403}, // it asks nobody who they are
		{&httpapi.Options{Middleware: []func(http.Handler) http.Handler{same}, Hosts: []string{httpapi.AnyHost}}, "agent.example", 200},
	} {
		if got := ask(c.o, c.host); got != c.want {
			t.Errorf("%q with %+v: %d, want %d", c.host, *c.o, got, c.want)
		}
	}
}

func TestEventsResumeWithoutAGap(t *testing.T) {
	w := newWorld(t, hobbytest.Says("no idea"), nil)
	if _, err := w.manager.RunOnce(t.Context(), hobby.SkillPractice); err != nil {
		t.Fatal(err)
	}
	all := stream(t, w, "0", 3)
	if d := cmp.Diff([]string{"activity.started", "activity.progress", "activity.finished"}, kinds(all)); d != "" {
		t.Fatalf("the events of a session (-want +got):\n%s", d)
	}
	for _, e := range all {
		if !json.Valid([]byte(e.Data)) {
			t.Errorf("data is not JSON: %s", e.Data)
		}
	}
	if d := cmp.Diff(all[1:], stream(t, w, all[0].ID, 2)); d != "" {
		t.Errorf("resumed after %s (-want +got):\n%s", all[0].ID, d)
	}
	live := make(chan []sent)
	go func() { live <- stream(t, w, "9999", 3) }() // not given out yet: it begins now
	for {
		if _, err := w.manager.RunOnce(t.Context(), hobby.SkillPractice); err != nil {
			t.Fatal(err)
		}
		select {
		case all := <-live:
			if len(all) != 3 {
				t.Errorf("live events %v", all)
			}
			return
		default:
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	w := newWorld(t, nil, &httpapi.Options{Rate: -1, Streams: 1})
	srv := httptest.NewServer(w)
	defer srv.Close()
	first, err := srv.Client().Get(srv.URL + "/hobby/events")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Body.Close()
	second, err := srv.Client().Get(srv.URL + "/hobby/events")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Body.Close()
	body, err := io.ReadAll(second.Body)
	if err != nil || second.StatusCode != 503 {
		t.Fatalf("%d %s %v", second.StatusCode, body, err)
	}
	checkProblem(t, "a second stream", 503, second.Header, string(body))
}

func TestTheDescriptionSaysWhatMayBeNull(t *testing.T) {
	w := newWorld(t, nil, nil)
	d := get[object](t, w, "/hobby/openapi.json")
	status := d["components"].(object)["schemas"].(object)["SystemStatus"].(object)["properties"].(object)
	if got, _ := json.Marshal(status["current_activity"]); string(got) != `{"anyOf":[{"$ref":"#/components/schemas/Activity"},`+
		`{"type":"null"}]}` {
		t.Errorf("current_activity is described as %s", got)
	}
}
