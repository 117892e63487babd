package pastime_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby/redact"
)

// TestGeneratedTasksHaveNoSecrets draws tasks of all families and levels: what
// practice generates holds nothing that the redactor would take for a secret.
func TestGeneratedTasksHaveNoSecrets(t *testing.T) {
	suite, err := pastime.DefaultSuite()
	if err != nil {
		t.Fatal(err)
	}
	r, draw := redact.Default(), rand.New(rand.NewPCG(11, 5))
	for _, f := range suite.Families() {
		for level := 1; level <= f.Levels; level++ {
			for range 200 {
				task, err := suite.Task(f.Name, level, draw.Uint64())
				if err != nil {
					t.Fatal(err)
				}
				texts := []string{task.Reference}
				for _, m := range task.Messages {
					texts = append(texts, m.Content)
				}
				for _, text := range texts {
					if got := r.Redact(text); got != text {
						t.Fatalf("%s level %d, seed %d:\n%s\nbecame\n%s", f.Name, level, task.Seed, text, got)
					}
				}
			}
		}
	}
}

// planted are the files of this repository with addresses and passwords that were
// made up for tests: all that the redactor changes in it.
var planted = []string{
	"hobby/openai/errors_test.go", "hobby/redact/redact_test.go", "subagent/http_test.go", "subagent/subagenttest/fuzz_test.go",
}

// TestOwnSourceHasNoSecrets reads all text files of the repository.
func TestOwnSourceHasNoSecrets(t *testing.T) {
	r := redact.Default()
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." && d.Name() != ".ci":
			return fs.SkipDir
		case d.IsDir() && (d.Name() == "node_modules" || filepath.ToSlash(path) == ".ci/cache"): // what jobs installed
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil || len(raw) > 1<<20 || !utf8.Valid(raw) {
			return err
		}
		seen++
		text := string(raw)
		got := r.Redact(text)
		if path = filepath.ToSlash(path); slices.Contains(planted, path) == (got != text) {
			return nil
		}
		was, is := strings.Split(text, "\n"), strings.Split(got, "\n")
		for i := range was {
			if was[i] != is[i] {
				t.Errorf("%s:%d\n\t%s\nbecame\n\t%s", path, i+1, was[i], is[i])
			}
		}
		if got == text {
			t.Errorf("%s has nothing planted any more", path)
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Fatalf("%d files: %v", seen, err)
	}
}
