package lora_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// damage spoils every adapter's file below a folder but one's.
func damage(t *testing.T, dir, but string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "adapter_model.safetensors" || but != "" && strings.Contains(path, but) {
			return err
		}
		return os.WriteFile(path, []byte("spoiled"), 0o600)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// fullStore is a store on a disk that may have no room.
type fullStore struct {
	lora.Store
	full atomic.Bool
}

func (f *fullStore) room() error {
	if f.full.Load() {
		return fmt.Errorf("writing a page: %w", syscall.ENOSPC)
	}
	return nil
}

func (f *fullStore) KeepJob(ctx context.Context, j hobby.Job) (hobby.Job, error) {
	if err := f.room(); err != nil {
		return j, err
	}
	return f.Store.KeepJob(ctx, j)
}

func (f *fullStore) PutVersion(ctx context.Context, v lora.Version, from lora.Lineage, fence *hobby.Fence) (lora.Version, error) {
	if err := f.room(); err != nil {
		return v, err
	}
	return f.Store.PutVersion(ctx, v, from, fence)
}

func (f *fullStore) Point(ctx context.Context, flips []lora.Flip, fence *hobby.Fence) error {
	if err := f.room(); err != nil {
		return err
	}
	return f.Store.Point(ctx, flips, fence)
}

func (f *fullStore) PutTrial(ctx context.Context, t lora.Trial, pairs []lora.Pair, answers []hobby.Session, fence *hobby.Fence) error {
	if err := f.room(); err != nil {
		return err
	}
	return f.Store.PutTrial(ctx, t, pairs, answers, fence)
}

// TestFaults has what can go wrong at any time go wrong as a stage begins: the last one, or
// with -every-stage each that has something to lose. A champion serves meanwhile. It goes on
// serving, or a sound adapter that has won does; the run says what happened, and the next
// night works. What only a trainer can do wrong, which works in no other stage, is in
// TestNights; kill -9 is in TestAKilledRunGoesOn, and a model that answers no more in
// TestAModelThatHangs. An adapter that does nothing, or is worse, is what the stages of the
// proof and of the trial are for, and is in TestNights too.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("a run takes a while")
	}
	stages := []string{lora.StageDeploy}
	if *everyStage {
		stages = []string{
			lora.StageSample, lora.StageTrain, lora.StageMeasure, lora.StageProve, lora.StageTrial, lora.StageDeploy,
		}
	}
	for _, stage := range stages {
		for _, fault := range []string{"store closed", "adapters damaged", "another base", "no folder", "disk full"} {
			t.Run(stage+", "+fault, func(t *testing.T) {
				s := newSchool(t)
				first := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.65, 1}}, nil)
				run, err := first.RunOnce(t.Context(), lora.Request{Seed: 1})
				if err != nil || !run.State.Deployed {
					t.Fatalf("%s %s: %s, %v", run.Job.Status, run.Job.Err, run.State.Reason, err)
				}
				champion := run.State.Version
				s.full = &fullStore{}
				var once sync.Once
				p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.97, 1}}, func(o *lora.Options) {
					o.Poll = 10 * time.Millisecond
					o.Progress = func(g lora.Progress) {
						if g.Stage == stage {
							once.Do(func() { s.fail(fault, champion) })
						}
					}
				})
				run, err = p.RunOnce(t.Context(), lora.Request{Seed: 2})
				switch fault {
				case "store closed":
					if err == nil {
						t.Errorf("a run without a store: %s", run.Job.Status)
					}
					s.student = loratest.NewStudent()
					s.open()
					run, err = s.rest(), nil
				case "disk full":
					if !errors.Is(err, syscall.ENOSPC) {
						t.Errorf("a run on a full disk: %s, %v", run.Job.Status, err)
					}
					s.stored(champion)
					s.mend()
					run, err = s.goesOn(p), nil
				}
				switch {
				case err != nil:
					t.Fatal(err)
				case run.Job.Status == hobby.JobFailed && run.Job.Err == "":
					t.Error("the run does not say why it failed")
				case run.Job.Status != hobby.JobFailed && !run.State.Deployed:
					t.Errorf("the run is %s: %q", run.Job.Status, run.State.Reason)
				}
				t.Logf("the run is %s: %s %s", run.Job.Status, run.State.Reason, run.Job.Err)
				want := champion
				if run.State.Deployed {
					want = run.State.Version
				}
				s.stored(want)
				v, err := s.store.Version(t.Context(), want)
				if err != nil {
					t.Fatal(err)
				}
				if data, err := os.ReadFile(filepath.Join(v.Artifact.Dir, "adapter_model.safetensors")); err != nil || string(data) == "spoiled" {
					t.Errorf("what serves is spoiled: %q, %v", data, err)
				}
				s.student.Identity = hobby.ModelInfo{}
				next, err := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.99, 1}}, nil).RunOnce(t.Context(), lora.Request{Seed: 3})
				if err != nil || next.Job.Status != hobby.JobCompleted {
					t.Errorf("the night after: %s %s, %v", next.Job.Status, next.Job.Err, err)
				}
			})
		}
	}
}

// goesOn has a pipeline go on by itself with what it could not store.
func (s *school) goesOn(p *lora.Pipeline) lora.Run {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	run, err := p.Status(s.Context(), "")
	for err == nil && !run.Job.Status.Ended() {
		select {
		case <-time.After(time.Millisecond):
		case <-s.Context().Done():
			s.Fatal("the run does not go on")
		}
		run, err = p.Status(s.Context(), "")
	}
	cancel()
	if err := errors.Join(err, <-done); err != nil {
		s.Fatal(err)
	}
	return run
}

