package tiny_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
)

// draw makes examples of tasks.
func draw(t testing.TB, s *practice.Suite, r *rand.Rand, n int) (out []lora.Example) {
	t.Helper()
	for range n {
		task, err := s.Draw(r, "bases", 1, hobby.Practice)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, lora.Example{Messages: task.Messages, Completion: task.Reference})
	}
	return out
}

// TestAllWeightsLearn trains all of the model on a family that it never saw: the
// loss on other tasks of it falls, and in the new model it is what was said.
func TestAllWeightsLearn(t *testing.T) {
	m, s := open(t), suite(t)
	r := rand.New(rand.NewPCG(5, 5))
	d := lora.Dataset{Train: draw(t, s, r, 48), Validation: draw(t, s, r, 12)}
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

// BenchmarkTraining trains an adapter, and all weights, on the same examples and
// tells how many tokens a second, prompts included.
func BenchmarkTraining(b *testing.B) {
	m := open(b)
	d := lora.Dataset{Train: draw(b, suite(b), rand.New(rand.NewPCG(5, 5)), 192)}
	c := lora.Config{Epochs: 1, BatchSize: 96, PassTokens: 8192}
	for name, train := range map[string]func(context.Context, lora.Job, lora.Dataset, func(lora.Step)) (lora.Artifact, error){
		"adapter": m.Trainer(nil).Train,
		"all": func(ctx context.Context, j lora.Job, d lora.Dataset, report func(lora.Step)) (lora.Artifact, error) {
			return m.FullTrain(ctx, j, d, report, nil)
		},
	} {
		b.Run(name, func(b *testing.B) {
			var tokens int64
			var took time.Duration
			for b.Loop() {
				_, err := train(b.Context(), lora.Job{Dir: filepath.Join(b.TempDir(), "new"), Config: c}, d, func(s lora.Step) {
					if s.Step == s.Total {
						tokens += s.Tokens
						took += time.Duration(float64(s.Tokens) / s.TokensPerSecond * float64(time.Second))
					}
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(tokens)/took.Seconds(), "tokens/s")
		})
	}
}
