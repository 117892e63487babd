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

// remark is something about a line of a file that is told together with those of the same
// rule in its folder: they have one cause, and one change mends them.
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
)

// rules say how the remarks of a folder are told: one, several, and what a folder's
// remarks weigh.
var rules = map[rule]struct {
	one, several string
	weight       float64
}{
	misspelt: {"a comment of %s has a mistake of writing", "comments of %s have %d mistakes of writing", 6},
	misnamed: {"a comment of %s begins with another name than what it stands above",
		"%[2]d comments of %[1]s begin with another name than what they stand above", 12},
	undeclared: {"a deprecation of %s has not the form “Deprecated: …” in a paragraph of its own, so tools do not see it",
		"%[2]d deprecations of %[1]s have not the form “Deprecated: …” in a paragraph of its own, so tools do not see them", 9},
	commented: {"%s has code that is commented out", "%s has %d blocks of code that are commented out", 4},
	unused: {"a declaration of %s is named nowhere in its folder",
		"%[2]d declarations of %[1]s are named nowhere in their folder", 11},
	ignored: {"a function of %s does not use a parameter, and its signature is nobody else's",
		"functions of %s do not use %d parameters, and their signatures are nobody else's", 7},
	neverFails: {"a function of %s returns an error that is always nil",
		"%[2]d functions of %[1]s return an error that is always nil", 8},
	missing: {"nearly all that %s exports has a comment, but not",
		"nearly all that %s exports has a comment, but %d declarations have none", 5},
}

// mostNamed bounds the places that an insight names, and the rest is counted.
const mostNamed = 6

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

// tell makes a finding of what stands at several places.
func tell(key, topic, what string, weight, confidence float64, all []placed) finding {
	f := finding{Topic: topic, Weight: weight, Confidence: confidence}
	var shown, keys []string
	for i, p := range all {
		keys = append(keys, p.facts.path+" "+p.text)
		if i < mostNamed {
			shown = append(shown, p.String())
			f.Evidence = append(f.Evidence, at(p.facts.path, p.line, max(p.line, p.end)))
		}
	}
	f.Text = what + ": " + strings.Join(shown, ", ")
	if more := len(all) - len(shown); more > 0 {
		f.Text += fmt.Sprintf(" and %d more", more)
	}
	slices.Sort(keys)
	f.Key = fmt.Sprintf("%s %s %x", key, topic, study.Hash(strings.Join(keys, "\n")))
	return f
}

// remarks tells the remarks of each folder, those of a rule together.
func remarks(files []*facts, more ...map[*facts][]remark) []finding {
	type group struct {
		dir  string
		rule rule
	}
	groups := map[group][]placed{}
	var order []group
	for _, f := range files {
		said := slices.Clone(f.remarks)
		for _, m := range more {
			said = append(said, m[f]...)
		}
		for _, r := range said {
			g := group{f.dir(), r.rule}
			if groups[g] == nil {
				order = append(order, g)
			}
			groups[g] = append(groups[g], placed{f, r.line, r.end, r.text})
		}
	}
	var all []finding
	for _, g := range order {
		told, r := groups[g], rules[g.rule]
		what := fmt.Sprintf(r.one, where(g.dir))
		if len(told) > 1 {
			what = fmt.Sprintf(r.several, where(g.dir), len(told))
		}
		all = append(all, tell(fmt.Sprint("remarks ", int(g.rule)), g.dir, what, r.weight+min(1, float64(len(told))/100), 0.95, told))
	}
	return all
}

// where is a folder, for people.
func where(dir string) string {
	if dir = path.Clean(dir); dir != "." {
		return dir
	}
	return "the top folder"
}

// untested tells in which folders of code there is no test, and no test of another folder
// imports them.
func untested(root string, files []*facts) []finding {
	code, tested := map[string]int{}, map[string]bool{}
	imported := map[string]bool{}
	total := 0
	for _, f := range files {
		if f.test {
			tested[f.dir()] = true
			for _, p := range f.imports {
				imported[p] = true
			}
			continue
		}
		total += f.lines
		if f.command {
			continue // what it does is best seen from outside
		}
		code[f.dir()] += f.lines
	}
	var dirs []string
	lines := 0
	for dir, n := range code {
		if n <= 100 || tested[dir] {
			continue
		}
		if p, ok := importPath(root, dir); ok && imported[p] {
			continue
		}
		dirs = append(dirs, dir)
		lines += n
	}
	if len(dirs) == 0 || len(tested) == 0 { // in a tree without tests, none is missing
		return nil
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Or(cmp.Compare(code[b], code[a]), cmp.Compare(a, b)) })
	var shown []string
	var evidence []hobby.Evidence
	for _, d := range dirs[:min(len(dirs), mostNamed)] {
		shown = append(shown, fmt.Sprintf("%s (%d lines)", where(d), code[d]))
		evidence = append(evidence, hobby.Evidence{Kind: hobby.EvidenceFile, Ref: d})
	}
	text := fmt.Sprintf("no test is in, or imports, %s of %d lines together: %s",
		counted(len(dirs), "folder"), lines, strings.Join(shown, ", "))
	if more := len(dirs) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return []finding{{
		Key: fmt.Sprintf("untested %x", study.Hash(strings.Join(dirs, "\n"))), Topic: dirs[0], Weight: 5, Confidence: 1,
		Text: text, Evidence: evidence,
	}}
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
		if c := counts[f.dir()]; c.bare*10 <= c.all {
			told[f] = f.bare
		}
	}
	return told
}
