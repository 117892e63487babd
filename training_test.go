package pastime_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

// learner is a Kit with a student that can be trained, and a client of its routes.
type learner struct {
	*testing.T
	kit     *pastime.Kit
	student *loratest.Student
	trainer *loratest.Teacher
	calls   []*http.Request // those of call
}

func newLearner(t *testing.T, change func(*pastime.Options)) *learner {
	t.Helper()
	suite, err := practice.NewSuite(loratest.Numbers{})
	if err != nil {
		t.Fatal(err)
	}
	l := &learner{T: t, student: loratest.NewStudent(), trainer: &loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}}
	o := &pastime.Options{
		Trainer: l.trainer, Suite: suite, Kinds: []hobby.Kind{hobby.SkillPractice},
		Hobby: hobby.Options{Interval: 10 * time.Minute, IdleThreshold: time.Second, PollEvery: time.Minute},
		LoRA: lora.Options{
			Poll: time.Second, Recipe: lora.Recipe{Probe: 80, Again: 40, Rounds: 1, Tasks: 40, Samples: 4},
			Trial: lora.TrialOptions{MostPairs: 400, GuardTasks: 200},
		},
	}
	if change != nil {
		change(o)
	}
	if l.kit, err = pastime.Open(t.Context(), ":memory:", l.student, o); err != nil {
		t.Fatal(err)
	}
	return l
}

// run runs the Kit until the returned function is called, which closes it.
func (l *learner) run() (stop func()) {
	ctx, cancel := context.WithCancel(l.Context())
	done := make(chan error, 1)
	go func() { done <- l.kit.Run(ctx) }()
	return func() {
		l.Helper()
		cancel()
		if err := errors.Join(<-done, l.kit.Close()); err != nil {
			l.Error(err)
		}
	}
}

// exports checks that the numbers for Prometheus have these lines.
func (l *learner) exports(when string, lines ...string) {
	l.Helper()
	time.Sleep(time.Minute) // numbers are read anew every ten seconds
	w := httptest.NewRecorder()
	l.kit.Handler().ServeHTTP(w, httptest.NewRequestWithContext(l.Context(), "GET", "http://127.0.0.1/hobby/metrics/prometheus", nil))
	for _, line := range lines {
		if !strings.Contains(w.Body.String(), line) {
			l.Errorf("%s, nothing exports %s", when, line)
		}
	}
}

