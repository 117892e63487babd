package gocode

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/race"
)

var (
	peerGocyclo = flag.String("peer-gocyclo", "", "what gocyclo said of the files in -peer-source")
	peerSource  = flag.String("peer-source", "", "a folder of Go files")
)

// gocyclo reads lines of "14 package name file:line:column".
func gocyclo(t *testing.T, path string) map[string]int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	numbers := map[string]int{}
	for in := bufio.NewScanner(f); in.Scan(); {
		var n int
		var pkg string
		// A method's name may contain no space, so the last field is the place.
		if _, err := fmt.Sscan(in.Text(), &n, &pkg); err != nil {
			continue // the version
		}
		fields := strings.Fields(in.Text())
		place := strings.Split(fields[len(fields)-1], ":")
		numbers[filepath.Base(place[0])+":"+place[1]] = n
	}
	return numbers
}

// TestComplexityIsGocyclos compares with the numbers that gocyclo gave;
// .ci/peers gocyclo writes them anew and compares many more.
func TestComplexityIsGocyclos(t *testing.T) {
	compare := func(want map[string]int, paths ...string) {
		t.Helper()
		seen := 0
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, fn := range functions(parse(filepath.Base(path), text)) {
				n, ok := want[fmt.Sprintf("%s:%d", fn.file.path, fn.line)]
				if ok && n != fn.cyclomatic {
					t.Errorf("%s at %s:%d: %d, gocyclo says %d", fn.name, path, fn.line, fn.cyclomatic, n)
				}
				if ok {
					seen++
				}
			}
		}
		t.Logf("%d functions compared, gocyclo knows %d", seen, len(want))
		if seen == 0 || 100*seen < 99*len(want) { // gocyclo counts functions without a body, too
			t.Errorf("%d functions compared, gocyclo knows %d", seen, len(want))
		}
	}
	compare(gocyclo(t, "testdata/gocyclo.golden"), "testdata/branches.go")
	if *peerGocyclo != "" {
		paths, err := filepath.Glob(filepath.Join(*peerSource, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		compare(gocyclo(t, *peerGocyclo), paths...)
	}
}

// TestCognitiveComplexity has the examples of its definition.
func TestCognitiveComplexity(t *testing.T) {
	for body, want := range map[string]int{
		``:                                       0,
		`if a {}`:                                1,
		`if a {} else {}`:                        2,
		`if a {} else if b {} else {}`:           3,
		`if a && b && c {}`:                      2,
		`if a && b || c && d {}`:                 4,
		`if a && !(b && c) {}`:                   3,
		`for { if a { for { if b {} } } }`:       1 + 2 + 3 + 4,
		`switch a { case 1: case 2: if b {} }`:   1 + 2,
		`f := func() { if a {} }; f()`:           2,
		`L: for { for { if a { continue L } } }`: 1 + 2 + 3 + 1,
	} {
		f := parse("a.go", []byte("package p\nfunc f() {"+body+"}"))
		if f.broken != nil {
			t.Fatal(f.broken)
		}
		if fn := functions(f)[0]; fn.cognitive != want {
			t.Errorf("%s: %d, want %d", body, fn.cognitive, want)
		}
	}
}

// examined are files as a tree keeps them.
func examined(files ...*file) ([]*facts, load) {
	all := make([]*facts, len(files))
	read := map[*facts][]byte{}
	for i, f := range files {
		all[i] = examine(f)
		read[all[i]] = f.text
	}
	return all, func(k *facts) []byte { return read[k] }
}

func TestClones(t *testing.T) {
	clones := func(files []*file) []clone {
		all, read := examined(files...)
		found, err := clones(t.Context(), all, read)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	line := func(names string) string {
		n := strings.Fields(names)
		return fmt.Sprintf("if %s > 1 && %s < 20 { %s = append(%s, %s*3+4) } else { %s(%s) }\n", n[0], n[1], n[2], n[2], n[0], n[3], n[1])
	}
	source := func(names string, times int) *file {
		return parse(strings.Fields(names)[0]+".go", []byte("package p\nfunc f() {\n"+strings.Repeat(line(names), times)+"}\n"))
	}
	if got := clones([]*file{source("a b c d", 4), source("e f g h", 4)}); len(got) != 1 || got[0].aLine > 3 ||
		got[0].tokens < cloneTokens || got[0].similarity() > 0.9 {
		t.Errorf("renamed: %+v", got)
	}
	if got := clones([]*file{source("a b c d", 4), source("a b c d", 4)}); len(got) != 1 || got[0].similarity() != 1 {
		t.Errorf("the same to the letter: %+v", got)
	}
	// Behind code of different lengths, and in one file.
	twins := "package p\nvar x = 1\nfunc g() { x++ }\nfunc f() {\n" + strings.Repeat(line("a b c d"), 4) + "}\n" +
		"func h() int { return x * 3 }\nfunc k() {\n" + strings.Repeat(line("e f g h"), 4) + "}\n"
	if got := clones([]*file{parse("a.go", []byte(twins))}); len(got) != 1 || got[0].aLine > 5 || got[0].bLine < 9 {
		t.Errorf("in one file: %+v", got)
	}
	if got := clones([]*file{source("a b c d", 2), source("e f g h", 2)}); len(got) != 0 {
		t.Errorf("too short: %+v", got)
	}
	if got := clones([]*file{source("a b c d", 400)}); len(got) > 400 {
		t.Errorf("a file that repeats itself has %d clones", len(got))
	}
}

// TestMarks has random files with random runs in common: every run of
// cloneTokens has a mark in both.
func TestMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 400)
		tokens := func(what string) []token.Token {
			var all []token.Token
			for _, k := range kinds.Draw(t, what) {
				all = append(all, token.Token(k))
			}
			return all
		}
		common := tokens("common")
		a, b := slices.Concat(tokens("before"), common), slices.Concat(tokens("before too"), common, tokens("after"))
		startA, startB := len(a)-len(common), 0
		for startB = 0; !slices.Equal(b[startB:startB+len(common)], common); startB++ {
		}
		shared := func(from int) (found bool) {
			for _, x := range marks(a) {
				for _, y := range marks(b) {
					within := int(x.at) >= startA+from && int(x.at)+markTokens <= startA+from+cloneTokens
					if x.hash == y.hash && within && int(x.at)-startA == int(y.at)-startB {
						found = true
					}
				}
			}
			return found
		}
		for from := 0; from+cloneTokens <= len(common); from += 50 {
			if !shared(from) {
				t.Fatalf("no mark in the %d common tokens from %d", cloneTokens, from)
			}
		}
		if n := len(marks(a)); n > len(a) {
			t.Fatalf("%d marks of %d tokens", n, len(a))
		}
	})
}

