package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/ui"
)

// description is what the handler says of itself, as far as the test needs it:
// a new route is tested here without anybody remembering to.
type description struct {
	Paths      map[string]map[string]*route
	Components struct{ Schemas map[string]schema }
}

type route struct {
	Parameters  []struct{ Name, In string }
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema schema }
	}
	Responses map[string]any
}

type schema struct {
	Ref        string `json:"$ref"`
	Properties map[string]any
	Required   []string
}

func describe(t testing.TB, w *world) *description {
	t.Helper()
	status, _, body := w.do("GET", "/hobby/openapi.json", "")
	d := &description{}
	if err := json.Unmarshal([]byte(body), d); err != nil || status != 200 || len(d.Paths) == 0 {
		t.Fatalf("the description: %d, %v", status, err)
	}
	return d
}

// body is what a request's body is like.
func (d *description) body(r *route) schema {
	s := r.RequestBody.Content["application/json"].Schema
	if s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
	}
	return s
}

// fields are the names of the properties of a request's body.
func (d *description) fields(r *route) []string {
	return slices.Sorted(maps.Keys(d.body(r).Properties))
}

// hostile are values for a field of any type.
var hostile = []string{
	"", "0", "-1", "1", "101", "9223372036854775807", "99999999999999999999", "1e309", "NaN", "1.5", "true", "null",
	"SKILL_PRACTICE", "skill_practice", "META_LEARNING", "*", "no_such_kind", "running",
	"../../etc/passwd", "..%2f..", "a b", "'; DROP TABLE activity; --",
	"<script>alert(1)</script>", "\x00", "\xff\xfe", "\u202e\u0000", "é日本🙂", strings.Repeat("x", 300), strings.Repeat("9",
		5000), "2026-02-30T25:61:00Z", "[]", "{}", `"`,
}

// scalars are JSON values for a field of any type.
var scalars = []string{
	"null", "true", "0", "-1", "1.5", "1e400", "12345678901234567890",
	`""`, `"x"`, `"SKILL_PRACTICE"`, `"*"`, `"\u0000"`, `"\ud800"`, "[]", "[null]", `[""]`, `["*","*"]`,
	"{}", `{"a":{"b":[1]}}`, `"` + strings.Repeat("y", 70_000) + `"`, strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
}