// call sends a request and returns the answer, which has the wanted status. v, unless nil,
// takes it from JSON.
func (l *learner) call(method, path, body string, want int, v any) (answer string) {
	l.Helper()
	r := httptest.NewRequestWithContext(l.Context(), method, "/hobby"+path, strings.NewReader(body))
	r.Host = "127.0.0.1"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	l.calls = append(l.calls, r)
	w := httptest.NewRecorder()
	l.kit.Handler().ServeHTTP(w, r)
	if w.Code != want {
		l.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, want)
	}
	if v != nil {
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			l.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return w.Body.String()
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// shows checks that practice, its activities, the proficiency and the adapters all have
// the same champion, "" being the base, after the next session.
func (l *learner) shows(when, want string) {
	l.Helper()
	time.Sleep(10 * time.Minute) // one session
	synctest.Wait()
	var status httpapi.SystemStatus
	l.call("GET", "/status", "", 200, &status)
	var session httpapi.ActivityDetail
	for _, a := range status.RecentActivities { // the newest last
		if !strings.HasPrefix(a.ID, "trial-") && !strings.HasPrefix(a.ID, "watch-") {
			session.Activity = a
		}
	}
	l.call("GET", "/activities/"+session.ID, "", 200, &session)
	if text(session.AdapterID) != want || session.Status != "completed" || len(session.VerifiedItems) == 0 {
		l.Fatalf("%s, the newest session: %+v, want one of the adapter %q", when, session, want)
	}
	for _, i := range session.VerifiedItems {
		if text(i.AdapterID) != want {
			l.Errorf("%s, an answer of the newest session is of %q, want %q", when, text(i.AdapterID), want)
		}
	}
	key := session.VerifiedItems[0].ModelKey
	var progress httpapi.Progress
	l.call("GET", "/progress", "", 200, &progress)
	k := progress.Hobbies["SKILL_PRACTICE"]
	if k.Proficiency == nil || text(k.AdapterID) != want || text(k.ModelKey) != key {
		l.Errorf("%s, the proficiency is %v of the adapter %q and the key %q; want one, of %q and %q", when, k.Proficiency, text(k.AdapterID),
			text(k.ModelKey), want, key)
	}
	var adapters httpapi.Adapters
	l.call("GET", "/lora/adapters", "", 200, &adapters)
	if got := text(adapters.Aliases["SKILL_PRACTICE"]["champion"]); got != want {
		l.Errorf("%s, the champion is %q, want %q", when, got, want)
	}
	var history httpapi.AdapterHistory
	l.call("GET", "/lora/history?hobby_type=SKILL_PRACTICE", "", 200, &history)
	for _, f := range history.Flips {
		if f.Alias == "champion" {
			if text(f.To) != want {
				l.Errorf("%s, the last flip is to %q, want %q", when, text(f.To), want)
			}
			break
		}
	}
}

// TestTheLeastQualityOfARequest has an insight of confidence 0.5, which the request decides on.
func TestTheLeastQualityOfARequest(t *testing.T) {
	l := newLearner(t, func(o *pastime.Options) {
		o.LoRA.Insights = func(context.Context, hobby.Kind) ([]hobby.Insight, error) {
			text := "A sum of two odd numbers is even, so its last digit is one of 0, 2, 4, 6 and 8."
			return []hobby.Insight{{ID: "i", Activity: "a", Kind: hobby.SkillPractice, Topic: "sums", Text: text, Confidence: 0.5}}, nil
		}
	})
	for body, want := range map[string]int{`{}`: 0, `{"min_quality":0.51}`: 0, `{"min_quality":0.5}`: 1, `{"min_quality":0}`: 1} {
		var started httpapi.TrainStarted
		l.call("POST", "/lora/train", body, 202, &started)
		d := started.Data
		if *d.Candidates != 1 || *d.Train != want || d.Dropped["quality"] != 1-want {
			t.Errorf("%s: %d of %d insights are learned, left out: %v; want %d of 1", body, *d.Train, *d.Candidates, d.Dropped, want)
		}
		l.call("POST", "/lora/cancel", "", 200, nil)
	}
	if err := l.kit.Close(); err != nil {
		t.Error(err)
	}
}

// TestWhatCannotBeTrained asks for a kind that has no exams.
func TestWhatCannotBeTrained(t *testing.T) {
	l := newLearner(t, nil)
	var problem struct{ Detail string }
	l.call("POST", "/lora/train", `{"hobby_type":"benchmark_running"}`, 422, &problem)
	want := `"benchmark_running" cannot be trained: another model answers it, or it has no tasks for an exam; what can be: [skill_practice]`
	if problem.Detail != want {
		t.Errorf("%q, want %q", problem.Detail, want)
	}
	if err := l.kit.Close(); err != nil {
		t.Error(err)
	}
}

// TestTrainingIsSeenThrough starts a training by its route in a running Kit, sees it go
// on, and finds its champion everywhere within a session; and the base after a rollback.
func TestTrainingIsSeenThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLearner(t, nil)
		stepped, goOn := make(chan bool), make(chan bool)
		l.trainer.Spoil = func(*lora.Artifact) error { stepped <- true; <-goOn; return nil }
		defer l.run()()
		l.shows("before", "")

		var started httpapi.TrainStarted
		time.Sleep(3 * time.Hour) // of practice
		l.call("POST", "/lora/train", `{"days_back":1}`, 202, &started)
		d := started.Data
		if d.Candidates == nil || d.Train == nil || *d.Candidates < 20 {
			t.Fatalf("what practice has: %+v", d)
		}
		if all := *d.Train + d.Dropped["duplicate"] + d.Dropped["distinct"]; all != *d.Candidates {
			t.Errorf("of %d candidates %d are told of: %+v", *d.Candidates, all, d)
		}
		l.call("POST", "/lora/train", `{}`, 409, nil)
		<-stepped
		var s httpapi.LoraStatus
		l.call("GET", "/lora/status?job_id="+started.Job.ID, "", 200, &s)
		if s.Status != "training" || s.Progress == nil || s.Progress.Loss != 0.5 {
			t.Errorf("while it trains: %s, %+v", s.Status, s.Progress)
		}
		if s.Examples == nil || *s.Examples < 10 {
			t.Error("while it trains, it has too few examples")
		}
		var status httpapi.SystemStatus
		l.call("GET", "/status", "", 200, &status)
		if text(status.Resting) == "" {
			t.Error("practice does not rest while it trains")
		}
		l.exports("while it trains", `pastime_training_running{stage="train",type="skill_practice"} 1`,
			`pastime_training_loss_nats{type="skill_practice"} 0.5`, `pastime_training_progress_ratio{type="skill_practice"} 1`,
			`pastime_adapter_serving{type="skill_practice"} 0`)
		close(goOn)
		for !s.Deployed && s.CompletedAt == nil {
			time.Sleep(time.Second)
			l.call("GET", "/lora/status?job_id="+started.Job.ID, "", 200, &s)
		}
		if s.Status != "completed" || text(s.Verdict) != "promote" || text(s.AdapterID) == "" {
			t.Fatalf("the training: %s, %s (%s) %s", s.Status, text(s.Verdict), text(s.Reason), text(s.Error))
		}
		l.shows("promoted", *s.AdapterID)
		var c httpapi.Comparison
		l.call("GET", "/lora/compare?baseline=base&candidate="+*s.AdapterID, "", 200, &c)
		if text(c.Verdict) != "promote" || c.Pairs == 0 || c.Watch {
			t.Errorf("the trial: %+v", c)
		}
		l.call("GET", "/lora/compare?watch=true", "", 200, &c)
		if c.Candidate != *s.AdapterID || !c.Watch || c.Verdict != nil {
			t.Errorf("the watch: %+v", c)
		}
		l.exports("promoted", `pastime_training_outcome{outcome="promoted",type="skill_practice"} 1`,
			`pastime_adapter_serving{type="skill_practice"} 1`, `pastime_trial_pairs{trial="watch",type="skill_practice"} `,
			`pastime_trial_difference_ratio{trial="trial",type="skill_practice"} `)

		var applied httpapi.Applied
		l.call("POST", "/lora/apply", `{"adapter_id":"base","hobby_type":"SKILL_PRACTICE"}`, 200, &applied)
		if text(applied.Was) != *s.AdapterID || applied.Adapter != nil {
			t.Errorf("rolled back: %+v", applied)
		}
		l.shows("rolled back", "")
		l.call("POST", "/lora/apply", `{"adapter_id":"`+*s.AdapterID+`"}`, 200, &applied)
		l.shows("applied again", *s.AdapterID)
	})
}

