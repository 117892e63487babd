package tiny_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
)

// TestAllWeightsLearn trains all of the model on a family that it never saw: the
// loss on other tasks of it falls, and in the new model it is what was said.
func TestAllWeightsLearn(t *testing.T) {
	m, s := open(t), suite(t)
	r := rand.New(rand.NewPCG(5, 5))
	draw := func(n int) (out []lora.Example) {
		for range n {
			task, err := s.Draw(r, "bases", 1, hobby.Practice)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, lora.Example{Messages: task.Messages, Completion: task.Reference})
		}
		return out
	}
	d := lora.Dataset{Train: draw(48), Validation: draw(12)}
	j := lora.Job{Dir: filepath.Join(t.TempDir(), "new"), Config: lora.Config{Epochs: 2, LearningRate: 1e-3}}
	a, err := m.FullTrain(t.Context(), j, d, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !(*a.Validation < 0.7**a.Before) {
		t.Errorf("validation loss %.3f before and %.3f after", *a.Before, *a.Validation)
	}
	trained, err := llama.Open(t.Context(), a.Dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer trained.Close()
	j.Dir += "2"
	b, err := trained.FullTrain(t.Context(), j, d, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if *b.Before != *a.Validation || b.Base != a.Digest {
		t.Errorf("the new model %s goes on from a loss of %v; %s was left with %v", b.Base, *b.Before, a.Digest, *a.Validation)
	}
}
