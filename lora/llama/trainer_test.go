package llama

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/loratest"
)

// hashWeights hashes the bytes of all matrices.
func hashWeights(w *nn.Weights) string {
	h := sha256.New()
	h.Write(w.Embed.Data)
	h.Write(w.Head.Data)
	for l := range w.Layers {
		for m := range nn.Modules {
			h.Write(w.Layers[l].Linear(m).Data)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestTrainer(t *testing.T) {
	loratest.TestTrainer(t, func(t *testing.T) loratest.Subject {
		m := open(t, nil)
		p := testParts()
		p.weights, p.digest = randomWeights(&p.config, 8), "d2"
		other, err := newModel(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { other.Close() })
		return loratest.Subject{
			Trainer: m.Trainer(nil), Base: m.digest, Host: m, Other: other.Trainer(nil),
			Hash:    func() string { return hashWeights(&m.weights) },
			Threads: func(n int) lora.Trainer { return m.Trainer(&TrainerOptions{Threads: n}) },
		}
	})
}

func example(question, answer string) lora.Example {
	return lora.Example{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: question}}, Completion: answer}
}

// TestTrainedAdapterAnswers holds that what was trained is what is said, from
// either file.
func TestTrainedAdapterAnswers(t *testing.T) {
	m := open(t, nil)
	d := lora.Dataset{Train: []lora.Example{example("colour", "blue"), example("number", "seven")}}
	a, err := m.Trainer(nil).Train(t.Context(), lora.Job{Dir: t.TempDir(),
		Config: lora.Config{Rank: 16, Epochs: 60, BatchSize: 2, LearningRate: 0.01}}, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"peft": a.Dir, "gguf": a.GGUF} {
		if err := m.LoadAdapter(t.Context(), name, path); err != nil {
			t.Fatal(err)
		}
		for _, e := range d.Train {
			r, err := m.Generate(t.Context(), hobby.Request{Messages: e.Messages, Adapter: name, Sampling: hobby.Sampling{MaxTokens: 20}})
			if err != nil || r.Message.Content != e.Completion || r.Finish != hobby.FinishStop {
				t.Errorf("%s answers %q (%v, %v), want %q; the loss was %v", name, r.Message.Content, r.Finish, err, e.Completion, a.Loss)
			}
		}
	}
}

func TestSequence(t *testing.T) {
	m := open(t, nil)
	s, err := m.sequence(example("hi", "yes"))
	if err != nil {
		t.Fatal(err)
	}
	want := append([]int{}, m.tokens.Encode("user: hi\nassistant: yes", false)...)
	if want = append(want, endToken); !slices.Equal(s.Tokens, want) || s.Learn != len("user: hi\nassistant: ") {
		t.Errorf("learned from %d of %v, want %v", s.Learn, s.Tokens, want)
	}
	answered := example("hi", "yes")
	answered.Messages = append(answered.Messages, hobby.Message{Role: hobby.RoleAssistant, Content: "yes"})
	for name, c := range map[string]struct {
		e    lora.Example
		want error
	}{
		"the prompt is answered": {answered, lora.ErrConfig}, "no prompt": {lora.Example{Completion: "yes"}, lora.ErrEmpty},
		"no completion": {example("hi", ""), lora.ErrEmpty},
	} {
		if _, err := m.sequence(c.e); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestTrainerMemory(t *testing.T) {
	m := open(t, nil)
	j, d := lora.Job{Dir: t.TempDir()}, lora.Dataset{Train: []lora.Example{example("a", "b")}}
	most, err := m.Trainer(nil).(lora.Sizer).Memory(j, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Trainer(&TrainerOptions{MaxMemory: most}).Train(t.Context(), j, d, nil); err != nil {
		t.Errorf("in %d bytes, as predicted: %v", most, err)
	}
	_, err = m.Trainer(&TrainerOptions{MaxMemory: most - 1}).Train(t.Context(), lora.Job{Dir: t.TempDir()}, d, nil)
	if !errors.Is(err, lora.ErrMemory) {
		t.Errorf("in a byte less: %v", err)
	}
	_, err = m.Trainer(&TrainerOptions{MaxMemory: 1 << 16}).Train(t.Context(), lora.Job{Dir: t.TempDir()}, d, nil)
	if !errors.Is(err, lora.ErrMemory) || !strings.Contains(err.Error(), "MB") {
		t.Errorf("%v", err)
	}
}

// TestCloseEndsTraining holds that a model's weights stay mapped until nobody
// trains on them.
func TestCloseEndsTraining(t *testing.T) {
	released := false
	p := testParts()
	p.release = func() error { released = true; return nil }
	m, err := newModel(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	_, err = m.Trainer(nil).Train(context.Background(), lora.Job{Dir: t.TempDir(), Config: lora.Config{Epochs: 100000}},
		lora.Dataset{Train: []lora.Example{example("a", "b")}}, func(s lora.Step) {
			if s.Step == 1 {
				go func() { closed <- m.Close() }()
				<-m.leases.closing
			}
			if released {
				t.Error("the weights were released while training")
			}
		})
	if !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
	if err := <-closed; err != nil || !released {
		t.Errorf("Close: %v, released %v", err, released)
	}
	if _, err := m.Trainer(nil).Train(t.Context(), lora.Job{}, lora.Dataset{}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}

func TestMerge(t *testing.T) {
	const vectors = "internal/adapter/testdata/peft/" // whose logits package adapter checks
	base, out := t.TempDir(), filepath.Join(t.TempDir(), "merged")
	if err := os.CopyFS(base, os.DirFS(vectors+"base")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(base, "tokenizer.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Merge(t.Context(), base, vectors+"adapter", out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "config.json", "tokenizer.json"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	m := open(t, nil)
	foreign := storeAdapter(t, m, randomAdapter(&m.config, 9))
	if err := Merge(t.Context(), base, foreign, filepath.Join(t.TempDir(), "x")); !errors.Is(err, lora.ErrBase) {
		t.Errorf("an adapter of another base: %v, want ErrBase", err)
	}
	if err := Merge(t.Context(), out, t.TempDir(), filepath.Join(t.TempDir(), "x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no adapter: %v", err)
	}
}
