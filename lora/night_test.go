package lora_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

var everyStage = flag.Bool("every-stage", false, "interrupts and kills a run in every stage")

// school is a store and a student, with a pipeline for each night.
type school struct {
	*testing.T
	dir     string
	sql     *sqlite.Store
	store   *adapters.Registry
	student *loratest.Student
	full    *fullStore // in the place of store, unless nil
}

func newSchool(t *testing.T) *school { return schoolIn(t, t.TempDir()) }

func schoolIn(t *testing.T, dir string) *school {
	s := &school{T: t, dir: dir, student: loratest.NewStudent()}
	s.open()
	return s
}

func (s *school) open() {
	s.Helper()
	var err error
	if s.sql, err = sqlite.Open(s.Context(), filepath.Join(s.dir, "agent.db"), nil); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = s.sql.Close() })
	if s.store, err = adapters.New(s.Context(), s.sql); err != nil {
		s.Fatal(err)
	}
}

// hobby is what the student practises.
func (s *school) hobby() hobby.Hobby {
	s.Helper()
	suite, err := practice.NewSuite(loratest.Numbers{})
	if err != nil {
		s.Fatal(err)
	}
	return practice.Skills(s.student, suite, nil)
}

func (s *school) pipeline(t lora.Trainer, change func(*lora.Options)) *lora.Pipeline {
	s.Helper()
	o := &lora.Options{
		Hobbies: []hobby.Hobby{s.hobby()}, Model: s.student, Dir: filepath.Join(s.dir, "adapters"),
		Recipe: lora.Recipe{Probe: 80, Again: 40, Rounds: 2, Tasks: 40, Samples: 4},
		Trial:  lora.TrialOptions{MostPairs: 400, GuardTasks: 200},
	}
	if change != nil {
		change(o)
	}
	var store lora.Store = s.store
	if s.full != nil {
		s.full.Store, store = s.store, s.full
	}
	p, err := lora.New(store, s.sql, t, o)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// TestNights has nights that go well and nights that go wrong in every way that can be
// scripted. Only the good one makes a champion; what it was, and that it says why, is
// looked at; the night after a bad one is a good one.
func TestNights(t *testing.T) {
	for name, c := range map[string]struct {
		skills  loratest.Abilities
		spoil   func(*lora.Artifact) error
		verdict lora.Verdict
		status  hobby.JobStatus
		err     error
		hangs   bool
	}{
		"better":       {skills: loratest.Abilities{0.9, 1}, verdict: lora.Promote, status: hobby.JobCompleted},
		"a bit worse":  {skills: loratest.Abilities{0.46, 0.6}, verdict: lora.Rollback, status: hobby.JobCompleted},
		"does nothing": {skills: loratest.Abilities{0.4, 1}, status: hobby.JobFailed, err: lora.ErrInert},
		"unlearns":     {skills: loratest.Abilities{0.95, 0.8}, verdict: lora.Rollback, status: hobby.JobCompleted},
		"another base": {
			skills: loratest.Abilities{0.9, 1}, status: hobby.JobFailed, err: lora.ErrBase,
			spoil: func(a *lora.Artifact) error {
				a.Base = "x"
				return nil
			},
		},
		"no number": {
			skills: loratest.Abilities{0.9, 1}, status: hobby.JobFailed, err: lora.ErrDiverged,
			spoil: func(a *lora.Artifact) error {
				a.Loss = math.NaN()
				return nil
			},
		},
		"another file": {
			skills: loratest.Abilities{0.9, 1}, status: hobby.JobFailed, err: lora.ErrDamaged,
			spoil: func(a *lora.Artifact) error {
				return os.WriteFile(filepath.Join(a.Dir, "adapter_model.safetensors"), nil, 0o600)
			},
		},
		"lies: no loss": {
			skills: loratest.Abilities{0.2, 1}, status: hobby.JobCompleted, verdict: lora.Rollback,
			spoil: func(a *lora.Artifact) error {
				a.Loss = 0
				return nil
			},
		},
		"hangs":  {skills: loratest.Abilities{0.9, 1}, status: hobby.JobFailed, err: errors.New("no step for too long"), hangs: true},
		"panics": {status: hobby.JobFailed, err: errors.New("panic in the trainer"), spoil: func(*lora.Artifact) error { panic("a bug") }},
		"disk full": {
			skills: loratest.Abilities{0.9, 1}, status: hobby.JobFailed, err: errFull,
			spoil: func(*lora.Artifact) error { return errFull },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSchool(t)
			bad := &loratest.Teacher{Skills: c.skills, Spoil: c.spoil}
			if c.hangs {
				bad.Before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
			}
			p := s.pipeline(bad, func(o *lora.Options) {
				if o.Recipe.Rounds = 1; c.hangs {
					o.Stall = time.Millisecond
				}
			})
			run, err := p.RunOnce(t.Context(), lora.Request{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			ok := run.State.Verdict == c.verdict || c.verdict == lora.Rollback && run.State.Verdict == lora.Futile
			if run.Job.Status != c.status || !ok {
				t.Errorf("the run is %s (%s) with %q (%s); want %s with %q",
					run.Job.Status, run.Job.Err, run.State.Verdict, run.State.Reason, c.status, c.verdict)
			}
			if c.err != nil && !strings.Contains(run.Job.Err, c.err.Error()) {
				t.Errorf("the run says %q; want %q", run.Job.Err, c.err)
			}
			champion := ""
			if c.verdict == lora.Promote {
				champion = run.State.Version
			}
			s.serves(p, champion)
			if champion != "" {
				s.measured(champion)
				return
			}
			good, err := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.97, 1}}, nil).RunOnce(t.Context(), lora.Request{Seed: 2})
			if err != nil || !good.State.Deployed {
				t.Errorf("the night after: %s %s, %q (%s), %v", good.Job.Status, good.Job.Err, good.State.Verdict, good.State.Reason, err)
			}
		})
	}
}

