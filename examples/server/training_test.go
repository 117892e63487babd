package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
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

// TestTrainingCommands trains a model that can do nothing, which says so, and reads and
// applies what a store has.
func TestTrainingCommands(t *testing.T) {
	data := t.TempDir()
	command := func(want int, name string, args ...string) (out string) {
		t.Helper()
		var b bytes.Buffer
		err := run(t.Context(), append([]string{name, "-json", "-data", data}, args...), env(), &b, io.Discard)
		got := 0
		if err != nil {
			got = status(err)
		}
		if got != want {
			t.Errorf("server %s %v: exit status %d, want %d: %v", name, args, got, want, err)
		}
		return b.String()
	}
	command(1, "adapters") // there is no store
	const model = "../../lora/llama/testdata/tiny/model"
	var made trained
	told := command(0, "train", "-model", model, "-rounds", "1", "-seed", "5")
	if err := json.Unmarshal([]byte(told), &made); err != nil {
		t.Errorf("server train: %s, %v", told, err)
	}
	if made.Status != hobby.JobCompleted || made.Reason != lora.ReasonNoLevel || made.Seed != 5 {
		t.Errorf("server train: %s; want a run that has found no level", told)
	}
	told = command(0, "train", "-model", model, "-whole")
	if err := json.Unmarshal([]byte(told), &made); err != nil || made.Kind != "" || made.Reason != lora.ReasonNothingNew {
		t.Errorf("server train -whole: %s, %v; want that there is nothing to try", told, err)
	}
	for _, args := range [][]string{
		{"-model", "none at all"}, {"-rank", "1000"}, {"-type", "STARGAZING"}, {"it"}, {"-whole", "-type", "SKILL_PRACTICE"},
	} {
		command(2, "train", append([]string{"-model", model}, args...)...)
	}
	again := leaveOpen(t, data)
	if told := command(0, "train", "-model", model); json.Unmarshal([]byte(told), &made) != nil || made.Job != again || made.Seed != 6 ||
		made.Status != hobby.JobCompleted {
		t.Errorf("server train with job %s open: %s", again, told)
	}
	again = leaveOpen(t, data)
	if told := command(0, "train", "-model", model, "-cancel"); json.Unmarshal([]byte(told), &made) != nil || made.Job != again ||
		made.Status != hobby.JobCancelled {
		t.Errorf("server train -cancel with job %s open: %s", again, told)
	}
	command(2, "train", "-model", model, "-cancel")
	file := filepath.Join(data, "learn.jsonl")
	command(2, "dataset", "-model", model)
	command(2, "dataset", "-model", model, "-out", file, "-format", "xml")
	command(2, "dataset", "-model", model, "-out", file, "-min-quality", "2")
	command(0, "dataset", "-model", model, "-out", file, "-format", "alpaca")
	if text, err := os.ReadFile(file); err != nil || len(text) > 0 {
		t.Errorf("nothing was practised, and the data set is %q, %v", text, err)
	}
	command(1, "dataset", "-model", model, "-out", file) // it is there
	s, err := sqlite.Open(t.Context(), filepath.Join(data, "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := adapters.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.PutVersion(t.Context(), loratest.Version("skill_practice", 1, ""), lora.Lineage{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	command(1, "compare", "-candidate", v.ID) // it was in none
	trial, pairs := loratest.Trial("trial", v.ID, "", 3)
	err = errors.Join(r.PutTrial(t.Context(), trial, pairs, nil, nil),
		r.Point(t.Context(), lora.Promotion(v.Kind, nil, v.ID, "ana", "to see"), nil), s.Close())
	if err != nil {
		t.Fatal(err)
	}
	var all []lora.Version
	if told := command(0, "adapters", "-status", "champion"); json.Unmarshal([]byte(told), &all) != nil || len(all) != 1 || all[0].ID != v.ID {
		t.Errorf("server adapters: %s", told)
	}
	command(2, "adapters", "-status", "best")
	var got lora.Trial
	if told := command(0, "compare", "-baseline", "base"); json.Unmarshal([]byte(told), &got) != nil || got.ID != "trial" || got.Wins != 3 {
		t.Errorf("server compare: %s", told)
	}
	command(1, "compare", "-watch")
	command(2, "apply", "-model", model)
	command(2, "apply", "-model", model, "-adapter", "base")
	command(2, "apply", "-model", model, "-adapter", "base", "-whole", "-type", "SKILL_PRACTICE")
	command(0, "apply", "-model", model, "-adapter", "base", "-whole")
	command(1, "apply", "-model", model, "-adapter", "nobody")
	command(1, "apply", "-model", model, "-adapter", v.ID) // no trial has promoted it
	var a lora.Activation
	told = command(0, "apply", "-model", model, "-adapter", "base", "-type", "SKILL_PRACTICE")
	if json.Unmarshal([]byte(told), &a) != nil || a.Version != "" || a.Was != v.ID {
		t.Errorf("server apply: %s", told)
	}
}

// leaveOpen begins a training as a process does that ends then, and returns its id.
func leaveOpen(t *testing.T, data string) string {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(data, "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := adapters.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(lora.Request{Kind: hobby.SkillPractice, Seed: 6, Recipe: lora.Recipe{Probe: 1, Rounds: 1}})
	if err != nil {
		t.Fatal(err)
	}
	j, err := r.StartJob(t.Context(), hobby.Job{Line: lora.Line, Stage: lora.StageChoose, Input: input})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return j.ID
}
