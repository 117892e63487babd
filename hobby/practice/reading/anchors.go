package reading

import (
	"bytes"
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// slug returns the anchor that GitHub gives to a heading: in lower case, with
// letters, marks, digits, connectors and hyphens only, and with hyphens for
// spaces. github-slugger and GitHub's own pipeline do the same.
func slug(heading string) string {
	var b strings.Builder
	for _, r := range heading {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == 'İ': // the one letter whose lower case is two characters
			b.WriteString("i̇")
		case r == '-' || wordly(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// wordly reports whether r is a word character of Unicode's regular expressions
// (UTS 18, annex C).
func wordly(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.M, unicode.Nd, unicode.Pc)
}

// slugger gives the headings of one document different anchors.
type slugger map[string]int

func (s slugger) anchor(heading string) string {
	original := slug(heading)
	anchor := original
	for {
		if _, taken := s[anchor]; !taken {
			break
		}
		s[original]++
		anchor = original + "-" + strconv.Itoa(s[original])
	}
	s[anchor] = 0
	return anchor
}

// aliases matches anchors that sites of HashiCorp give to what is around them, ((#name)).
var aliases = regexp.MustCompile(`\(\((#[\w.-]+(?:,\s*#[\w.-]+)*)\)\)`)

// options matches an item of a list that begins with code, which such sites give an anchor.
var options = regexp.MustCompile("(?m)^\\s*[-*+]\\s+(?:\\*\\*)?\\[?`([^`\n]+)`")

// imported matches what may make anchors: a component of the site's own.
var imported = regexp.MustCompile(`(?m)^import \w+ from ["'](?:@site|~|@?/|\.)|^import \w+ from ["'][^"']*\.mdx?["']`)

var (
	// shortcode matches the beginning of a shortcode of Hugo.
	shortcode = regexp.MustCompile(`\{\{[<%]-?\s*(\w[\w./-]*)[^{}]*[>%]\}\}`)
	// wholeLine matches one that is all of its line, and fits those that make no heading.
	wholeLine = regexp.MustCompile(`(?m)^[ \t]*\{\{[<%]-?\s*(\w[\w-]*)[^{}]*[>%]\}\}[ \t\r]*$`)
	fits      = regexp.MustCompile(`(?i)^(?:fig(?:ure)?|im(?:g|age).*|youtube|vimeo|video|toc|.*ref|param|[bh]r|icon|badge|since|` +
		`.*version.*|latest.*|.*link|button|note|alert|warning|tip|card)$`)
	// indented matches a heading that is indented, as it is in a tab of such a site.
	indented = regexp.MustCompile(`(?m)^[ \t]{4,}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$`)
)

// ids matches anchors that are written out: {#a}, {: #a}, {/*a*/}, (a)= and :name: a of MyST, and id=a.
var ids = regexp.MustCompile(`\{/\*[ \t#]*([\w:.-]+)[ \t]*\*/\}|\{:?[^{}\n]*#([\w:.-]+)[^{}\n]*\}` +
	`|(?m:^[ \t]*\(([^()\s]+)\)=[ \t]*$)|(?m:^[ \t]*:name:[ \t]*(\S+))|` +
	`\b(?:id|name)\s*=\s*["']?([\w:.-]+)`)

var (
	// brought matches lines in whose place a site shows something else, which may have headings: other files, what a
	// template, a component or a program makes.
	brought = regexp.MustCompile(`(?mi)^[ \t]*(?:\{\{#|\{\{[^<%\n].*\}\}\s*$` +
		`|\{!|!!!\s*include|<%|\[!include|` +
		`\{%-?\s*(?:include|render|component|embed|openapi|swagger|content|partial|call)|<!--\s*@?include|<(?-i:[A-Z])\w*(?:\s[^<>]*)?/>\s*$)`)
	// filled matches those of a program that may give references a meaning, too: of snippets, of mkdocstrings (::: a.b)
	// and of rules (r[name]).
	filled = regexp.MustCompile(`(?m)^[ \t]*(?:[;>]*-+8<-|:::+ \w+(?:[._]\w+)+[ \t\r]*$|\w\[[\w.-]+\][ \t\r]*$)`)
	// blockStart and blockEnd match the ends of a block. One that nothing shuts is of mkdocstrings, too.
	blockStart = regexp.MustCompile(`(?m)^[ \t]*:::+ \w+[ \t\r]*$`)
	blockEnd   = regexp.MustCompile(`(?m)^[ \t]*:::+[ \t\r]*$`)
	// directed matches directives of MyST that do.
	directed = regexp.MustCompile("(?m)^[ \\t]*(?:`{3,}|~{3,}|:{3,})\\{(?:include|eval-rst|auto\\w*|glossary)")
)

// components matches a line that begins with a component, a directive, a template's call or, in a heading too, a comment
// that tells a program something (<!-- md:option a -->): what it is given may be in an anchor.
var components = regexp.MustCompile(`(?m)^[ \t]*(?:<[A-Z]|:::|\{%|\{\{|@|\.\. |(?:#{1,6}[ \t]+)?<!--[ \t]*\w+:\w).*$`)

// tabs matches the label of a tab of MkDocs, with a picture before it.
var tabs = regexp.MustCompile(`(?m)^[ \t]*={3}[!+]*[ \t]+"(?::[\w-]+:)?([^"\n]+)"`)

// longest bounds the anchors of tabs, in bytes.
const longest = 200

// tabbed reports whether a fragment is the anchor of a tab: of its label, alone or behind that of a heading.
func (d *document) tabbed(fragment string) bool {
	fragment = strings.ToLower(fragment)
	if len(fragment) > longest {
		return false
	}
	if d.tabs[fragment] {
		return true
	}
	for i := range fragment {
		if fragment[i] == '-' && d.tabs[strings.TrimLeft(fragment[i:], "-")] && d.anchors[strings.TrimRight(fragment[:i], "-")] {
			return true
		}
	}
	return false
}

// mostComposed bounds the lines of components that are searched, in bytes. The most of 14,035 public documents is 13,770.
const mostComposed = 32 << 10

// lowerWords are the words of a text in lower case.
func lowerWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// camelCase matches where a word of a name in camel case ends.
var camelCase = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)

// compose notes the words of lines that begin with a component, those of a name in camel case too.
func (d *document) compose(text []byte) {
	d.components = map[string][]int{}
	size := 0
	for n, found := range components.FindAll(text, -1) {
		if size += len(found); size > mostComposed {
			d.anchored, d.components = false, nil
			return
		}
		line := string(found)
		for _, w := range lowerWords(line + " " + camelCase.ReplaceAllString(line, "$1 $2")) {
			if in := d.components[w]; len(in) == 0 || in[len(in)-1] != n {
				d.components[w] = append(in, n)
			}
		}
	}
}

// composed reports whether a line that begins with a component has all words of a fragment: it may make that anchor.
func (d *document) composed(fragment string) bool {
	words := lowerWords(fragment)
	if len(words) == 0 {
		return false
	}
	lines := d.components[words[0]]
	for _, w := range words[1:] {
		lines = common(lines, d.components[w])
	}
	return len(lines) > 0
}

// common returns what two ascending lists have in common.
func common(a, b []int) (both []int) {
	for len(a) > 0 && len(b) > 0 {
		switch cmp.Compare(a[0], b[0]) {
		case -1:
			a = a[1:]
		case 0:
			both, a, b = append(both, a[0]), a[1:], b[1:]
		case 1:
			b = b[1:]
		}
	}
	return both
}

// label adds an anchor that is written out.
func (d *document) label(id string) {
	id = strings.ToLower(id)
	d.anchors[id] = true
	d.labels = append(d.labels, id)
}

// shown adds the anchors that are written out, and those of headings in tabs of a site. The anchors of what stands for
// something else are not known.
func (d *document) shown(text []byte) {
	for _, m := range shortcode.FindAllSubmatch(text, -1) {
		name := string(m[1])
		if strings.Contains(name, "/") || strings.Contains(name, "include") || strings.Contains(name, "readfile") {
			d.anchored = false
		}
	}
	for _, m := range wholeLine.FindAllSubmatch(text, -1) {
		d.anchored = d.anchored && (fits.Match(m[1]) || bytes.Contains(text, append([]byte("/"), m[1]...)))
	}
	for _, m := range ids.FindAllSubmatch(text, -1) {
		for _, id := range m[1:] {
			if len(id) > 0 {
				d.label(string(id))
			}
		}
	}
	d.anchored = d.anchored && !directed.Match(text)
	text = withoutFences(text)
	d.compose(text)
	d.enclose(text)
	d.tabs = map[string]bool{}
	for _, m := range tabs.FindAllSubmatch(text, -1) {
		d.tabs[strings.Trim(slug(string(m[1])), "-")] = true
	}
	delete(d.tabs, "")
	d.filled = filled.Match(text) || len(blockStart.FindAll(text, -1)) > len(blockEnd.FindAll(text, -1))
	d.anchored = d.anchored && !d.filled && !brought.Match(text)
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
