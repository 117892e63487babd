package subagent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

const secret = "a secret of some length"

func TestHTTPTransport(t *testing.T) {
	subagenttest.TestTransport(t, newLedger, func(t testing.TB) subagenttest.Harness {
		tr := subagent.NewHTTP(nil)
		t.Cleanup(func() {
			if err := tr.Close(); err != nil {
				t.Error(err)
			}
		})
		return subagenttest.Harness{
			Transport: tr,
			Connect: func(t testing.TB, w *subagent.Worker) (subagent.Agent, bool, func()) {
				h, err := subagent.AgentHandler(w, secret)
				if err != nil {
					t.Fatal(err)
				}
				srv := httptest.NewServer(h)
				t.Cleanup(srv.Close)
				if err := tr.Allow(srv.URL, secret); err != nil {
					t.Fatal(err)
				}
				a := w.Agent()
				a.Endpoint = srv.URL
				return a, false, srv.Close
			},
		}
	})
}

func TestOnlyAllowedAddressesAreCalled(t *testing.T) {
	tr := subagent.NewHTTP(nil)
	defer tr.Close()
	for _, base := range []string{"https://agents.example", "http://10.0.0.5:8900/team/", "http://[::1]:8900"} {
		if err := tr.Allow(base, secret); err != nil {
			t.Fatal(err)
		}
	}
	for endpoint, want := range map[string]bool{
		"https://agents.example":                  true,
		"https://AGENTS.example:443/any/path":     true,
		"http://10.0.0.5:8900/team":               true,
		"http://10.0.0.5:8900/team/one":           true,
		"http://[::1]:8900/x":                     true,
		"http://agents.example":                   false,
		"https://agents.example:444":              false,
		"https://agents.example.evil.example":     false,
		"https://evil.example/agents.example":     false,
		"https://agents.example@evil.example":     false,
		"https://user:pw@agents.example":          false,
		"http://10.0.0.5:8900/":                   false,
		"http://10.0.0.5:8900/teammates":          false,
		"http://10.0.0.5:8900/team/../admin":      false,
		"http://10.0.0.5:8900/team/%2e%2e/admin":  false,
		"http://10.0.0.5:8900/team/..%2fadmin":    false,
		"http://10.0.0.5:8900/team/.%2e/admin":    false,
		"http://10.0.0.5:8900/team\\..\\admin":    false,
		"http://10.0.0.5:8900/team//one":          false,
		"http://10.0.0.5:8900/team/one?x=1":       false,
		"http://10.0.0.5:8900/team/one#x":         false,
		"http://10.0.0.5/team/one":                false,
		"http://0x0a000005:8900/team":             false,
		"http://169.254.169.254/latest/meta-data": false,
		"file:///etc/passwd":                      false,
		"gopher://10.0.0.5:8900/team":             false,
		"//10.0.0.5:8900/team":                    false,
		"10.0.0.5:8900/team":                      false,
		"http:10.0.0.5:8900/team":                 false,
		"http://":                                 false,
		"http://\x00":                             false,
	} {
		ok, err := tr.Reaches(subagent.Agent{ID: "a", Endpoint: endpoint})
		if ok != want || (err == nil) != want || !want && !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%q: %v, %v; want %v", endpoint, ok, err, want)
		}
		if !want {
			if err := tr.Send(t.Context(), subagent.Agent{ID: "a", Endpoint: endpoint}, order("a", 1)); !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("sending to %q: %v", endpoint, err)
			}
		}
	}
	for _, bad := range []string{"", "agents.example", "ftp://agents.example", "https://a.example?x"} {
		if err := tr.Allow(bad, secret); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("allowing %q: %v", bad, err)
		}
	}
	if err := tr.Allow("https://b.example", "fifteen letters"); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a short secret: %v", err)
	}
}

// TestTheLongestAddressDecides allows an address and one below it, in both orders: each has
// its own secret.
func TestTheLongestAddressDecides(t *testing.T) {
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer srv.Close()
	secrets := map[string]string{"": strings.Repeat("a", 32), "/special": strings.Repeat("b", 32)}
	for _, bases := range [][]string{{"", "/special"}, {"/special", ""}} {
		tr := subagent.NewHTTP(nil)
		for _, path := range bases {
			if err := tr.Allow(srv.URL+path, secrets[path]); err != nil {
				t.Fatal(err)
			}
		}
		for path, want := range map[string]string{"": "", "/team": "", "/specials": "", "/special": "/special", "/special/team": "/special"} {
			got = ""
			if err := tr.Send(t.Context(), subagent.Agent{ID: "a", Endpoint: srv.URL + path}, order("a", 1)); err == nil {
				t.Error("a teapot took an order")
			}
			if got != "Bearer "+secrets[want] {
				t.Errorf("allowed in the order %q, %q got the secret %q", bases, path, got)
			}
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}

// hear sends one order to a server and returns the reports until the last.
func hear(t *testing.T, h http.Handler) (reports []subagent.Report, err error) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	tr := subagent.NewHTTP(nil)
	if err := tr.Allow(srv.URL, secret); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan subagent.Report, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = tr.Receive(ctx, func(_ context.Context, r subagent.Report) error { got <- r; return nil })
	}()
	defer func() {
		cancel()
		<-done
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}()
	a := subagent.Agent{ID: "w", Endpoint: srv.URL}
	for {
		limited, stop := context.WithTimeout(ctx, 300*time.Millisecond)
		err := tr.Send(limited, a, order("a", 1))
		stop()
		if err != nil {
			return nil, err
		}
		wait := 500 * time.Millisecond // Receive may not have been active
		for {
			select {
			case r := <-got:
				reports = append(reports, r)
				if r.Event == subagent.Done || r.Event == subagent.Refused {
					return reports, nil
				}
				wait = 30 * time.Second
				continue
			case <-time.After(wait):
			}
			break
		}
		if len(reports) > 0 {
			t.Fatalf("the last report does not come after %+v", reports)
		}
	}
}

