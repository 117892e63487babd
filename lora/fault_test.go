package lora_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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

// TestFaults has what can go wrong at any time go wrong as each stage begins, while a
// champion serves: it goes on serving, or a sound adapter that has won does, the run says
// what happened, and the next night works. What only a trainer can do wrong is in
// TestNights, and kill -9 in TestAKilledRunGoesOn.
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
		for _, fault := range []string{"store closed", "adapters damaged", "another base", "no folder"} {
			t.Run(stage+", "+fault, func(t *testing.T) {
				s := newSchool(t)
				first := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.65, 1}}, nil)
				run, err := first.RunOnce(t.Context(), lora.Request{Seed: 1})
				if err != nil || !run.State.Deployed {
					t.Fatalf("%s %s: %s, %v", run.Job.Status, run.Job.Err, run.State.Reason, err)
				}
				champion := run.State.Version
				var once sync.Once
				p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.97, 1}}, func(o *lora.Options) {
					o.Progress = func(g lora.Progress) {
						if g.Stage == stage {
							once.Do(func() { s.fail(fault, champion) })
						}
					}
				})
				run, err = p.RunOnce(t.Context(), lora.Request{Seed: 2})
				if fault == "store closed" {
					if err == nil {
						t.Errorf("a run without a store: %s", run.Job.Status)
					}
					s.student = loratest.NewStudent()
					s.open()
					run = s.rest()
					err = nil
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
		if err := os.RemoveAll(filepath.Join(s.dir, "adapters", "jobs")); err != nil {
			s.Error(err)
		}
	}
}
