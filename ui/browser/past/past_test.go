//go:build pictures

// Package past_test makes a past for the pictures of the README: days of real practice.
package past_test

import (
	"context"
	"flag"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

var (
	past = flag.String("past", "", "the `folder` in which TestPast makes a past")
	days = flag.Int("days", 12, "of how many days it is")
)

// TestPast has the tiny model practise for some days until now, and be trained once, in the middle.
// Every answer, verdict and weight is real; only the waiting between sessions takes no time, because
// the clock is a test's. What practice comes to is what it comes to: nothing is looked at or chosen.
func TestPast(t *testing.T) {
	if *past == "" {
		t.Fatal("-past has to say where")
	}
	begin := time.Now().Add(-time.Duration(*days) * 24 * time.Hour)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(begin))
		if err := live(t, *past); err != nil {
			t.Fatal(err)
		}
	})
}

func live(t *testing.T, dir string) error {
	model, err := tiny.Open(t.Context(), nil)
	if err != nil {
		return err
	}
	defer model.Close()
	kit, err := pastime.Open(t.Context(), filepath.Join(dir, "agent.db"), model, &pastime.Options{
		Kinds: []hobby.Kind{hobby.SkillPractice}, Trainer: model.Trainer(nil),
		Hobby: hobby.Options{Interval: 2 * time.Hour, IdleThreshold: time.Minute, PollEvery: time.Hour},
		LoRA:  lora.Options{Poll: time.Hour},
	})
	if err != nil {
		return err
	}
	defer kit.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- kit.Run(ctx) }()
	for day := range *days {
		time.Sleep(24 * time.Hour)
		p, err := kit.Hobby.Progress(ctx)
		if err != nil {
			break
		}
		skills := p.Kind(hobby.SkillPractice)
		t.Logf("%s: %d answers, %d right, proficiency %.3f (%.3f to %.3f)", time.Now().Format(time.DateOnly), skills.Count.Items,
			skills.Count.Passes, skills.Proficiency.Estimate.Mean, skills.Proficiency.Estimate.Low, skills.Proficiency.Estimate.High)
		if day == *days/2 {
			run, err := kit.Adapters.RunOnce(ctx, lora.Request{Kind: hobby.SkillPractice, Seed: 1})
			t.Logf("trained: promoted %v, %s %v", run.State.Deployed, run.State.Reason, err)
		}
	}
	cancel()
	return <-done
}
