package lora_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// otherwise is a student that answers otherwise, under another key, on the same base.
type otherwise struct{ *loratest.Student }

func (o otherwise) Info(ctx context.Context) (hobby.ModelInfo, error) {
	info, err := o.Student.Info(ctx)
	info.Key += " in eight bits"
	return info, err
}

// TestProvenUnderAnotherKey holds that a champion serves only where the base answers as it did
// in the trial, or a person insists.
func TestProvenUnderAnotherKey(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		id, k := s.promoted(1), hobby.SkillPractice
		process := func(m hobby.Model, serves string) *lora.Pipeline {
			t.Helper()
			p := s.pipeline(&loratest.Teacher{}, func(o *lora.Options) { o.Model, o.Poll, o.Trial.Watch = m, time.Second, -1 })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := p.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if got := p.Champion(k); got != serves {
				t.Errorf("%q serves, want %q", got, serves)
			}
			return p
		}
		process(s.student, id)
		p := process(otherwise{s.student}, "")
		if _, err := p.Apply(t.Context(), k, id, false); !errors.Is(err, lora.ErrVerdict) {
			t.Errorf("applied: %v; want ErrVerdict", err)
		}
		if _, err := p.Apply(t.Context(), k, id, true); err != nil {
			t.Errorf("by force: %v", err)
		}
		process(otherwise{s.student}, id)
	})
}
