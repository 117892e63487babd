package chat

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

var peer = flag.String("peer", "", "the folder that .ci/peers templates wrote its answers to")

// golden is what transformers renders: .ci/peers templates writes it.
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

// check renders all cases. With strict, a template that the reference renders must
// not be refused; else what is refused is told. Another text is always a fault.
func (g golden) check(t *testing.T, strict bool) {
	t.Helper()
	if len(g.Cases) == 0 || g.Peer == "" {
		t.Fatal("no cases")
	}
	templates, alike, refused := map[string]bool{}, 0, map[string]string{}
	for _, c := range g.Cases {
		templates[c.Template] = true
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
			var got string
			if err == nil {
				got, err = k.Render(c.Messages, c.Tools, c.GenerationPrompt)
			}
			switch {
			case c.Refused && err == nil:
				t.Errorf("%q, where the reference refuses", got)
			case c.Refused:
				alike++
			case err != nil:
				refused[c.Template] = err.Error()
				if strict {
					t.Error(err)
				}
			case c.Text == got:
				alike++
			default:
				t.Error(cmp.Diff(c.Text, got))
			}
		})
	}
	t.Logf("%s: %d templates, %d of %d cases alike, %d templates refused here only", g.Peer, len(templates), alike, len(g.Cases), len(refused))
	for name, why := range refused {
		t.Logf("refused: %s: %s", name, why)
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
	g.check(t, true)
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
	g.check(t, false)
}

var hi = []hobby.Message{{Role: hobby.RoleUser, Content: "hi"}}

