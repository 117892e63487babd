package tiny_test

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora/llama"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

var card = flag.Bool("card", false, "measure all families and print the rows of MODEL_CARD.md")

func open(t testing.TB) *llama.Model {
	t.Helper()
	m, err := tiny.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// ability is how many of n tasks, or of all that there are, the model answers right.
func ability(t testing.TB, m *llama.Model, l hobby.Level, split hobby.Split, n int) (right, of int) {
	t.Helper()
	examiner := practice.Skills(m, suite(t), nil).Executor.(hobby.Examiner)
	exam, err := examiner.Exam(t.Context(), hobby.ExamRequest{Purpose: "card", Split: split, Levels: []hobby.Level{l}, Tasks: n})
	if err != nil {
		t.Fatal(err)
	}
	items, err := examiner.Sit(t.Context(), m, hobby.Sitting{Tasks: exam.Tasks})
	if err != nil {
		t.Fatal(err)
	}
	for i := range items {
		if items[i].Passed() {
			right++
		}
	}
	return right, len(items)
}

func suite(t testing.TB) *practice.Suite {
	t.Helper()
	s, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestItKnowsWhatItsCardSays measures three abilities that practice rests on:
// one that is mastered, one that is half known, and one that it never saw.
func TestItKnowsWhatItsCardSays(t *testing.T) {
	m := open(t)
	for _, c := range []struct {
		level     hobby.Level
		low, high int // of 40
	}{
		{hobby.Level{Family: "text", Level: 2}, 37, 40}, {hobby.Level{Family: "roman", Level: 2}, 4, 26},
		{hobby.Level{Family: "bases", Level: 4}, 0, 4},
	} {
		if got, _ := ability(t, m, c.level, hobby.HeldOut, 40); got < c.low || got > c.high {
			t.Errorf("%+v: %d of 40 right, want %d to %d", c.level, got, c.low, c.high)
		}
	}
}

// TestTheCard prints what the card says, with -card.
func TestTheCard(t *testing.T) {
	if !*card {
		t.Skip("needs -card")
	}
	m := opened(t)
	for _, f := range practice.Families() {
		for i := range f.Info().Levels {
			l := hobby.Level{Family: f.Info().Name, Level: i + 1}
			percent := func(split hobby.Split) float64 {
				right, of := ability(t, m, l, split, 200)
				return 100 * float64(right) / float64(of)
			}
			fmt.Printf("| %s | %d | %.1f %% | %.1f %% |\n", l.Family, l.Level, percent(hobby.HeldOut), percent(hobby.Practice))
		}
	}
}

// TestTheFilesAreTheCards holds the committed weights to the hash on the card.
func TestTheFilesAreTheCards(t *testing.T) {
	weights, err := os.ReadFile("model/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("MODEL_CARD.md")
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(weights)); !strings.Contains(string(text), sum) {
		t.Errorf("the weights hash to %s, which MODEL_CARD.md does not say", sum)
	}
}

func Example() {
	ctx := context.Background()
	model, err := tiny.Open(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer model.Close()
	answer, err := model.Generate(ctx, hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: `Write "agent" backwards. Answer with the result only.`}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Message.Content)
	// Output: tnega
}
