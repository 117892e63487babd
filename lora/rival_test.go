package lora_test

import (
	"context"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// examiner is one that is wrong.
type examiner struct {
	hobby.Executor
	hobby.Examiner
	twice, silent bool
}

// Exam lists the first task twice.
func (e *examiner) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	all, err := e.Examiner.Exam(ctx, r)
	if e.twice && r.Split == hobby.HeldOut {
		all.Tasks = append(all.Tasks, all.Tasks[0])
	}
	return all, err
}

// Sit drops what an adapter answers at the level that it has unlearned.
func (e *examiner) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) (kept []hobby.Item, err error) {
	all, err := e.Examiner.Sit(ctx, m, s)
	for _, it := range all {
		if !e.silent || s.Adapter == "" || it.Level == 1 {
			kept = append(kept, it)
		}
	}
	return kept, err
}

// An examiner that repeats tasks, or loses answers, promotes nothing.
func TestAWrongExaminer(t *testing.T) {
	for want, wrong := range map[string]examiner{
		"comes twice": {twice: true},
		"are missing": {silent: true},
	} {
		s := newSchool(t)
		p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.95, 0.1}}, func(o *lora.Options) {
			h := &o.Hobbies[0]
			wrong.Executor, wrong.Examiner = h.Executor, h.Executor.(hobby.Examiner)
			h.Executor = &wrong
		})
		run, err := p.RunOnce(t.Context(), lora.Request{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if said := run.State.Reason + run.Job.Err; !strings.Contains(said, want) {
			t.Errorf("it ended with %q, %q; want %q", run.State.Verdict, said, want)
		}
		s.serves(p, "")
	}
}

// A champion that somebody chose meanwhile stays: the candidate was not tried against it.
func TestTheChampionChanges(t *testing.T) {
	s := newSchool(t)
	first, err := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.95, 0.8}}, nil).RunOnce(t.Context(), lora.Request{Seed: 1})
	if err != nil || first.State.Version == "" {
		t.Fatalf("%s %s, %v", first.Job.Status, first.Job.Err, err)
	}
	var p *lora.Pipeline
	p = s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.97, 1}}, func(o *lora.Options) {
		o.Progress = func(g lora.Progress) {
			if g.Stage == lora.StageDeploy && p.Champion(hobby.SkillPractice) == "" {
				if _, err := p.Apply(t.Context(), hobby.SkillPractice, first.State.Version, true); err != nil {
					t.Error(err)
				}
			}
		}
	})
	run, err := p.RunOnce(t.Context(), lora.Request{Seed: 2})
	if err != nil || run.State.Verdict != lora.Promote || run.State.Deployed || run.State.Reason != lora.ReasonChanged {
		t.Errorf("%s %s: %q (%s), %v", run.Job.Status, run.Job.Err, run.State.Verdict, run.State.Reason, err)
	}
	s.serves(p, first.State.Version)
}

// A candidate of another shape starts from the base. What the champion can do is known.
func TestAChampionOfAnotherShape(t *testing.T) {
	s := newSchool(t)
	for i, rank := range []int{8, 16} {
		p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9 + float64(i)/20, 1}}, nil)
		run, err := p.RunOnce(t.Context(), lora.Request{Seed: uint64(i + 1), Recipe: lora.Recipe{Config: lora.Config{Rank: rank}}})
		if err != nil || len(run.State.Levels) == 0 {
			t.Fatalf("%s %s, %v", run.Job.Status, run.Job.Err, err)
		}
		if i == 0 {
			if !run.State.Deployed {
				t.Fatalf("the first night: %q (%s)", run.State.Verdict, run.State.Reason)
			}
			continue
		}
		if l := run.State.Levels[0]; run.State.From != "" || l.Base > 0.6 || l.Champion < 0.7 {
			t.Errorf("from %q, %+v", run.State.From, l)
		}
	}
}

// A run that is cancelled while its trial goes on leaves no trial open, and no candidate.
func TestATrialThatIsCancelled(t *testing.T) {
	s := newSchool(t)
	var p *lora.Pipeline
	p = s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.46, 1}}, func(o *lora.Options) {
		o.Progress = func(g lora.Progress) {
			if g.Trial != nil {
				if err := p.Cancel(t.Context(), g.Job); err != nil {
					t.Error(err)
				}
			}
		}
	})
	run, err := p.RunOnce(t.Context(), lora.Request{Seed: 1, Recipe: lora.Recipe{Rise: -1}})
	if err != nil || run.Job.Status != hobby.JobCancelled {
		t.Fatalf("%s %s: %q (%s), %v", run.Job.Status, run.Job.Err, run.State.Verdict, run.State.Reason, err)
	}
	page, err := s.store.Trials(t.Context(), lora.TrialFilter{Job: run.Job.ID})
	if err != nil || len(page.Trials) != 1 || page.Trials[0].Verdict != lora.Inconclusive || page.Trials[0].Pairs == 0 {
		t.Errorf("its trials: %+v, %v", page.Trials, err)
	}
	all, err := s.store.Aliases(t.Context())
	if err != nil || all[hobby.SkillPractice][lora.Candidate] != "" {
		t.Errorf("the aliases: %v, %v", all, err)
	}
	s.serves(p, "")
}
