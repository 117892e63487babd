package lora_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// promoted has a night that makes a champion.
func (s *school) promoted(seed uint64) string {
	s.Helper()
	run, err := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, nil).RunOnce(s.Context(), lora.Request{Seed: seed})
	if err != nil || !run.State.Deployed {
		s.Fatalf("%s %s: %q (%s), %v", run.Job.Status, run.Job.Err, run.State.Verdict, run.State.Reason, err)
	}
	return run.State.Version
}

// serve has a new process serve for a while.
func (s *school) serve(d time.Duration, change func(*lora.Options)) {
	s.Helper()
	p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, func(o *lora.Options) {
		if o.Poll = time.Hour; change != nil {
			change(o)
		}
	})
	ctx, cancel := context.WithTimeout(s.Context(), d)
	defer cancel()
	if err := p.Run(ctx); err != nil {
		s.Fatal(err)
	}
}

// watches lists the watches, the last begun first.
func (s *school) watches() []lora.Trial {
	s.Helper()
	yes := true
	page, err := s.store.Trials(s.Context(), lora.TrialFilter{Watch: &yes})
	if err != nil {
		s.Fatal(err)
	}
	return page.Trials
}

// rot makes what an adapter's file holds worse, for all processes to come.
func (s *school) rot(id string, skills loratest.Abilities) {
	s.Helper()
	s.student = loratest.NewStudent()
	s.student.Rotten = map[string]loratest.Abilities{filepath.Join(s.dir, "adapters", id): skills}
}

// TestWatch watches a champion, across restarts, that stays as good as its trial has
// found it, and ones that become worse.
func TestWatch(t *testing.T) {
	for name, c := range map[string]struct {
		skills loratest.Abilities
		worse  bool
	}{
		"stays":                 {loratest.Abilities{0.9, 1}, false},
		"becomes worse":         {loratest.Abilities{0.2, 1}, true},
		"loses another level":   {loratest.Abilities{0.9, 0.5}, true},
		"no better than before": {loratest.Abilities{0.4, 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := schoolIn(t, dir)
				id := s.promoted(1)
				s.rot(id, c.skills)
				s.serve(2*time.Hour, nil) // one exam is due
				first := s.watches()
				if len(first) != 1 || first[0].Pairs != 60 || first[0].Candidate != id || first[0].Baseline != "" {
					t.Fatalf("after two hours: %+v", first)
				}
				s.rot(id, c.skills) // another process, which knows nothing of it
				s.serve(80*time.Hour, nil)
				all := s.watches()
				if len(all) != 1 || all[0].ID != first[0].ID || all[0].Ended.IsZero() {
					t.Fatalf("after 82 hours: %+v", all)
				}
				w := all[0]
				if c.worse != (w.Verdict == lora.Rollback) || !c.worse && w.Pairs != 720 {
					t.Errorf("the watch ended with %q (%s) after %d pairs", w.Verdict, w.Why, w.Pairs)
				}
				if name == "stays" && w.Verdict != lora.Promote {
					t.Errorf("a champion that stays better: %q (%s)", w.Verdict, w.Why)
				}
				champion := id
				if c.worse {
					champion = ""
				}
				s.stored(champion)
				v, err := s.store.Version(t.Context(), id)
				if err != nil || (v.Verdict == lora.Rollback) != c.worse {
					t.Errorf("the version's verdict is %q, %v", v.Verdict, err)
				}
				s.examined(w)
			})
		})
	}
}

// examined checks that the pairs of a watch are of different held-out tasks, and that the
// champion's answers are known.
func (s *school) examined(w lora.Trial) {
	s.Helper()
	seen := map[hobby.TaskID]bool{}
	for {
		pairs, err := s.store.Pairs(s.Context(), w.ID, len(seen), 1000)
		if err != nil {
			s.Fatal(err)
		}
		if len(pairs) == 0 {
			break
		}
		for _, p := range pairs {
			if seen[p.Task] {
				s.Fatalf("%v was asked twice", p.Task)
			}
			seen[p.Task] = true
		}
	}
	if len(seen) != w.Pairs || w.Wins+w.Losses+w.Ties != w.Pairs {
		s.Errorf("%d tasks, and %d pairs: %d wins, %d losses, %d ties", len(seen), w.Pairs, w.Wins, w.Losses, w.Ties)
	}
	page, err := s.sql.Items(s.Context(), hobby.ItemFilter{Kind: w.Kind, Split: hobby.HeldOut, Since: w.Started, Limit: 1000})
	stored := 0
	for _, it := range page.Items {
		if strings.HasPrefix(it.Activity, "watch-") && it.Adapter == w.Candidate {
			stored++
		}
	}
	if err != nil || stored != w.Pairs {
		s.Errorf("%d answers of the champion are stored, %v; want %d", stored, err, w.Pairs)
	}
}

