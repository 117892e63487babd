package subagenttest_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

const secret = "a secret of some length"

// FuzzEndpoint: whatever an endpoint looks like, only the one allowed place is
// reached, as the standard library would call it.
func FuzzEndpoint(f *testing.F) {
	for _, s := range []string{
		"http://10.0.0.5:8900/team/one", "HTTP://10.0.0.5:8900/team/", "http://10.0.0.5:8900/team/../x", "http://10.0.0.5:8900/team/%2e%2e/x",
		"http://10.0.0.5:8900\\@evil.example/team/", "http://10.0.0.5:8900@evil.example/team/",
		"http://evil.example#@10.0.0.5:8900/team/", "http://10.0.0.5:8900/team//x", "http://[::ffff:10.0.0.5]:8900/team/",
	} {
		f.Add(s)
	}
	tr := subagent.NewHTTP(nil)
	f.Cleanup(func() { tr.Close() })
	if err := tr.Allow("http://10.0.0.5:8900/team/", secret); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ok, err := tr.Reaches(subagent.Agent{ID: "a", Endpoint: s})
		if !ok {
			if s != "" && !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		req, err := http.NewRequest("POST", s, nil)
		if err != nil {
			t.Fatalf("%q is allowed and cannot be called: %v", s, err)
		}
		if req.URL.Host != "10.0.0.5:8900" || !strings.HasPrefix(req.URL.EscapedPath()+"/", "/team/") ||
			strings.Contains(req.URL.EscapedPath(), "..") || req.URL.User != nil {
			t.Errorf("%q is allowed and calls %s %s", s, req.URL.Host, req.URL.EscapedPath())
		}
	})
}

// FuzzOrder hands an agent any body: it answers, and runs only what is an order
// for it.
func FuzzOrder(f *testing.F) {
	f.Add([]byte(`{"assignment":"a","attempt":1,"agent":"w","plan":{"kind":"skill_practice","seed":"1","policy":"","propensity":1},` +
		`"timeout":1000000000,"lease":1000000000}`))
	f.Add([]byte(`{"assignment":"a","attempt":1,"agent":"x","plan":{"kind":"other","seed":"1"},"timeout":1,"lease":1}`))
	f.Add([]byte(`{"assignment":"a","attempt":-1}`))
	f.Add([]byte(`[[[[`))
	w, err := subagent.NewWorker(subagent.Agent{ID: "w", Capabilities: []string{"skill_practice"}},
		func(_ context.Context, o subagent.Order) (subagent.Result, error) {
			if o.Agent != "w" || o.Plan.Kind != hobby.SkillPractice || o.Assignment == "" || o.Attempt < 1 {
				return subagent.Result{}, errors.New("this is not an order")
			}
			return subagent.Result{}, nil
		})
	if err != nil {
		f.Fatal(err)
	}
	h, err := subagent.AgentHandler(w, secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+secret)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != 200 && rec.Code != 400 || strings.Contains(rec.Body.String(), "this is not an order\"") {
			t.Errorf("%q: %d %s", body, rec.Code, rec.Body)
		}
	})
}

// FuzzStream hands a coordinator any stream of reports: what comes out is about
// the order that was sent.
func FuzzStream(f *testing.F) {
	f.Add([]byte("{\"event\":\"started\"}\n{\"event\":\"done\",\"result\":{\"items\":[{\"seed\":\"7\"}]}}\n"))
	f.Add([]byte("{\"event\":\"present\",\"self\":{\"id\":\"x\"}}\n{\"event\":\"refused\"}"))
	f.Add([]byte("\n\n{}\nnull\n[]\n"))
	var stream []byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = w.Write(stream)
	}))
	f.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		stream = body
		tr := subagent.NewHTTP(nil)
		if err := tr.Allow(u.String(), secret); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = tr.Receive(ctx, func(_ context.Context, r subagent.Report) error {
				says := subagent.Report{Event: r.Event, Reason: r.Reason, Result: r.Result, Agent: "w", Assignment: "a", Attempt: 1}
				if d := cmp.Diff(says, r); d != "" || r.Event == subagent.Present || r.Event == subagent.Gone {
					t.Errorf("%q: %q of another (-want +got):\n%s", body, r.Event, d)
				}
				return nil
			})
		}()
		o := subagent.Order{Assignment: "a", Attempt: 1, Agent: "w", Timeout: time.Minute, Lease: time.Second}
		if err := tr.Send(t.Context(), subagent.Agent{ID: "w", Endpoint: u.String()}, o); err != nil {
			t.Fatal(err)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
		cancel()
		<-done
	})
}
