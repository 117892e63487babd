package practice_test

import (
	"errors"
	"math/rand/v2"
	"slices"
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

// reworded is a family as its next version will be: it asks the same of some tasks in
// other words.
type reworded struct{ practice.Family }

func (f reworded) Info() hobby.Family { return mended(f).Info() }

func (f reworded) Generate(r *rand.Rand, level int) practice.Task {
	t := f.Family.Generate(r, level)
	if t.Reference != "" && t.Reference[0]%2 == 0 {
		t.Messages = slices.Clone(t.Messages)
		t.Messages[len(t.Messages)-1].Content += " Think well."
	}
	return t
}

// TestOldItemsHaveTodaysSplit makes the tasks of items again after their family has got
// a new version: where the words are the same, the split is that of the new version,
// whatever the item says, and the verdict is today's.
func TestOldItemsHaveTodaysSplit(t *testing.T) {
	before := suite(t)
	families := practice.Families()
	for i := range families {
		families[i] = reworded{families[i]}
	}
	after, err := practice.NewSuite(families...)
	if err != nil {
		t.Fatal(err)
	}
	h := practice.Skills(nil, after, nil)
	same, moved, other := 0, 0, 0
	each(before, func(info hobby.Family, level int) {
		for seed := range uint64(20) {
			old, err1 := before.Task(info.Name, level, seed)
			now, err2 := after.Task(info.Name, level, seed)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			item := hobby.Item{
				ID: "an item", Family: old.Family, Version: old.Version, Level: level, Seed: seed, Split: old.Split, Messages: old.Messages,
				Answer: old.Reference, Finish: hobby.FinishStop, Reference: "forged", Score: 0.5, Verifier: "forged",
			}
			got, err := h.Remake(item)
			if now.Messages[len(now.Messages)-1].Content != old.Messages[len(old.Messages)-1].Content {
				other++
				if !errors.Is(err, hobby.ErrInvalid) {
					t.Errorf("%s level %d asks in other words, and its item is taken: %v", info.Name, level, err)
				}
				continue
			}
			want := item
			want.Version, want.Split, want.Reference, want.Verifier, want.Score = now.Version, now.Split, now.Reference, now.Verifier, 1
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%s level %d seed %d: %v (-want +got):\n%s", info.Name, level, seed, err, d)
			}
			same++
			if now.Split != old.Split {
				moved++
			}
		}
	})
	if same < 200 || other < 200 || moved < same/5 || moved > same/2 { // 2 × 0.2 × 0.8 = 0.32 of them move
		t.Errorf("%d tasks are the same, of which %d have changed their split; %d are in other words", same, moved, other)
	}
}

// TestRemakeRefuses has items of which there is no task today.
func TestRemakeRefuses(t *testing.T) {
	s := suite(t)
	h := practice.Skills(nil, s, nil)
	task, err := s.Task("arithmetic", 1, 7)
	if err != nil {
		t.Fatal(err)
	}
	item := hobby.Item{Family: task.Family, Version: task.Version, Level: 1, Seed: 7, Split: task.Split, Messages: task.Messages, Answer: "?"}
	blind := h
	blind.Executor = struct{ hobby.Executor }{h.Executor}
	for name, c := range map[string]struct {
		hobby  *hobby.Hobby
		change func(*hobby.Item)
	}{
		"a family that is gone": {&h, func(i *hobby.Item) { i.Family = "alchemy" }},
		"a level that is gone":  {&h, func(i *hobby.Item) { i.Level = 99 }},
		"level 0":               {&h, func(i *hobby.Item) { i.Level = 0 }},
		"a later version":       {&h, func(i *hobby.Item) { i.Version++ }},
		"another version, of what nobody can make again": {&blind, func(i *hobby.Item) { i.Version++ }},
	} {
		i := item
		c.change(&i)
		if _, err := c.hobby.Remake(i); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := blind.Remake(item)
	if d := cmp.Diff(item, got); d != "" || err != nil {
		t.Errorf("what nobody can make again: %v (-want +got):\n%s", err, d)
	}
}
