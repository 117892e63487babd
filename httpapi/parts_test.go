package httpapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite"
)

// TestPartsThatAreLeftOut asks a program without any part for every route that
// it describes. The routes are those of a program with all parts, and say to
// every request what is lacking.
func TestPartsThatAreLeftOut(t *testing.T) {
	full := newWorld(t, nil, nil)
	bare := &world{Handler: httpapi.New(nil, &httpapi.Options{Rate: -1})}
	want, got := describe(t, full), describe(t, bare)
	if d := cmp.Diff(keysOf(want.Paths), keysOf(got.Paths)); d != "" {
		t.Errorf("a program without parts describes other routes (-all parts +none):\n%s", d)
	}
	lacks := map[string]string{"metrics": "no metrics", "subagents": "no sub-agents", "assign": "no sub-agents",
		"distribute": "no sub-agents", "dashboard": "no metrics", "lora": "no trainer", "archive": "no archive", "graph": "no knowledge graph",
		"feedback": "no feedback", "reward": "no feedback", "quality": "no feedback", "settings": "nobody change its settings", "comparisons": "no models to compare"}
	for path, ops := range got.Paths {
		if path == "/hobby/config" {
			continue
		}
		why := "does not practise"
		for begin, said := range lacks {
			if strings.HasPrefix(path, "/hobby/"+begin) {
				why = said
			}
		}
		for method, op := range ops {
			for _, name := range []string{"", "limit", "cursor"} {
				target := target(path, op, name, "-1")
				status, header, body := bare.do(strings.ToUpper(method), target, "")
				if status != 503 || !strings.Contains(body, why) {
					t.Errorf("%s %s: %d %s, want 503 that says %q", method, target, status, body, why)
				}
				checkProblem(t, target, status, header, body)
			}
		}
	}
}

// TestConfigTellsTheParts compares what a program with all parts says of them
// with what one without sub-agents says.
func TestConfigTellsTheParts(t *testing.T) {
	type parts struct{ Parts map[string]httpapi.PartState }
	w := newWorld(t, nil, nil)
	there := httpapi.PartState{Configured: true}
	want := map[string]httpapi.PartState{"hobby": there, "metrics": there, "subagents": there, "lora": there, "archive": there,
		"graph": there, "feedback": there, "settings": there, "compare": there}
	if d := cmp.Diff(want, get[parts](t, w, "/hobby/config").Parts); d != "" {
		t.Errorf("all parts (-want +got):\n%s", d)
	}
	w.Handler = httpapi.New([]httpapi.Part{httpapi.Hobby(w.manager)}, nil)
	none := func(why string) httpapi.PartState { return httpapi.PartState{Reason: &why} }
	want = map[string]httpapi.PartState{"hobby": there, "metrics": none("this program exports no metrics"),
		"subagents": none("this program has no sub-agents"), "lora": none("this program has no trainer"),
		"archive": none("this program has no archive"), "graph": none("this program has no knowledge graph"),
		"feedback": none("this program takes no feedback"), "settings": none("this program lets nobody change its settings"),
		"compare": none("this program offers no models to compare")}
	if d := cmp.Diff(want, get[parts](t, w, "/hobby/config").Parts); d != "" {
		t.Errorf("practice alone (-want +got):\n%s", d)
	}
	c := get[object](t, w, "/hobby/config")
	if c["agent"] != "agent" || c["subagent_max_concurrent"] != nil || c["metrics_cache_seconds"] != nil {
		t.Errorf("the configuration of practice alone: %v", c)
	}
}

// TestTheConfigurationIsDescribed compares the fields of GET /hobby/config with
// its schema.
func TestTheConfigurationIsDescribed(t *testing.T) {
	w := newWorld(t, nil, nil)
	d := describe(t, w)
	described := keysOf(d.Components.Schemas["Config"].Properties)
	answered := get[object](t, w, "/hobby/config")
	answered["auto_distribute_interval_minutes"] = 0 // absent where distribution is not automatic
	if d := cmp.Diff(described, sorted(answered)); d != "" {
		t.Errorf("fields (-described +answered):\n%s", d)
	}
}

// TestPartsThatCollide has two parts that claim the same thing.
func TestPartsThatCollide(t *testing.T) {
	type fields struct {
		Timeout float64 `json:"subagent_timeout_minutes"`
	}
	for what, p := range map[string]httpapi.Part{
		"a name":   {Name: "subagents"},
		"no name":  {},
		"an event": {Name: "other", Events: httpapi.Show(func(*hobby.Event, *int) int { return 0 }, "assignment.created")},
		"a field":  {Name: "other", Config: httpapi.Fields(func() fields { return fields{} })},
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was accepted")
				}
			}()
			httpapi.New([]httpapi.Part{httpapi.Subagents(nil), p}, nil)
		})
	}
}

// TestAClosedStore asks every route without parameters: what needs the store
// answers 503, in words for people.
func TestAClosedStore(t *testing.T) {
	w := newWorld(t, nil, nil)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/activities", "/activities/x", "/insights", "/status", "/progress", "/healthz", "/events",
		"/metrics/summary", "/dashboard", "/assignments", "/assignments/x"} {
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, httptest.NewRequest("GET", "/hobby"+path, nil))
		var p struct{ Detail string }
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 503 || p.Detail != "the store is closed" {
			t.Errorf("GET %s: %d %s, want 503 that says that the store is closed", path, rec.Code, rec.Body)
		}
	}
}