// repository is the files of this repository's hobby package.
func repository(t testing.TB) ([]*facts, load) {
	t.Helper()
	tree := newTree("../..", 1000)
	l, err := tree.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return written(l.Files), loader(tree)
}

var keys = flag.Int("keys", 30, "how many questions of each family and level are answered anew")

// TestTheKeyIsTheAnalysis answers every question anew from the code in its
// prompt, by other means.
func TestTheKeyIsTheAnalysis(t *testing.T) {
	if race.Enabled {
		t.Skip("asking starts nothing")
	}
	files, read := repository(t)
	asked := map[string]int{}
	for _, family := range families {
		lines := make([]int, family.Levels+1)
		for level := 1; level <= family.Levels; level++ {
			for seed := range uint64(*keys) {
				task, ok := ask(t.Context(), rand.New(rand.NewPCG(seed, 1)), files, read, family, level)
				if !ok {
					continue
				}
				asked[family.Name]++
				again, _ := ask(t.Context(), rand.New(rand.NewPCG(seed, 1)), files, read, family, level)
				if again.Params != task.Params || again.Reference != task.Reference || again.Messages[0].Content != task.Messages[0].Content {
					t.Fatalf("%s level %d seed %d asks something else the second time", family.Name, level, seed)
				}
				if practice.Split("gocode", &task) != hobby.Practice {
					t.Errorf("%s level %d seed %d: a held-out question", family.Name, level, seed)
				}
				prompt := task.Messages[0].Content
				code, question, _ := strings.Cut(strings.TrimPrefix(prompt, "```go\n"), "\n```\n")
				lines[level] += strings.Count(code, "\n")
				if want := answer(t, family.Name, code, question); want != task.Reference {
					t.Errorf("%s level %d seed %d: the key is %q, the code says %q\n%s", family.Name, level, seed, task.Reference, want, prompt)
				}
				for _, right := range []string{task.Reference, " `" + task.Reference + "`\n", "Answer: " + task.Reference, "**" + task.Reference +
					"**"} {
					if task.Verify(right).Score != 1 {
						t.Errorf("%s: %q does not pass, the key is %q", family.Name, right, task.Reference)
					}
				}
				for _, wrong := range []string{"", "I don't know", task.Reference + "1", "x" + task.Reference, task.Reference + " or another", prompt} {
					if task.Verify(wrong).Score == 1 {
						t.Errorf("%s: %q passes, the key is %q", family.Name, wrong, task.Reference)
					}
				}
			}
			if level > 1 && lines[level] <= lines[level-1] {
				t.Errorf("%s: level %d shows %d lines, level %d %d", family.Name, level, lines[level], level-1, lines[level-1])
			}
		}
		if asked[family.Name] < 60 {
			t.Errorf("%s was asked %d times of 90", family.Name, asked[family.Name])
		}
	}
}

