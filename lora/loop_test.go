package lora_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/tiny"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

var loopNights = flag.Int("loop", 0, "how many nights TestTheLoopCloses has with the model that ships")

// TestTheLoopCloses has the model that ships practise, learn, and be tried, night after
// night, with nothing but the pipeline:
//
//	go test ./lora -run TestTheLoopCloses -loop 1 -v -timeout 30m
func TestTheLoopCloses(t *testing.T) {
	if *loopNights == 0 {
		t.Skip("needs -loop")
	}
	ctx := t.Context()
	m, err := tiny.Open(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	store, err := adapters.New(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	stage, since := "", time.Now()
	p, err := lora.New(store, s, m.Trainer(nil), &lora.Options{
		Hobbies: []hobby.Hobby{practice.Skills(m, suite, nil)}, Model: m, Dir: t.TempDir(),
		Progress: func(g lora.Progress) {
			if g.Stage != stage {
				t.Logf("%5.1f s: %s", time.Since(since).Seconds(), g.Stage)
				stage = g.Stage
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range *loopNights {
		since = time.Now()
		run, err := p.RunOnce(ctx, lora.Request{Seed: uint64(n + 101)})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("night %d: %s %q, %s, deployed %v, in %v", n+1, run.Job.Status, run.Job.Err,
			run.State.Verdict, run.State.Deployed, time.Since(since))
		t.Log(run.State.Reason)
		enc := json.NewEncoder(os.Stdout)
		for _, l := range run.State.Levels {
			if l.Chosen {
				_ = enc.Encode(l)
			}
		}
		page, err := store.Trials(ctx, lora.TrialFilter{Job: run.Job.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, trial := range page.Trials {
			_ = enc.Encode(trial)
		}
		if n == 0 && (!run.State.Deployed || p.Champion(hobby.SkillPractice) != run.State.Version) {
			t.Errorf("the first night made no champion")
		}
	}
}