// target fills the parameters of a path and its query.
func target(path string, op *route, name, value string) string {
	query := url.Values{}
	for _, p := range op.Parameters {
		v := "1"
		if p.Name == name {
			v = value
		}
		switch {
		case p.In == "path":
			if v == "" || v == "." || v == ".." {
				v = "x" // another path altogether
			}
			path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(v), 1)
		case p.In == "query" && p.Name == name:
			query.Set(p.Name, v)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// TestLongRequestsGetShortAnswers sends a megabyte in every way that is wrong.
func TestLongRequestsGetShortAnswers(t *testing.T) {
	w := newWorld(t, nil, nil)
	long := strings.Repeat("x", 900_000)
	for _, body := range []string{
		`{"hobby_type":"` + long, `{"hobby_type":"` + long + `"}`, `{"` + long + `":1}`, strings.Repeat("[", 900_000),
		`{"subagent_id":["` + long + `"],"capabilities":{"` + long + `":["` + long[:10_000] + `"]}}`, `[` + strings.Repeat("1,", 400_000) + `1]`,
		`{` + strings.Repeat(`"a":1,`, 100_000) + strings.Repeat(`"b":{},`, 10) + `"` + long[:100_000] + `":null}`, `"` + long + `"`,
	} {
		for _, path := range []string{"/hobby/run", "/hobby/subagents/register"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			out := send(w, r)
			if out.Code < 400 || out.Code >= 500 || out.Body.Len() > 8<<10 {
				t.Errorf("POST %s with %.40q: %d, %d bytes, %.300q", path, body, out.Code, out.Body.Len(), out.Body)
			}
		}
	}
}

// TestNoBody posts nothing, of no type, where each field of the body may be left out.
func TestNoBody(t *testing.T) {
	w := newWorld(t, nil, nil)
	d := describe(t, w)
	var asked []string
	for path, ops := range d.Paths {
		op := ops["post"]
		if op == nil || op.RequestBody == nil || len(d.body(op).Required) > 0 || len(d.fields(op)) == 0 {
			continue
		}
		asked = append(asked, path)
		status, _, body := w.do("POST", path, "")
		if op.RequestBody.Required || status == 400 || status == 415 || status == 422 {
			t.Errorf("POST %s without a body: %d %s; a body is required: %v", path, status, body, op.RequestBody.Required)
		}
	}
	slices.Sort(asked)
	if want := []string{"/hobby/archive", "/hobby/lora/train", "/hobby/run"}; !slices.Equal(asked, want) {
		t.Errorf("bodies whose fields may all be left out: %v, want %v", asked, want)
	}
}

func TestTheTypeOfABodyInAnyCase(t *testing.T) {
	w := newWorld(t, nil, nil)
	for mediaType, want := range map[string]int{
		"application/json": 422, "APPLICATION/JSON": 422, "Application/Json; charset=UTF-8": 422, " application/json ;charset=utf-8": 422,
		"text/plain": 415, "application/jsonx": 415,
	} {
		r := httptest.NewRequest("POST", "/hobby/subagents/register", strings.NewReader("{}"))
		r.Header.Set("Content-Type", mediaType)
		if got := send(w, r).Code; got != want {
			t.Errorf("Content-Type: %s: %d, want %d", mediaType, got, want)
		}
	}
}

// TestAllow asks with methods that a path does not have.
func TestAllow(t *testing.T) {
	w := newWorld(t, nil, &httpapi.Options{UI: ui.Handler(nil),
		Middleware: []func(http.Handler) http.Handler{httpapi.Bearer("open sesame")}})
	for at, want := range map[string]string{
		"POST /hobby/status": "GET, HEAD", "GET /hobby/run": "POST", "HEAD /hobby/run": "POST", "POST /hobby/ui": "", "GET /hobby/ui": "",
		"GET /hobby/subagents/x": "DELETE", "POST /hobby/nothing": "", "PUT /hobby/login": "GET, HEAD, POST", "GET /hobby/logout": "POST",
		"DELETE /hobby/": "GET, HEAD", "PUT /hobby": "GET, HEAD", "OPTIONS /hobby/healthz": "GET, HEAD",
	} {
		method, path, _ := strings.Cut(at, " ")
		out := ask(w, client, method, path, "Authorization", "Bearer open sesame")
		status := http.StatusMethodNotAllowed
		if want == "" {
			status = http.StatusNotFound
		}
		if got := out.Header().Get("Allow"); got != want || out.Code != status {
			t.Errorf("%s: %d, Allow %q; want %d, %q", at, out.Code, got, status, want)
		}
	}
}

// TestEveryFieldOfEveryRoute hands every parameter and every field of every
// described route the hostile values, each alone. Whatever comes back is a
// described status, never a 500, and an error is a problem body.
func TestEveryFieldOfEveryRoute(t *testing.T) {
	w := newWorld(t, nil, nil)
	d := describe(t, w)
	asked := 0
	ask := func(op *route, method, target, body string, header ...string) {
		asked++
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		check(t, w, op, r, fmt.Sprintf("%s %.120s %.80q", method, target, body))
	}
	for path, ops := range d.Paths {
		for method, op := range ops {
			method = strings.ToUpper(method)
			if path == "/hobby/events" {
				for _, v := range []string{"x", "-1", "1.5", "99999999999999999999", "\xff"} {
					ask(op, method, path, "", "Last-Event-ID", v)
				}
				continue // a good one streams for ever
			}
			for _, p := range op.Parameters {
				for _, v := range hostile {
					ask(op, method, target(path, op, p.Name, v), "")
				}
			}
			plain := target(path, op, "", "")
			ask(op, method, plain+"?no_such_parameter=1", "")
			if op.RequestBody == nil {
				continue
			}
			for _, v := range scalars {
				ask(op, method, plain, v)
				for _, name := range d.fields(op) {
					ask(op, method, plain, fmt.Sprintf("{%q:%s}", name, v))
				}
			}
			ask(op, method, plain, `{"no_such_field":1}`)
			ask(op, method, plain, "{")
			ask(op, method, plain, "{}{}")
			ask(op, method, plain, "\x00\xff")
			ask(op, method, plain, "a=1", "Content-Type", "application/x-www-form-urlencoded")
			ask(op, method, plain, strings.Repeat(" ", 1<<20)+"{}")
		}
	}
	t.Logf("%d requests", asked)
}

// check sends r and holds the answer to the contract.
func check(t testing.TB, w *world, op *route, r *http.Request, what string) {
	t.Helper()
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	status, body := rec.Code, rec.Body.String()
	if !utf8.ValidString(body) {
		t.Errorf("%s: %d: the body is not UTF-8", what, status)
	}
	switch {
	case status == http.StatusInternalServerError:
		t.Errorf("%s: 500 %s", what, body)
	case status >= 400:
		checkProblem(t, what, status, rec.Header(), body)
	}
	if _, ok := op.Responses[fmt.Sprint(status)]; !ok && status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
		t.Errorf("%s: %d is not described for this route: %s", what, status, body)
	}
}

// FuzzRun hands POST /hobby/run any body and any content type.
func FuzzRun(f *testing.F) {
	for _, v := range scalars {
		if len(v) < 1000 {
			f.Add("application/json", `{"hobby_type":`+v+`}`)
		}
	}
	f.Add("text/plain; charset=utf-7", "{}")
	f.Add("application/json; charset=\xff", "")
	w := newWorld(f, nil, nil)
	op := describe(f, w).Paths["/hobby/run"]["post"]
	f.Fuzz(func(t *testing.T, mediaType, body string) {
		r := httptest.NewRequest("POST", "/hobby/run", strings.NewReader(body))
		r.Header.Set("Content-Type", mediaType)
		check(t, w, op, r, fmt.Sprintf("%q %q", mediaType, body))
		select { // whatever it started must not wait for ever
		case w.release <- struct{}{}:
		default:
		}
	})
}

// FuzzQuery hands the listings any query.
func FuzzQuery(f *testing.F) {
	for _, v := range hostile {
		f.Add("count=" + v)
		f.Add("hobby_type=" + url.QueryEscape(v))
		f.Add("status=completed&cursor=" + url.QueryEscape(v))
	}
	w := newWorld(f, nil, nil)
	paths := describe(f, w).Paths
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/hobby/activities", "/hobby/insights"} {
			r := httptest.NewRequest("GET", path, nil)
			r.URL.RawQuery = query
			check(t, w, paths[path]["get"], r, fmt.Sprintf("GET %s?%q", path, query))
		}
	})
}
