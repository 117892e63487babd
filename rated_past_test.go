package pastime_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/rlhf"
)

// TestWhatIsArchivedCanBeRated archives a session of two months ago: it and its insight are
// rated as before. What is nowhere is not found.
func TestWhatIsArchivedCanBeRated(t *testing.T) {
	kit, err := pastime.Open(t.Context(), ":memory:", &hobbytest.Model{}, &pastime.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := kit.Close(); err != nil {
			t.Error(err)
		}
	}()
	old := time.Now().UTC().AddDate(0, 0, -60)
	_, err = kit.Store.Commit(t.Context(), hobby.Session{
		Activity: hobby.Activity{
			ID: "old", Status: hobby.Completed, Plan: hobby.Plan{Kind: hobby.SkillPractice}, Started: old, Ended: old.Add(time.Minute),
		},
		Insights: []hobby.Insight{{ID: "told", Kind: hobby.SkillPractice, At: old, Text: "dates are hard", Confidence: 1}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := kit.Archive.RunOnce(t.Context(), archive.Request{}); err != nil || r.Pruned != 1 {
		t.Fatalf("archiving: %+v, %v", r, err)
	}
	for target, want := range map[rlhf.Ref]error{
		{Type: rlhf.Activity, ID: "old"}:     nil,
		{Type: rlhf.Insight, ID: "told"}:     nil,
		{Type: rlhf.Activity, ID: "nowhere"}: hobby.ErrNotFound,
		{Type: rlhf.Insight, ID: "nowhere"}:  hobby.ErrNotFound,
	} {
		f, _, err := kit.Feedback.Submit(t.Context(), rlhf.Feedback{Type: target.Type, Target: target.ID, User: "ann", Rating: 4})
		if !errors.Is(err, want) || want == nil && (f.Version != 1 || f.Rating != 4) {
			t.Errorf("rating %+v: %+v, %v, want %v", target, f, err, want)
		}
	}
}
