//go:build linux || darwin

package llama

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora"
)

// openMapped opens the model in dir with so little memory that its weights are read
// where they are mapped.
func openMapped(t *testing.T, dir string) *Model {
	t.Helper()
	for memory := int64(1 << 20); ; memory += 1 << 18 {
		m, err := Open(t.Context(), dir, &Options{MaxMemory: memory, Threads: 4})
		if !errors.Is(err, ErrMemory) {
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
	}
}

// TestAFileThatWasCutShort cuts the weights of an open model. What has to read them
// is an error from then on, and the process lives.
func TestAFileThatWasCutShort(t *testing.T) {
	for _, mapped := range []bool{true, false} { // or kept a second time
		for _, left := range []int64{0, 5000} {
			t.Run(fmt.Sprintf("mapped %v, %d bytes left", mapped, left), func(t *testing.T) {
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS("tiny/model")); err != nil {
					t.Fatal(err)
				}
				var m *Model
				if mapped {
					m = openMapped(t, dir)
				} else {
					var err error
					if m, err = Open(t.Context(), dir, nil); err != nil {
						t.Fatal(err)
					}
				}
				defer m.Close()
				ask := func(question string) error {
					_, err := m.Generate(t.Context(), hobby.Request{
						Messages: []hobby.Message{{Role: hobby.RoleUser, Content: question}}, Sampling: hobby.Sampling{MaxTokens: 5},
					})
					return err
				}
				if err := ask("2 + 2"); err != nil {
					t.Fatal(err)
				}
				if err := os.Truncate(filepath.Join(dir, "model.safetensors"), left); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if err := ask("3 + 3"); mapped && !errors.Is(err, mmap.ErrFault) {
						t.Errorf("an answer: %v", err)
					}
				}
				data := lora.Dataset{Train: []lora.Example{example("2 + 2", "4")}}
				_, err := m.Trainer(nil).Train(t.Context(), lora.Job{Dir: t.TempDir(), Config: lora.Config{Rank: 4}}, data, nil)
				if !errors.Is(err, mmap.ErrFault) {
					t.Errorf("training: %v", err)
				}
			})
		}
	}
}

// TestAFileThatIsCutShortMeanwhile cuts the weights while answers are being written
// and an adapter is trained, by several threads.
func TestAFileThatIsCutShortMeanwhile(t *testing.T) {
	for i := range 10 {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS("tiny/model")); err != nil {
			t.Fatal(err)
		}
		m := openMapped(t, dir)
		defer m.Close()
		answers := make(chan error, 1)
		go func() {
			for n := 0; ; n++ { // another prompt each time: what was read of one before is kept
				prompt := fmt.Sprintf("Write the word: abc%d", n)
				_, err := m.Generate(t.Context(), hobby.Request{
					Messages: []hobby.Message{{Role: hobby.RoleUser, Content: prompt}}, Sampling: hobby.Sampling{MaxTokens: 20},
				})
				if err != nil {
					answers <- err
					return
				}
			}
		}()
		cut := func(lora.Step) {
			if err := os.Truncate(filepath.Join(dir, "model.safetensors"), int64(i)<<12); err != nil {
				t.Error(err)
			}
		}
		job := lora.Job{Dir: t.TempDir(), Config: lora.Config{Rank: 4, Epochs: 1000}}
		data := lora.Dataset{Train: []lora.Example{example("2 + 2", "4")}}
		if _, err := m.Trainer(nil).Train(t.Context(), job, data, cut); !errors.Is(err, mmap.ErrFault) {
			t.Errorf("training: %v", err)
		}
		if err := <-answers; !errors.Is(err, mmap.ErrFault) {
			t.Errorf("an answer: %v", err)
		}
	}
}
