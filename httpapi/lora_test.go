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
