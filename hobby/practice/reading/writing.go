package reading

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/prose"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// remark is something about a line of a document that is told together with those of its
// rule, of the document or of the whole tree: they have one cause.
type remark struct {
	rule    string
	line    int
	subject string
}

// rules say how remarks are told: one and several of a document. What few would change a document for is no rule:
// headings that skip a level, names that are not written as their owners write them.
var rules = map[string]struct {
	one, several string
	weight       float64
}{
	"writing": {"%s has a mistake of writing",
		"%s has %d mistakes of writing", 6},
	"unlinked": {"%s shows the marks of a link or of bold text as they stand",
		"%s shows the marks of links or of bold text as they stand, %d times", 12},
	"link": {"%s has a link that leads nowhere",
		"%s has %d links that lead nowhere", 30},
	"anchor": {"%s has a link to an anchor that no heading has",
		"%s has %d links to anchors that no heading has", 25},
	"reference": {"%s has a reference that is not defined",
		"%s has %d references that are not defined", 20},
	"table": {"%s has a row with more cells than its table",
		"%s has %d rows with more cells than their tables, which are not shown", 15},
	"code": {"%s has an example that does not parse",
		"%s has %d examples that do not parse", 10},
}

// changes matches the names of documents that tell what was, or was to be, in the words of then.
var changes = regexp.MustCompile(`(?i)(?:^|/|[._-])(?:change(?:s|log)?|history|news|rel(?:ease(?:s|-?notes?)?|notes?)|` +
	`announce(?:ment)?s?|whats_?new|blog|archives?|proposals?|rfcs?|(?:[jknp]|nx|sl)eps?|adrs?|enhancements|designs?)(?:[/._-]|$)|` +
	`(?:^|/)\d{4}-[^/]*$`)

// made and kept match what says that a program makes the text around it, and that nobody edits it.
const (
	made = `(?:auto-?(?:matically[ -])?generated|generated automatically)` +
		`(?:(?:\s+(?:files?|pages?|doc\w*))?` + ends + `|\s+(?:(?:files?|pages?|doc\w*)\s+)?(?:by|from|with|using|via)\b)`
	kept = `(?:do not|don't) (?:edit|modify)(?:` + ends + `|\s+(?:directly|manually|by hand|this (?:file|page|document))\b)`
	ends = `\s*(?:[.!,;:*_)<>–—-]|$)`
)

var (
	// comments matches those of HTML, MDX, AsciiDoc and reStructuredText.
	comments = regexp.MustCompile(`(?s:<!--.*?(?:-->|$))|(?s:\{/\*.*?(?:\*/\}|$))|(?m:^//.*$)|(?m:^\.\.(?:[ \t]+[^:\n]*)?$(?:\n[ \t]+.*)*)`)
	// remarked matches what a comment says of the document, and ofPart what it says of a part of it.
	remarked = regexp.MustCompile(`(?i)\b(?:` + made + `|` + kept + `)`)
	ofPart   = regexp.MustCompile(`(?i)\b(?:this (?:section|block|part)|(?:doc)?toc|table of contents)\b`)
	// banner matches a paragraph, a heading or a comment of settings that begins with it.
	banner = regexp.MustCompile(`(?i)(?:^|\n[ \t\r]*\n|\n#+[ \t])[^\pL]*(?:(?:note|warning|caution|important)[^\pL]+)?(?:` +
		`this (?:\w+ )?(?:file|page|document|documentation|reference|directory|folder) (?:is|was|has been) (?:` + made + `)|` +
		made + `|(?:please )?` + kept + `|(?:code |file |page )?generated (?:by|from)\b.*\bdo not edit\b)`)
)

// signed matches what a program says at the end of what it made.
var signed = regexp.MustCompile(`(?i)(?:^|\n)[^\pL\n]*(?:<\w+>\s*)*(?:auto-?|automatically )?generated (?:with|by|from|using)\b` +
	`[^\n]*\s*(?:</?\w+>\s*)*$`)