// A template that would not end, would fill the memory or would end the process is
// an error that says what it did, whether it is found when it is parsed or when it
// runs, and takes little until then.
func TestHostile(t *testing.T) {
	long := strings.Repeat("x", 60)
	for source, want := range map[string]string{
		// The engine is more lenient than Jinja.
		`{% for t in tools %}x{% endfor %}`:                "a loop over none",
		`{% for t in tools if t recursive %}x{% endfor %}`: "a loop over none",
		`{{ "a" + x }}`:                                   "the operator + beside something that is not there",
		`{{ x.y + "a" }}`:                                 "the operator + beside something that is not there",
		`{{ "a" + "b" + documents + "c" }}`:               "the operator + beside something that is not there",
		`{{ messages | map(attribute="role") | tojson }}`: "no list for Jinja",
		`{{ messages | selectattr("role") | length }}`:    "no list for Jinja",
		`{{ "<" | safe + "<" }}`:                          "escapes what stands beside it",
		`{{ "<" + messages[0].role | e }}`:                "escapes what stands beside it",
		`{% if x is not iterable %}{% endif %}`:           "asked whether it is iterable",
		// It does not end.
		`{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}`:                                       "more than 10000 calls of macros",
		`{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}`:                     "calls of macros",
		`{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}`:         "more than 200000 rounds of loops",
		`{% for a in range(9999) -%} {% for b in range(9999) -%} {% endfor %}{% endfor %}`:      "rounds of loops",
		`{% for a in range(9999) %}{% for b in range(9999) if b < 0 %}{% endfor %}{% endfor %}`: "rounds of loops",
		`{{ range(1000000000) }}`: "range: more than",
		`{{ range(0, 9223372036854775807, 4611686018427387904) | length }}{{ range(1, 2, 0) }}`: "range",
		// It fills the memory.
		`{{ "x" * 1000000000 }}`:              "line 1: {{ \"x\" * 1000000000 }}: the operator *",
		`{% set n = 99999999 %}{{ "x" * n }}`: "the operator *",
		`{{ "x" * 64 * 64 * 64 }}`:            "262144 times as large",
		`{% set x = "0123456789" %}` + strings.Repeat(`{% set x = x ~ x %}`, 60):                                "a value of more than 10",
		`{% set x = ["0123456789"] %}` + strings.Repeat(`{% set x = [x, x] %}`, 60):                             "a value of more than 10",
		`{% set n = namespace(x="0123456789") %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}`:  "a value of more than 10",
		`{% macro f(x) %}{{ f(x ~ x) }}{% endmacro %}{{ f("0123456789") }}`:                                     "a value of more than 10",
		`{% set x %}0123456789{% endset %}` + strings.Repeat(`{% set x %}{{ x }}{{ x }}{% endset %}`, 60):       "writes more than 10",
		`{% set x = "0" %}` + strings.Repeat(`{% for x in [x ~ x] %}`, 60) + strings.Repeat(`{% endfor %}`, 60): "a value of more than 10",
		`{% for i in range(9999) %}` + strings.Repeat("x", 9999) + `{% endfor %}`:                               "writes more than 10",
		`{% for i in range(9999) %}{% raw %}` + strings.Repeat("x", 9999) + `{% endraw %}{% endfor %}`:          "writes more than 10",
		`{% for i in range(9999) %}{{ "` + long + `" }}{{ "` + long + `" }}{{ "` + long + `" }}{% endfor %}`:    "writes more than 10",
		`{% set l = [] %}{% for i in range(9999) %}{{ l.append(range(999)) }}{% endfor %}`:                      "changes a value",
		`{{ ` + strings.Repeat(`messages ~ `, 1100) + `"" }}`:                                                   "a tag of 2",
		`{{ x | replace("", "` + long + `") }}`:                                                                 "replace of nothing",
		`{{ x | replace("x", "` + long + `") | replace("x", "` + long + `") }}`:                                 "times as large",
		`{{ x.replace("x", y) }}`:                               "replace with \"y\"",
		`{{ x | replace("x", "` + long + long + `") }}`:         "replace with",
		`{% set f = "a".replace %}{{ f("", x) }}`:               "replace is not called",
		`{{ [x.replace][0]("", x) }}`:                           "replace is not called",
		`{{ (x.replace)("", x) }}`:                              "replace is not called",
		`{% for f in ["".replace] %}{{ f("", x) }}{% endfor %}`: "replace is not called",
		`{% set f = "{}{}".format %}{{ f(x) }}`:                 "keeps a function",
		`{% for f in ["{}{}".format] %}{{ f(x) }}{% endfor %}`:  "keeps a function",
		`{{ ["{}{}".format][0](x) }}`:                           "only names and methods can be called",
		`{{ {"f": "{}{}".format}.f(x) }}`:                       "format is not called",
		`{{ {"f": x.replace}.f("", x) }}`:                       "replace is not called",
		`{{ x | map("rep" ~ "lace", "", x) }}`:                  "map with",
		`{{ x | map("indent", 99) }}`:                           "map with",
		`{{ x.format(x) }}`:                                     "format of a value",
		`{{ "` + strings.Repeat("{0}", 1200) + `".format(x) }}`: "times as large",
		`{{ x | indent(1000000000) }}`:                          "indent with",
		`{{ x | join(x) }}`:                                     "join with",
		`{{ messages[0].content | tojson(indent=99999999) }}`:   "tojson with",
		`{{ messages[0:99999999999:3] }}`:                       "a slice with",
		// It ends the process.
		`{% set l = [] %}{% set _ = l.append(l) %}{{ l }}`:                        "changes a value",
		`{% set l = [] %}{{ l.append(l) }}{{ l == l }}`:                           "changes a value",
		`{% set l = [] %}{{ [l.append(l), l | tojson] }}`:                         "changes a value",
		`{% set n = namespace() %}{% set n.n = n %}{{ n }}`:                       "lists in each other",
		`{% set d = {} %}{{ d.update({"d": d}) or '' }}{{ d }}`:                   "changes a value",
		`{{ ` + strings.Repeat("(", 100) + `1` + strings.Repeat(")", 100) + ` }}`: "nest deeper than 64",
		`{{ raise_exception("no " + messages[0].content) }}`:                      "no hi",
		`{% include "/etc/passwd" %}`:                                             "unknown statement",
		`{% import "/etc/passwd" as x %}`:                                         "unknown statement",
	} {
		text, bytes, err := try(source)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "chat: ") || len(err.Error()) > 500 {
			t.Errorf("%.80s: %.80q, %v, want %q in it", source, text, err, want)
		}
		if bytes > 1<<30 {
			t.Errorf("%.80s: took %d MB", source, bytes>>20)
		}
	}
}

func try(source string) (text string, bytes uint64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	k, err := Parse(source, "", "")
	if err == nil {
		text, err = k.Render(hi, nil, false)
	}
	runtime.ReadMemStats(&after)
	return text, after.TotalAlloc - before.TotalAlloc, err
}

func TestTime(t *testing.T) {
	m, n := &account{size: maxSize, began: time.Now().Add(-maxTime)}, 0
	_, err := m.tick("x", &n, maxSteps, "steps").AsCallable().Fn(nil, nil)
	if err == nil || !strings.Contains(err.Error(), "takes longer than 10s") {
		t.Errorf("%v", err)
	}
}

