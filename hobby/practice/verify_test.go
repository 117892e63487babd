package practice_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
)

// TestAPlansTasksAreThoseItAsks compares what Tasks lists with what a session
// asked, and has a falsified item judged again.
func TestAPlansTasksAreThoseItAsks(t *testing.T) {
	s, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, plan := range []hobby.Plan{
		{Kind: hobby.SkillPractice, Seed: 7},
		{Kind: hobby.SkillPractice, Seed: 8, Family: "arithmetic", Level: 2, Budget: hobby.Budget{Items: 5}},
	} {
		h := practice.Skills(hobbytest.Says("no idea"), s, nil)
		out := hobbytest.Sink{Model: h.Model}
		if err := h.Executor.Practise(t.Context(), plan, &out); err != nil {
			t.Fatal(err)
		}
		v := h.Executor.(hobby.Verifier)
		tasks, err := v.Tasks(plan)
		if err != nil || len(tasks) != len(out.Items) {
			t.Fatalf("%d tasks listed, %d asked: %v", len(tasks), len(out.Items), err)
		}
		for i, item := range out.Items {
			if item.Task() != tasks[i] {
				t.Errorf("item %d is of %v, listed is %v", i, item.Task(), tasks[i])
			}
			forged := item
			forged.Score, forged.Note, forged.Reference, forged.Messages, forged.Verifier = 1, "", "no idea", nil, "trust me"
			again, err := v.Verify(forged)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(item, again); diff != "" {
				t.Errorf("verified again (-want +got):\n%s", diff)
			}
			forged.Version = item.Version + 1
			if _, err := v.Verify(forged); !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("an item of another version: %v", err)
			}
			forged.Version, forged.Split = item.Version, hobby.HeldOut
			if _, err := v.Verify(forged); !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("an item of the wrong split: %v", err)
			}
		}
	}
	if _, err := practice.Skills(nil, s, nil).Executor.(hobby.Verifier).Tasks(hobby.Plan{Budget: hobby.Budget{Items: 1 << 40}}); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a plan without bound: %v", err)
	}
}