// generated reports whether the first lines of a document, or its last one, say that a program made it: in a comment, or
// where a paragraph begins.
func generated(text []byte) bool {
	first, last := text[:min(len(text), 1000)], text[max(0, len(text)-300):]
	if signed.Match(last) {
		return true
	}
	text = first
	return banner.Match(text) || slices.ContainsFunc(comments.FindAll(text, -1), func(c []byte) bool {
		return remarked.Match(c) && !ofPart.Match(c)
	})
}

// note finds what is told of a document together. Nobody corrects what tells what was.
func (d *document) note(text []byte) {
	if d.settled {
		return
	}
	lines := strings.Split(string(text), "\n")
	for i := range d.blocks {
		b := &d.blocks[i]
		here := sync.OnceValue(func() placed { return b.placed(lines) })
		for _, m := range prose.Mistakes(b.prose) {
			d.remarks = append(d.remarks, remark{"writing", here().at(m.Said), m.String()})
		}
		if strings.Contains(strings.Join(lines[min(max(b.line-1, 0), len(lines)):min(b.end, len(lines))], "\n"), "{{") {
			continue // a template makes of it what it is
		}
		if m := unrendered.FindString(b.text); m != "" && strings.Contains(b.prose, m[:strings.IndexByte(m, ']')+1]) && d.marks {
			d.remarks = append(d.remarks, remark{"unlinked", here().at(m[:min(len(m), 12)]), "“" + shorten(m, 60) + "”"})
		} else if m := unbold.FindString(b.prose); m != "" && d.markdown {
			d.remarks = append(d.remarks, remark{"unlinked", here().at(strings.TrimSpace(m)[:5]), "“" + shorten(strings.TrimSpace(m), 60) + "”"})
		}
	}
}

// placed is a block as it stands in its document, with single spaces.
type placed struct {
	text   string
	line   int   // the first one
	starts []int // where each line starts in text
}

func (b *block) placed(lines []string) placed {
	p := placed{line: max(b.line, 1)}
	var text strings.Builder
	for n := p.line; n <= b.end && n <= len(lines); n++ {
		p.starts = append(p.starts, text.Len())
		for _, w := range strings.Fields(lines[n-1]) {
			text.WriteString(w + " ")
		}
	}
	p.text = text.String()
	return p
}

// at is the line on which a text begins, or else the first one.
func (p placed) at(text string) int {
	i := strings.Index(p.text, text)
	if i < 0 {
		return p.line
	}
	return p.line + sort.SearchInts(p.starts, i+1) - 1
}

var (
	// unrendered matches a link of Markdown that is shown as it stands.
	unrendered = regexp.MustCompile(`\[[^\[\]]{2,80}\] ?\((?:https?://|www\.|\.{1,2}/)[^)]*\)`)
	// unbold matches bold text that is shown as it stands.
	unbold = regexp.MustCompile(`(?:^|\s)\*\*(?: [A-Za-z][^*]{2,60}| ?[A-Za-z][^*]{2,60} )\*\*(?:\s|$|[.,:])`)
)

// mostNamed bounds the places that an insight names, and the rest is counted.
const mostNamed = 6

// entry is a place in a list.
type entry struct {
	d    *document
	line int
	text string
}

// grouping gathers faults and remarks by their rule and document: one change mends those of a group.
type grouping struct {
	byPath map[string]*document
	groups map[string][]entry
	alone  map[string]finding // a fault of each group, which keeps its words when it is alone
	order  []string           // of the groups
}

func (g *grouping) add(rule string, e entry) {
	key := rule + " " + e.d.path
	if g.groups[key] == nil {
		g.order = append(g.order, key)
	}
	g.groups[key] = append(g.groups[key], e)
}

