package main

import (
	"slices"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

// TestOnlyWhatIsLearnedIsTamperedWith compares answers of the controls with the true
// ones: those that are drawn to learn from are wrong, those that are measured are not.
func TestOnlyWhatIsLearnedIsTamperedWith(t *testing.T) {
	model, err := tiny.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	exam := practice.Skills(model, suite, nil).Executor.(hobby.Examiner)
	listed, err := exam.Exam(t.Context(), hobby.ExamRequest{
		Purpose: "test", Split: hobby.Practice, Levels: []hobby.Level{{Family: "roman", Level: 2}}, Tasks: 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	sit := func(e hobby.Examiner, samples int) (answers []string, right int) {
		s := hobby.Sitting{Tasks: listed.Tasks, Samples: samples, Seed: 5}
		if samples > 1 {
			s.Sampling.Temperature = 1
		}
		items, err := e.Sit(t.Context(), model, s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range items {
			answers = append(answers, items[i].Answer)
			if items[i].Passed() {
				right++
			}
		}
		return answers, right
	}
	type verdict struct {
		answers []string
		right   int
	}
	verdicts := map[int]verdict{}
	for _, samples := range []int{1, 2} {
		answers, right := sit(exam, samples)
		verdicts[samples] = verdict{slices.Clone(answers), right}
	}
	for _, samples := range []int{1, 2} {
		answers, right := slices.Clone(verdicts[samples].answers), verdicts[samples].right
		for _, control := range []string{unverified, shuffled} {
			tampered := tamper(nil, exam, control)
			got, passed := sit(tampered, samples)
			switch {
			case samples == 1 || control == unverified:
				if !slices.Equal(got, answers) {
					t.Errorf("%s, %d samples: the answers are others", control, samples)
				}
			default:
				if slices.Equal(got, answers) {
					t.Errorf("%s: the answers are where they were", control)
				}
				slices.Sort(got)
				slices.Sort(answers)
				if !slices.Equal(got, answers) {
					t.Errorf("%s: there are other answers", control)
				}
			}
			want := right
			if samples > 1 && control == unverified {
				want = len(answers)
			}
			if passed != want {
				t.Errorf("%s, %d samples: %d answers count as right, want %d", control, samples, passed, want)
			}
			if samples > 1 {
				continue
			}
			chosen := verdicts[2]
			if got, passed := sit(tampered, 2); !slices.Equal(got, chosen.answers) || passed != chosen.right {
				t.Errorf("%s: of answers that levels are chosen by, %d count as right, want %d", control, passed, chosen.right)
			}
		}
	}
}
