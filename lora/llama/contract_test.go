package llama_test

import (
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
	for name, open := range map[string]func(t *testing.T) (*llama.Model, error){
		"random": func(t *testing.T) (*llama.Model, error) { return llama.Open(t.Context(), "testdata/tiny/model", nil) },
		"tiny":   func(t *testing.T) (*llama.Model, error) { return tiny.Open(t.Context(), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			hobbytest.TestModel(t, func(t *testing.T) hobbytest.ModelSubject {
				m, err := open(t)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := m.Close(); err != nil {
						t.Error(err)
					}
				})
				learn(t, m, "learned")
				return hobbytest.ModelSubject{
					Model: m, Prompt: `Write "pastime agent" backwards. Answer with the result only.`,
					Repeats: true, Counts: true, Schema: true, Tools: true, LogProbs: true, Adapter: "learned",
					Long: &hobby.Request{
						Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Tell me all."}},
						Schema:   json.RawMessage(`{"type":"string","minLength":300}`),
					},
				}
			})
		})
	}
}

// learn trains an adapter for a moment and loads it.
func learn(t *testing.T, m *llama.Model, name string) {
	t.Helper()
	a, err := m.Trainer(nil).Train(t.Context(), lora.Job{
		Dir: t.TempDir(), Config: lora.Config{Epochs: 10, LearningRate: 0.02},
	}, lora.Dataset{Train: []lora.Example{{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Say x."}}, Completion: "xxxxxxxx"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.LoadAdapter(t.Context(), name, a.Dir); err != nil {
		t.Fatal(err)
	}
}