// fault adds a fault, and reports whether its rule is one of those that are told together.
func (g *grouping) fault(f finding) bool {
	rule, _, _ := strings.Cut(f.Key, " ")
	d := g.byPath[f.Source]
	if _, known := rules[rule]; !known || d == nil || f.Subject == "" {
		return false
	}
	g.alone[rule+" "+d.path] = f
	g.add(rule, entry{d, f.Evidence[0].Line, f.Subject})
	return true
}

// hash is of the lines and texts of a group.
func hash(group []entry) uint64 {
	var all strings.Builder
	for _, e := range group {
		fmt.Fprintf(&all, "%d %s\n", e.line, e.text)
	}
	return study.Hash(all.String())
}

// told are the findings, one for each group. Copies of a document, of another version say, are told with it.
func (g *grouping) told() []finding {
	var all []finding
	at, copies := map[string]int{}, map[string][]entry{}
	for _, key := range g.order {
		group := g.groups[key]
		rule, _, _ := strings.Cut(key, " ")
		same := fmt.Sprintf("%s %s %x", rule, path.Base(group[0].d.path), hash(group))
		if _, known := at[same]; known {
			copies[same] = append(copies[same], group[0])
			continue
		}
		at[same] = len(all)
		f, ok := g.alone[key]
		if !ok || len(group) > 1 {
			f = enumerate(key, group)
		}
		all = append(all, f)
	}
	for same, others := range copies {
		f := &all[at[same]]
		if f.Text += "; " + others[0].d.name() + " has the same"; len(others) > 1 {
			f.Text = fmt.Sprintf("%s, and %d more", f.Text, len(others)-1)
		}
		for _, e := range others[:min(len(others), mostNamed)] {
			f.Evidence = append(f.Evidence, e.d.evidence(e.line, e.line))
		}
	}
	return all
}

// together tells faults, and the remarks of documents if it is asked to, once for each document and rule.
func together(faults []finding, documents []*document, remarks bool) []finding {
	g := &grouping{byPath: map[string]*document{}, groups: map[string][]entry{}, alone: map[string]finding{}}
	for _, d := range documents {
		g.byPath[d.path] = d
	}
	all := slices.DeleteFunc(slices.Clone(faults), g.fault)
	if remarks {
		common := habits(documents)
		for _, d := range documents {
			for _, r := range d.remarks {
				if common[r.habit()] == nil {
					g.add(r.rule, entry{d, r.line, r.subject})
				}
			}
		}
		for _, h := range slices.Sorted(maps.Keys(common)) {
			all = append(all, spread(h, common[h]))
		}
	}
	return append(all, g.told()...)
}

// enumerate tells of what stands at several places. The key begins with the rule.
func enumerate(key string, entries []entry) finding {
	rule, _, _ := strings.Cut(key, " ")
	r := rules[rule]
	var shown, subjects []string
	var evidence []hobby.Evidence
	for i, e := range entries {
		subjects = append(subjects, e.d.path+" "+e.text)
		if i >= mostNamed {
			continue
		}
		place := fmt.Sprintf("line %d", e.line)
		if e.text != "" {
			place = e.text + " (" + place + ")"
		}
		shown = append(shown, place)
		evidence = append(evidence, e.d.evidence(e.line, e.line))
	}
	first := entries[0].d
	what := fmt.Sprintf(r.one, first.name())
	if len(entries) > 1 {
		what = fmt.Sprintf(r.several, first.name(), len(entries))
	}
	if more := len(entries) - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", more))
	}
	slices.Sort(subjects)
	return finding{
		Key:  fmt.Sprintf("%s %x", key, study.Hash(strings.Join(subjects, "\n"))),
		Text: shorten(what+": "+strings.Join(shown, ", "), 1000), Topic: clean(first.dir()),
		Weight: r.weight + min(1, float64(len(entries))/100), Confidence: 0.95, Evidence: evidence, Source: first.path, Taint: hobby.Untrusted,
	}
}
