package reading

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	rstDirective = regexp.MustCompile(`^\.\. +(?:\|[^|]+\| +)?([A-Za-z][\w:.+-]*)::(?:\s+(.*))?$`)
	rstTarget    = regexp.MustCompile("^\\.\\. +_(`[^`]+`|[^:]+):(?:\\s+(.*))?$")
	rstBullet    = regexp.MustCompile(`^\s*(?:[-*+•]|#\.|\d+[.)]|\(\d+\)|[a-zA-Z][.)])\s+`)
	rstField     = regexp.MustCompile(`^\s*:[\w -]+:(?:\s|$)`)
	rstSimple    = regexp.MustCompile(`^=+(?: +=+)+ *$`)
	rstGrid      = regexp.MustCompile(`^\s*\+[-=+]+\+\s*$`)
	rstLiteral   = regexp.MustCompile("``([^`]+(?:`[^`]+)*)``")
	rstLink      = regexp.MustCompile("(?:^|[^`\\pL\\pN])(?::[\\w:+-]+:)?`([^`<>]*?)\\s*<([^<>`]+)>`_{0,2}")
	rstRole      = regexp.MustCompile("(?::([\\w:+-]+):)?`([^`]+)`(__?)?")
	rstStrong    = regexp.MustCompile(`\*\*([^*\s](?:[^*]*[^*\s])?)\*\*|\*([^*\s](?:[^*]*[^*\s])?)\*`)
	rstReference = regexp.MustCompile(`\b([\pL\pN](?:[\pL\pN.-]*[\pL\pN])?)__?\b`)
	rstNote      = regexp.MustCompile(` ?\[(?:#?[\pL\pN_-]*|\*)\]_|\|([^|\s][^|]*)\|_{0,2}`)
	rstOther     = regexp.MustCompile(`[^a-z0-9]+`)
	rstEscape    = regexp.MustCompile(`\\([^\s])|\\\s`)
)

// prosaic are directives whose content is read like other text.
var prosaic = []string{"note", "warning", "tip", "important", "caution", "attention", "danger", "error", "hint", "admonition", "seealso",
	"versionadded", "versionchanged", "deprecated", "topic", "sidebar", "epigraph", "rst-class", "container", "compound"}

// included matches directives that bring anchors with them.
var included = regexp.MustCompile(`(?m)^\s*\.\. (?:include|auto\w+|[\w-]+:[\w-]+)::`)

// readRST reads reStructuredText, as docutils and Sphinx have it.
func (d *document) readRST(text []byte) {
	m := marked(d, text)
	m.inline = m.rstInline
	d.anchored = !included.Match(text)
	r := rst{markup: m}
	r.body(0)
}

// rst reads reStructuredText.
type rst struct {
	*markup
	styles []string // of the underlines, the highest level first
	target []string // anchors of what comes next
}

// underline is the level of a section whose title this line and the next are, 0 for none.
func (r *rst) underline() (title string, level, lines int) {
	ruled := func(s string) bool {
		s = strings.TrimRight(s, " ")
		return s != "" && strings.ContainsRune("=-`:.'\"~^_*+#<>!$%&(),/;?@[\\]{|}", rune(s[0])) && strings.Trim(s, s[:1]) == ""
	}
	line, next := strings.TrimRight(r.line(), " "), strings.TrimRight(r.ahead(1), " ")
	style := ""
	switch {
	case ruled(line) && len(line) >= 3 && strings.TrimSpace(next) != "" && strings.TrimRight(r.ahead(2), " ") == line &&
		len(line) >= len([]rune(strings.TrimSpace(next))):
		title, style, lines = strings.TrimSpace(next), line[:1]+line[:1], 3
	case ruled(next) && line != "" && indent(line) == 0 && !ruled(line) && len(next) >= len([]rune(line)):
		title, style, lines = line, next[:1], 2
	default:
		return "", 0, 0
	}
	at := slices.Index(r.styles, style)
	if at < 0 {
		r.styles = append(r.styles, style)
		at = len(r.styles) - 1
	}
	return title, min(at+1, 6), lines
}