// answer answers a question from its code alone.
func answer(t *testing.T, family, code, question string) string {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code, 0)
	if err != nil {
		t.Fatalf("the code of a question does not parse: %v\n%s", err, code)
	}
	var decls []*ast.FuncDecl
	for _, d := range syntax.Decls {
		decls = append(decls, d.(*ast.FuncDecl))
	}
	count := func(n ast.Node, is func(ast.Node) bool) (c int) {
		ast.Inspect(n, func(n ast.Node) bool {
			if n != nil && is(n) {
				c++
			}
			return true
		})
		return c
	}
	switch family {
	case "decisions":
		return fmt.Sprint(count(decls[0].Body, func(n ast.Node) bool { _, ok := n.(*ast.IfStmt); return ok }))
	case "parameters":
		return fmt.Sprint(decls[0].Type.Params.NumFields())
	case "most-complex":
		best, name := -1, ""
		for _, d := range decls {
			if c := cyclomatic(d); c > best {
				best, name = c, d.Name.Name
			}
		}
		return name
	}
	callee := strings.TrimPrefix(strings.TrimSpace(question), "Which of these functions calls ")
	callee = strings.TrimSuffix(callee, "? Answer with the function's name only.")
	mentioned := regexp.MustCompile(`\b` + callee + `(\[[^\n]*\])?\(|\(` + callee + `\)\(`)
	who := ""
	for _, d := range decls {
		var plain bytes.Buffer // the body without comments, and without texts
		ast.Inspect(d.Body, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok {
				l.Value = "0"
			}
			return true
		})
		if err := format.Node(&plain, token.NewFileSet(), d.Body); err != nil {
			t.Fatal(err)
		}
		if mentioned.Match(plain.Bytes()) {
			who += d.Name.Name
		}
	}
	return who
}

// FuzzSurvey reads any text as a file.
func FuzzSurvey(f *testing.F) {
	f.Add("package p\nfunc F(a int) { if a > 1 { F(a - 1) } }\n")
	f.Add("package p\n// Code generated by x. DO NOT EDIT.\n")
	f.Add("package p\nfunc (*")
	f.Add("\xff\x00")
	f.Add("package p\n//line /etc/passwd:99999999\nfunc F() {\n//line :1\n}\n")
	f.Fuzz(func(t *testing.T, text string) {
		read := parse("a.go", []byte(text))
		all, again := examined(read)
		found, err := survey(t.Context(), t.TempDir(), all, again)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range found {
			if finding.Text == "" || len(finding.Evidence) == 0 {
				t.Fatalf("%+v", finding)
			}
		}
		for _, fn := range functions(read) {
			_ = read.source(fn.decl)
			for _, family := range families {
				if task, ok := question(rand.New(rand.NewPCG(1, 1)), read, family.Name, 1); ok && task.Verify(task.Reference).Score != 1 {
					t.Fatalf("the key %q does not pass", task.Reference)
				}
			}
		}
	})
}

// TestNoFolderStarves cuts off the analysis of some folders, finishes others and changes
// some, with any topic asked for: each that waits is tried soon.
func TestNoFolderStarves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &analyst{inspected: map[string]inspection{}}
		files := make([]*facts, rapid.IntRange(1, 5).Draw(t, "folders"))
		for i := range files {
			files[i] = &facts{path: fmt.Sprintf("%d/a.go", i), digest: "0"}
		}
		waits := map[string]bool{}
		skipped := map[string]int{} // how often others were tried since
		for _, f := range files {
			waits[f.dir()] = true
		}
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			topic := fmt.Sprint(rapid.IntRange(0, 6).Draw(t, "topic"))
			dir, digest, ok := a.next(files, topic)
			if !ok {
				if len(waits) > 0 {
					t.Fatalf("%v wait, and nothing is tried", waits)
				}
				continue
			}
			if len(waits) > 0 && !waits[dir] {
				t.Fatalf("%s is tried, %v wait", dir, waits)
			}
			delete(skipped, dir)
			for d := range waits {
				if d != dir {
					if skipped[d]++; skipped[d] > 2*len(files) {
						t.Fatalf("%s was passed over %d times", d, skipped[d])
					}
				}
			}
			cut := rapid.Bool().Draw(t, "cut off")
			a.inspectedOne(dir, digest, cut)
			if !cut {
				delete(waits, dir)
			}
			if rapid.IntRange(0, 4).Draw(t, "change") == 0 {
				f := files[rapid.IntRange(0, len(files)-1).Draw(t, "changed")]
				f.digest = fmt.Sprint(step + 1)
				waits[f.dir()] = true
			}
		}
	})
}

