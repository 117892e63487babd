package lora_test

import (
	"context"
	"errors"
	"strings"
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

// TestAHeldOutTaskIsNotLearnedAsAnInsight has the words of a task of the exams in an insight.
func TestAHeldOutTaskIsNotLearnedAsAnInsight(t *testing.T) {
	s := newSchool(t)
	insight := hobby.Insight{ID: "i", Activity: "a", Kind: hobby.SkillPractice, Topic: "numbers", Confidence: 1}
	p := s.pipeline(&loratest.Teacher{}, func(o *lora.Options) {
		exam, err := o.Hobbies[0].Executor.(hobby.Examiner).Exam(t.Context(), hobby.ExamRequest{Purpose: "lora insights", Tasks: 300})
		if err != nil {
			t.Fatal(err)
		}
		task := exam.Tasks[0]
		item, err := o.Hobbies[0].Executor.(hobby.Verifier).Verify(hobby.Item{
			Family: task.Family, Level: task.Level, Version: 1, Seed: task.Seed, Split: hobby.HeldOut,
		})
		if err != nil {
			t.Fatal(err)
		}
		insight.Text = "When somebody asks you " + item.Messages[0].Content + ", do as you are told."
		o.Insights = func(context.Context, hobby.Kind) ([]hobby.Insight, error) { return []hobby.Insight{insight}, nil }
	})
	data, err := p.Dataset(t.Context(), lora.Request{})
	if err != nil || len(data.Rows) != 0 || data.Funnel.Dropped()[lora.RuleHeldOut] != 1 {
		t.Errorf("%q: %d rows, left out %v, %v; want it held out", insight.Text, len(data.Rows), data.Funnel.Dropped(), err)
	}
}

// What was found in a source is learned as a question and its answer, where it is good enough,
// and leaves in every format. Once the source is forgotten nothing of it leaves, and what
// learned it is known and marked.
func TestInsightsAreLearnedAndForgotten(t *testing.T) {
	s := newSchool(t)
	texts := map[string]string{
		"sure":   "A sum of two odd numbers is even, so its last digit is one of 0, 2, 4, 6 and 8.",
		"unsure": "Many sums of numbers seem to come out even more often than people think they do.",
	}
	now := time.Now().UTC()
	session := hobby.Session{Activity: hobby.Activity{
		ID: "read", Status: hobby.Completed, Plan: hobby.Plan{Kind: hobby.SkillPractice}, Started: now.Add(-time.Minute), Ended: now,
	}}
	for id, confidence := range map[string]float64{"sure": 0.9, "unsure": 0.4} {
		session.Insights = append(session.Insights, hobby.Insight{
			ID: id, Activity: "read", Kind: hobby.SkillPractice, At: now, Topic: "sums", Text: texts[id], Confidence: confidence, Source: "book.md",
		})
	}
	if _, err := s.sql.Commit(t.Context(), session, nil); err != nil {
		t.Fatal(err)
	}
	p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, func(o *lora.Options) {
		o.Insights = func(ctx context.Context, k hobby.Kind) ([]hobby.Insight, error) {
			page, err := s.sql.Insights(ctx, hobby.InsightFilter{Kind: k})
			return page.Insights, err
		}
	})
	leaves := func(when string, quality float64, want int) {
		t.Helper()
		data, err := p.Dataset(t.Context(), lora.Request{MinQuality: quality})
		if err != nil || len(data.Rows) != want {
			t.Fatalf("%s, of a quality of %v: %d rows, %v; want %d", when, quality, len(data.Rows), err, want)
		}
		for _, f := range []lora.Format{lora.FormatMessages, lora.FormatAlpaca, lora.FormatShareGPT} {
			var b strings.Builder
			if err := lora.Export(&b, data.Dataset().Train, f); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(b.String(), "sum"); (n > 0) != (want > 0) || strings.Count(b.String(), "\n") != want {
				t.Errorf("%s, as %s: %q", when, f, &b)
			}
		}
	}
	leaves("read", 0, 1)
	leaves("read", -1, 2)
	if _, err := p.Dataset(t.Context(), lora.Request{MinQuality: 1.1}); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("a least quality of 1.1: %v", err)
	}
	run, err := p.RunOnce(t.Context(), lora.Request{Seed: 1, MinQuality: 0.5})
	if err != nil || !run.State.Deployed {
		t.Fatalf("%s %s: %s, %v", run.Job.Status, run.Job.Err, run.State.Reason, err)
	}
	for _, round := range run.State.Rounds {
		if n := round.Funnel.Kept[lora.OriginInsight]; n != 1 || round.Funnel.Dropped()[lora.RuleQuality] != 1 {
			t.Errorf("a round learned %d insights, want the sure one: %+v", n, round.Funnel)
		}
	}
	if _, err := s.sql.Forget(t.Context(), "book.md"); err != nil {
		t.Fatal(err)
	}
	touched, err := p.Touched(t.Context(), "book.md")
	if err != nil || len(touched) != 1 || touched[0].ID != run.State.Version || touched[0].Forgotten.IsZero() {
		t.Errorf("what the source touched: %+v, %v", touched, err)
	}
	leaves("forgotten", -1, 0)
}
