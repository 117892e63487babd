package reading

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

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

// rules say how remarks are told: one and several of a document, or of the tree. Those of the tree
// are small: few would change a document for one of them, so they are told in one line.
var rules = map[string]struct {
	one, several string
	weight       float64
	tree         bool
}{
	"writing": {"%s has a mistake of writing",
		"%s has %d mistakes of writing", 6, false},
	"unlinked": {"%s shows the marks of a link or of bold text as they stand",
		"%s shows the marks of links or of bold text as they stand, %d times", 12, false},
	"empty": {"a heading of %s has nothing below it",
		"%[2]d headings of %[1]s have nothing below them", 0, true},
	"todo": {"a note in %s is of work that is still to be done",
		"%[2]d notes in %[1]s are of work that is still to be done", 0, true},
	"heading": {"a heading of %s is there twice in one part, so links reach the first only",
		"%[2]d headings of %[1]s are there twice in one part, so links reach the first only", 0, true},
	"level": {"a heading of %s skips a level",
		"%[2]d headings of %[1]s skip a level", 0, true},
	"alt": {"an image of %s has no text for those who do not see it",
		"%[2]d images of %[1]s have no text for those who do not see them", 0, true},
	"name": {"a name in %s is not written as its owners write it",
		"%[2]d names in %[1]s are not written as their owners write them", 0, true},
	"link": {"%s has a link that leads nowhere",
		"%s has %d links that lead nowhere", 30, false},
	"anchor": {"%s has a link to an anchor that no heading has",
		"%s has %d links to anchors that no heading has", 25, false},
	"reference": {"%s has a reference that is not defined",
		"%s has %d references that are not defined", 20, false},
	"table": {"%s has a row with more cells than its table",
		"%s has %d rows with more cells than their tables, which are not shown", 15, false},
	"code": {"%s has an example that does not parse",
		"%s has %d examples that do not parse", 10, false},
}

// changes matches the names of documents that tell what was, or was to be, in the words of then.
var changes = regexp.MustCompile(`(?i)(?:^|/|[._-])(?:change(?:s|log)?|history|news|release(?:s|-?notes?)?|` +
	`announce(?:ment)?s?|whats_?new|blog|archive|proposals?|rfcs?|adrs?|enhancements|designs?)(?:[/._-]|$)|` +
	`(?:^|/)\d{4}-[^/]*$`)

// note finds what is told of a document together. Nobody corrects what tells what was.
func (d *document) note(text []byte) {
	if changes.MatchString(d.path) {
		return
	}
	lines := strings.Split(string(text), "\n")
	for i := range d.blocks {
		b := &d.blocks[i]
		for _, m := range prose.Mistakes(b.prose) {
			d.remarks = append(d.remarks, remark{"writing", b.at(lines, m.Said), m.String()})
		}
		for _, m := range prose.Names(b.prose) {
			d.remarks = append(d.remarks, remark{"name", b.at(lines, m.Said), fmt.Sprintf("%s for %s", m.Said, m.Should)})
		}
		if strings.Contains(strings.Join(lines[min(max(b.line-1, 0), len(lines)):min(b.end, len(lines))], "\n"), "{{") {
			continue // a template makes of it what it is
		}
		if m := unrendered.FindString(b.text); m != "" && unrendered.MatchString(b.prose+" "+b.text) && d.marks {
			d.remarks = append(d.remarks, remark{"unlinked", b.at(lines, m[:min(len(m), 12)]), "“" + shorten(m, 60) + "”"})
		} else if m := unbold.FindString(b.prose); m != "" && d.markdown {
			d.remarks = append(d.remarks, remark{"unlinked", b.at(lines, strings.TrimSpace(m)[:5]), "“" + shorten(strings.TrimSpace(m), 60) + "”"})
		}
	}
	for i, h := range d.headings {
		end := len(lines) + 1
		if i+1 < len(d.headings) {
			if end = d.headings[i+1].line; d.headings[i+1].level > h.level {
				continue
			}
		}
		if h.text != "" && h.line > 0 && h.line < end && bare(lines[h.line:min(len(lines), end-1)]) && d.marks {
			d.remarks = append(d.remarks, remark{"empty", h.line, "“" + shorten(h.text, 60) + "”"})
		}
	}
	for _, line := range d.unseen {
		d.remarks = append(d.remarks, remark{"alt", line, ""})
	}
}

// bare reports whether lines have nothing but the rules above or below a heading.
func bare(lines []string) bool {
	for _, l := range lines {
		if strings.Trim(l, " \t\r=-~^\"'`#*+.:_") != "" {
			return false
		}
	}
	return true
}

