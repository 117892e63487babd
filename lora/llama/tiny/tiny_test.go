package tiny_test

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
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

// ability is how many of n held-out tasks the model answers right.
func ability(t testing.TB, m *llama.Model, s *practice.Suite, family string, level, n int) int {
	t.Helper()
	serving, err := hobby.NewServing(t.Context(), m, "")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(11, uint64(level)))
	tasks := make([]practice.Task, n)
	for i := range tasks {
		if tasks[i], err = s.Draw(r, family, level, hobby.HeldOut); err != nil {
			t.Fatal(err)
		}
	}
	items, err := practice.AskAll(t.Context(), serving, tasks, nil)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range items {
		if items[i].Passed() {
			right++
		}
	}
	return right
}

// learnedFrom is a family in the version that the weights learned from: version 2 of
// counting holds other tasks out, some of which were learned.
type learnedFrom struct{ practice.Family }

func (f learnedFrom) Info() hobby.Family {
	info := f.Family.Info()
	if info.Name == "counting" {
		info.Version = 1
	}
	return info
}

func suite(t testing.TB) *practice.Suite {
	t.Helper()
	families := practice.Families()
	for i := range families {
		families[i] = learnedFrom{families[i]}
	}
	s, err := practice.NewSuite(families...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestItKnowsWhatItsCardSays measures three abilities that practice rests on:
// one that is mastered, one that is half known, and one that it never saw.
func TestItKnowsWhatItsCardSays(t *testing.T) {
	m, s := open(t), suite(t)
	for _, c := range []struct {
		family    string
		level     int
		low, high int // of 40
	}{
		{"text", 2, 37, 40}, {"sequences", 1, 10, 36}, {"bases", 4, 0, 4},
	} {
		if got := ability(t, m, s, c.family, c.level, 40); got < c.low || got > c.high {
			t.Errorf("%s level %d: %d of 40 right, want %d to %d", c.family, c.level, got, c.low, c.high)
		}
	}
}

// TestTheCard prints what the card says, with -card.
func TestTheCard(t *testing.T) {
	if !*card {
		t.Skip("needs -card")
	}
	const n = 200
	m, s := open(t), suite(t)
	for _, f := range s.Families() {
		for level := 1; level <= f.Levels; level++ {
			fmt.Printf("| %s | %d | %.1f %% |\n", f.Name, level, 100*float64(ability(t, m, s, f.Name, level, n))/n)
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