// jobs is where the files of runs are.
func (s *school) jobs() string { return filepath.Join(s.dir, "adapters", "jobs") }

// mend makes room on the disk again.
func (s *school) mend() {
	s.Helper()
	s.full.full.Store(false)
	if err := errors.Join(os.Remove(s.jobs()), os.Rename(s.jobs()+".aside", s.jobs())); err != nil {
		s.Error(err)
	}
}

// fail has something go wrong.
func (s *school) fail(fault, champion string) {
	switch fault {
	case "store closed":
		_ = s.sql.Close()
	case "adapters damaged":
		damage(s.T, filepath.Join(s.dir, "adapters"), champion)
	case "another base":
		s.student.Identity = hobby.ModelInfo{Name: "another", Key: "another", Base: "another"}
	case "no folder":
		if err := os.RemoveAll(s.jobs()); err != nil {
			s.Error(err)
		}
	case "disk full": // neither the store nor the folder takes anything
		s.full.full.Store(true)
		if err := errors.Join(os.Rename(s.jobs(), s.jobs()+".aside"), os.WriteFile(s.jobs(), nil, 0o600)); err != nil {
			s.Error(err)
		}
	}
}

// TestAModelThatHangs has a model stop answering in a stage that asks it, the trial or with
// -every-stage each, as a night's window goes by: the champion serves, the run waits for the next night and goes on in it.
func TestAModelThatHangs(t *testing.T) {
	stages := []string{lora.StageTrial}
	if *everyStage {
		stages = []string{lora.StageSample, lora.StageMeasure, lora.StageProve, lora.StageTrial, lora.StageDeploy}
	}
	for _, stage := range stages {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := schoolIn(t, dir)
			var hangs atomic.Bool
			answer := s.student.Reply
			s.student.Reply = func(ctx context.Context, r hobby.Request) (string, error) {
				if hangs.Load() {
					<-ctx.Done()
					return "", context.Cause(ctx)
				}
				return answer(ctx, r)
			}
			p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.95, 1}}, func(o *lora.Options) {
				o.Schedule, o.Window = daily{}, 4*time.Hour
				var once sync.Once
				o.Progress = func(g lora.Progress) {
					if g.Stage == stage {
						once.Do(func() { hangs.Store(true) })
					}
				}
			})
			night := p.Slots()[0].Run
			begun := time.Now()
			if err := night(t.Context(), hobby.SlotRun{}); err != nil || time.Since(begun) < 4*time.Hour {
				t.Fatalf("%s: the night ended after %v with %v", stage, time.Since(begun), err)
			}
			s.serves(p, "")
			run, err := p.Status(t.Context(), "")
			if err != nil || run.Job.Status.Ended() || run.Job.Stage != stage {
				t.Fatalf("%s: after the window the run is %s at %s, %v", stage, run.Job.Status, run.Job.Stage, err)
			}
			hangs.Store(false)
			time.Sleep(20 * time.Hour)
			if err := night(t.Context(), hobby.SlotRun{}); err != nil {
				t.Fatal(err)
			}
			if run, err = p.Status(t.Context(), run.Job.ID); err != nil || !run.State.Deployed {
				t.Fatalf("%s: the next night's run is %s: %s %s, %v", stage, run.Job.Status, run.State.Reason, run.Job.Err, err)
			}
			s.serves(p, run.State.Version)
		})
	}
}

// TestANightGoesOnWithWhatIsLeft has two processes, one after the other, work in one night,
// whose trainer does not end: together they have its window and its budget, and the next
// night has its own.
func TestANightGoesOnWithWhatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		window, budget, first, second, next time.Duration
	}{
		"window": {4 * time.Hour, 0, 3 * time.Hour, time.Hour, 4 * time.Hour},
		"budget": {8 * time.Hour, 100 * time.Minute, 30 * time.Minute, 70 * time.Minute, 100 * time.Minute},
		"both":   {time.Hour, 100 * time.Minute, 45 * time.Minute, 15 * time.Minute, time.Hour},
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := schoolIn(t, dir)
			night := func(due time.Time, most time.Duration) time.Duration {
				endless := &loratest.Teacher{Before: func(ctx context.Context) error {
					<-ctx.Done()
					return context.Cause(ctx)
				}}
				p := s.pipeline(endless, func(o *lora.Options) {
					o.Schedule, o.Window, o.Budget, o.Stall = daily{}, c.window, c.budget, 24*time.Hour
				})
				ctx, cancel := context.WithTimeout(t.Context(), most)
				defer cancel()
				begun := time.Now()
				if err := p.Slots()[0].Run(ctx, hobby.SlotRun{Lease: hobby.Lease{Due: due}}); err != nil && ctx.Err() == nil {
					t.Fatal(err)
				}
				return time.Since(begun).Round(time.Minute)
			}
			due := time.Now().UTC()
			got := []time.Duration{night(due, c.first), night(due, 24*time.Hour), night(due, 24*time.Hour)}
			got = append(got, night(due.Add(24*time.Hour), 24*time.Hour))
			if d := cmp.Diff([]time.Duration{c.first, c.second, 0, c.next}, got); d != "" {
				t.Errorf("%s: how long each process works (-want +got):\n%s", name, d)
			}
		})
	}
}

// daily is a schedule.
type daily struct{}

func (daily) Next(t time.Time) time.Time { return t.Add(24 * time.Hour) }