// says serves a stream of lines.
func says(lines ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		for _, l := range lines {
			fmt.Fprintln(w, l)
		}
	})
}

func TestAgentsThatMisbehaveOverHTTP(t *testing.T) {
	const started = `{"event":"started","agent":"somebody-else","assignment":"other","attempt":9,"self":{"id":"w"}}`
	for name, c := range map[string]struct {
		h    http.Handler
		want string // the last report's event and reason
	}{
		"forges who it is": {says(started, `{"event":"done","agent":"x","assignment":"y","attempt":7,"result":{}}`), "done"},
		"breaks off":       {says(started), "refused the connection ended"},
		"is not JSON":      {says(started, "<html>"), "refused a report that is not one"},
		"is huge": {says(started, `{"event":"done","reason":"`+strings.Repeat("x", subagent.MaxResult+1<<20)+`"}`),
			"refused more than"},
		"registers others": {says(started, `{"event":"present","agent":"evil","self":{"id":"evil","capabilities":["*"]}}`,
			`{"event":"gone"}`), "refused the connection ended"},
		"talks without end": {endless(), "refused more than"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := hear(t, c.h)
			if err != nil {
				t.Fatal(err)
			}
			last := got[len(got)-1]
			if s := string(last.Event) + " " + last.Reason; !strings.HasPrefix(s, c.want) {
				t.Errorf("the last report says %.200q, want %q", s, c.want)
			}
			for _, r := range got {
				says := subagent.Report{Event: r.Event, Reason: r.Reason, Result: r.Result, Agent: "w", Assignment: "a", Attempt: 1}
				if d := cmp.Diff(says, r); d != "" || r.Event == subagent.Present || r.Event == subagent.Gone {
					t.Errorf("a report passes for %q of another (-want +got):\n%s", r.Event, d)
				}
			}
		})
	}
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer elsewhere.Close()
	for name, h := range map[string]http.Handler{
		"redirects":     http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect),
		"serves a page": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }),
		"is broken":     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) }),
		"never answers": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client has gone
			<-r.Context().Done()
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := hear(t, h); !errors.Is(err, subagent.ErrUnreachable) {
				t.Errorf("%v, want ErrUnreachable", err)
			}
		})
	}
	if called {
		t.Error("a redirect was followed")
	}
}

// endless gives signs of life for ever.
func endless() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		fmt.Fprintln(w, `{"event":"started"}`)
		filler := []byte(`{"event":"nothing","reason":"` + strings.Repeat("x", 1<<18) + `"}` + "\n")
		for {
			if _, err := w.Write(filler); err != nil {
				return
			}
		}
	})
}

func TestAnAgentAsksForItsSecret(t *testing.T) {
	w := newWorker(t, 1, func(context.Context, subagent.Order) (subagent.Result, error) { return subagent.Result{}, nil })
	if _, err := subagent.AgentHandler(w, "short"); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a short token: %v", err)
	}
	h, err := subagent.AgentHandler(w, secret)
	if err != nil {
		t.Fatal(err)
	}
	const good = `{"assignment":"a","attempt":1,"agent":"w","plan":{"kind":"skill_practice","seed":"1","policy":"","propensity":1},` +
		`"timeout":1000000000,"lease":1000000000}`
	for _, c := range []struct {
		want              int
		method, body, key string
	}{
		{401, "POST", good, ""},
		{401, "POST", good, "Bearer "},
		{401, "POST", good, "Bearer " + secret + "x"},
		{401, "POST", good, "Basic " + secret},
		{401, "GET", "", "bearer"},
		{405, "PUT", good, "Bearer " + secret},
		{400, "POST", "", "Bearer " + secret},
		{400, "POST", "{}", "Bearer " + secret},
		{400, "POST", good[:len(good)-1], "Bearer " + secret},
		{400, "POST", strings.Repeat(" ", 65<<10) + good, "Bearer " + secret},
		{200, "POST", good, "Bearer " + secret},
		{200, "GET", "", "Bearer " + secret},
	} {
		r := httptest.NewRequest(c.method, "/", strings.NewReader(c.body))
		if c.key != "" {
			r.Header.Set("Authorization", c.key)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != c.want {
			t.Errorf("%s %.60s with %q: %d %s, want %d", c.method, c.body, c.key, rec.Code, rec.Body, c.want)
		}
	}
}
