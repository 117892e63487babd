package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/lora"
)

var learn = flag.Bool("learn", false, "TestTheServerImproves trains the model that ships")

// TestTheServerImproves trains the model that ships by the route of the page's button, in a
// server that runs: it is promoted, and practice, its activities, the proficiency and the
// adapters show the champion within a session, and the base after a rollback. Two families
// and a short recipe make it take half a minute of processor time.
//
//	go test ./examples/server -run TestTheServerImproves -learn -v
func TestTheServerImproves(t *testing.T) {
	if !*learn {
		t.Skip("needs -learn")
	}
	c, err := parse([]string{
		"-addr", "127.0.0.1:0", "-data", t.TempDir(), "-interval", "100ms", "-idle", "50ms", "-code", "", "-docs", "", "-kinds", "skill_practice",
	}, env(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var families []practice.Family
	for _, f := range practice.Families() {
		if slices.Contains([]string{"roman", "text"}, f.Info().Name) {
			families = append(families, f)
		}
	}
	if c.opts.Suite, err = practice.NewSuite(families...); err != nil {
		t.Fatal(err)
	}
	c.opts.LoRA.Recipe = lora.Recipe{Rounds: 2, Tasks: 300, Levels: 3}
	ctx, cancel := context.WithCancel(t.Context())
	out, done := newOutput(), make(chan error, 1)
	go func() { done <- c.serve(ctx, out) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	}()
	s := &improving{T: t, url: out.wait(t, `look at +(http://[^/]+)/hobby/`)[1] + "/hobby"}
	s.shows("before", "", time.Now())

	begun := time.Now()
	var started httpapi.TrainStarted
	s.post("/lora/train", `{}`, 202, &started)
	var job httpapi.LoraStatus
	for job.LoraJob == nil || job.CompletedAt == nil {
		s.wait()
		fetch(t, s.url+"/lora/status?job_id="+started.Job.ID, &job)
	}
	ended := time.Now()
	if !job.Deployed || job.AdapterID == nil {
		t.Fatalf("the training: %s, %s (%s)", job.Status, text(job.Verdict), text(job.Reason))
	}
	var trial httpapi.Comparison
	fetch(t, s.url+"/lora/compare?baseline=base&candidate="+*job.AdapterID, &trial)
	t.Logf("promoted after %v, by %d tasks: %d won, %d lost, %+.1f points, 95 %% interval from %+.1f to %+.1f",
		ended.Sub(begun).Round(time.Second), trial.Pairs, trial.Wins, trial.Losses, 100**trial.Difference, 100**trial.Low, 100**trial.High)
	s.shows("promoted", *job.AdapterID, *job.CompletedAt)

	s.post("/lora/apply", `{"adapter_id":"base","hobby_type":"SKILL_PRACTICE"}`, 200, nil)
	s.shows("rolled back", "", time.Now())
}

// improving is a client of a server that learns.
type improving struct {
	*testing.T
	url string
}

// wait lets a moment pass.
func (s *improving) wait() {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-s.Context().Done():
		s.Fatal("the test was ended")
	}
}

func (s *improving) post(path, body string, want int, v any) {
	s.Helper()
	resp, err := http.Post(s.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		text, _ := io.ReadAll(resp.Body)
		s.Fatalf("POST %s: %s, want %d: %s", path, resp.Status, want, text)
	}
	if v != nil {
		if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
			s.Fatal(err)
		}
	}
}

// text is "" for null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// shows checks that the first session that begins after a time is of an adapter, "" being
// the base, and so are its answers, the proficiency, the champion and the last flip.
func (s *improving) shows(when, want string, since time.Time) {
	s.Helper()
	var session httpapi.ActivityDetail
	for session.ID == "" {
		s.wait()
		var status httpapi.SystemStatus
		fetch(s.T, s.url+"/status", &status)
		for _, a := range status.RecentActivities { // the newest last
			if a.StartedAt.After(since) && !strings.HasPrefix(a.ID, "trial-") && !strings.HasPrefix(a.ID, "watch-") && a.Status == "completed" {
				session.Activity = a
				break
			}
		}
	}
	fetch(s.T, s.url+"/activities/"+session.ID, &session)
	if text(session.AdapterID) != want || len(session.VerifiedItems) == 0 {
		s.Fatalf("%s, the first session is of %q with %d answers, want %q", when, text(session.AdapterID), len(session.VerifiedItems), want)
	}
	for _, i := range session.VerifiedItems {
		if text(i.AdapterID) != want {
			s.Errorf("%s, an answer is of %q, want %q", when, text(i.AdapterID), want)
		}
	}
	var progress httpapi.Progress
	fetch(s.T, s.url+"/progress", &progress)
	k := progress.Hobbies["SKILL_PRACTICE"]
	if k.Proficiency == nil || text(k.AdapterID) != want || text(k.ModelKey) != session.VerifiedItems[0].ModelKey {
		s.Errorf("%s, the proficiency is of the adapter %q, want %q", when, text(k.AdapterID), want)
	} else {
		s.Logf("%s: proficiency %.3f (%.3f to %.3f)", when, *k.Proficiency, *k.ProficiencyLow, *k.ProficiencyHigh)
	}
	var adapters httpapi.Adapters
	fetch(s.T, s.url+"/lora/adapters", &adapters)
	if got := text(adapters.Aliases["SKILL_PRACTICE"]["champion"]); got != want {
		s.Errorf("%s, the champion is %q, want %q", when, got, want)
	}
	var history httpapi.AdapterHistory
	fetch(s.T, s.url+"/lora/history?hobby_type=SKILL_PRACTICE", &history)
	at := slices.IndexFunc(history.Flips, func(f httpapi.AdapterFlip) bool { return f.Alias == "champion" })
	if at >= 0 && text(history.Flips[at].To) != want || at < 0 && want != "" {
		s.Errorf("%s, the flips are %+v, want the last to %q", when, history.Flips, want)
	}
}
