package chat

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

var peer = flag.String("peer", "", "the folder that .ci/templates.py wrote its answers to")

// golden is what transformers renders: .ci/templates.py writes it.
type golden struct {
	Peer  string
	Cases []struct {
		Name, Template, Source string
		Messages               []hobby.Message
		Tools                  []hobby.Tool
		GenerationPrompt       bool
		Text                   string
		Refused                bool
	}
}

func (g golden) check(t *testing.T) {
	t.Helper()
	if len(g.Cases) == 0 || g.Peer == "" {
		t.Fatal("no cases")
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			source := c.Source
			if source == "" {
				data, err := os.ReadFile(filepath.Join("testdata", c.Template))
				if err != nil {
					t.Fatal(err)
				}
				source = string(data)
			}
			k, err := Parse(source, "<s>", "</s>")
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.Render(c.Messages, c.Tools, c.GenerationPrompt)
			if c.Refused {
				if err == nil {
					t.Fatalf("%q, where the reference refuses", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.Text, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	g.check(t)
}

// The templates of real models, which are not ours to keep a copy of.
func TestPeerTemplates(t *testing.T) {
	if *peer == "" {
		t.Skip("without -peer")
	}
	data, err := os.ReadFile(filepath.Join(*peer, "templates.json"))
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	g.check(t)
}

var hi = []hobby.Message{{Role: hobby.RoleUser, Content: "hi"}}

// A template that would not end, or would end the process, is an error.
func TestHostile(t *testing.T) {
	for source, want := range map[string]string{
		`{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}`:                                  "calls of macros",
		`{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}`:                               "calls of macros",
		`{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}`:    "rounds of loops",
		`{% for a in range(9999) -%} {% for b in range(9999) -%} {% endfor %}{% endfor %}`: "rounds of loops",
		`{{ range(1000000000) }}`: "range: more than",
		`{{ range(0, 9223372036854775807, 4611686018427387904) | length }}{{ range(1, 2, 0) }}`: "range",
		`{{ messages[0].content | tojson(indent=99999999) }}`:                                   "an indent of 0 to 16",
		`{{ raise_exception("no " + messages[0].content) }}`:                                    "no hi",
	} {
		k, err := Parse(source, "", "")
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		text, err := k.Render(hi, nil, false)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "chat: rendering 1 messages: ") {
			t.Errorf("%s: %.80q, %v, want %q in it", source, text, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, source := range []string{"{% for %}", "{% if x %}", "{{", "{% endfor %}", strings.Repeat("x", maxSource+1)} {
		if _, err := Parse(source, "", ""); err == nil || !strings.HasPrefix(err.Error(), "chat: ") {
			t.Errorf("%.40q: %v", source, err)
		}
	}
}

// What a message says is text, whatever it looks like.
func TestContentIsText(t *testing.T) {
	k, err := Parse("{% for m in messages %}[{{ m.content }}]{% endfor %}", "", "")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.OneOf(rapid.String(), rapid.StringMatching(`(\{\{|\{%|\}\}|%\}|#\}| raw | for x in y |'|")*`)).Draw(t, "content")
		got, err := k.Render([]hobby.Message{{Role: hobby.RoleUser, Content: content}}, nil, false)
		if err != nil || got != "["+content+"]" {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

// Arguments keep their order and their numbers; those that are no JSON are text.
func TestArguments(t *testing.T) {
	k, err := Parse("{{ messages[0].tool_calls[0].function.arguments | tojson }}", "", "")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		`{"z":1,"a":[true,null,{}],"n":9007199254740993}`: `{"z": 1, "a": [true, null, {}], "n": 9007199254740993}`,
		`{"z":`: `"{\"z\":"`,
	} {
		got, err := k.Render([]hobby.Message{{Role: hobby.RoleAssistant, ToolCalls: []hobby.ToolCall{{Name: "f", Arguments: in}}}}, nil, false)
		if err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", in, got, err, want)
		}
	}
}

// A template that compiles renders or fails, and no more.
func FuzzTemplate(f *testing.F) {
	for _, name := range []string{"chatml", "inst", "headers"} {
		data, err := os.ReadFile(filepath.Join("testdata", name+".jinja"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add(`{% macro f() -%} {{ f() }}{% endmacro %}{{ f() }}{% raw %}{% for {% endraw %}{# {% for x in y %} #}`)
	f.Add(`{{ tools | tojson(indent=2) }}{% for a in range(3) if a %}{{ loop.index }}{% break %}{% else %}{% endfor %}`)
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4000 {
			return
		}
		k, err := Parse(source, "<s>", "</s>")
		if err != nil {
			return
		}
		_, _ = k.Render(hi, []hobby.Tool{{Name: "f", Parameters: json.RawMessage(`{"type":"object"}`)}}, true)
	})
}
