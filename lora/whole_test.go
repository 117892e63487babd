package lora_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// others asks for a number in another kind. The base knows it.
type others struct{ loratest.Numbers }

func (others) Info() hobby.Family { return hobby.Family{Name: "others", Levels: 1} }

func (o others) Generate(r *rand.Rand, level int) practice.Task {
	task := o.Numbers.Generate(r, level)
	task.Messages = []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprint("other: say ", task.Reference)}}
	return task
}

// TestTheAgentAsAWhole has an adapter that earned its kind be tried on all kinds: one that
// harms another kind serves its own and not the agent; one that harms none serves both, and
// is watched on all kinds.
func TestTheAgentAsAWhole(t *testing.T) {
	for _, harms := range []bool{true, false} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := schoolIn(t, dir)
			var harm atomic.Bool
			harm.Store(harms)
			answer := s.student.Reply
			s.student.Reply = func(ctx context.Context, r hobby.Request) (string, error) {
				number, ok := strings.CutPrefix(r.Messages[0].Content, "other: say ")
				switch {
				case !ok:
					return answer(ctx, r)
				case r.Adapter != "" && harm.Load():
					return "I don't know", nil
				}
				return number, nil
			}
			suite, err := practice.NewSuite(others{})
			if err != nil {
				t.Fatal(err)
			}
			p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.95, 1}}, func(o *lora.Options) {
				o.Hobbies = append(o.Hobbies, practice.Drill(hobby.ToolMastery, s.student, suite, nil))
				o.Schedule, o.Window = daily{}, 4*time.Hour
			})
			if err := p.Slots()[0].Run(t.Context(), hobby.SlotRun{}); err != nil {
				t.Fatal(err)
			}
			id := p.Champion(hobby.SkillPractice)
			if id == "" {
				t.Fatal("the kind has no champion")
			}
			run, err := p.Status(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			type last struct {
				Whole, Deployed bool
				Version, Err    string
			}
			got := last{run.Request.Whole, run.State.Deployed, run.State.Version, run.Job.Err}
			if d := cmp.Diff(last{Whole: true, Deployed: !harms, Version: id}, got); d != "" {
				t.Fatalf("harm %v: the night's last run (-want +got):\n%s", harms, d)
			}
			s.answered(run.Job.ID, id)
			if _, err := p.Apply(t.Context(), "", id, false); errors.Is(err, lora.ErrVerdict) != harms {
				t.Errorf("harm %v: by hand: %v", harms, err)
			}
			again, err := p.RunOnce(t.Context(), lora.Request{Whole: true})
			if err != nil || again.State.Reason != lora.ReasonNothingNew {
				t.Errorf("once more: %+v, %v", again, err)
			}
			if harms {
				if p.Champion("") != "" || run.State.Verdict == "" || run.State.Verdict == lora.Promote {
					t.Errorf("%q serves: %s (%s)", p.Champion(""), run.State.Verdict, run.State.Reason)
				}
				return
			}
			if p.Champion("") != id {
				t.Fatalf("%q serves the agent as a whole, want %q", p.Champion(""), id)
			}
			harm.Store(true)
			ctx, cancel := context.WithTimeout(t.Context(), 40*time.Hour)
			defer cancel()
			if err := p.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if p.Champion("") != "" || p.Champion(hobby.SkillPractice) != id {
				t.Errorf("once it harms, %q serves the agent and %q the kind; want the base, and %q",
					p.Champion(""), p.Champion(hobby.SkillPractice), id)
			}
		})
	}
}

// answered checks that the answers of a trial for all kinds are known under the candidate's
// key, those of each kind as a session of its own.
func (s *school) answered(job, candidate string) {
	s.Helper()
	page, err := s.store.Trials(s.Context(), lora.TrialFilter{Job: job})
	if err != nil || len(page.Trials) == 0 {
		s.Fatalf("%d trials, %v", len(page.Trials), err)
	}
	with, err := s.student.InfoWith(s.Context(), candidate)
	if err != nil {
		s.Fatal(err)
	}
	took := page.Trials[0].Ended.Sub(page.Trials[0].Started)
	for _, k := range []hobby.Kind{hobby.SkillPractice, hobby.ToolMastery} {
		told, err := s.sql.Activity(s.Context(), "trial-"+job+"-"+string(k))
		if err != nil {
			s.Error(err)
			continue
		}
		a := &told.Activity
		took -= a.Ended.Sub(a.Started)
		if !slices.Contains(page.Trials[0].Activities, a.ID) || a.Plan.Kind != k || a.ModelKey != with.Key || len(told.Items) < 10 {
			s.Errorf("the trial's activities are %v, and one with %d answers is %+v", page.Trials[0].Activities, len(told.Items), a)
		}
		for _, i := range told.Items {
			if i.ModelKey != with.Key || i.Split != hobby.HeldOut {
				s.Errorf("an answer of %s to a task of %s", i.ModelKey, i.Split)
				break
			}
		}
		tallies, _, err := s.sql.Tallies(s.Context(), hobby.TallyFilter{})
		tries := int64(0)
		for _, t := range tallies {
			if t.Kind == k && t.ModelKey == with.Key && t.Split == hobby.HeldOut {
				tries += t.Tries
			}
		}
		if err != nil || tries < int64(len(told.Items)) {
			s.Errorf("%d answers of %s are counted, of %d, %v", tries, k, len(told.Items), err)
		}
	}
	if took.Abs() > time.Second {
		s.Errorf("the sessions last %v less than the trial", took)
	}
}