// at is the line of a block on which a text begins, or else its first one.
func (b *block) at(lines []string, text string) int {
	for _, more := range []int{0, 1} { // lines that it goes on to
		for n := max(b.line, 1); n <= b.end && n+more <= len(lines); n++ {
			if strings.Contains(strings.Join(strings.Fields(strings.Join(lines[n-1:n+more], " ")), " "), text) {
				return n
			}
		}
	}
	return b.line
}

var (
	// unrendered matches a link of Markdown that is shown as it stands.
	unrendered = regexp.MustCompile(`\[[^\[\]]{2,80}\] ?\((?:https?://|www\.|\.{1,2}/)[^)]*\)`)
	// unbold matches bold text that is shown as it stands.
	unbold = regexp.MustCompile(`(?:^|\s)\*\*(?: [A-Za-z][^*]{2,60}| ?[A-Za-z][^*]{2,60} )\*\*(?:\s|$|[.,:])`)
)

// aliases matches anchors that sites of HashiCorp give to what is around them, ((#name)).
var aliases = regexp.MustCompile(`\(\((#[\w.-]+(?:,\s*#[\w.-]+)*)\)\)`)

// options matches an item of a list that begins with code, which such sites give an anchor.
var options = regexp.MustCompile("(?m)^\\s*[-*+]\\s+(?:\\*\\*)?\\[?`([^`\n]+)`")

// imported matches what may make anchors: a component of the site's own, or one that is given what to show. Those of a
// theme do not.
var imported = regexp.MustCompile(`(?m)^import \w+ from ["'](?:@site|~|@?/|\.)|^<[A-Z]\w*\s+\w+=[^>]*/>\s*$`)

var (
	// shortcode matches the beginning of a shortcode of Hugo.
	shortcode = regexp.MustCompile(`\{\{[<%]-?\s*(\w[\w./-]*)[^{}]*[>%]\}\}`)
	// indented matches a heading that is indented, as it is in a tab of such a site.
	indented = regexp.MustCompile(`(?m)^[ \t]{4,}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$`)
)

// shown adds the anchors of headings in tabs of a site. The anchors of what a shortcode includes, by a path or by its
// name, are not known.
func (d *document) shown(text []byte) {
	for _, m := range shortcode.FindAllSubmatch(text, -1) {
		name := string(m[1])
		if strings.Contains(name, "/") || strings.Contains(name, "include") || strings.Contains(name, "readfile") {
			d.anchored = false
		}
	}
	text = withoutFences(text)
	if bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("=== ")) || d.mdx {
		for _, m := range indented.FindAllSubmatch(text, -1) {
			d.anchors[slug(string(m[1]))] = true
		}
	}
}

// named adds the anchors that pages of MDX have beside those of their headings.
func (d *document) named(text []byte) {
	d.anchored = d.anchored && !imported.Match(text)
	for _, m := range aliases.FindAllSubmatch(text, -1) {
		for name := range bytes.SplitSeq(m[1], []byte(",")) {
			d.anchors[strings.ToLower(strings.TrimLeft(string(name), " \t\n#"))] = true
		}
	}
	for _, m := range options.FindAllSubmatch(text, -1) {
		d.anchors[slug(string(m[1]))] = true
	}
}

// mostNamed bounds the places that an insight names, and the rest is counted. Of what is small,
// mostSmall are named.
const mostNamed, mostSmall = 6, 2

// entry is a place in a list.
type entry struct {
	d    *document
	line int
	text string
}

// together tells faults and remarks of a rule once for each document, or for the tree: one
// change mends them. A fault that is alone keeps its own words.
func together(faults []finding, documents []*document, remarks bool) []finding {
	var all []finding
	groups := map[string][]entry{}
	alone := map[string]finding{}
	var order []string
	byPath := map[string]*document{}
	for _, d := range documents {
		byPath[d.path] = d
	}
	add := func(rule string, e entry) {
		key := rule + " " + e.d.path
		if rules[rule].tree {
			key = rule
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], e)
	}
	for _, f := range faults {
		rule, _, _ := strings.Cut(f.Key, " ")
		d := byPath[f.Source]
		if _, known := rules[rule]; !known || d == nil || f.Subject == "" {
			all = append(all, f)
			continue
		}
		if !rules[rule].tree {
			alone[rule+" "+d.path] = f
		}
		add(rule, entry{d, f.Evidence[0].Line, f.Subject})
	}
	for _, d := range documents {
		if !remarks {
			break
		}
		for _, r := range d.remarks {
			add(r.rule, entry{d, r.line, r.subject})
		}
	}
	for _, key := range order {
		if f, ok := alone[key]; ok && len(groups[key]) == 1 {
			all = append(all, f)
			continue
		}
		all = append(all, enumerate(key, groups[key]))
	}
	return all
}

