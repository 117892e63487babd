package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

const secret = "a secret of some length"

// TestARemoteAgent has a coordinator without a model practise with the model of
// the agent, and verify what comes back.
func TestARemoteAgent(t *testing.T) {
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/models") {
			fmt.Fprint(w, `{"object":"list","data":[{"id":"unsure","object":"model","created":1,"owned_by":"me"}]}`)
			return
		}
		fmt.Fprint(w, `{"id":"1","object":"chat.completion","created":1,"model":"unsure","choices":[{"index":0,"finish_reason":"stop",`+
			`"message":{"role":"assistant","content":"I don't know"}}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}`)
	}))
	defer model.Close()

	ctx, cancel := context.WithCancel(t.Context())
	printed, out := io.Pipe()
	ended := make(chan error, 2)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-model", model.URL + "/v1#unsure"}, func(string) string { return secret }, out)
	}()
	var endpoint string
	if _, err := fmt.Fscanf(printed, "remote-1 takes assignments at %s\n", &endpoint); err != nil {
		t.Fatal(err)
	}

	tr := subagent.NewHTTP(nil)
	if err := tr.Allow(endpoint, secret); err != nil {
		t.Fatal(err)
	}
	kit, err := pastime.Open(ctx, ":memory:", nil, &pastime.Options{
		Hobby: hobby.Options{Disabled: true}, Subagent: subagent.Options{Transports: []subagent.Transport{tr}},
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() { ended <- kit.Run(ctx) }()
	coordinator := httptest.NewServer(kit.Handler())
	defer coordinator.Close()
	if err := register(ctx, coordinator.URL, "", "remote-1", endpoint); err != nil {
		t.Fatal(err)
	}
	if err := register(ctx, coordinator.URL, "", "remote-1", "http://127.0.0.1:1"); err == nil ||
		!strings.Contains(err.Error(), "does not allow") {
		t.Errorf("registering an address that is not allowed: %v", err)
	}
	as, err := kit.Subagents.Distribute(ctx, 1)
	if err != nil || len(as) != 1 {
		t.Fatalf("%+v, %v", as, err)
	}
	a, err := kit.Subagents.Wait(ctx, as[0].ID)
	if err != nil || a.Outcome == nil {
		t.Fatalf("%+v, %v", a, err)
	}
	got := []any{a.Status, a.Executor, a.Outcome.Items, a.Outcome.Passes, a.Outcome.Model}
	if d := cmp.Diff([]any{subagent.Completed, "http", 12, 0, "unsure"}, got); d != "" {
		t.Errorf("the assignment (-want +got):\n%s", d)
	}
	if a.Outcome.Gain != nil {
		t.Errorf("the first answers gained %+v, with nothing to compare them with", a.Outcome.Gain)
	}
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if err := tr.Close(); err != nil {
		t.Error(err)
	}
	if err := kit.Close(); err != nil {
		t.Error(err)
	}
}

// TestAnAgentSaysWhereItIsCalled: an address of every interface is none to call.
func TestAnAgentSaysWhereItIsCalled(t *testing.T) {
	err := run(t.Context(), []string{"-addr", "0.0.0.0:0"}, func(string) string { return secret }, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "give a -url") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"-addr", "127.0.0.1:0", "-url", "https://box.example/agent"}, func(string) string { return secret },
		io.Discard); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestModels(t *testing.T) {
	for s, want := range map[string]bool{"tiny": true, "http://127.0.0.1:1/v1#m": true, "tinny": false} {
		m, closeModel, err := openModel(t.Context(), s, "")
		if (err == nil) != want {
			t.Errorf("%s: %v", s, err)
		}
		if err != nil {
			continue
		}
		if info, err := m.Info(t.Context()); s == "tiny" && (err != nil || info.Key == "") {
			t.Errorf("%s: %+v, %v", s, info, err)
		}
		if err := closeModel(); err != nil {
			t.Error(err)
		}
	}
}

func TestAnAgentNeedsASecret(t *testing.T) {
	err := run(t.Context(), nil, func(string) string { return "" }, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "HOBBY_SUBAGENT_TOKEN") {
		t.Errorf("%v", err)
	}
}
