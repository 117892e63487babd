//go:build linux || darwin

package llama_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pastime-go/pastime/lora/llama"
)

// TestFIFO holds that a FIFO in the place of any file of a model or of an adapter
// is refused, and not waited for.
func TestFIFO(t *testing.T) {
	fifo := func(path string) {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip(err)
		}
	}
	refused := func(name string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
	const model = "testdata/tiny/model"
	for _, name := range []string{"config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors",
		"model.safetensors.index.json"} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(model)); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".index.json") {
			if err := os.Remove(filepath.Join(dir, "model.safetensors")); err != nil {
				t.Fatal(err)
			}
		}
		fifo(filepath.Join(dir, name))
		_, err := llama.Open(t.Context(), dir, nil)
		refused(name, err)
	}
	alone := filepath.Join(t.TempDir(), "model.gguf")
	fifo(alone)
	_, err := llama.Open(t.Context(), alone, nil)
	refused("a GGUF file", err)
	m, err := llama.Open(t.Context(), model, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	refused("an adapter as GGUF", m.LoadAdapter(t.Context(), "x", alone))
	dir := t.TempDir()
	fifo(filepath.Join(dir, "adapter_config.json"))
	refused("an adapter's configuration", m.LoadAdapter(t.Context(), "x", dir))
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "adapter_config.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	fifo(filepath.Join(dir, "adapter_model.safetensors"))
	refused("an adapter's weights", m.LoadAdapter(t.Context(), "x", dir))
}
