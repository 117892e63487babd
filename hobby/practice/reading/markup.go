package reading

import (
	"regexp"
	"strings"
)

// markup is a document that is read line by line, as reStructuredText and AsciiDoc are.
type markup struct {
	*document
	lines  []string // without their ends
	slugs  slugger
	inline func(text string, line int) (plain, prose string) // takes the marks off, and notes the links
	at     int                                               // the line that is read, from 0
	before int                                               // the lines of the document before these
}

func marked(d *document, text []byte) *markup {
	return &markup{document: d, lines: strings.Split(strings.ReplaceAll(string(text), "\r", ""), "\n"), slugs: slugger{}}
}

// more reports whether there is a line; line is that line.
func (m *markup) more() bool   { return m.at < len(m.lines) }
func (m *markup) line() string { return m.lines[m.at] }

// ahead is a line after this one; "" behind the end.
func (m *markup) ahead(n int) string {
	if m.at+n < len(m.lines) {
		return m.lines[m.at+n]
	}
	return ""
}

// section adds a heading with its anchors.
func (m *markup) section(level int, title string, line int, anchors ...string) {
	text, _ := m.inline(title, m.before+line)
	h := heading{level: level, line: m.before + line, text: clean(text)}
	for _, a := range anchors {
		if a != "" {
			h.anchor = a
			m.anchors[strings.ToLower(a)] = true
		}
	}
	m.anchors[m.slugs.anchor(h.text)] = true
	m.headings = append(m.headings, h)
}

// paragraph adds the text of lines. It returns it as it is shown.
func (m *markup) paragraph(lines []string, first int, item bool) string {
	text, prose := m.inline(strings.Join(lines, "\n"), m.before+first+1)
	if text, prose = clean(text), clean(prose); text == "" {
		return ""
	}
	m.blocks = append(m.blocks, block{
		text: text, prose: prose, line: m.before + first + 1, end: m.before + first + len(lines), section: len(m.headings) - 1, item: item,
	})
	return text
}

// standing is a link that stands as found in a text, whose first line is told.
func standing(dest, found, text string, line int) link {
	return link{dest, line + strings.Count(text[:max(0, strings.Index(text, strings.TrimSpace(found)))], "\n")}
}

// code adds a block of code.
func (m *markup) code(lang string, lines []string, first, end int) {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	m.fences = append(m.fences, fence{
		lang: strings.ToLower(lang), code: strings.Join(lines, "\n") + "\n", line: m.before + first + 1, end: m.before + end,
	})
}

// indented takes the lines that are indented by more than a column, and the empty lines
// between them.
func (m *markup) indented(than int) (body []string, first int) {
	first = m.at
	for m.more() && (strings.TrimSpace(m.line()) == "" || indent(m.line()) > than) {
		body = append(body, m.line())
		m.at++
	}
	return dedented(body), first
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// dedented takes the common indent off lines, and the empty lines at their end.
func dedented(lines []string) []string {
	least := -1
	for _, l := range lines {
		if n := indent(l); strings.TrimSpace(l) != "" && (least < 0 || n < least) {
			least = n
		}
	}
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, strings.TrimRight(l[min(max(least, 0), len(l)):], " \t"))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// replaced replaces what a pattern matches by what of says of its groups: the text, and
// what stands for it in prose.
func replaced(plain, prose string, pattern *regexp.Regexp, of func(m []string) (string, string)) (string, string) {
	one := func(s string, second bool) string {
		return pattern.ReplaceAllStringFunc(s, func(found string) string {
			a, b := of(pattern.FindStringSubmatch(found))
			if second {
				return b
			}
			return a
		})
	}
	return one(plain, false), one(prose, true)
}
