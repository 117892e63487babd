package openai_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

// TestAServerThatKnowsNothing practises with a server that answers "I don't know"
// to everything, and then switches it off.
func TestAServerThatKnowsNothing(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/v1/models":
			fmt.Fprint(w, `{"object":"list","data":[{"id":"shrug","object":"model"}]}`)
		case "/v1/chat/completions":
			asked.Add(1)
			fmt.Fprint(w, `{"id":"1","object":"chat.completion","created":1,"model":"shrug",
				"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"I don't know"}}],
				"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}`)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	m, err := openai.New(server.URL+"/v1", "shrug", &openai.Options{MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	mgr, _, _ := practising(t, m, nil)
	widths := map[string][]float64{}
	const sessions = 40
	for range sessions {
		session, err := mgr.RunOnce(t.Context(), "")
		if err != nil || session.Activity.Status != hobby.Completed || session.Activity.Passes != 0 {
			t.Fatalf("%s %s with %d passes, %v", session.Activity.Status, session.Activity.Err, session.Activity.Passes, err)
		}
		p, err := mgr.Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.Kind(hobby.SkillPractice).Proficiency.Families {
			if f.Family == session.Activity.Plan.Family {
				widths[f.Family] = append(widths[f.Family], f.Estimate.High-f.Estimate.Low)
			}
		}
	}
	p, err := mgr.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := p.Kind(hobby.SkillPractice)
	if rate := k.SuccessRate(); rate == nil || *rate >= 0.2 {
		t.Errorf("the success rate is %v, want it under 0.2", rate)
	}
	if e := k.Proficiency.Estimate; e.Mean > 0.2 || e.Items != asked.Load() || e.Passes != 0 {
		t.Errorf("the proficiency is %+v after %d questions", e, asked.Load())
	}
	repeated := 0
	for name, w := range widths {
		if len(w) > 1 {
			repeated++
			if w[len(w)-1] >= w[0] {
				t.Errorf("%s: the interval is %.3f wide, at first it was %.3f", name, w[len(w)-1], w[0])
			}
		}
	}
	if repeated == 0 {
		t.Error("no family was practised twice")
	}

	server.Close()
	for range 3 {
		session, err := mgr.RunOnce(t.Context(), hobby.SkillPractice)
		if err != nil {
			t.Fatal(err)
		}
		if a := session.Activity; a.Status != hobby.Failed || !strings.Contains(a.Err, "cannot reach") || len(session.Items) != 0 {
			t.Errorf("with the server off: %s, %q, %d items", a.Status, a.Err, len(session.Items))
		}
	}
	after, err := mgr.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := after.Kind(hobby.SkillPractice).Proficiency.Estimate.Items; n != asked.Load() {
		t.Errorf("with the server off %d answers were counted", n-asked.Load())
	}
}