// TestForgottenWhileTraining forgets the source of the tasks once they are learned: the
// version is marked, and does not serve.
func TestForgottenWhileTraining(t *testing.T) {
	s := newSchool(t)
	suite, err := practice.NewSuite(loratest.Numbers{Source: "notes.md"})
	if err != nil {
		t.Fatal(err)
	}
	p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}, Before: func(ctx context.Context) error {
		_, err := s.sql.Forget(ctx, "notes.md")
		return err
	}}, func(o *lora.Options) { o.Hobbies = []hobby.Hobby{practice.Skills(s.student, suite, nil)} })
	run, err := p.RunOnce(t.Context(), lora.Request{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.Touched(t.Context(), "notes.md")
	if err != nil || len(all) != 1 || all[0].Forgotten.IsZero() {
		t.Errorf("versions of the source: %+v, %v; want one that is marked (the run is %s: %s)", all, err, run.Job.Status, run.Job.Err)
	}
	s.serves(p, "")
	nowhere(t, filepath.Join(s.dir, "adapters", "jobs", run.Job.ID), "level 1: say")
}

var errFull = errors.New("no space left on device")

// serves checks what serves, in this process and for others.
func (s *school) serves(p *lora.Pipeline, want string) {
	s.Helper()
	if got := p.Champion(hobby.SkillPractice); got != want {
		s.Errorf("%q serves, want %q", got, want)
	}
	s.stored(want)
}

// stored checks what serves by the store.
func (s *school) stored(want string) {
	s.Helper()
	all, err := s.store.Aliases(s.Context())
	if err != nil || all[hobby.SkillPractice][lora.Champion] != want {
		s.Errorf("the store says that %q serves, want %q; %v", all[hobby.SkillPractice][lora.Champion], want, err)
	}
}

// measured checks that the trial's answers are known under the champion's key.
func (s *school) measured(id string) {
	s.Helper()
	info, err := s.student.InfoWith(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	tallies, _, err := s.sql.Tallies(s.Context(), hobby.TallyFilter{})
	tries := int64(0)
	for _, t := range tallies {
		if t.ModelKey == info.Key && t.Split == hobby.HeldOut {
			tries += t.Tries
		}
	}
	if err != nil || tries < 200 {
		s.Errorf("%d held-out answers are known of the champion, %v; want those of its trial", tries, err)
	}
}

// A run whose process ends in any stage goes on where it was, and makes the same.
func TestARunGoesOn(t *testing.T) {
	whole := newSchool(t)
	want, err := whole.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, nil).RunOnce(t.Context(), lora.Request{Seed: 7})
	if err != nil || !want.State.Deployed {
		t.Fatalf("%s %s: %q (%s), %v", want.Job.Status, want.Job.Err, want.State.Verdict, want.State.Reason, err)
	}
	stages := []string{lora.StageTrain, lora.StageTrial}
	if *everyStage {
		stages = append(stages, lora.StageChoose, lora.StageSample, lora.StageMeasure, lora.StageProve, lora.StageDeploy)
	}
	for _, stage := range stages {
		t.Run(stage, func(t *testing.T) {
			s := newSchool(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, func(o *lora.Options) {
				o.Progress = func(g lora.Progress) {
					if g.Stage == stage {
						cancel()
					}
				}
			})
			if stage == lora.StageChoose {
				cancel()
				if _, err := p.Start(t.Context(), lora.Request{Seed: 7}); err != nil {
					t.Fatal(err)
				}
			} else if run, err := p.RunOnce(ctx, lora.Request{Seed: 7}); !errors.Is(err, context.Canceled) {
				t.Fatalf("the end of the context in %s: %s, %v", stage, run.Job.Status, err)
			}
			s.student = loratest.NewStudent() // a new process has loaded nothing
			_ = s.sql.Close()
			s.open()
			got := s.rest()
			if !got.State.Deployed {
				t.Fatalf("interrupted in %s: %s %s, %q (%s)", stage, got.Job.Status, got.Job.Err, got.State.Verdict, got.State.Reason)
			}
			if a, b := got.State.Rounds[1].Digest, want.State.Rounds[1].Digest; a != b {
				t.Errorf("interrupted in %s, the second round learns from %s, in one go from %s", stage, a, b)
			}
		})
	}
}

// A run whose process is killed in any stage is carried out by the next one.
func TestAKilledRunGoesOn(t *testing.T) {
	if dir := os.Getenv("PASTIME_NIGHT"); dir != "" { // the process that is killed
		s := schoolIn(t, dir)
		p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, func(o *lora.Options) {
			o.Progress = func(g lora.Progress) { fmt.Println("stage", g.Stage) }
		})
		_, err := p.RunOnce(t.Context(), lora.Request{Seed: 7})
		t.Fatalf("it was not killed: %v", err)
	}
	if !*everyStage {
		t.Skip("needs -every-stage")
	}
	for _, stage := range []string{
		lora.StageSample, lora.StageTrain, lora.StageMeasure, lora.StageProve, lora.StageTrial, lora.StageDeploy,
	} {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestAKilledRunGoesOn$")
		cmd.Env = append(os.Environ(), "PASTIME_NIGHT="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		reached := false
		for lines := bufio.NewScanner(out); !reached && lines.Scan(); {
			reached = lines.Text() == "stage "+stage
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if !reached {
			t.Fatalf("the other process has not reached %s", stage)
		}
		s := schoolIn(t, dir)
		run := s.rest()
		if !run.State.Deployed {
			t.Errorf("killed in %s: %s %s, %q (%s)", stage, run.Job.Status, run.Job.Err, run.State.Verdict, run.State.Reason)
		}
		_ = s.sql.Close()
	}
}

// rest carries out the run that is open, to its end.
func (s *school) rest() lora.Run {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, func(o *lora.Options) {
		o.Poll = time.Millisecond
		o.Progress = func(g lora.Progress) {
			if j, err := s.store.Job(s.Context(), g.Job); err == nil && j.Status.Ended() {
				cancel()
			}
		}
	})
	before, err := p.Status(s.Context(), "")
	if err == nil && before.Job.Status.Ended() { // before the other process was killed: nothing has followed here
		s.stored(before.State.Version)
		return before
	}
	if err := p.Run(ctx); err != nil {
		s.Fatal(err)
	}
	run, err := p.Status(s.Context(), "")
	if err != nil {
		s.Fatal(err)
	}
	s.serves(p, run.State.Version)
	return run
}

// A night on which nothing is new says so.
func TestNothingNew(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, nil)
	for i, want := range []string{"", lora.ReasonNothingNew} {
		run, err := p.RunOnce(t.Context(), lora.Request{IfNew: true})
		if err != nil || run.Job.Status != hobby.JobCompleted || want != "" && run.State.Reason != want || (want == "") != run.State.Deployed {
			t.Errorf("night %d: %s %q %s, %v", i+1, run.Job.Status, run.State.Reason, run.Job.Err, err)
		}
	}
}

