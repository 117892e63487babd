package lora_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// A run learns from right answers of practice at the levels that it chooses, as many days
// back as it was asked for, and from no others.
func TestWhatWasPractisedIsLearned(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, nil)
		s.practise("old", hobby.Practice)
		time.Sleep(10 * 24 * time.Hour)
		s.practise("new", hobby.Practice)
		s.practise("held out", hobby.HeldOut)
		for days, want := range map[int]int{-1: 0, 5: 1, 0: 2, 30: 2} {
			data, err := p.Dataset(t.Context(), lora.Request{DaysBack: days})
			if err != nil || activities(data.Rows) != want {
				t.Errorf("%d days back: rows of %d sessions, %v; want %d", days, activities(data.Rows), err, want)
			}
		}
		run, err := p.RunOnce(t.Context(), lora.Request{Seed: 1, DaysBack: 5})
		if err != nil || run.State.Version == "" {
			t.Fatalf("%s %s: %s, %v", run.Job.Status, run.Job.Err, run.State.Reason, err)
		}
		for activity, want := range map[string]int{"old": 0, "new": 1, "held out": 0} {
			page, err := s.store.Versions(t.Context(), lora.VersionFilter{Activity: activity})
			if err != nil || len(page.Versions) != want {
				t.Errorf("%d versions learned from the session %q, %v; want %d", len(page.Versions), activity, err, want)
			}
		}
	})
}

// activities counts the sessions that rows are from.
func activities(rows []lora.Row) int {
	seen := map[string]bool{}
	for _, r := range rows {
		for _, a := range r.Activities {
			seen[a] = true
		}
	}
	return len(seen)
}

// practise stores a session of the base's answers.
func (s *school) practise(id string, split hobby.Split) {
	s.Helper()
	h := s.hobby()
	exam := h.Executor.(hobby.Examiner)
	e, err := exam.Exam(s.Context(), hobby.ExamRequest{Purpose: id, Split: split, Tasks: 30})
	if err != nil {
		s.Fatal(err)
	}
	items, err := exam.Sit(context.WithoutCancel(s.Context()), s.student, hobby.Sitting{Tasks: e.Tasks})
	if err != nil {
		s.Fatal(err)
	}
	now := time.Now().UTC()
	for i := range items {
		items[i].Activity = id
	}
	a := hobby.Activity{ID: id, Status: hobby.Completed, Plan: hobby.Plan{Kind: h.Kind}, Started: now.Add(-time.Minute), Ended: now}
	if _, err := s.sql.Commit(s.Context(), hobby.Session{Activity: a, Items: items}, nil); err != nil {
		s.Fatal(err)
	}
	time.Sleep(time.Second) // a run looks at what was there before it
}
