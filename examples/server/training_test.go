package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/httpapi"
)

// TestTheServerLearns starts the server with the model that ships: the next night is
// planned, and a training begins at once when it is asked for.
func TestTheServerLearns(t *testing.T) {
	url, _, _ := start(t, "-model", "tiny", "-code", "", "-docs", "")
	var s httpapi.LoraStatus
	fetch(t, url+"/hobby/lora/status", &s)
	if s.NextScheduledAt == nil || s.NextScheduledAt.Local().Hour() != 3 || time.Until(*s.NextScheduledAt) > 25*time.Hour {
		t.Errorf("the next night is %v, want one at three in the morning", s.NextScheduledAt)
	}
	if !slices.Contains(s.Kinds, "SKILL_PRACTICE") {
		t.Errorf("%v can be trained", s.Kinds)
	}
	post := func(path string, want int) {
		t.Helper()
		resp, err := http.Post(url+path, "application/json", strings.NewReader(map[bool]string{true: "{}"}[strings.HasSuffix(path, "train")]))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("POST %s: %s, want %d", path, resp.Status, want)
		}
	}
	post("/hobby/lora/train", 202)
	fetch(t, url+"/hobby/lora/status", &s)
	if s.LoraJob == nil || s.Kind != "SKILL_PRACTICE" || s.CompletedAt != nil {
		t.Errorf("after the button: %+v", s.LoraJob)
	}
	post("/hobby/lora/cancel", 200)
}