// nightly trains at three in the morning, UTC, and looks seldom.
func nightly(t *testing.T) func(*pastime.Options) {
	t.Helper()
	at3, err := cron.ParseStandard("CRON_TZ=UTC 0 3 * * *")
	if err != nil {
		t.Fatal(err)
	}
	return func(o *pastime.Options) {
		o.Hobby.PollEvery, o.Hobby.Interval, o.LoRA.Poll, o.LoRA.Schedule = time.Hour, 8*time.Hour, time.Hour, at3
		o.Subagent.DistributeEvery = -1
	}
}

var nights = flag.Int("nights", 6, "how many nights TestEachNight has; 30 take a quarter of a minute")

// TestEachNight: each night has one training, and says what came of it.
func TestEachNight(t *testing.T) {
	days := *nights
	if race.Enabled { // a race shows in the first of them
		days = 2
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLearner(t, nightly(t))
		begin := time.Now()
		stop := l.run()
		time.Sleep(time.Duration(days) * 24 * time.Hour)
		synctest.Wait()
		var s httpapi.LoraStatus
		l.call("GET", "/lora/status", "", 200, &s)
		came := map[string]int{}
		for i, j := range s.Jobs { // the newest first
			due := begin.Truncate(24 * time.Hour).Add(time.Duration(days-i)*24*time.Hour - 21*time.Hour)
			if j.CreatedAt.Sub(due) > time.Minute || j.CreatedAt.Before(due) {
				t.Errorf("training %d began at %v, want %v", len(s.Jobs)-i, j.CreatedAt, due)
			}
			why := text(j.Reason)
			if j.Deployed {
				why = "promoted"
			}
			if came[why]++; j.Status != "completed" || why == "" {
				t.Errorf("the night of %v: %s, %q %s", j.CreatedAt, j.Status, why, text(j.Error))
			}
		}
		if t.Log(came); len(s.Jobs) != days || came["promoted"] == 0 {
			t.Errorf("%d trainings in %d days: %v", len(s.Jobs), days, came)
		}
		stop()
	})
}

