package llama_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

// TestModel holds a random model and the one that ships to the contract.
func TestModel(t *testing.T) {
	for name, open := range map[string]func(ctx context.Context) (*llama.Model, error){
		"random": func(ctx context.Context) (*llama.Model, error) { return llama.Open(ctx, "testdata/tiny/model", nil) },
		"tiny":   func(ctx context.Context) (*llama.Model, error) { return tiny.Open(ctx, nil) },
	} {
		open := func(t *testing.T) *llama.Model {
			m, err := open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		t.Run(name, func(t *testing.T) {
			adapter := learn(t, open(t))
			hobbytest.TestModel(t, func(t *testing.T) hobbytest.ModelSubject {
				m := open(t)
				t.Cleanup(func() {
					if err := m.Close(); err != nil {
						t.Error(err)
					}
				})
				if err := m.LoadAdapter(t.Context(), "learned", adapter); err != nil {
					t.Fatal(err)
				}
				return hobbytest.ModelSubject{
					Model: m, Prompt: `Write "pastime agent" backwards. Answer with the result only.`,
					Repeats: true, Isolated: true, Draws: true, Counts: true, Schema: true, Tools: true, LogProbs: true, Adapter: "learned",
					Long: &hobby.Request{
						Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Tell me all."}},
						Schema:   json.RawMessage(`{"type":"string","minLength":300}`),
					},
				}
			})
		})
	}
}

// learn trains an adapter for a moment, closes the model and returns the
// adapter's directory.
func learn(t *testing.T, m *llama.Model) string {
	t.Helper()
	defer m.Close()
	a, err := m.Trainer(nil).Train(t.Context(), lora.Job{
		Dir: t.TempDir(), Config: lora.Config{Epochs: 10, LearningRate: 0.02},
	}, lora.Dataset{Train: []lora.Example{{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Say x."}},
		Completion: "xxxxxxxx"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a.Dir
}
