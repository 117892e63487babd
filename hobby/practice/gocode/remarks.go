package gocode

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// remark is something about a line of a file that is told together with those of the same rule in
// the tree: one change mends them.
type remark struct {
	rule      rule
	line, end int
	text      string // without the place
}

// rule is what remarks have in common.
type rule int

const (
	misspelt   rule = iota // a mistake of writing in a comment
	misnamed               // a comment that begins with another declaration's name
	undeclared             // a deprecation that tools do not see
	commented              // code that is commented out
	unused                 // a declaration that nothing names
	ignored                // a parameter that its function does not use
	neverFails             // an error that is always nil
	missing                // a declaration without a comment, where others have one
	misspoken              // a mistake of writing in a text of the program
	alike                  // an if whose branches do the same
	unrun                  // a test that the go command does not run
	again                  // a case of a test with the name of another
	sameError              // an error that says what another says
	gone                   // a name in a comment that the tree does not have
	packaged               // a package without a comment, where others have one
)

// rules say how the remarks of a tree are told: one, several, and what they weigh. Those of a small rule are in one line
// with what else is small, where nothing else is told: few would change the code for one of them.
var rules = [...]struct {
	rule         rule
	one, several string
	weight       float64
	small        bool
}{
	{alike, "both branches of an if do the same", "both branches of %d ifs do the same", 20, false},
	{unrun, "a test does not run, as its name goes on with a small letter",
		"%d tests do not run, as their names go on with a small letter", 20, false},
	{sameError, "two errors have the same text", "%d errors have the text of another", 14, false},
	{gone, "a comment refers to what is nowhere in the tree", "%d comments refer to what is nowhere in the tree", 13, false},
	{misnamed, "a comment begins with another name than what it stands above",
		"%d comments begin with another name than what they stand above", 12, false},
	{unused, "a declaration is named nowhere in its folder", "%d declarations are named nowhere in their folders", 11, false},
	{undeclared, "a deprecation has not the form “Deprecated: …” in a paragraph of its own, so tools do not see it",
		"%d deprecations have not the form “Deprecated: …” in a paragraph of its own, so tools do not see them", 9, false},
	{misspoken, "a text of the program has a mistake of writing", "%d texts of the program have mistakes of writing", 9, false},
	{neverFails, "a function returns an error that is always nil", "%d functions return an error that is always nil", 8, false},
	{again, "two cases of a test have the same name", "%d cases of tests have the name of another", 7, false},
	{misspelt, "a comment has a mistake of writing", "comments have %d mistakes of writing", 6, false},
	{missing, "nearly all that its folder exports has a comment, but not",
		"nearly all that their folders export has a comment, but %d declarations have none", 5, false},
	{packaged, "nearly all packages have a comment, but not", "nearly all packages have a comment, but %d have none", 5, false},
	{ignored, "a parameter is not used", "%d parameters are not used", 0, true},
	{commented, "code is commented out", "%d blocks of code are commented out", 0, true},
}

// mostNamed bounds the places that an insight names, and the rest is counted. Of what is small,
// mostSmall are named.
const mostNamed, mostSmall = 10, 3

// placed is what stands at a place.
type placed struct {
	facts     *facts
	line, end int
	text      string
}

func (p placed) String() string {
	at := fmt.Sprintf("%s:%d", p.facts.path, p.line)
	if p.text == "" {
		return at
	}
	return p.text + " (" + at + ")"
}

// tell makes a finding of what stands at several places, of which it names so many.
func tell(key, what string, weight, confidence float64, all []placed, most int) finding {
	f := finding{Topic: all[0].facts.dir(), Weight: weight, Confidence: confidence}
	var shown, keys []string
	for i, p := range all {
		keys = append(keys, p.facts.path+" "+p.text)
		if i < most {
			shown = append(shown, p.String())
			f.Evidence = append(f.Evidence, at(p.facts.path, p.line, max(p.line, p.end)))
		}
	}
	f.Text = what + ": " + strings.Join(shown, ", ")
	if more := len(all) - len(shown); more > 0 {
		f.Text += fmt.Sprintf(" and %d more", more)
	}
	slices.Sort(keys)
	f.Key = fmt.Sprintf("%s %s %x", key, f.Topic, study.Hash(strings.Join(keys, "\n")))
	return f
}

// remarks tells the remarks of the tree, those of a rule together, and apart from them what is small.
func remarks(files []*facts, more ...map[*facts][]remark) (all, small []finding) {
	groups := map[rule][]placed{}
	for _, f := range files {
		said := slices.Clone(f.remarks)
		for _, m := range more {
			said = append(said, m[f]...)
		}
		for _, r := range said {
			groups[r.rule] = append(groups[r.rule], placed{f, r.line, r.end, r.text})
		}
	}
	for _, r := range rules {
		told := groups[r.rule]
		if len(told) == 0 {
			continue
		}
		what := r.one
		if len(told) > 1 {
			what = fmt.Sprintf(r.several, len(told))
		}
		if r.small {
			small = append(small, tell(fmt.Sprint("remarks ", int(r.rule)), what, 0, 1, told, mostSmall))
			continue
		}
		all = append(all, tell(fmt.Sprint("remarks ", int(r.rule)), what, r.weight+min(1, float64(len(told))/100), 0.95, told, mostNamed))
	}
	return all, small
}