// TestAWatchWaitsForItsProgram has a program that is off for days after a promotion, and
// again within the watch: each exam is sat all the same.
func TestAWatchWaitsForItsProgram(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		s.rot(s.promoted(1), loratest.Abilities{0.9, 1})
		for i, want := range []int{60, 720} {
			time.Sleep(100 * time.Hour)
			s.serve(time.Duration(2+12*i)*time.Hour, nil) // it looks every hour
			all := s.watches()
			if len(all) != 1 || all[0].Pairs != want || all[0].Ended.IsZero() != (i == 0) {
				t.Fatalf("want a watch of %d pairs: %+v", want, all)
			}
		}
	})
}

// TestAWrongClock has a watch that began in the future, by a clock that was wrong: it does
// not wait for that time.
func TestAWrongClock(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		s.rot(s.promoted(1), loratest.Abilities{0.9, 1})
		s.serve(2*time.Hour, nil)
		w := s.watches()[0]
		w.Started = w.Started.AddDate(10, 0, 0)
		if err := s.store.PutTrial(t.Context(), w, nil, nil, nil); err != nil {
			t.Fatal(err)
		}
		s.serve(14*time.Hour, nil)
		if w := s.watches()[0]; w.Pairs != 720 || w.Ended.IsZero() {
			t.Errorf("the watch: %+v", w)
		}
	})
}

// TestTwoProcessesWatch has two processes that watch the same champion at the same time:
// each exam counts once, and neither complains, though their answers differ.
func TestTwoProcessesWatch(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		s.rot(s.promoted(1), loratest.Abilities{0.9, 1})
		var asked atomic.Int64
		answer := s.student.Reply
		s.student.Reply = func(ctx context.Context, r hobby.Request) (string, error) {
			if asked.Add(1)%19 == 0 {
				return "I forgot", nil
			}
			return answer(ctx, r)
		}
		var said bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&said, nil))
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { s.serve(100*time.Hour, func(o *lora.Options) { o.Logger = logger }) })
		}
		both.Wait()
		all := s.watches()
		if len(all) != 1 || all[0].Pairs != 720 || all[0].Verdict != lora.Promote {
			t.Fatalf("the watch: %+v", all)
		}
		s.examined(all[0])
		if said.Len() > 0 {
			t.Errorf("they say: %s", said.String())
		}
	})
}

// TestApplyDuringADeployment has a person bring the base back while the adapter that is
// about to serve is proved: what the person wants stands.
func TestApplyDuringADeployment(t *testing.T) {
	s := newSchool(t)
	first, err := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.65, 1}}, nil).RunOnce(t.Context(), lora.Request{Seed: 1})
	if err != nil || !first.State.Deployed {
		t.Fatalf("%s %s: %s, %v", first.Job.Status, first.Job.Err, first.State.Reason, err)
	}
	var p *lora.Pipeline
	var deploying atomic.Bool
	p = s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.99, 1}}, func(o *lora.Options) {
		o.Progress = func(g lora.Progress) { deploying.Store(g.Stage == lora.StageDeploy) }
	})
	answer := s.student.Reply
	s.student.Reply = func(ctx context.Context, r hobby.Request) (string, error) {
		if deploying.CompareAndSwap(true, false) {
			if _, err := p.Apply(ctx, hobby.SkillPractice, "base", false); err != nil {
				t.Error(err)
			}
		}
		return answer(ctx, r)
	}
	run, err := p.RunOnce(t.Context(), lora.Request{Seed: 2})
	if err != nil || run.State.Verdict != lora.Promote || run.State.Deployed || run.State.Reason != lora.ReasonChanged {
		t.Errorf("the run: %s %s, %q (%s), %v", run.Job.Status, run.Job.Err, run.State.Verdict, run.State.Reason, err)
	}
	s.serves(p, "")
}

// After a champion was rolled back the nights of the schedule make no other one for a
// while. A person may.
func TestCooldown(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		s.rot(s.promoted(1), loratest.Abilities{0, 0})
		s.serve(2*time.Hour, nil)
		s.stored("")
		night := func(r lora.Request) lora.Run {
			t.Helper()
			run, err := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, nil).RunOnce(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			return run
		}
		if run := night(lora.Request{Seed: 2, IfNew: true}); run.State.Reason != lora.ReasonCooling || run.State.Deployed {
			t.Errorf("a night in the cool-down: %+v", run.State)
		}
		if run := night(lora.Request{Seed: 3}); !run.State.Deployed {
			t.Errorf("a run that a person asks for: %q (%s)", run.State.Verdict, run.State.Reason)
		}
		time.Sleep(48 * time.Hour)
		if run := night(lora.Request{Seed: 4, IfNew: true}); run.State.Reason == lora.ReasonCooling {
			t.Errorf("a night after the cool-down: %q", run.State.Reason)
		}
	})
}

// What a person insists on, and what is back after a rollback, is not watched.
func TestWhatIsNotWatched(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		id := s.promoted(1)
		p := s.pipeline(&loratest.Teacher{}, nil)
		for _, v := range []string{"base", id} {
			if _, err := p.Apply(t.Context(), hobby.SkillPractice, v, true); err != nil {
				t.Fatal(err)
			}
		}
		s.rot(id, loratest.Abilities{0, 0})
		s.serve(100*time.Hour, nil)
		s.stored(id)
		if all := s.watches(); len(all) > 0 {
			t.Errorf("it was watched: %+v", all)
		}
	})
}
