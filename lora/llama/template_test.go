package llama_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama"
)

// TestTemplateOption opens a model whose template is refused: its answers are
// errors, until it gets another template, and then has another key.
func TestTemplateOption(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/tiny/model")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "chat_template.jinja")
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(`{{ "x" * 1000000 }}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(template string) (key string, err error) {
		m, err := llama.Open(t.Context(), dir, &llama.Options{Template: template})
		if err != nil {
			return "", err
		}
		defer m.Close()
		info, err := m.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := hobby.Request{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "hi"}}}
		r.Sampling.MaxTokens = 2
		_, err = m.Generate(t.Context(), r)
		return info.Key, err
	}
	own, err := ask("")
	if err == nil || !strings.Contains(err.Error(), "chat_template.jinja") || !strings.Contains(err.Error(), "the operator *") {
		t.Errorf("with a template that is refused: %v", err)
	}
	plain, err := ask("{{ messages[0].content }}")
	if err != nil {
		t.Errorf("with another template: %v", err)
	}
	other, err := ask("{{ messages[0].content }}!")
	if err != nil {
		t.Errorf("with a third template: %v", err)
	}
	if own == plain || plain == other {
		t.Errorf("the keys are %s, %s and %s", own, plain, other)
	}
	if _, err := ask("{% for %}"); err == nil || !strings.Contains(err.Error(), "Options.Template") {
		t.Errorf("with a template that is none: %v", err)
	}
}
