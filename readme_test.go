package pastime_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pastime-go/pastime"
)

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestTheREADMEsProgramIsTheExample finds the README's Go code in the example
// that is compiled.
func TestTheREADMEsProgramIsTheExample(t *testing.T) {
	example := strings.ReplaceAll(read(t, "examples/quickstart/main.go"), "\n\t", "\n")
	_, code, _ := strings.Cut(read(t, "README.md"), "```go\n")
	code, _, ok := strings.Cut(code, "```")
	if !ok || !strings.Contains(example, code) {
		t.Errorf("the README's code is not part of examples/quickstart:\n%s", code)
	}
}

// TestLinksAndVariablesOfTheDocs follows every link within the repository, and
// compares the guide's variables with those that are read.
func TestLinksAndVariablesOfTheDocs(t *testing.T) {
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range append(docs, "README.md", "CONTRIBUTING.md", "lora/llama/tiny/MODEL_CARD.md") {
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`).FindAllStringSubmatch(read(t, doc), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", doc, m[1], err)
			}
		}
	}
	guide := read(t, "docs/guide.md")
	asked := map[string]bool{}
	if _, err := pastime.OptionsFromEnv(func(name string) string {
		asked[name] = true
		return ""
	}); err != nil {
		t.Fatal(err)
	}
	for name := range asked {
		if !strings.Contains(guide, "`"+name+"`") {
			t.Errorf("docs/guide.md does not mention %s", name)
		}
	}
	for _, name := range regexp.MustCompile("`((?:AUTONOMOUS_)?HOBBY_[A-Z_]+)`").FindAllStringSubmatch(guide, -1) {
		if !asked[name[1]] {
			t.Errorf("docs/guide.md mentions %s, which nothing reads", name[1])
		}
	}
}
