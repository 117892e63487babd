package httpapi_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// TestTrainingWithoutATrainer: nothing was trained, so nothing is shown, and a request
// to train says what is lacking.
func TestTrainingWithoutATrainer(t *testing.T) {
	w := newWorld(t, nil, nil)
	for _, c := range []struct {
		want                 int
		method, target, body string
	}{
		{503, "POST", "/hobby/lora/train", `{}`},
		{503, "POST", "/hobby/lora/train", `{"hobby_type":"SKILL_PRACTICE","rank":4,"days_back":30,"min_quality":0.6}`},
		{422, "POST", "/hobby/lora/train", `{"rank":0}`},
		{422, "POST", "/hobby/lora/train", `{"rank":257}`},
		{422, "POST", "/hobby/lora/train", `{"learning_rate":-1}`},
		{422, "POST", "/hobby/lora/train", `{"min_quality":1.1}`},
		{422, "POST", "/hobby/lora/train", `{"surprise":1}`},
		{503, "POST", "/hobby/lora/train", `{"whole":true,"seed":7}`},
		{422, "POST", "/hobby/lora/train", `{"whole":true,"hobby_type":"SKILL_PRACTICE"}`},
		{422, "POST", "/hobby/lora/train", `{"whole":true,"days_back":3}`},
		{400, "POST", "/hobby/lora/train", `{"rank":`},
		{409, "POST", "/hobby/lora/cancel", ""},
		{404, "POST", "/hobby/lora/cancel?job_id=nobody", ""},
		{404, "GET", "/hobby/lora/status?job_id=%00", ""},
		{404, "GET", "/hobby/lora/compare", ""},
		{404, "GET", "/hobby/lora/compare?candidate=nobody&baseline=base", ""},
		{404, "POST", "/hobby/lora/apply", `{"adapter_id":"nobody"}`},
		{422, "POST", "/hobby/lora/apply", `{"adapter_id":""}`},
		{422, "POST", "/hobby/lora/apply", `{"adapter_id":"base"}`},
		{422, "GET", "/hobby/lora/adapters?status=best", ""},
		{422, "GET", "/hobby/lora/adapters?cursor=forged", ""},
		{422, "GET", "/hobby/lora/history?cursor=forged", ""},
	} {
		status, header, body := w.do(c.method, c.target, c.body)
		if status != c.want {
			t.Errorf("%s %s %s: %d %s, want %d", c.method, c.target, c.body, status, body, c.want)
			continue
		}
		checkProblem(t, c.method+" "+c.target, status, header, body)
	}
	s := get[object](t, w, "/hobby/lora/status")
	delete(s, "$schema")
	want := object{"jobs": []any{}, "trainable": []any{}, "tried": false, "watched": false, "next_scheduled_at": nil}
	if d := cmp.Diff(want, s); d != "" {
		t.Errorf("the status (-want +got):\n%s", d)
	}
}

// TestAdaptersAsJSON stores what a training makes, and reads it.
func TestAdaptersAsJSON(t *testing.T) {
	w := newWorld(t, nil, nil)
	v, err := w.adapters.PutVersion(t.Context(), loratest.Version("skill_practice", 1, ""), lora.Lineage{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	trial, pairs := loratest.Trial("trial", v.ID, "", 3)
	trial.LogE, trial.PValue, trial.Difference = 1e6, 0, &hobby.Change{Mean: 1, Low: 0.5, High: 1}
	trial.Guardrails = []lora.Guardrail{{Name: "anchors", Margin: 0.1, Why: "nothing was measured"}}
	trial.Verdict, trial.Ended = lora.Rollback, time.Unix(2e9, 0).UTC()
	if err := w.adapters.PutTrial(t.Context(), trial, pairs, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.adapters.Point(t.Context(), lora.Promotion(v.Kind, nil, v.ID, "ana", "to see"), nil); err != nil {
		t.Fatal(err)
	}
	a := get[httpapi.Adapters](t, w, "/hobby/lora/adapters?hobby_type=Skill_Practice&status=champion")
	if len(a.Adapters) != 1 {
		t.Fatalf("%d adapters", len(a.Adapters))
	}
	rejected := "rollback"
	got := a.Adapters[0]
	if d := cmp.Diff([]any{v.ID, "skill_practice-1", "SKILL_PRACTICE", "champion", &rejected, 4},
		[]any{got.ID, got.Name, got.Kind, got.Status, got.Verdict, got.Rank}); d != "" {
		t.Errorf("the adapter (-want +got):\n%s", d)
	}
	if c := a.Aliases["SKILL_PRACTICE"]["champion"]; c == nil || *c != v.ID {
		t.Errorf("aliases %v", a.Aliases)
	}
	c := get[httpapi.Comparison](t, w, "/hobby/lora/compare?candidate="+v.ID+"&baseline=base")
	if d := cmp.Diff([]any{3, 3, 1e300, 3, &rejected}, []any{c.Pairs, c.Discordant, c.EValue, len(c.Path), c.Verdict}); d != "" {
		t.Errorf("the trial (-want +got):\n%s", d)
	}
	why := "nothing was measured"
	if d := cmp.Diff([]httpapi.ComparisonGuard{{Name: "anchors", Margin: 0.1, Reason: &why}}, c.Guardrails); d != "" {
		t.Errorf("a guardrail that was not measured (-want +got):\n%s", d)
	}
	h := get[httpapi.AdapterHistory](t, w, "/hobby/lora/history?hobby_type=SKILL_PRACTICE")
	for i := range h.Flips {
		h.Flips[i].At = time.Time{}
	}
	flip := httpapi.AdapterFlip{Kind: "SKILL_PRACTICE", Alias: "champion", To: &v.ID, By: "ana", Reason: "to see"}
	if d := cmp.Diff([]httpapi.AdapterFlip{flip}, h.Flips); d != "" {
		t.Errorf("the history (-want +got):\n%s", d)
	}
	// No trial has promoted it, and force overrides no more than that.
	for body, want := range map[string]int{`{"adapter_id":"` + v.ID + `"}`: 409, `{"adapter_id":"base","hobby_type":"SKILL_PRACTICE"}`: 200} {
		if status, _, got := w.do("POST", "/hobby/lora/apply", body); status != want {
			t.Errorf("%s: %d %s, want %d", body, status, got, want)
		}
	}
	a = get[httpapi.Adapters](t, w, "/hobby/lora/adapters?status=previous")
	if len(a.Adapters) != 1 || a.Aliases["SKILL_PRACTICE"]["champion"] != nil {
		t.Errorf("after the roll back: %+v", a)
	}
}