// A tag may do what the templates of real models do.
func TestAccepted(t *testing.T) {
	for source, want := range map[string]string{
		`{{ "a" + ("b" if true else "c") + messages[0]["role"] | upper + "d" }}`:                       "abUSERd",
		`{{ [1] + [2] }}{{ -1 + 2 }}{{ 1 + 2 * 3 }}{{ "x" + "y" | upper }}`:                            "[1, 2]17xY",
		`{% for m in messages if m.role + "s" == "users" %}{{ m.content }}{% endfor %}`:                "hi",
		`{{ "yes" if messages is iterable and none is not iterable else "no" }}`:                       "yes",
		`{% for a, b in {"k": "v"} | items %}{{ a + b }}{% endfor %}`:                                  "kv",
		`{{ messages | map(attribute="role") | list | tojson }}`:                                       `["user"]`,
		`{{ messages[0]['content'] | trim | replace('h', '&lt;') | upper }} {{ 2 * 3 }} {{ '-' * 3 }}`: "&LT;I 6 ---",
		`{%- set ns = namespace(n=0) -%}` +
			`{%- for m in messages * 1 if m.role == 'user' -%}{%- set ns.n = ns.n + 1 -%}{%- endfor -%}{{ ns.n }}`: "0",
		`{% if messages[0].format or messages.x %}{{ messages[0].content.isdigit() }}{% endif %}`: "", // a method that the engine lacks
		`a {#- {{ x }} -#} b{% raw %} {{ x }} {% endraw %}{{- "}}" -}} c`:                         "ab {{ x }} }}c",
		`{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}` +
			`{% macro g() %}[{{ caller(3) }}]{% endmacro %}{% call(x) g() %}{{ x }}{% endcall %}`: "12[3]",
		`{% for m in (messages if messages else []) if m.role == 'user' and "if" -%} {{ loop.index }} {%- else %}none{% endfor %}`: "1",
	} {
		k, err := Parse(source, "", "")
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := k.Render(hi, nil, false); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", source, got, err, want)
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

// TestWhiteSpace: text around tags is what Jinja 3.1.6 with the settings of
// transformers makes of it.
func TestWhiteSpace(t *testing.T) {
	for source, want := range map[string]string{
		"{% if true %}\n\nA{% endif %}":                                 "\nA",
		"User: {{ 'x' }}{%- if true %}b{% endif %}":                     "User: xb",
		"User: {{ 'x' }} {%- if true %}b{% endif %}":                    "User: xb",
		"a\n\n{% if true %}{%- if true %}b{% endif %}{% endif %}":       "a\n\nb",
		"{{ messages[0].content }}\n":                                   "hi",
		"{{ messages[0].content }}\r\n\r\n":                             "hi\n",
		"x\n  {% if true %}  \n  y\n  {% endif %}\nz":                   "x\n  \n  y\nz",
		"  {% if true %}a{% endif %}":                                   "a",
		"  {%+ if true %}a{% endif %}":                                  "  a",
		"a  {% if true %}b{% endif %}":                                  "a  b",
		"{% if true +%}\na{% endif %}":                                  "\na",
		"{% if true %}\n  {# x #}\n  b{% endif %}":                      "  b",
		"a {#- x -#} \n b":                                              "ab",
		"a{#-#} b":                                                      "a b",
		"{{ 1 }}\n\n{{- 2 -}}\n\n3":                                     "123",
		"{{ 1 }}\n  {{ 2 }}":                                            "1\n  2",
		"{% raw %}\n {{ x }} \n  {% endraw %}\ny":                       "\n {{ x }} \ny",
		"{%- raw -%}\n {{ x }} {%- endraw -%}\n y":                      "{{ x }}y",
		"{{ {'a': {'b': 1}}['a']['b'] }}":                               "1",
		"{{ none }} {{ true }}":                                         "None True",
		"{{ 7 % 4 }}{{ messages|length % 2 }}{{ (3 + 4) % 4 }}":         "313",
		"{% for m in messages %}{{ loop.index0 % 2 == 0 }}{% endfor %}": "True",
		"{% if (messages[0].role == 'user') != (loop0 | default(0) % 2 == 0) %}a{% else %}b{% endif %}": "b",
		"{% set x %}\n a\n{% endset %}[{{ x }}]":                                                        "[ a\n]",
		"{% macro f() %}\n b {% endmacro %}{{ f() }}":                                                   " b ",
		"\u00a0{% if true %}a{% endif %}\x1c{%- if true %}b{% endif %}":                                 "ab",
	} {
		k, err := Parse(source, "", "")
		if err != nil {
			t.Errorf("%q: %v", source, err)
			continue
		}
		if got, err := k.Render(hi, nil, false); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", source, got, err, want)
		}
	}
}

// TestFormatting: a string in quotes is formatted as Python's operator % does, and nothing
// else is.
func TestFormatting(t *testing.T) {
	for source, want := range map[string]string{
		"{{ '%s: %s' % ('a', 'b') }}":                                      "a: b",
		"{{ '%s: %s' % ('a','b') ~ '!' }}":                                 "a: b!",
		"{{ '100 %% of %s' % messages[0].content | trim | upper }}":        "100 % of HI",
		"{{ '%d of %s' % (messages | length, (2, 3) | length) }}":          "1 of 2",
		"{{ '<%s>' % 'a, b' }}{{ '<%s>' % ('c') }}{{ 'x' + '%d' % 7 }}":    "<a, b><c>x7",
		"{{ '%s %s %s' % (true, none, 5 % 3) }}":                           "True None 2",
		"{% set x = '%s' % ('%s' % 'in') %}{{ x }}{{ '%s' % ('%s',) }}":    "in%s",
		"{% if '%s' % messages[0].role == 'user' %}yes{% endif %}":         "yes",
		"{{ ['%s' % 'a', '%s' % 'b'] | join('-') }}{{ ('%s' % 'é') * 2 }}": "a-béé",
	} {
		k, err := Parse(source, "", "")
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := k.Render(hi, nil, false); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", source, got, err, want)
		}
	}
	for source, want := range map[string]string{
		"{% set f = '%s' %}{{ f % 'a' }}":    "the operator % after something that is no number",
		"{{ messages[0].content|trim % 2 }}": "the operator % after something that is no number",
		"{{ 2 * '%s' % 'a' }}":               "", // 0 for the engine
		"{{ '%s' % 7 % 3 }}":                 "the operator % after something that is no number",
		"{{ '%s' % 7 ** 2 }}":                "the operator *",
		"{{ '%s' % ('a', 'b') }}":            "with more values",
		"{{ '%s %s' % 'a' }}":                "with less values",
		"{{ '%99999999d' % 1 }}":             "with %9, which is not supported",
		"{{ '%' % 1 }}":                      "with %, which is not supported",
		"{{ '%s' % messages }}":              "no text or whole number",
		"{{ '%s' % nothing }}":               "no text or whole number",
		"{{ '%d' % 'a' }}":                   "no text or whole number",
		"{{ '%s' % 1.5 }}":                   "no text or whole number",
	} {
		k, err := Parse(source, "", "")
		if err == nil {
			_, err = k.Render(hi, nil, false)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", source, err, want)
		}
	}
}