// TestAFolderThatOutlastsTheSession has a session that ends while a folder is analysed:
// the next one takes another folder, and an insight says what was cut off.
func TestAFolderThatOutlastsTheSession(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/cut\n\ngo 1.26\n", "a/a.go": "package a\n",
		"z/z.go": "package z\n\nimport \"fmt\"\n\nfunc f() { fmt.Printf(\"%d\", \"x\") }\n",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	a := &analyst{root: dir, inspected: map[string]inspection{}, tree: newTree(dir, 100)}
	l, err := a.tree.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancelCause(t.Context())
	cancel(hobby.ErrUserReturned)
	if err := a.inspectOne(over, l.Files, "a"); !errors.Is(err, hobby.ErrUserReturned) {
		t.Fatalf("%v, want the context's cause", err)
	}
	told := func() (all []string) {
		var out hobbytest.Sink
		if err := errors.Join(a.inspectOne(t.Context(), l.Files, "a"), a.notes.Tell(t.Context(), &out, hobby.CodeAnalysis, 100, "")); err != nil {
			t.Fatal(err)
		}
		for _, in := range out.Insights {
			all = append(all, in.Text)
		}
		return all
	}
	want := []string{
		"z/z.go:5: fmt.Printf format %d has arg \"x\" of wrong type string (printf)",
		"example.com/cut/z imports 1 package: fmt",
		"the analysis of a was cut off when its session ended; it is tried again after the other folders",
	}
	if d := cmp.Diff(want, told()); d != "" {
		t.Errorf("the next session tells (-want +got):\n%s", d)
	}
	if _, left, ok := a.next(l.Files, ""); !ok || left == 0 || len(told()) != 0 || a.inspected["a"].cut {
		t.Error("the folder that was cut off is not tried again")
	}
}

// TestGenerated has the marks of generators, and what only looks like one.
func TestGenerated(t *testing.T) {
	for text, want := range map[string]bool{
		"// Code generated by x. DO NOT EDIT.\n\npackage p\n":                                           true,
		"// Created by cgo -godefs - DO NOT EDIT\n// cgo -godefs\n\npackage p\n":                        true,
		"package p\n\n// Code generated by msgp DO NOT EDIT.\n\nimport \"fmt\"\n\nvar _ = fmt.Sprint\n": true,
		"package p\n\n// f is generated; do not edit it.\nfunc f() {}\n":                                false,
		"package p\n\nfunc f() {}\n\n// What is generated: do not edit it.\nfunc g() {}\n":              false,
		"// Package p says who generated it.\npackage p\n\n// f does not edit.\nfunc f() {}\n":          false,
	} {
		if got := generated(parse("a.go", []byte(text)).syntax); got != want {
			t.Errorf("%q is generated: %v", text, got)
		}
	}
}

// TestClonesWorthReading: few names differ, it is long and does something, it is no test, and it is not
// alike because it must be.
func TestClonesWorthReading(t *testing.T) {
	in := func(path, name string) side { return side{name: name, facts: &facts{path: path}} }
	of := func(name string) side { return in("a/a.go", name) }
	system := func(path string) side { return side{name: "f", facts: &facts{path: path, bound: true}} }
	program := side{name: "main", facts: &facts{command: true}}
	clone := func(different, does, lines int) *clone {
		return &clone{aLine: 1, aEnd: lines, tokens: 200, same: 200 - different, does: does}
	}
	for name, c := range map[string]struct {
		twin
		want bool
	}{
		"to the letter":  {twin{of("f"), of("g"), clone(0, 9, 20)}, true},
		"one name":       {twin{of("f"), of("(*T).g"), clone(1, 9, 20)}, true},
		"two names":      {twin{of("f"), of("g"), clone(2, 9, 90)}, false},
		"nineteen lines": {twin{of("f"), of("g"), clone(0, 9, 19)}, false},
		"a table":        {twin{of("f"), of("g"), clone(0, 4, 20)}, false},
		"two programs":   {twin{program, program, clone(0, 9, 20)}, false},
		"a test":         {twin{of("(*Suite).TestF"), of("(*Suite).TestG"), clone(0, 9, 20)}, false},
		"a system":       {twin{system("a/a_linux.go"), of("f"), clone(0, 9, 20)}, false},
		"two folders":    {twin{of("f"), in("b/a.go", "f"), clone(0, 9, 20)}, false},
	} {
		if got := c.worth(); got != c.want {
			t.Errorf("%s: worth reading %v", name, got)
		}
	}
}