// body reads lines up to the end. depth is the number of directives around them.
func (r *rst) body(depth int) {
	for r.more() {
		line := r.line()
		if strings.TrimSpace(line) == "" {
			r.at++
			continue
		}
		if title, level, n := r.underline(); n > 0 && depth == 0 {
			r.section(level, title, r.at+n-1, append(r.target, rstID(title))...)
			r.target = nil
			r.at += n
			continue
		}
		switch {
		case strings.TrimSpace(line) == "..", strings.HasPrefix(strings.TrimLeft(line, " "), ".. "):
			r.explicit(depth)
		case rstSimple.MatchString(line):
			r.simpleTable()
		case rstGrid.MatchString(line), strings.HasPrefix(strings.TrimSpace(line), "|"), strings.HasPrefix(strings.TrimSpace(line), ">>>"):
			for r.more() && strings.TrimSpace(r.line()) != "" { // a grid, lines of a verse, a session of Python
				r.at++
			}
		case rstField.MatchString(line):
			r.at++
			r.indented(indent(line))
		case rstBullet.MatchString(line):
			r.list()
		default:
			r.text()
		}
	}
}

// explicit reads what begins with two dots.
func (r *rst) explicit(depth int) {
	line := strings.TrimLeft(r.line(), " ")
	column, first := indent(r.line()), r.at
	r.at++
	body, from := r.indented(column)
	if t := rstTarget.FindStringSubmatch(line); t != nil {
		id := rstID(strings.Trim(t[1], "`"))
		r.label(id)
		r.target = append(r.target, id)
		return
	}
	dir := rstDirective.FindStringSubmatch(line)
	if dir == nil {
		return // a remark
	}
	options := 0
	for options < len(body) && rstField.MatchString(body[options]) {
		options++
	}
	switch name, arg := strings.ToLower(dir[1]), strings.TrimSpace(dir[2]); {
	case name == "code-block" || name == "code" || name == "sourcecode":
		r.code(arg, dedented(body[options:]), first, r.at)
	case name == "image" || name == "figure":
		r.links = append(r.links, link{arg, r.before + first + 1})
	case name == "toctree":
		for i, entry := range body[options:] {
			if entry = strings.TrimSpace(entry); entry == "" || strings.ContainsAny(entry, "*?:") || entry == "self" {
				continue
			}
			if strings.HasSuffix(entry, ">") {
				entry = strings.TrimSuffix(entry[strings.LastIndexByte(entry, '<')+1:], ">")
			}
			if !strings.HasPrefix(entry, "/") { // those are from the root of the sources
				r.listed = append(r.listed, link{pageFile(entry), r.before + from + options + i + 1})
			}
		}
	case slices.Contains(prosaic, name) && depth < 4:
		within := &rst{markup: &markup{document: r.document, lines: body, slugs: r.slugs, before: r.before + from}}
		within.inline = within.rstInline
		within.body(depth + 1)
	}
}

// text reads a paragraph, and the code that may follow it.
func (r *rst) text() {
	first, column := r.at, indent(r.line())
	var lines []string
	for r.more() && strings.TrimSpace(r.line()) != "" && (r.at == first || indent(r.line()) >= column) {
		if len(lines) == 1 && indent(r.line()) > column { // what a term is defined as
			break
		}
		lines = append(lines, strings.TrimSpace(r.line()))
		r.at++
	}
	if r.at == first {
		r.at++
		return
	}
	last := &lines[len(lines)-1]
	literal := strings.HasSuffix(*last, "::")
	*last = strings.TrimSuffix(*last, ":")
	if *last == ":" {
		*last = ""
	}
	r.paragraph(lines, first, false)
	if literal {
		body, from := r.indented(column)
		r.code("", body, from, r.at)
	}
}

// list reads items, each with the lines that belong to it.
func (r *rst) list() {
	l := list{line: r.before + r.at + 1}
	simple, column := true, indent(r.line())
	for r.more() {
		mark := rstBullet.FindString(r.line())
		if mark == "" || indent(r.line()) != column {
			break
		}
		first := r.at
		lines := []string{r.line()[len(mark):]}
		r.at++
		for r.more() && strings.TrimSpace(r.line()) != "" && indent(r.line()) > column && !rstBullet.MatchString(r.line()) {
			lines = append(lines, strings.TrimSpace(r.line()))
			r.at++
		}
		l.items, l.end = append(l.items, r.paragraph(lines, first, true)), r.before+r.at
		if body, _ := r.indented(column); len(body) > 0 {
			simple = false
		}
	}
	if simple && len(l.items) > 0 {
		r.lists = append(r.lists, l)
	}
}

