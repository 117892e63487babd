package reading

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/race"
)

// opened is the library of a folder.
func opened(t testing.TB, dir string) *library {
	t.Helper()
	l, err := newTree(dir, 1000, nil).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return newLibrary(l.Files, os.DirFS(dir))
}

// files is a tree with files of these names, which have spaces between them.
func files(names ...string) fs.FS {
	tree := fstest.MapFS{}
	for _, name := range strings.Fields(strings.Join(names, " ")) {
		tree[name] = &fstest.MapFile{}
	}
	return tree
}

func TestAnchors(t *testing.T) {
	s := slugger{}
	for _, c := range [][2]string{
		{"What it does", "what-it-does"}, {"What it does", "what-it-does-1"}, {"What it does 1", "what-it-does-1-1"},
		{"C++ & Go: a tale", "c--go-a-tale"},
		{"`POST /hobby/pause?x=1`", "post-hobbypausex1"}, {"snake_case-kebab", "snake_case-kebab"}, {"Ünïcödé ÄÖ", "ünïcödé-äö"},
		{"日本語 テスト", "日本語-テスト"},
		{"🎉 Party", "-party"}, {"", ""}, {"", "-1"}, {"İstanbul", "i̇stanbul"}, {"1.2.3", "123"}, {"a  b", "a--b"}, {"½ ² ①", "--"},
		{"foo‿bar", "foo‿bar"},
	} {
		if got := s.anchor(c[0]); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
}

func TestAcronyms(t *testing.T) {
	for text, want := range map[string]string{
		"They use hidden Markov models (HMM) for it.":                       "HMM hidden Markov models",
		"The Food and Drug Administration (FDA) says so.":                   "FDA Food and Drug Administration",
		"We use Server-Sent Events (SSE).":                                  "SSE Server-Sent Events",
		"Quality of Service (QoS) matters.":                                 "QoS Quality of Service",
		"an adenosine triphosphate (ATP) molecule":                          "ATP adenosine triphosphate",
		"Two of them: a pull request (PR) and an issue (see below).":        "PR pull request",
		"It uses Transmission Control Protocol/Internet Protocol (TCP/IP).": "TCP/IP Transmission Control Protocol/Internet Protocol",
		"It supports JSON (RFC 8259) and more.":                             "",
		"Call it (NOW) or never.":                                           "",
		"the function Foo (FOO)":                                            "",
		"the HTTP server (HS)":                                              "HS HTTP server",
		"on the web (a GUI)":                                                "",
		"(ABC)":                                                             "",
		"x (AB)":                                                            "",
		"a list of things, in any order (LAO)":                              "",
		"nothing fits the letters here (XYZ)":                               "",
	} {
		got := ""
		for _, a := range acronyms(&document{blocks: []block{{text: text}}}, 0) {
			got += a.short + " " + a.long
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string]int{
		"One. Two! Three? Four": 4, "See e.g. Section 2 of it.": 1, "Version 1.2 is out. It works.": 2, "By J. R. Smith. He knows.": 2,
		"It costs 3.50 Euro.": 1, "": 1, "End.": 1, "“Yes.” He went.": 1,
	} {
		if got := sentences(text); len(got) != want || strings.Join(got, " ") != text {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
}

// TestCode says which code is let pass and which is not.
func TestCode(t *testing.T) {
	for _, c := range []struct {
		lang         string
		right, wrong []string
	}{
		{"go", []string{
			"package p\nfunc f() {}", "x := 1\nf(x)", "func f()", "type T struct{}\nfunc (t T) M()", "import \"fmt\"\n\nfmt.Println()",
			"Name string `json:\"name\"`", "Name: 1,\nOther: 2", "case 1:\n\tf()",
			"func (ctx context.Context) error", "if err != nil {", "} else if x {\n\tf()", "else if x {\n\tf()\n}",
			"f(a, ...)", "// A word.\n// And let's go on.\nfunc (t *T) F(_ C, a int) error {", "x := <type>{}", "",
			"var x = 1\nfor {\n}\nfunc g() {}\nx = 2",
			"package p\n\nimport (\n\t\"a\"\n)\n\ng()", "map[string]int",
		}, []string{"f(a\nb)", "x = {1, 2}", "f(T{\n\tA: 1\n})", "# f()"}},
		{"json", []string{"{}", "{\"a\": [1, 2]}\n{\"b\": 3}", "{\"a\": ...}", "{\"a\": 1} // comment", "", "{\"a\": <id>}", "[1]",
			"{a: 1}", "{'a': 1}", "{\"a\": 1", "]", "{a=\"b\"}", "$ f\n{\"a\": 1}", "\"a\": 1\n\"a\": 2", "{\"a\": 1 | 2}"},
			[]string{"{\"a\": 1,}", "[1,\n]", "{\"a\": 1\n\"b\": 2}", "[{}\n{}]"}},
		{"jsonc", []string{"{a: 1,}"}, nil}, {"", []string{"f(a b"}, nil}, {"python", []string{"f(a b"}, nil},
	} {
		tell := func(code string) []finding {
			return parse("a.md", []byte("````"+c.lang+"\n"+code+"\n````\n")).wrong()
		}
		for _, code := range c.right {
			if got := tell(code); len(got) != 0 {
				t.Errorf("%s %q: %s", c.lang, code, got[0].Text)
			}
		}
		for _, code := range c.wrong {
			if got := tell(code); len(got) != 1 {
				t.Errorf("%s %q is let pass", c.lang, code)
			}
		}
	}
}

// TestLinks says which links lead somewhere.
func TestLinks(t *testing.T) {
	there := files("docs/a.png", "docs/c/index.md", "src/x.go", "LICENSE")
	docs := []*document{parse("README.md", []byte("# Top\n\n## Two words\n<a name=\"Named\"></a>\n<h2 id='html'>In HTML</h2>\n\n"+
		"### Kram {#own}\n")), parse("docs/b.md", []byte("# B\n")), parse("docs/c/index.md", nil)}
	for dest, want := range map[string]bool{
		"#two-words": true, "#Two-Words": true, "#named": true, "#html": true, "#in-html": true, "#own": true, "#top": true, "#": true,
		"#no":       false,
		"docs/b.md": true, "docs/b.md#b": true, "docs/b.md#L3": true, "docs/b.md#x": false, "./docs": true, "docs/": true, "docs/a.png#x": true,
		"docs/b": true, "docs/b.html": true, "docs/c/": true,
		"docs/none.md": false, "none": false, "src/x.go#L10": true, "src/y.go": false, "/docs/b.md": true, "/docs/none.md": false,
		"/elsewhere/x": true, "../up.md": true, "docs/../README.md": true,
		"https://example.com/none": true, "mailto:a@b": true, "docs/b.md?plain=1#x": true, "{{ url }}": true, "www.example.com": false,
		"docs%2Fb.md": true, "docs/b%2Emd": true, "%zz": true, "a b": true,
	} {
		d := parse("index.md", nil)
		d.links = []link{{dest, 1}}
		if strings.HasPrefix(dest, "#") {
			d = docs[0]
			d.links = []link{{dest, 1}}
		}
		lib := newLibrary(append(docs, d), there)
		if got := lib.broken(d); (len(got) == 0) != want {
			t.Errorf("%s: %+v", dest, got)
		}
	}
}

// TestReferences says which brackets refer to something.
func TestReferences(t *testing.T) {
	for text, want := range map[string]int{
		"[a link][label] and [Other][]": 2, "[a][label]\n\n[label]: /x": 0, "[a][label]\n\n[Label]: {{< x y >}}": 0,
		"`[a][label]`": 0, "m[key][other]": 0, "[a][1]": 0,
		"[^note][^other]": 0, "[`code`][label]": 1, `\[a][label]`: 0, "![image][label]": 1,
		"See [a <em>b</em>][none]": 1, "[a <em>b</em>][]": 0, "[a][n <em>b</em>]": 0,
		"[0-9][a-z]": 0, "[ ] [x]": 0, "    [a][label]": 0, "[RFC4346][RFC6347]": 0, "[the RFC][RFC6347]": 1, "[RFC6347][]": 1,
	} {
		if got := parse("a.md", []byte(text)).undefined; len(got) != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

var keys = flag.Int("keys", 30, "how many questions of each family and level are answered anew")

// TestTheKeyIsTheAnalysis answers every question anew from its prompt, by other
// means.
func TestTheKeyIsTheAnalysis(t *testing.T) {
	if race.Enabled {
		t.Skip("making and judging questions starts nothing")
	}
	seeds := uint64(*keys)
	for dir, least := range map[string]int{"testdata/harbour": 15, "../../..": 0} {
		shelf := newShelf(context.Background(), opened(t, dir))
		for _, family := range families {
			length := make([]int, family.Levels+1)
			for level := 1; level <= family.Levels; level++ {
				asked := 0
				for seed := range seeds {
					task, ok := shelf.ask(rand.New(rand.NewPCG(seed, 1)), family, level)
					if !ok {
						continue
					}
					asked++
					again, _ := shelf.ask(rand.New(rand.NewPCG(seed, 1)), family, level)
					if again.Params != task.Params || again.Reference != task.Reference || again.Messages[0].Content != task.Messages[0].Content {
						t.Fatalf("%s level %d seed %d asks something else the second time", family.Name, level, seed)
					}
					if practice.Split("reading", &task) != hobby.Practice || task.Taint != hobby.Untrusted || task.Source == "" {
						t.Errorf("%s level %d seed %d: held out, trusted or of nobody", family.Name, level, seed)
					}
					prompt := task.Messages[0].Content
					length[level] += len(prompt)
					if want := answer(t, family.Name, prompt); !strings.EqualFold(want, task.Reference) || len(prompt) > 8<<10 {
						t.Errorf("%s level %d seed %d: the key is %q, the prompt of %d bytes says %q\n%s",
							family.Name, level, seed, task.Reference, len(prompt), want, prompt)
					}
					for _, right := range []string{task.Reference, " `" + task.Reference + "`\n", "Answer: " + task.Reference, "**" + task.Reference +
						"**"} {
						if task.Verify(right).Score != 1 {
							t.Errorf("%s: %q does not pass, the key is %q", family.Name, right, task.Reference)
						}
					}
					for _, wrong := range []string{"", "I don't know", task.Reference + "1", "x" + task.Reference, task.Reference + " or another",
						prompt} {
						if v := task.Verify(wrong); v.Score == 1 || v.Note == "" {
							t.Errorf("%s: %q passes, the key is %q", family.Name, wrong, task.Reference)
						}
					}
				}
				if asked < least {
					t.Errorf("%s: %s level %d was asked %d times of 60", dir, family.Name, level, asked)
				}
			}
		}
	}
}

// answer answers a question from its prompt alone.
func answer(t *testing.T, family, prompt string) string {
	t.Helper()
	_, rest, _ := strings.Cut(prompt, "\n\n")
	fence, rest, _ := strings.Cut(rest, "\n")
	passage, ask, _ := strings.Cut(rest, "\n"+fence+"\n\n")
	between := func(a, b string) string {
		_, s, _ := strings.Cut(ask, a)
		s, _, _ = strings.Cut(s, b)
		return s
	}
	lines := strings.Split(passage, "\n")
	switch family {
	case "missing-word":
		gap := regexp.QuoteMeta(between("but for one word: ", "\n"))
		all := regexp.MustCompile(strings.Replace(gap, "_____", `([\pL\pN]+)`, 1)).FindAllStringSubmatch(passage, -1)
		if len(all) != 1 {
			t.Errorf("%d words fit", len(all))
			return ""
		}
		return all[0][1]
	case "section":
		title, in := "", ""
		for _, line := range lines {
			if rest, ok := strings.CutPrefix(line, "## "); ok {
				title = rest
			} else if strings.Contains(line, between("contains this sentence: ", "\n")) {
				in += title
			}
		}
		return in
	case "next-heading":
		_, rest, _ := strings.Cut(passage+"\n", "## "+between("after the heading “", "”?")+"\n")
		_, rest, _ = strings.Cut(rest, "\n## ")
		next, _, _ := strings.Cut(rest, "\n")
		return next
	case "table-cell":
		cells := func(line string) []string {
			return strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | ")
		}
		for _, line := range lines[2:] {
			if cells(line)[0] != between("first cell is “", "”, what") {
				continue
			}
			for i, head := range cells(lines[0]) {
				if head == between("column “", "”") {
					return cells(line)[i]
				}
			}
		}
		return ""
	case "list-length":
		return fmt.Sprint(strings.Count("\n"+passage, "\n- "))
	}
	before, _, _ := strings.Cut(passage, " ("+between("What does ", " stand")+")")
	fields := strings.Fields(before)
	for n := 1; n <= len(fields); n++ { // the shortest end whose capitals are the acronym's
		long := strings.Join(fields[len(fields)-n:], " ")
		initials := ""
		for _, w := range strings.FieldsFunc(long, func(r rune) bool { return r == ' ' || r == '-' }) {
			initials += strings.ToUpper(w[:1])
		}
		if strings.EqualFold(initials, between("What does ", " stand")) {
			return long
		}
	}
	return ""
}

// TestTheNextHeadingIsTheDocuments reads the headings of the documents that are asked
// about by other means: the key is the next one of the document, and of the passage.
func TestTheNextHeadingIsTheDocuments(t *testing.T) {
	if race.Enabled {
		t.Skip("making and judging questions starts nothing")
	}
	heading := regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$|(?ms)^` + "```" + `.*?^` + "```" + `$`)
	for _, dir := range []string{"testdata/harbour", "../../.."} {
		shelf := newShelf(context.Background(), opened(t, dir))
		asked, marked := 0, 0
		for level := 1; level <= 3; level++ {
			for seed := range uint64(100) {
				task, ok := shelf.ask(rand.New(rand.NewPCG(seed, 4)), hobby.Family{Name: "next-heading", Version: 2}, level)
				if !ok {
					continue
				}
				asked++
				prompt := task.Messages[0].Content
				_, after, _ := strings.Cut(prompt, "after the heading “")
				after, _, _ = strings.Cut(after, "”?")
				text, err := os.ReadFile(filepath.Join(dir, task.Source))
				if err != nil {
					t.Fatal(err)
				}
				next, seen := "", false
				for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
					if m[1] == "" {
						continue
					}
					if seen {
						next = m[1]
						break
					}
					seen = plain(m[1]) == plain(after)
				}
				if plain(next) != plain(task.Reference) {
					t.Errorf("%s: after %q comes %q, the key is %q", task.Source, after, next, task.Reference)
				}
				if strings.Contains(prompt, "\n[...]\n") {
					marked++
				}
			}
		}
		if asked < 40 || marked == 0 {
			t.Errorf("%s: %d questions, %d with something left out", dir, asked, marked)
		}
	}
}

// plain is a heading without the marks of Markdown.
func plain(heading string) string {
	return strings.NewReplacer("`", "", "*", "", "\\", "").Replace(heading)
}

// TestGuessFloor answers each family with the best constant.
func TestGuessFloor(t *testing.T) {
	if race.Enabled {
		t.Skip("making and judging questions starts nothing")
	}
	shelf := newShelf(context.Background(), opened(t, "testdata/harbour"))
	for _, family := range families {
		for level := 1; level <= family.Levels; level++ {
			counts, asked, best := map[string]int{}, 0, 0
			for seed := range uint64(400) {
				if task, ok := shelf.ask(rand.New(rand.NewPCG(seed, 2)), family, level); ok {
					asked++
					counts[task.Reference]++
					best = max(best, counts[task.Reference])
				}
			}
			rate := float64(best) / float64(max(1, asked))
			t.Logf("%-12s level %d: %4d asked, %3d answers, a constant passes %.3f", family.Name, level, asked, len(counts), rate)
			if rate > family.Guess+0.06 {
				t.Errorf("%s level %d: a constant answer passes %.3f of the questions, the family says %.3f", family.Name, level, rate, family.Guess)
			}
		}
	}
}

// TestAnyTextMakesASoundPrompt puts any text into documents.
func TestAnyTextMakesASoundPrompt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("`#|-*[]<>.\n \t_~!&\\x1")))).Draw(t, "text")
		sound(t, text, rapid.Uint64().Draw(t, "seed"))
	})
}

