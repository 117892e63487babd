package llama

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// storeAdapter writes an adapter's files to a new directory.
func storeAdapter(t testing.TB, m *Model, a *nn.Adapter) string {
	t.Helper()
	dir := t.TempDir()
	c := lora.Config{Rank: a.Rank, Alpha: float64(a.Scale) * float64(a.Rank), Modules: []string{"q_proj", "v_proj", "down_proj"}}
	if _, err := writeAdapter(dir, c, m, a); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestAdapterFiles loads one adapter as PEFT and as llama.cpp keep it: they answer
// alike and have the same key, which is not the base's.
func TestAdapterFiles(t *testing.T) {
	m := open(t, nil)
	ctx := context.Background()
	a := randomAdapter(&m.config, 9)
	dir := storeAdapter(t, m, a)
	if err := m.use("memory", a, weightsDigest(a), ""); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"peft": dir, "gguf": filepath.Join(dir, ggufName)} {
		if err := m.LoadAdapter(ctx, name, path); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"peft", "gguf"} {
		if info, err := m.Adapter(name); err != nil || info.Base != m.digest || info.WeightsDigest != weightsDigest(a) {
			t.Errorf("%s is %+v, %v; want this model's digest as its base", name, info, err)
		}
	}
	if info, err := m.Adapter("memory"); err != nil || info.Base != "" {
		t.Errorf("an adapter of unknown base is %+v, %v", info, err)
	}
	if _, err := m.Adapter(""); !errors.Is(err, ErrAdapter) {
		t.Errorf("the base as an adapter: %v", err)
	}
	var keys, answers []string
	for _, name := range []string{"memory", "peft", "gguf", ""} {
		info, err := m.InfoWith(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		r := ask("hello")
		r.Adapter = name
		got, err := m.Generate(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		keys, answers = append(keys, info.Key), append(answers, got.Message.Content)
	}
	for _, all := range [][]string{keys, answers} {
		if all[0] != all[1] || all[0] != all[2] || all[0] == all[3] {
			t.Errorf("from memory, PEFT, GGUF, and the base: %q", all)
		}
	}
}

// FuzzLoadAdapter loads damaged files by the way that hosts do.
func FuzzLoadAdapter(f *testing.F) {
	m := open(f, nil)
	dir := storeAdapter(f, m, randomAdapter(&m.config, 9))
	files := map[string][]byte{}
	for _, name := range []string{"adapter_config.json", "adapter_model.safetensors", ggufName} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		files[name] = data
	}
	f.Add(uint8(0), uint16(10), []byte("x"))
	f.Add(uint8(1), uint16(0), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Add(uint8(2), uint16(8), []byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, which uint8, at uint16, patch []byte) {
		name := []string{"adapter_config.json", "adapter_model.safetensors", ggufName}[which%3]
		data := slices.Clone(files[name])
		if int(at) < len(data) {
			copy(data[at:], patch)
		} else {
			data = patch
		}
		dir := t.TempDir()
		for n, d := range files {
			if n == name {
				d = data
			}
			if err := os.WriteFile(filepath.Join(dir, n), d, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := dir
		if name == ggufName {
			path = filepath.Join(dir, name)
		}
		err := m.LoadAdapter(context.Background(), "x", path)
		if err != nil && !strings.HasPrefix(err.Error(), `llama: adapter "x": `) {
			t.Errorf("the error does not say which adapter: %v", err)
		}
		if err == nil {
			r := ask("hello")
			r.Adapter, r.Sampling.MaxTokens = "x", 2
			m.Generate(context.Background(), r) // not a number is an error, not a panic
		}
	})
}
