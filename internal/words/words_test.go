package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "no such thing": "no such thing",
		"-code: gocode: lstat /none: no such file or directory":                "-code: /none: no such file or directory",
		"llama: checkpoint: opening: stat /none: no such file":                 "opening: /none: no such file",
		"pastime: sqlite: opening agent.db: its directory: stat /x: not there": "opening agent.db: its directory: /x: not there",
		"slog: level string \"loud\": unknown name":                            "level string \"loud\": unknown name",
		"the hobby: it fails": "the hobby: it fails",
		"2 sessions failed: practice: asking: openai: m: 500":                                                       "2 sessions failed: asking: m: 500",
		"JSON (json: cannot unmarshal object into Go struct field choice.choices.finish_reason of type string): {}": "JSON (finish_reason is a JSON object): {}",
		"lost: read tcp 127.0.0.1:50452->127.0.0.1:1: read: connection reset by peer":                               "lost: connection reset by peer",
		"json: cannot unmarshal number 1.5 into Go struct field T.n of type int":                                    "n is a JSON number",
		"(json: cannot unmarshal array into Go value of type openai.completion): []":                                "(it is a JSON array): []",
		"json: cannot unmarshal string into Go value of type map[string]interface {}":                               "it is a JSON string",
		"budget: strconv.ParseInt: parsing \"9x\": invalid syntax":                                                  "budget: \"9x\" is no number that fits",
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestEveryPackage reads this module: no package puts its name before an error's text so
// that Plain leaves it there.
func TestEveryPackage(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || path == filepath.Join("../..", ".ci", "cache")) {
			return fs.SkipDir // what jobs install, which comes and goes
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil || strings.HasSuffix(f.Name.Name, "test") || strings.Contains(path, "testdata") {
			return nil // the suites' own errors are read by programmers
		}
		ast.Inspect(f, func(n ast.Node) bool {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(l.Value)
			if err != nil || !strings.HasPrefix(text, f.Name.Name+": ") || f.Name.Name == "main" {
				return true
			}
			seen[f.Name.Name] = true
			if got := Plain(f.Name.Name + ": x"); got != "x" {
				t.Errorf("%s: %q stays %q", path, text, got)
			}
			return true
		})
		return nil
	})
	if err != nil || len(seen) < 20 {
		t.Fatalf("%d packages, %v", len(seen), err)
	}
}