// TestTheWindowEndsATraining has a training that needs six hours, in nights of four, and
// in nights that may work for two and five minutes, in which no step ends: it works in the
// nights only, and practice goes on by day.
func TestTheWindowEndsATraining(t *testing.T) {
	for want, budget := range map[int]time.Duration{2: 0, 3: 2*time.Hour + 5*time.Minute} {
		if race.Enabled && budget > 0 {
			continue // a third night runs nothing that the first two do not
		}
		synctest.Test(t, func(t *testing.T) {
			l := newLearner(t, func(o *pastime.Options) {
				nightly(t)(o)
				o.LoRA.Budget, o.LoRA.Stall = budget, 24*time.Hour
			})
			worked := map[int]time.Duration{} // by day
			total := time.Duration(0)
			l.trainer.Before = func(ctx context.Context) error {
				for total < 6*time.Hour {
					select {
					case <-ctx.Done():
						return context.Cause(ctx)
					case <-time.After(10 * time.Minute):
					}
					now := time.Now().UTC()
					total += 10 * time.Minute
					worked[now.Day()] += 10 * time.Minute
					if h := now.Add(-time.Second).Hour(); h < 3 || h >= 7 {
						t.Errorf("it trains at %v", now)
					}
				}
				return nil
			}
			stop := l.run()
			time.Sleep(12 * time.Hour)
			var s httpapi.LoraStatus
			l.call("GET", "/lora/status", "", 200, &s)
			if s.Status != "pending" || s.Stage != "train" || s.Progress != nil {
				t.Errorf("at noon: %s, %s, %+v", s.Status, s.Stage, s.Progress)
			}
			var status httpapi.SystemStatus
			l.call("GET", "/status", "", 200, &status)
			if status.Resting != nil {
				t.Errorf("at noon practice rests: %s", *status.Resting)
			}
			for range 3 {
				time.Sleep(24 * time.Hour)
			}
			l.call("GET", "/lora/status?job_id="+s.ID, "", 200, &s)
			if !s.Deployed || len(worked) != want {
				t.Errorf("it worked on %v, want %d nights; %s: %s", worked, want, s.Status, text(s.Error))
			}
			stop()
		})
	}
}

// TestAnAdapterLearnsWhatPeoplePrefer has one person prefer one of two answers to a question,
// and one from outside to both: an adapter learns the first, and the one from outside in its
// place once that is accepted.
func TestAnAdapterLearnsWhatPeoplePrefer(t *testing.T) {
	for accepted, want := range map[bool]map[string]int{false: {"good": 1, "bad": 0, "news": 0}, true: {"good": 0, "bad": 0, "news": 1}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLearner(t, func(o *pastime.Options) { o.Hobby.Interval, o.Hobby.PollEvery = 24*time.Hour, time.Hour })
			defer l.run()()
			ctx := t.Context()
			l.reads()
			for id, stars := range map[string]string{"good": "4", "bad": "2", "news": "5"} {
				l.call("POST", "/feedback", `{"target_type":"insight","target_id":"`+id+`","rating":`+stars+`,"user_id":"ada"}`, 200, nil)
			}
			if accepted {
				if err := l.kit.Hobby.Accept(ctx, "news", "ada"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := l.kit.Adapters.RunOnce(ctx, lora.Request{Kind: hobby.SkillPractice}); err != nil {
				t.Fatal(err)
			}
			registry, err := adapters.New(ctx, l.kit.Store)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for id := range want {
				page, err := registry.Versions(ctx, lora.VersionFilter{Insight: id, Limit: 10})
				if err != nil {
					t.Fatal(err)
				}
				got[id] = len(page.Versions)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("accepted %v: the adapters that learned each (-want +got):\n%s", accepted, d)
			}
		})
	}
}

