package practice_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/race"
)

func TestExaminer(t *testing.T) {
	hobbytest.TestExaminer(t, func(t *testing.T) hobby.Hobby { return practice.Skills(nil, suite(t), nil) })
}

// TestADeckDealsAllThereIs counts the tasks of small levels by trying seeds, which a
// deck does not know of.
func TestADeckDealsAllThereIs(t *testing.T) {
	if race.Enabled {
		t.Skip("dealing tasks starts nothing")
	}
	s := suite(t)
	for _, l := range []hobby.Level{{Family: "roman", Level: 1}, {Family: "clock", Level: 1}} {
		all := map[hobby.Split]map[string]bool{hobby.Practice: {}, hobby.HeldOut: {}}
		for seed := range uint64(20_000) {
			task, err := s.Task(l.Family, l.Level, seed)
			if err != nil {
				t.Fatal(err)
			}
			all[task.Split][task.Params] = true
		}
		e, err := practice.Skills(nil, s, nil).Executor.(hobby.Examiner).Exam(t.Context(),
			hobby.ExamRequest{Levels: []hobby.Level{l}, Tasks: 500})
		want := []hobby.Shortage{{Level: l, Tasks: len(all[hobby.HeldOut])}}
		if d := cmp.Diff(want, e.Short); err != nil || d != "" || len(e.Tasks) != want[0].Tasks {
			t.Errorf("%v, %d tasks; what is short (-want +got):\n%s", err, len(e.Tasks), d)
		}
		t.Logf("%+v: %d held out, %d for practice", l, len(all[hobby.HeldOut]), len(all[hobby.Practice]))
		for split, want := range all {
			d, err := s.Deck(l, split)
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			for {
				task, ok := d.Next(r)
				if !ok {
					break
				}
				if !want[task.Params] {
					t.Errorf("%q is dealt twice, or is none of %s", task.Params, split)
				}
				delete(want, task.Params)
			}
			if len(want) > 0 {
				t.Errorf("%s of %+v: %d tasks were never dealt", split, l, len(want))
			}
		}
	}
}

func TestASessionAsksNothingTwice(t *testing.T) {
	s := suite(t)
	x := practice.Skills(nil, s, nil).Executor.(hobby.Verifier)
	infos := s.Families()
	rapid.Check(t, func(t *rapid.T) {
		info := rapid.SampledFrom(infos).Draw(t, "family")
		plan := hobby.Plan{
			Family: info.Name, Level: rapid.IntRange(1, info.Levels).Draw(t, "level"), Seed: rapid.Uint64().Draw(t, "seed"),
			Budget: hobby.Budget{Items: rapid.IntRange(1, 300).Draw(t, "items")},
		}
		if rapid.Bool().Draw(t, "of all families") {
			plan.Family = ""
		}
		ids, err := x.Tasks(plan)
		if err != nil || len(ids) != plan.Budget.Items {
			t.Fatalf("%d tasks of %d, %v", len(ids), plan.Budget.Items, err)
		}
		seen := map[string]bool{}
		for _, id := range ids {
			task, err := s.Task(id.Family, id.Level, id.Seed)
			if err != nil || task.Split != hobby.Practice {
				t.Fatalf("%+v is for %s, %v", id, task.Split, err)
			}
			if key := task.Family + " " + task.Params; seen[key] {
				t.Fatalf("%s is asked twice", key)
			} else {
				seen[key] = true
			}
		}
	})
}