// simpleTable reads a table between lines of equals signs.
func (r *rst) simpleTable() {
	rule, first := strings.TrimRight(r.line(), " "), r.at
	var starts []int
	for i := range rule {
		if rule[i] == '=' && (i == 0 || rule[i-1] == ' ') {
			starts = append(starts, i)
		}
	}
	r.at++
	var rows [][]string
	rules, even := 1, true
	for r.more() && rules < 3 && strings.TrimSpace(r.line()) != "" {
		line := r.line()
		r.at++
		if rstSimple.MatchString(line) {
			rules++
			if rules == 3 || rules == 2 && strings.TrimSpace(r.ahead(0)) == "" {
				break
			}
			even = even && len(rows) == 1
			continue
		}
		cells := make([]string, len(starts))
		for i, from := range starts {
			to := len(line)
			if i+1 < len(starts) {
				to = min(to, starts[i+1])
			}
			text, _ := r.inline(line[min(from, to):to], r.before+r.at)
			cells[i] = clean(text)
		}
		even = even && cells[0] != "" && len(line) == len([]rune(line))
		rows = append(rows, cells)
	}
	if even && rules == 3 && len(rows) > 1 {
		r.tables = append(r.tables, table{header: rows[0], rows: rows[1:], line: r.before + first + 1, end: r.before + r.at})
	}
}

// pageFile is the file of a page that Sphinx is told of, whose ending may be left out.
func pageFile(name string) string {
	if ext := path.Ext(name); ext == ".rst" || ext == ".txt" || markdownFiles[ext] || otherFormats[ext] {
		return name
	}
	return name + ".rst"
}

// rstID is the anchor that docutils gives to a name.
func rstID(name string) string {
	return strings.Trim(rstOther.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// literal stands for code until all marks are off.
const literal = "\x00"

// rstInline takes the marks off a text.
func (m *markup) rstInline(s string, line int) (plain, prose string) {
	plain, prose = replaced(s, s, rstLiteral, func(g []string) (string, string) { return g[1], literal })
	for _, g := range rstLink.FindAllStringSubmatch(prose, -1) {
		if strings.HasSuffix(g[0], "_") || strings.Contains(g[0], ":doc:`") {
			switch dest := g[2]; {
			case strings.HasPrefix(dest, "/") || strings.HasSuffix(dest, "_"):
			case strings.Contains(g[0], ":doc:`"):
				m.listed = append(m.listed, standing(pageFile(dest), g[0], s, line))
			default:
				m.links = append(m.links, standing(dest, g[0], s, line))
			}
		}
	}
	plain, prose = replaced(plain, prose, rstLink, func(g []string) (string, string) {
		before := ""
		if g[0][0] != '`' && g[0][0] != ':' {
			before = string([]rune(g[0])[:1])
		}
		text := g[1]
		if !strings.HasSuffix(g[0], "_") && !strings.Contains(g[0], ":`") { // no link, but text in angle brackets
			text = strings.TrimSpace(g[1] + " <" + g[2] + ">")
		}
		return before + text, before + text
	})
	plain, prose = replaced(plain, prose, rstRole, func(g []string) (string, string) {
		if g[1] == "" || g[1] == "ref" || g[1] == "doc" || g[1] == "term" {
			return g[2], g[2]
		}
		return g[2], literal
	})
	for _, p := range []*regexp.Regexp{rstStrong, rstNote, rstReference} {
		plain, prose = replaced(plain, prose, p, func(g []string) (string, string) { t := strings.Join(g[1:], ""); return t, t })
	}
	plain, prose = replaced(plain, prose, rstEscape, func(g []string) (string, string) { return g[1], g[1] })
	return plain, strings.ReplaceAll(prose, literal, codeMark)
}