// enumerate tells of what stands at several places. The key begins with the rule.
func enumerate(key string, entries []entry) finding {
	rule, _, _ := strings.Cut(key, " ")
	r := rules[rule]
	most := mostNamed
	if r.tree {
		most = mostSmall
	}
	var shown, subjects []string
	var evidence []hobby.Evidence
	sources := map[string]bool{}
	for i, e := range entries {
		subjects = append(subjects, e.d.path+" "+e.text)
		sources[e.d.path] = true
		if i >= most {
			continue
		}
		place := fmt.Sprintf("line %d", e.line)
		if r.tree {
			place = fmt.Sprintf("%s:%d", e.d.name(), e.line)
		}
		if e.text != "" {
			place = e.text + " (" + place + ")"
		}
		shown = append(shown, place)
		evidence = append(evidence, e.d.evidence(e.line, e.line))
	}
	first := entries[0].d
	of := first.name()
	if r.tree {
		of = counted(len(sources), "document")
	}
	what := fmt.Sprintf(r.one, of)
	if len(entries) > 1 {
		what = fmt.Sprintf(r.several, of, len(entries))
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

// small tells in one line what is small.
func small(all []finding) []finding {
	var few, rest []finding
	for _, f := range all {
		rule, _, _ := strings.Cut(f.Key, " ")
		if rules[rule].tree || rule == "unencrypted" || rule == "alone" || rule == "unread" {
			few = append(few, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(few) == 0 {
		return rest
	}
	slices.SortFunc(few, func(a, b finding) int { return strings.Compare(a.Key, b.Key) })
	one := finding{Topic: few[0].Topic, Weight: 1, Confidence: 0.9, Source: few[0].Source, Taint: hobby.Untrusted}
	var texts, keys []string
	for _, f := range few {
		texts, keys = append(texts, f.Text), append(keys, f.Key)
		one.Evidence = append(one.Evidence, f.Evidence...)
	}
	one.Text = shorten("smaller things: "+strings.Join(texts, "; "), 1000)
	one.Key = fmt.Sprintf("small %x", study.Hash(strings.Join(keys, "\n")))
	return append(rest, one)
}

// unencrypted tells to which hosts some links are encrypted and others are not.
func unencrypted(documents []*document) []finding {
	type use struct {
		safe int
		open []hobby.Evidence
	}
	hosts := map[string]*use{}
	for _, d := range documents {
		if changes.MatchString(d.path) {
			continue
		}
		for _, l := range d.links {
			u, err := url.Parse(l.dest)
			if err != nil || u.Host == "" || u.Port() != "" || !strings.Contains(u.Host, ".") ||
				u.Scheme != "http" && u.Scheme != "https" {
				continue
			}
			if hosts[u.Host] == nil {
				hosts[u.Host] = &use{}
			}
			if u.Scheme == "https" {
				hosts[u.Host].safe++
			} else {
				hosts[u.Host].open = append(hosts[u.Host].open, d.evidence(l.line, l.line))
			}
		}
	}
	var names, shown []string
	var evidence []hobby.Evidence
	for _, h := range slices.Sorted(maps.Keys(hosts)) {
		u := hosts[h]
		if u.safe == 0 || len(u.open) == 0 {
			continue
		}
		if names = append(names, h); len(names) <= mostSmall {
			shown = append(shown, fmt.Sprintf("%s (%s:%d)", h, quote(u.open[0].Ref), u.open[0].Line))
			evidence = append(evidence, u.open[0])
		}
	}
	if len(names) == 0 {
		return nil
	}
	text := fmt.Sprintf("links to %s begin with http:// here and with https:// elsewhere: %s",
		counted(len(names), "host"), strings.Join(shown, ", "))
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return []finding{{
		Key: fmt.Sprintf("unencrypted %x", study.Hash(strings.Join(names, "\n"))), Text: shorten(text, 1000),
		Topic:  clean(path.Dir(evidence[0].Ref)),
		Weight: 4, Confidence: 1, Evidence: evidence, Source: evidence[0].Ref, Taint: hobby.Untrusted,
	}}
}
