package practice_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
)

// doubling is a family of one's own.
type doubling struct{}

func (doubling) Info() hobby.Family { return hobby.Family{Name: "doubling", Levels: 3} }

func (doubling) Generate(r *rand.Rand, level int) practice.Task {
	n := 1 + r.IntN([]int{99, 999, 9999}[level-1])
	want := fmt.Sprint(2 * n)
	return practice.Task{
		Params:    fmt.Sprint(n),
		Messages:  []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprintf("What is twice %d? Answer with the number only.", n)}},
		Reference: want, Verifier: "number",
		Verify: func(answer string) practice.Verdict { return practice.Number(answer, want, nil) },
	}
}

func ExampleFamily() {
	suite, err := practice.NewSuite(doubling{})
	if err != nil {
		log.Fatal(err)
	}
	task, err := suite.Task("doubling", 2, 7)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(task.Messages[0].Content)
	fmt.Println(task.Split)
	fmt.Println(task.Verify("Answer: **"+task.Reference+"**").Score, task.Verify("I don't know").Note)
	// Output:
	// What is twice 736? Answer with the number only.
	// practice
	// 1 not a number
}

// A kind of practice of the host's own, for pastime.Options.Hobbies.
func ExampleDrill() {
	suite, err := practice.NewSuite(doubling{})
	if err != nil {
		log.Fatal(err)
	}
	h := practice.Drill("mental_arithmetic", nil, suite, nil)
	h.Description = "Doubles numbers in the head"
	plan := hobby.Plan{Kind: h.Kind, Family: "doubling", Level: 1, Seed: 1, Budget: hobby.Budget{Items: 5}}
	session, err := hobby.Practise(context.Background(), h, plan, &hobby.PractiseOptions{Model: hobbytest.Says("I cannot count")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(h.Kind.Title()+":", session.Activity.Passes, "of", session.Activity.Items, "right:", session.Items[0].Note)
	// Output: Mental arithmetic: 0 of 5 right: not a number
}

func ExampleAsk() {
	ctx := context.Background()
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		log.Fatal(err)
	}
	task, err := suite.Task("arithmetic", 1, 3)
	if err != nil {
		log.Fatal(err)
	}
	serving, err := hobby.NewServing(ctx, hobbytest.Says("87"), "") // a host has a real one
	if err != nil {
		log.Fatal(err)
	}
	item, err := practice.Ask(ctx, serving, task, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(item.Messages[0].Content)
	fmt.Println(item.Answer, "scores", item.Score)
	// Output:
	// What is 98 + 39? Answer with the number only.
	// 87 scores 0
}

// An adapter is compared with its base on held-out tasks that both are asked.
func ExampleSkills_exam() {
	ctx := context.Background()
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		log.Fatal(err)
	}
	right := map[string]string{} // a host has a real model, which knows by itself
	for seed := range uint64(5000) {
		if t, err := suite.Task("roman", 1, seed); err == nil {
			right[t.Messages[0].Content] = t.Reference
		}
	}
	model := hobbytest.Learner(func(prompt string) string { return right[prompt] }, func(adapter, _ string) float64 {
		return map[string]float64{"": 0.2, "night-1": 0.9}[adapter]
	}, "night-1")
	examiner := practice.Skills(model, suite, nil).Executor.(hobby.Examiner)
	exam, err := examiner.Exam(ctx, hobby.ExamRequest{
		Purpose: "trial", Seed: 1, Tasks: 500, Levels: []hobby.Level{{Family: "roman", Level: 1}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(exam.Tasks) < 500, exam.Short[0].Tasks == len(exam.Tasks)) // the level has no more
	for _, adapter := range []string{"", "night-1"} {
		items, err := examiner.Sit(ctx, model, hobby.Sitting{Tasks: exam.Tasks, Adapter: adapter})
		if err != nil {
			log.Fatal(err)
		}
		passes := 0
		for i := range items {
			if items[i].Passed() {
				passes++
			}
		}
		fmt.Printf("%q: %.1f\n", adapter, float64(passes)/float64(len(items)))
	}
	// Output:
	// true true
	// "": 0.2
	// "night-1": 0.9
}