// reads stores a session with three answers to a question, one of them from outside.
func (l *learner) reads() {
	at := time.Now()
	s := hobby.Session{Activity: hobby.Activity{
		ID: "read", Plan: hobby.Plan{Kind: hobby.SkillPractice}, Status: hobby.Completed, Started: at, Ended: at,
	}}
	for id, text := range map[string]string{
		"good": "A sum of two odd numbers is even, so its last digit is one of 0, 2, 4, 6 and 8.",
		"bad":  "Many sums of numbers seem to come out even more often than people think they do.",
		"news": "Whoever adds up two odd numbers gets an even one, says the magazine of our school.",
	} {
		in := hobby.Insight{ID: id, Activity: "read", Kind: hobby.SkillPractice, At: at, Topic: "sums", Text: text, Confidence: 0.9}
		if id == "news" {
			in.Taint, in.Source = hobby.Untrusted, "magazine.md"
		}
		s.Insights = append(s.Insights, in)
	}
	if _, err := l.kit.Store.Commit(l.Context(), s, nil); err != nil {
		l.Fatal(err)
	}
}

// TestATrainingLearnsFromTheArchive has answers of two months ago, which were archived: a data
// set of 90 days has them, and none that came from a source that was forgotten since.
func TestATrainingLearnsFromTheArchive(t *testing.T) {
	l := newLearner(t, nil)
	defer func() {
		if err := l.kit.Close(); err != nil {
			t.Error(err)
		}
	}()
	exam := l.kit.Archive.Settings().Hobbies[0].Executor.(hobby.Examiner)
	old := time.Now().UTC().AddDate(0, 0, -60)
	for id, source := range map[string]string{"old": "", "forgotten": "secret.md"} {
		e, err := exam.Exam(t.Context(), hobby.ExamRequest{Purpose: id, Split: hobby.Practice, Tasks: 30})
		if err != nil {
			t.Fatal(err)
		}
		items, err := exam.Sit(t.Context(), l.student, hobby.Sitting{Tasks: e.Tasks})
		if err != nil {
			t.Fatal(err)
		}
		for i := range items {
			items[i].Activity, items[i].At, items[i].Source = id, old, source
		}
		a := hobby.Activity{
			ID: id, Status: hobby.Completed, Plan: hobby.Plan{Kind: hobby.SkillPractice}, Started: old, Ended: old.Add(time.Minute),
		}
		if _, err := l.kit.Store.Commit(t.Context(), hobby.Session{Activity: a, Items: items}, nil); err != nil {
			t.Fatal(err)
		}
	}
	learned := func(when string, want []string) {
		t.Helper()
		data, err := l.kit.Adapters.Dataset(t.Context(), lora.Request{DaysBack: 90})
		if err != nil {
			t.Fatal(err)
		}
		from := map[string]bool{}
		for _, r := range data.Rows {
			for _, a := range r.Activities {
				from[a] = true
			}
		}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(from))); diff != "" {
			t.Errorf("%s, a data set is from (-want +got):\n%s", when, diff)
		}
	}
	learned("before it is archived", []string{"forgotten", "old"})
	if r, err := l.kit.Archive.RunOnce(t.Context(), archive.Request{}); err != nil || r.Pruned != 2 {
		t.Fatalf("archiving: %+v, %v", r, err)
	}
	learned("archived", []string{"forgotten", "old"})
	if _, err := l.kit.Store.Forget(t.Context(), "secret.md"); err != nil {
		t.Fatal(err)
	}
	learned("archived and forgotten", []string{"old"})
}