// TestWordsForPeople provokes errors whose own texts are for programmers.
func TestWordsForPeople(t *testing.T) {
	w := newWorld(t, nil, nil)
	post[object](t, w, "/hobby/subagents/register", `{"subagent_id":"coder","capabilities":["SKILL_PRACTICE"]}`)
	for _, c := range []struct{ method, target, body, want string }{
		{"GET", "/hobby/activities/x", "", "there is no activity x"},
		{"GET", "/hobby/insights?nap=1", "", "unknown query parameter; there are hobby_type, count, order, cursor"},
		{"GET", "/hobby/progress?nap=1", "", "unknown query parameter; there are none here"},
		{"GET", "/hobby/assignments/x", "", "there is no assignment x"},
		{"GET", "/hobby/insights?cursor=forged", "", `the cursor "forged" did not come from a listing`},
		{"GET", "/hobby/assignments?cursor=forged", "", `the cursor "forged" did not come from a listing`},
		{"POST", "/hobby/run", `{"hobby_type":"SKILL_PRACTICE"}`, `there is no model, and "skill_practice" needs one`},
		{"POST", "/hobby/run", `{"hobby_type":"NO_SUCH"}`, "no hobby is of this kind; it has SKILL_PRACTICE, WAITING, BROKEN"},
		{"POST", "/hobby/run", `{"hobby_type":"creative_problem_solving"}`,
			"this kind is known, but this program does not practise it; it has SKILL_PRACTICE, WAITING, BROKEN"},
		{"POST", "/hobby/assign-to-subagent", `{"subagent_id":"nobody","hobby_type":"WAITING"}`, `no agent of this name is registered: "nobody"`},
		{"POST", "/hobby/assign-to-subagent", `{"subagent_id":"coder","hobby_type":"WAITING"}`,
			`the agent lacks the capability: "coder" cannot do "waiting"`},
		{"POST", "/hobby/assign-to-subagent", `{"subagent_id":"coder","hobby_type":"NO_SUCH"}`,
			`no hobby of this program is of this kind: "no_such"`},
		{"POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["NO_SUCH"]}`,
			`no hobby of this program is of this kind: capabilities: "NO_SUCH"`},
		{"POST", "/hobby/subagents/register", `{"subagent_id":"a","capabilities":["*"],"endpoint":"http://x"}`,
			`endpoint: no transport of this host reaches "http://x"`},
	} {
		status, _, body := w.do(c.method, c.target, c.body)
		var p struct {
			Detail string
			Errors []struct{ Message string }
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		said := p.Detail
		for _, e := range p.Errors {
			said = e.Message
		}
		if said != c.want {
			t.Errorf("%s %s %s: %d %q, want %q", c.method, c.target, c.body, status, said, c.want)
		}
	}
	_, _, body := w.do("POST", "/hobby/run", `{}`, "Content-Type", "application/x-www-form-urlencoded") // as curl -d sends it
	if want := `"detail":"the body must be JSON and be sent with the header Content-Type: application/json"`; !strings.Contains(body, want) {
		t.Errorf("a body of curl -d alone: %s", body)
	}
}

// TestAStoreWhoseFileIsGone shows on every route that people and programs look at.
func TestAStoreWhoseFileIsGone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not let an open file be moved")
	}
	path := filepath.Join(t.TempDir(), "agent.db")
	store, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	m, err := hobby.New(store, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := httpapi.New([]httpapi.Part{httpapi.Hobby(m)}, nil)
	expect := func(health int, says string) {
		t.Helper()
		out := ask(h, client, "GET", "/hobby/healthz")
		status := ask(h, client, "GET", "/hobby/status")
		var s struct {
			StoreError *string `json:"store_error"`
		}
		if err := json.Unmarshal(status.Body.Bytes(), &s); err != nil || status.Code != 200 {
			t.Fatalf("status: %d, %v", status.Code, err)
		}
		if got := fmt.Sprint(out.Code, s.StoreError != nil); got != fmt.Sprint(health, says != "") ||
			!strings.Contains(out.Body.String(), says) ||
			s.StoreError != nil && *s.StoreError != says {
			t.Errorf("healthz: %d %s; status: store_error %v; want %d and %q", out.Code, out.Body, s.StoreError, health, says)
		}
	}
	expect(200, "")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	expect(503, "the store cannot be written: the file "+path+" was removed")
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	expect(200, "")
}

// TestASlotThatFailed is told in the status, with its reason.
func TestASlotThatFailed(t *testing.T) {
	w := newWorld(t, nil, nil)
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	if _, err := w.store.Claim(t.Context(), "nightly", noon, hobby.Every(time.Hour)); !errors.Is(err, hobby.ErrNotDue) {
		t.Fatal(err)
	}
	l, err := w.store.Claim(t.Context(), "nightly", noon.Add(time.Hour), hobby.Every(time.Hour))
	if err := errors.Join(err, w.store.Settle(t.Context(), l, hobby.Outcome{Err: "the disk is full"})); err != nil {
		t.Fatal(err)
	}
	var s struct{ Slots json.RawMessage }
	if code, _, body := w.do("GET", "/hobby/status", ""); code != 200 || json.Unmarshal([]byte(body), &s) != nil {
		t.Fatalf("%d %s", code, body)
	}
	want := `[{"name":"nightly","settled_at":"2026-03-14T13:00:00Z","error":"the disk is full","due_at":null,"tries":0}]`
	if string(s.Slots) != want {
		t.Errorf("slots %s\nwant  %s", s.Slots, want)
	}
}