type failer interface{ Fatalf(string, ...any) }

// sound reads a text as Markdown, between what questions can be made of.
func sound(t failer, text string, seed uint64) {
	soundly(t, parse("a.md", []byte("# One\n\nThe first paragraph has a sentence of ten words. "+text+
		"\n\n## Two\n\n"+text+"\n\nThe second paragraph says something else about the matter.\n\n"+
		"| a | b |\n|---|---|\n| 1 | x |\n| 2 | y |\n| 3 | z |\n| "+text+
		"\n\n## Three "+text+"\n\nA third one stands for nothing else than itself here.\n")), seed)
}

// soundly looks at what is told of a document, and asked about it.
func soundly(t failer, d *document, seed uint64) {
	lib := newLibrary([]*document{d}, nil)
	ctx := context.Background()
	for _, f := range slices.Concat(lib.broken(d), d.faults(), lib.definitions(ctx), lib.repeated(ctx)) {
		if f.Text == "" || f.Key == "" || clean(f.Text) != f.Text || len(f.Text) > 1000 {
			t.Fatalf("a finding with the key %q has the text %q", f.Key, f.Text)
		}
		if f.Confidence <= 0 || len(f.Evidence) == 0 || f.Taint != hobby.Untrusted {
			t.Fatalf("not untrusted, or without confidence or evidence: %+v", f)
		}
		for _, e := range f.Evidence {
			if e.Line > len(d.starts) || e.EndLine < e.Line {
				t.Fatalf("line %d-%d of %d: %s", e.Line, e.EndLine, len(d.starts), f.Text)
			}
		}
	}
	s := newShelf(context.Background(), lib)
	for i, family := range families {
		task, ok := s.ask(rand.New(rand.NewPCG(seed, uint64(i))), family, 1)
		if !ok {
			continue
		}
		if task.Verify(task.Reference).Score != 1 {
			t.Fatalf("%s: the key %q does not pass", family.Name, task.Reference)
		}
		prompt := task.Messages[0].Content
		_, rest, _ := strings.Cut(prompt, "\n\n")
		fence, rest, _ := strings.Cut(rest, "\n")
		if strings.Count(rest, fence) != 1 || !utf8.ValidString(prompt) || len(prompt) > 8<<10 || controlling.MatchString(rest) {
			t.Fatalf("%s: %q", family.Name, prompt)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, s := range []string{
		"", "---\na: b\n---\n", "[a][b]\n\n[b]: c", "| a |\n|---|\n| b | c |", "```json\n{", "<a name=x><h1>y</h1>", "A long name (ALN) of it.",
		"- a\n- b\n  - c", "> # q", "a\n===", "\xff", "\x00", "TODO: x", "the the", "\u202e", "&#0;&lt;", "![x][y][z]", "<!--", "![](x \"\")",
		"a\r\nb\r\n\r\n# c\r\n",
	} {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		sound(t, text, seed)
		d := parse("b.txt", []byte(text))
		for _, finding := range d.faults() {
			if finding.Text == "" {
				t.Fatal("nothing is told")
			}
		}
		if tooMuch([]byte(text)) == "" {
			parse("c.md", []byte(text))
		}
	})
}

// BenchmarkHostile reads the documents that take longest: what an interrupted
// session may still wait for.
func BenchmarkHostile(b *testing.B) {
	fill := func(paragraph string) string { return strings.Repeat(paragraph+"\n\n", maxFile/(len(paragraph)+2)) }
	for name, text := range map[string]string{
		"brackets": fill(strings.Repeat("[a](", 140)), "angles": fill(strings.Repeat("[x](<", 400)), "images": fill(strings.Repeat("![", 380)),
		"stars": fill(strings.Repeat("*a_ ", 150)), "escapes": "|a|\n|-|\n" + strings.Repeat("|`\\|`|\n", 5500),
		"cells":  "|" + strings.Repeat("a|", 420) + "\n|" + strings.Repeat("-|", 420) + "\n" + strings.Repeat("x\n", 420),
		"quotes": fill(strings.Repeat("> ", mostNesting) + "a"), "dashes": fill(strings.Repeat("- ", mostNesting) + "a"),
		"indent": fill(strings.Repeat(" ", mostIndent) + "- a"),
		"nested": fill("- a\n  - b\n    - c\n      - d\n        - e\n          - f"),
		"ticks":  fill("e`e``e```e````e`````e``````" + strings.Repeat("e`", 1000)),
		"html":   "<div>\n" + strings.Repeat("<a href='x'>\n", maxFile/14), "tags": "<div>\n" + strings.Repeat("<a x<img src='' ", maxFile/17),
		"comment":    "<!--\n" + strings.Repeat("<a href=''>\n\n", maxFile/14),
		"references": strings.Repeat("[a]: /u\n", maxFile/9),
		"definitions": func() string {
			var t strings.Builder
			for i := 0; t.Len() < maxFile-20; i++ {
				fmt.Fprintf(&t, "[a%d]: /u\n", i)
			}
			return t.String()
		}(),
		"go": fill("```go\n" + strings.Repeat("f(a\nb)\n", 40) + "```"), "acronyms": fill(strings.Repeat("a b (AB) ", 7000)),
		"words": fill(strings.Repeat("the ", 16000)), "lines": strings.Repeat("a\n", maxFile/2),
		"headings": strings.Repeat("# a\n", maxFile/4), "levels": strings.Repeat("# a\n### b\n", maxFile/10),
		"items": strings.Repeat("- a\n", maxFile/4), "tables": fill("|a|b|\n|-|-|\n|c|d|e|"),
		"sentences": fill(strings.Repeat("A b. ", 12000)),
		"inline":    strings.Repeat(" <i>", maxFile/4), "listing": "<pre>" + strings.Repeat("<b>x", maxFile/4),
		"anchors": fill(strings.Repeat("[a](#b) ", 400) + "b\n"), "slips": fill("This is the the page of it."), "missing": fill("[a](none.md)"),
		"values": strings.Repeat("{a} <<b>> ", maxFile/10),
		"roles":  strings.Repeat(":a:`b` `c <d>`_ ", maxFile/16), "directives": strings.Repeat(".. a::\n", maxFile/7),
	} {
		for _, format := range []string{"md", "mdx", "html", "rst", "adoc", "txt"} {
			b.Run(name+"/"+format, func(b *testing.B) {
				name := "a." + format
				text := text[:min(len(text), maxFile)]
				tree := fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}
				for b.Loop() {
					d := parse(name, []byte(text))
					if d.unread != "" {
						b.Skip(d.unread)
					}
					lib := newLibrary([]*document{d}, tree)
					faults := append(append(lib.broken(d), d.faults()...), lib.definitions(b.Context())...)
					_ = together(faults, lib.documents, true)
				}
			})
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("../../../docs/guide.md")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if d := parse("guide.md", text); d.unread != "" {
			b.Fatal(d.unread)
		}
	}
}

// TestWhatIsWrittenInOtherWays has what documents may have beyond CommonMark, with what
// must be told of their links.
func TestWhatIsWrittenInOtherWays(t *testing.T) {
	for _, c := range []struct {
		what, name, text string
		broken           []string
	}{
		{"a footnote", "a.md", "# s\n\nA footnote[^1].\n\n[^1]: foot\n", nil},
		{"a footnote with a link", "a.md", "A[^n] b.\n\n[^n]: see [x](none.md)\n    and [y](b.md)\n", []string{"none.md"}},
		{"a footnote in a quote", "a.md", "> A[^1].\n>\n> [^1]: foot\n", nil},
		{"a footnote named as a link is", "a.md", "A [^x][] and [it][^x].\n\n[^x]: foot\n", nil},
		{"a link that looks like a box", "a.md", "- [X](none.md)\n- [x](b.md)\n- [ ](c.md)\n", []string{"none.md", "c.md"}},
		{"a box", "a.md", "- [x] [done](none.md)\n- [ ] open\n", []string{"none.md"}},
		{"a marker", "a.md", "<a href=\"x\" id=\"x\"></a>\n\nText <a name='y' href=\"y\"></a> and <a href=\"z\" id=\"z\"> </a>[l](#x) " +
			"[l](#y) [l](#z).\n", nil},
		{"a link with a name", "a.md", "<a id=\"x\" href=\"none.md\">text</a> <a href=\"c.md\" id=\"y\">c</a>\n", []string{"none.md", "c.md"}},
		{"old line ends", "a.md", "# One\r\r[l](#one) [m](#two)\r\r## Two\r\r[n](none.md)\r", []string{"none.md"}},
		{"mixed line ends", "a.md", "# One\r\n\r\n[l](#one)\r\r## Two\n\n[n](none.md)\r\n", []string{"none.md"}},
		{"MDX", "a.mdx", "---\ntitle: x\n---\nimport X from './none.js'\nimport {\n  Y,\n} from './y'\n\nexport const z = {\n" +
			"  a: '[e](f.md)',\n\n  b: 1,\n}\n\n# One\n\n" +
			"<X a={1}>\n\n[l](#one) [m](none.md)\n\n</X>\n\n{/* [c](none2.md) */}\n\nHello {props.name}, [n](c.md).\n", []string{"none.md", "c.md"}},
	} {
		d := parse(c.name, []byte(c.text))
		lib := newLibrary([]*document{d, parse("b.md", nil)}, nil)
		var got []string
		for _, f := range lib.broken(d) {
			_, dest, _ := strings.Cut(f.Text, " links to ")
			dest, _, _ = strings.Cut(dest, ",")
			got = append(got, dest)
		}
		if d.unread != "" || !slices.Equal(got, c.broken) || len(d.undefined) != 0 {
			t.Errorf("%s: %q %v, want %v; not defined: %v", c.what, d.unread, got, c.broken, d.undefined)
		}
	}
	d := parse("a.mdx", []byte("import X from 'ÄÖÜäöüÄÖÜäöüÄÖÜäöü'\n\n# One\n\nWhat is said.\n\n{1 +\n\n2}\n\nHello {name}.\n"))
	if len(d.headings) != 1 || d.headings[0].line != 3 || len(d.blocks) != 1 || d.blocks[0].text != "What is said." {
		t.Errorf("MDX is read as %+v with %+v", d.headings, d.blocks)
	}
	for _, name := range []string{"a.txt", "a.md"} {
		if d := parse(name, []byte("One.\r\rTwo.\r")); len(d.blocks) != 2 || d.blocks[1].line != 3 {
			t.Errorf("%s with old line ends is read as %+v", name, d.blocks)
		}
	}
	d = parse("a.md", []byte("A[^1].\n\n[^1]: The words\n    of a note.\n"))
	if len(d.blocks) != 2 || d.blocks[1].text != "The words of a note." {
		t.Errorf("a note is read as %+v", d.blocks)
	}
}

// TestCollapsedAnchors has sites that make one hyphen of several.
func TestCollapsedAnchors(t *testing.T) {
	for site, collapses := range map[string]bool{
		"": false, "SUMMARY.md": true, "docs/SUMMARY.md": true, "other/SUMMARY.md": false, "book.json": true, ".gitbook.yaml": true,
		"mkdocs.yml": true, "docs/.vitepress": true,
		"book.toml SUMMARY.md": false, "book.toml docs/SUMMARY.md": false, "_config.yml": false,
	} {
		d, faq := parse("docs/a.md", nil), parse("docs/faq.md", []byte("# Limits on the # of subjects & more\n\n## & then\n"))
		for dest, whole := range map[string]bool{
			"faq.md#limits-on-the-of-subjects-more": false, "faq.md#limits-on-the--of-subjects--more": true, "faq.md#then": false,
			"faq.md#-then": true,
		} {
			d.links = []link{{dest, 1}}
			lib := newLibrary([]*document{d, faq}, files("LICENSE", site))
			if got := len(lib.broken(d)) == 0; got != (whole || collapses) {
				t.Errorf("%q, %s: accepted %v", site, dest, got)
			}
		}
		d.links = []link{{"faq.md#limits-on-subjects", 1}}
		lib := newLibrary([]*document{d, faq}, files("LICENSE", site))
		if len(lib.broken(d)) != 1 {
			t.Errorf("%q: an anchor that is not there was accepted", site)
		}
	}
}

// TestAFolderOfASite has a folder whose site is said above it: what such a site may do is no fault.
func TestAFolderOfASite(t *testing.T) {
	d := parse("a.md", []byte("# Top\n\n[l](#head-branch) [m](#how-often) [n](#none)\n\n### HEAD / Branch\n\n## How often ?\n"))
	for beside, want := range map[string]int{"": 1, "b.md": 1, "LICENSE": 3, ".git": 3} {
		lib := newLibrary([]*document{d}, files(beside))
		if got := lib.broken(d); len(got) != want {
			t.Errorf("beside %q: %+v, want %d", beside, got, want)
		}
	}
}

// TestTheLineOfAMistake has words that go on to the next line: the line is that of the first.
func TestTheLineOfAMistake(t *testing.T) {
	d := parse("a.md", []byte("# Top\n\nThis is the first line of it, and\n"+
		"the second one refers to a\na third one, and it is of the\nthe end.\n"))
	got := map[string]int{}
	for _, r := range d.remarks {
		got[r.subject] = r.line
	}
	if got["“a a” has a word twice"] != 4 || got["“the the” has a word twice"] != 5 {
		t.Errorf("the mistakes are at %v", got)
	}
}

// TestPagesWithFolders has a site of Hugo, and a folder whose site is said above it: links are from where a page is.
func TestPagesWithFolders(t *testing.T) {
	for beside, want := range map[string]int{"_index.md": 1, "": 1, "LICENSE": 2} {
		d := parse("get/architecture.md", []byte("[a](../chart.svg) [b](../../query/) [c](../0003-Of-Rings/) [d](../none.png)\n"))
		lib := newLibrary([]*document{d, parse("get/0003-Of-Rings.md", nil)},
			files(beside, "get/chart.svg", "query", "map.png"))
		if got := lib.broken(d); len(got) != want {
			t.Errorf("beside %q: %+v, want %d", beside, got, want)
		}
	}
}

// TestTwoMeanings has an acronym of two meanings, and one whose words are a part of the sentence.
func TestTwoMeanings(t *testing.T) {
	for text, want := range map[string]bool{
		"We use solid state drives (SSD) for it.\n\nThis is a Simple Scalable Deployment (SSD) of it.\n":        true,
		"This is the time to live (TTL) of it.\n\nIt takes longer than the index cache validity (TTL) of it.\n": false,
		"It is Generally Available (GA) now.\n\nGeneral Availability (GA) is near.\n":                           false,
		"A quality of service (QoS) is this.\n\nA Queue of Stars (QoS) is that.\n":                              true,
	} {
		d := parse("a.md", []byte(text))
		got := false
		for _, f := range newLibrary([]*document{d}, nil).definitions(t.Context()) {
			got = got || strings.Contains(f.Text, ", and for ")
		}
		if got != want {
			t.Errorf("%q has two meanings: %v", text, got)
		}
	}
}

// TestWhatIsMadeLater has pages of Sphinx that may be made before the site is, one in Markdown, and a link that a
// template fills in.
func TestWhatIsMadeLater(t *testing.T) {
	d := parse("api.rst", []byte("Top\n===\n\n.. toctree::\n\n   Flow <_api/flow/README>\n   None <none>\n   notes.md\n\n"+
		"See :doc:`it <gone>`, `here <a_label>`__ or `there <_api/x.txt>`__.\n"))
	lib := newLibrary([]*document{d, parse("notes.md", nil)}, nil)
	if got := lib.broken(d); len(got) != 1 || !strings.Contains(got[0].Text, "a_label") {
		t.Errorf("%+v, want a_label alone", got)
	}
	if _, to := lib.cited(t.Context()); !to["api.rst"]["notes.md"] {
		t.Errorf("it leads to %v, want notes.md", to["api.rst"])
	}
	d = parse("a.md", []byte("# Top\n\nSee the [mirror](https://example.org/{{< version >}}) of it.\n\n"+
		"See the [mirror] (https://example.org/b) of it.\n"))
	if len(d.remarks) != 1 || d.remarks[0].line != 5 {
		t.Errorf("%+v, want the link of line 5 alone", d.remarks)
	}
}

// TestModulesOfAntora has links that are from folders of the module that a document is in.
func TestModulesOfAntora(t *testing.T) {
	there := files("LICENSE", "docs/modules/ROOT/images/a.png", "docs/modules/ROOT/pages/in/b.adoc")
	nav := parse("docs/modules/ROOT/nav.adoc", []byte("* xref:in/b.adoc[B]\n* xref:none.adoc[no]\n"))
	page := parse("docs/modules/ROOT/pages/in/b.adoc", []byte("= B\n\nimage::a.png[A]\n\n"+
		"See xref:in/b.adoc[it], image::none.png[no] and xref:gone.adoc[no].\n"))
	lib := newLibrary([]*document{nav, page}, there)
	for d, want := range map[*document]string{nav: "none.adoc", page: "gone.adoc"} {
		if got := lib.broken(d); len(got) != 1 || !strings.Contains(got[0].Text, want) {
			t.Errorf("%s: %+v, want %s alone", d.path, got, want)
		}
	}
	if _, to := lib.cited(t.Context()); !to[nav.path][page.path] {
		t.Errorf("the navigation leads to %v", to[nav.path])
	}
}

// TestTheTitleOfABlock has an anchor in the title of a block of AsciiDoc, and a remark that has none.
func TestTheTitleOfABlock(t *testing.T) {
	d := parse("a.adoc", []byte("= Top\n\nSee <<in-title>> and <<in-remark>>.\n\n.[[in-title]]Title\n----\nx\n----\n\n// [[in-remark]]\n"))
	got := newLibrary([]*document{d}, files("LICENSE")).broken(d)
	if len(got) != 1 || !strings.Contains(got[0].Text, "in-remark") {
		t.Errorf("%+v, want the link to the remark alone", got)
	}
}

// TestPagesFromElsewhere has an address from the root of a site, which may be of another repository. A file is not.
func TestPagesFromElsewhere(t *testing.T) {
	d := parse("docs/use.md", []byte("[a](/docs/specs/otlp/#top) [b](/docs/alias) [c](/docs/none.md) [d](none.md) ![e](/docs/a.png)\n"))
	for beside, want := range map[string]int{"docs/_index.md": 2, "": 2, "LICENSE": 2} {
		lib := newLibrary([]*document{d}, files(beside, "docs"))
		if got := lib.broken(d); len(got) != want {
			t.Errorf("beside %q: %+v, want %d", beside, got, want)
		}
	}
}