// slight tells what is small in one line.
func slight(small []finding) []finding {
	if len(small) == 0 {
		return nil
	}
	tail := finding{Topic: small[0].Topic, Weight: 1, Confidence: 0.95}
	var texts, keys []string
	for _, f := range small {
		texts, keys = append(texts, f.Text), append(keys, f.Key)
		tail.Evidence = append(tail.Evidence, f.Evidence...)
	}
	tail.Text, tail.Key = "smaller things: "+strings.Join(texts, "; "), fmt.Sprintf("small %x", study.Hash(strings.Join(keys, "\n")))
	return []finding{tail}
}

// where is a folder, for people.
func where(dir string) string {
	if dir = path.Clean(dir); dir != "." {
		return dir
	}
	return "the top folder"
}

// untested tells which folders of code no test reaches: none is in them, and what the tests import
// does not import them, however far.
func untested(root string, files []*facts) []finding {
	code, reached, folder := map[string]int{}, map[string]bool{}, map[string]string{}
	var next []string // the folders whose imports are to be followed
	reach := func(paths []string) {
		for _, p := range paths {
			if dir, ok := folder[p]; ok && !reached[dir] {
				reached[dir] = true
				next = append(next, dir)
			}
		}
	}
	imports := map[string][]string{}
	for _, f := range files {
		if p, ok := importPath(root, f.dir()); ok {
			folder[p] = f.dir()
		}
		if !f.test {
			imports[f.dir()] = append(imports[f.dir()], f.imports...)
			if !f.command { // what a program does is best seen from outside
				code[f.dir()] += f.lines
			}
		}
	}
	for _, f := range files {
		if f.test {
			if reach(f.imports); !reached[f.dir()] {
				reached[f.dir()] = true
				next = append(next, f.dir())
			}
		}
	}
	if len(next) == 0 { // in a tree without tests, none is missing
		return nil
	}
	for len(next) > 0 {
		dir := next[0]
		next = next[1:]
		reach(imports[dir])
	}
	known := map[string]bool{}
	for _, dir := range folder {
		known[dir] = true
	}
	var dirs []string
	lines := 0
	for dir, n := range code {
		if n > 100 && !reached[dir] && known[dir] {
			dirs = append(dirs, dir)
			lines += n
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Or(cmp.Compare(code[b], code[a]), cmp.Compare(a, b)) })
	var shown []string
	var evidence []hobby.Evidence
	for _, d := range dirs[:min(len(dirs), mostNamed)] {
		shown = append(shown, fmt.Sprintf("%s (%d lines)", where(d), code[d]))
		evidence = append(evidence, hobby.Evidence{Kind: hobby.EvidenceFile, Ref: d})
	}
	text := fmt.Sprintf("no test reaches %s of %d lines together, by imports: %s",
		counted(len(dirs), "folder"), lines, strings.Join(shown, ", "))
	if more := len(dirs) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return []finding{{
		Key: fmt.Sprintf("untested %x", study.Hash(strings.Join(dirs, "\n"))), Topic: dirs[0], Weight: 5, Confidence: 1,
		Text: text, Evidence: evidence,
	}}
}

// unintroduced are the packages of a library without a comment, where nearly all have one.
func unintroduced(files []*facts) map[*facts][]remark {
	first, documented := map[string]*facts{}, map[string]bool{}
	for _, f := range files {
		if f.test || f.command || f.broken || f.pkg == "" || strings.Contains("/"+f.path, "/internal/") {
			continue
		}
		if first[f.dir()] == nil || strings.TrimSuffix(path.Base(f.path), ".go") == f.pkg {
			first[f.dir()] = f
		}
		documented[f.dir()] = documented[f.dir()] || f.introduced
	}
	told := map[*facts][]remark{}
	for dir, f := range first {
		if !documented[dir] {
			told[f] = []remark{{packaged, 1, 1, f.pkg}}
		}
	}
	if 10*len(told) > len(first) {
		return nil
	}
	return told
}

// undocumented are the declarations without a comment in folders where nearly all have one.
// Where many have none, nobody meant to write them.
func undocumented(files []*facts) map[*facts][]remark {
	type count struct{ all, bare int }
	counts := map[string]count{}
	for _, f := range files {
		c := counts[f.dir()]
		counts[f.dir()] = count{c.all + f.exported, c.bare + len(f.bare)}
	}
	told := map[*facts][]remark{}
	for _, f := range files {
		if c := counts[f.dir()]; c.bare*10 <= c.all && !f.bound { // where it is bound to a system, another file has the comment
			told[f] = f.bare
		}
	}
	return told
}