// Apply needs a verdict, or force; and never a damaged adapter.
func TestApply(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.95, 0.8}}, nil)
	run, err := p.RunOnce(t.Context(), lora.Request{Seed: 1})
	if err != nil || run.State.Version == "" {
		t.Fatalf("%s %s, %v", run.Job.Status, run.Job.Err, err)
	}
	id, k := run.State.Version, hobby.SkillPractice
	if _, err := p.Apply(t.Context(), k, id, false); !errors.Is(err, lora.ErrVerdict) {
		t.Errorf("a version that was not promoted: %v; want ErrVerdict", err)
	}
	s.serves(p, "")
	weak := lora.Version{Kind: k, Base: "b", Data: "d", Artifact: lora.Artifact{Digest: "a"}} // a champion that is worse than the base
	if weak, err = s.store.PutVersion(t.Context(), weak, lora.Lineage{}, nil); err != nil {
		t.Fatal(err)
	}
	won := lora.Trial{
		ID: "won", Kind: k, Candidate: id, Baseline: weak.ID, Job: run.Job.ID, Started: time.Now(), Ended: time.Now(), Verdict: lora.Promote,
	}
	if err := s.store.PutTrial(t.Context(), won, nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []hobby.Kind{k, ""} {
		if _, err := p.Apply(t.Context(), kind, id, false); !errors.Is(err, lora.ErrVerdict) {
			t.Errorf("a version that lost against the base, for %q: %v; want ErrVerdict", kind, err)
		}
	}
	s.serves(p, "")
	if a, err := p.Apply(t.Context(), k, id, true); err != nil || a.Proof == nil || a.Proof.Differs == 0 {
		t.Errorf("by force: %+v, %v", a, err)
	}
	s.serves(p, id)
	if _, err := p.Apply(t.Context(), k, "base", false); err != nil {
		t.Error(err)
	}
	s.serves(p, "")
	v, err := s.store.Version(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(v.Artifact.Dir, "adapter_model.safetensors"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Apply(t.Context(), k, id, true); !errors.Is(err, lora.ErrDamaged) {
		t.Errorf("a damaged version by force: %v; want ErrDamaged", err)
	}
	s.serves(p, "")
	if trial, err := p.Compare(t.Context(), id, "base"); err != nil || trial.Verdict != lora.Rollback {
		t.Errorf("its trial: %+v, %v", trial, err)
	}
}

// lateStore does something between reading what serves and saying it.
type lateStore struct {
	lora.Store
	late atomic.Pointer[func()]
}

func (l *lateStore) Aliases(ctx context.Context) (map[hobby.Kind]map[lora.Alias]string, error) {
	all, err := l.Store.Aliases(ctx)
	if do := l.late.Swap(nil); do != nil {
		(*do)()
	}
	return all, err
}

// A flip of this process is newer than what was read of the store before it.
func TestAFlipIsNotTakenBack(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		champion := s.promoted(1)
		store := &lateStore{Store: s.store}
		p, err := lora.New(store, s.sql, &loratest.Teacher{}, &lora.Options{
			Hobbies: []hobby.Hobby{s.hobby()}, Model: s.student, Dir: filepath.Join(dir, "adapters"), Poll: time.Hour,
			Trial: lora.TrialOptions{Watch: -1},
		})
		if err != nil {
			t.Fatal(err)
		}
		back := func() {
			if _, err := p.Apply(t.Context(), hobby.SkillPractice, champion, false); err != nil {
				t.Error(err)
			}
		}
		if _, err := p.Apply(t.Context(), hobby.SkillPractice, "base", false); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		s.serves(p, "")
		store.late.Store(&back)
		go func() { done <- p.Run(ctx) }()
		synctest.Wait()
		s.serves(p, champion)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