// The engine's errors name the line of the file.
func TestLines(t *testing.T) {
	for source, want := range map[string]string{
		"a\n{% if true %}\nb\n{% endif %}\n\n{% for %}": "line 6",
		"{# a\n\n #}{{\n1 }}\n{{ 2 }}{% for %}":         "line 5",
		"{{ 1 }}\n{% raw %}\n\n{{ 2 }}":                 "line 2",
		"a\n\n{{ x":                                     "line 3",
	} {
		if _, err := Parse(source, "", ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", source, err, want)
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
	f.Add(`{% set x = "ab" %}{% for i in range(30) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ x.replace("a", "bb") }}{{ [1, x][::-1] * 2 }}`)
	f.Add(`{% set l = [{"a": 1}] %}{{ l | map("upper") | join(",") }}{% call(x) f() %}{{ x }}{% endcall %}`)
	f.Add(`{{ '%s: %d' % (messages[0].role, 7) + 'x' }}{{ '%s%%' % pastime_format() }}{{ pastime_formats('%s', 1) }}`)
	f.Add(`{{ tools | tojson(indent=2) }}{% for a in range(3) if a %}{{ loop.index }}{% break %}{% else %}{% endfor %}`)
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4000 {
			return
		}
		k, err := Parse(source, "<s>", "</s>")
		if err != nil {
			return
		}
		text, _ := k.Render(hi, []hobby.Tool{{Name: "f", Parameters: json.RawMessage(`{"type":"object"}`)}}, true)
		if len(text) > 4*maxSize {
			t.Errorf("%d bytes", len(text))
		}
	})
}