// TestBound has names and constraints of files that are of some systems only, or of none.
func TestBound(t *testing.T) {
	type is struct{ bound, tagged bool }
	check := func(name, text string, want is) {
		t.Helper()
		var got is
		if got.bound, got.tagged = parse(name, []byte(text)).bound(); got != want {
			t.Errorf("%s, %q: %+v, want %+v", name, text, got, want)
		}
	}
	for name, bound := range map[string]bool{"a.go": false, "a_linux.go": true, "a_js.go": true, "a_linux_test.go": true, "a_arm64.go": true,
		"linux.go": false, "of_systems.go": false} {
		check(name, "package p\n", is{bound, false})
	}
	for constraint, want := range map[string]is{"js": {true, false}, "!js": {}, "linux || darwin": {true, false}, "go1.18": {},
		"!windows && !plan9": {}, "ruleguard": {true, true}, "ignore": {true, true}, "!integration": {}} {
		check("a.go", "//go:build "+constraint+"\n\npackage p\n", want)
	}
}

// TestWhatIsNoSlip has names that nothing names and comments that begin with other ones, on purpose.
func TestWhatIsNoSlip(t *testing.T) {
	dir := t.TempDir()
	told := func(name, text string) (all []string) {
		if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files, _ := examined(parse(name, []byte(text)))
		for _, r := range nameRemarks(dir, files)[files[0]] {
			all = append(all, r.text)
		}
		return all
	}
	const text = "package p\n\n// listNum is 1 or 2.\nfunc loadListNum(listNum int) { setAll() }\n\nfunc listNum() { loadListNum(1); listNum() }\n\n" +
		"var mapKey mapKeyType\n\n// mapKey marks it.\ntype mapKeyType struct{ mapKey int }\n\n//lint:ignore U1000 for debugging\nfunc show() {}\n\ntype handle uintptr\n\n// NewThing makes it.\nfunc newThing() {}\n\n// setAlll does it.\nfunc setAll() { newThing() }\n\n" +
		"var _pad int\n"
	for name, want := range map[string][]string{
		"a.go": {"handle", "setAlll above setAll"}, "a_windows.go": {"setAlll above setAll"}, "a_test.go": nil,
	} {
		if d := cmp.Diff(want, told(name, text)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestUntested has folders that tests reach by imports, however far, and one that they do not.
func TestUntested(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("\n", 101)
	files := []*file{
		parse("a_test.go", []byte("package m\n\nimport _ \"example.org/m/far\"\n")),
		parse("a.go", []byte("package m\n\nimport _ \"example.org/m/near\"\n"+long)),
		parse("near/a.go", []byte("package near\n\nimport _ \"example.org/m/next\"\n"+long)),
		parse("next/a.go", []byte("package next\n"+long)),
		parse("far/a.go", []byte("package far\n"+long)),
		parse("short/a.go", []byte("package short\n")),
		parse("cmd/a.go", []byte("package main\n"+long)),
	}
	all, _ := examined(files...)
	if got := untested(dir, all); len(got) != 0 {
		t.Errorf("all is reached: %s", got[0].Text)
	}
	all, _ = examined(append(files, parse("alone/a.go", []byte("package alone\n\nimport _ \"example.org/m\"\n"+long)))...)
	const want = "no test reaches 1 folder of 104 lines together, by imports: alone (104 lines)"
	if got := untested(dir, all); len(got) != 1 || got[0].Text != want {
		t.Errorf("%+v, want %q", got, want)
	}
	all, _ = examined(files[1:]...)
	if got := untested(dir, all); len(got) != 0 {
		t.Errorf("there is no test: %s", got[0].Text)
	}
}

// TestAnExampleIsNotCommentedOut: code below words, indented as documents have it, is shown.
func TestAnExampleIsNotCommentedOut(t *testing.T) {
	for indent, want := range map[string]int{"  ": 0, "\t": 0, " ": 4} { // with the empty line
		text := "package p\n\nfunc f() {\n\t// Given is:\n\t//\n"
		for _, line := range []string{"a := 1", "b := a", "c := b"} {
			text += "\t//" + indent + line + "\n"
		}
		f := parse("a.go", []byte(text+"\tg()\n}\n"))
		if _, _, lines := f.code(f.syntax.Comments[0]); lines != want {
			t.Errorf("%q: %d lines are code that is commented out, want %d", indent, lines, want)
		}
	}
}
