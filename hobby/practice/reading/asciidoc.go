package reading

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	adocTitle  = regexp.MustCompile(`^(={1,6})\s+(\S.*?)(?:\s+=+)?\s*$`)
	adocAnchor = regexp.MustCompile(`^\[\[([^\],]+)(?:,[^\]]*)?\]\]\s*$`)
	adocAttrs  = regexp.MustCompile(`^\[([^\]]*)\]\s*$`)
	adocValue  = regexp.MustCompile(`^:!?[\w-]+!?:(?:\s.*)?$`)
	adocFence  = regexp.MustCompile("^(?:-{4,}|\\.{4,}|\\+{4,}|/{4,}|={4,}|\\*{4,}|_{4,}|--|`{3,}[^\\s`]*)\\s*$")
	adocItem   = regexp.MustCompile(`^\s*(?:\*{1,5}|-|\.{1,5}|\d+\.)\s+(?:\[[ x*]\]\s+)?(\S.*)$`)
	adocMacro  = regexp.MustCompile(`^(image|include|video|audio)::([^\[]*)\[.*\]\s*$`)
	adocAdmon  = regexp.MustCompile(`^(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+`)
	adocCell   = regexp.MustCompile(`(?:^|\s)(?:\d*[.+*]?\d*[<^>]*[aehlmsdv]?)\|`)
	adocLink   = regexp.MustCompile(`\b(?:link:|(https?://|mailto:))([^\s\[\]]*)\[([^\]]*)\]`)
	// Each pattern of references ends at one mark. A pattern of both would, at each closed
	// one of a kind, look for the end of an open one of the other up to the text's end.
	adocRef      = regexp.MustCompile(`<<([^>,]+)(?:,\s*([^>]+))?>>`)
	adocXref     = regexp.MustCompile(`\bxref:([^\s\[\]]+)\[([^\]]*)\]`)
	adocInline   = regexp.MustCompile(`\b(?:image|kbd|btn|menu|icon|footnote|pass|stem|indexterm2?):([^\s\[\]]*)\[([^\]]*)\]`)
	adocButton   = regexp.MustCompile(`^(?:kbd|btn|menu):`)
	adocIDs      = regexp.MustCompile(`\[\[([^\]]+)\]\]|\[#([\w-]+)\]`)
	adocCode     = regexp.MustCompile("``?\\+?([^`]+?)\\+?``?")
	adocBold     = regexp.MustCompile(`\*\*([^*]+)\*\*|(?:^|\b|\s)\*([^*\s](?:[^*]*[^*\s])?)\*`)
	adocItalic   = regexp.MustCompile(`\b__([^_]+)__\b|\b_([^_\s](?:[^_]*[^_\s])?)_\b`)
	adocAttrUsed = regexp.MustCompile(`\{[\w-]+\}`)
	adocHash     = regexp.MustCompile(`[^\pL\pN_ .-]+`)
	adocSpace    = regexp.MustCompile(`[ ._-]+`)
	adocTitled   = regexp.MustCompile(`^[^\s.\[/:|].*[\pL\pN]`)
	adocCallout  = regexp.MustCompile(`(?m)[ \t]*(?://|#|--|;;)?[ \t]*(?:<(?:\d+|\.)>[ \t]*)+$|<!--(?:\d+|\.)-->`)
	adocFormer   = regexp.MustCompile(`(?m)^:page-aliases:((?:.*\\\n)*.*)$`)
)

// readASCIIDoc reads AsciiDoc, as Asciidoctor shows it.
func (d *document) readASCIIDoc(text []byte) {
	m := marked(d, text)
	m.inline = m.adocInline
	d.anchored = !strings.Contains(string(text), "include::") // what is included may have more
	for _, names := range adocFormer.FindAllSubmatch(text, -1) {
		d.renamed(string(names[1]))
	}
	a := adoc{markup: m, ids: map[string]int{}}
	for m.more() {
		a.next()
	}
}

// adoc reads AsciiDoc.
type adoc struct {
	*markup
	attrs string // of what comes next
	named []string
	ids   map[string]int
}

// next reads a block.
func (a *adoc) next() {
	line := strings.TrimRight(a.line(), " \t")
	plainly := func() { a.attrs, a.named = "", nil }
	switch {
	case line == "":
		a.at++
	case adocTitle.MatchString(line):
		t := adocTitle.FindStringSubmatch(line)
		text, _ := a.inline(t[2], a.at+1)
		a.section(len(t[1]), t[2], a.at+1, append([]string{a.id(clean(text))}, a.named...)...)
		a.at++
		plainly()
	case a.underlined(line) > 0:
		text, _ := a.inline(line, a.at+1)
		a.section(a.underlined(line), line, a.at+1, append([]string{a.id(clean(text))}, a.named...)...)
		a.at += 2
		plainly()
	case adocAnchor.MatchString(line):
		a.name(adocAnchor.FindStringSubmatch(line)[1])
		a.at++
	case adocAttrs.MatchString(line):
		a.attrs = adocAttrs.FindStringSubmatch(line)[1]
		if _, id, ok := strings.Cut(a.attrs, "#"); ok {
			a.name(strings.FieldsFunc(id+" ", func(r rune) bool { return strings.ContainsRune(".,% ", r) })...)
		}
		a.at++
	case strings.HasPrefix(line, "|===") || strings.HasPrefix(line, ",===") || strings.HasPrefix(line, "!==="):
		a.table()
		plainly()
	case adocFence.MatchString(line):
		a.delimited(line)
		plainly()
	case adocMacro.MatchString(line):
		if g := adocMacro.FindStringSubmatch(line); g[1] == "image" && !strings.Contains(g[2], "{") {
			a.links = append(a.links, link{g[2], a.at + 1})
		}
		a.at++
	case strings.HasPrefix(line, "//"), adocValue.MatchString(line), line == "+", line == "<<<", line == "'''", strings.HasPrefix(line, ".") &&
		len(line) > 1 && line[1] != '.' && line[1] != ' ': // a remark, a value, a title of a block
		if line[0] == '.' {
			a.identify(line)
		}
		a.at++
	case adocItem.MatchString(line):
		a.list()
		plainly()
	default:
		a.text(indent(line) > 0 && line[0] != '*')
		plainly()
	}
}

// underlined is the level of a title that the next line underlines, which is about as long, or 0.
func (a *adoc) underlined(line string) int {
	rule := strings.TrimRight(a.ahead(1), " \t")
	if len(rule) < 2 || strings.Trim(rule, rule[:1]) != "" || !adocTitled.MatchString(line) || adocItem.MatchString(line) {
		return 0
	}
	if n := utf8.RuneCountInString(line); n < len(rule)-2 || n > len(rule)+2 {
		return 0
	}
	return 1 + strings.IndexByte("=-~^+", rule[0])
}

func (a *adoc) name(ids ...string) {
	for _, id := range ids {
		if id != "" {
			a.label(id)
			a.named = append(a.named, id)
		}
	}
}

// id is the anchor that Asciidoctor makes of a title.
func (a *adoc) id(title string) string {
	id := strings.ToLower(adocHash.ReplaceAllString(title, ""))
	id = "_" + strings.Trim(adocSpace.ReplaceAllString(id, "_"), "_")
	a.ids[id]++
	if n := a.ids[id]; n > 1 {
		return id + "_" + strconv.Itoa(n)
	}
	return id
}

// delimited reads a block between two equal lines: code and the like is one, and the
// others are read like other text.
func (a *adoc) delimited(mark string) {
	first := a.at
	a.at++
	switch mark[0] {
	case '=', '*', '_':
		return // its content is read as if the lines were not there
	}
	if mark == "--" && !strings.HasPrefix(a.attrs, "source") {
		return
	}
	if mark[0] == '`' {
		lang := strings.TrimLeft(mark, "`")
		a.attrs, mark = "source,"+lang, strings.TrimSuffix(mark, lang)
	}
	var body []string
	for a.more() && strings.TrimRight(a.line(), " \t") != mark {
		body = append(body, a.line())
		a.at++
	}
	open := !a.more()
	a.at++
	if mark[0] == '-' || mark[0] == '.' || mark[0] == '`' {
		parts := strings.Split(a.attrs, ",")
		lang := ""
		if len(parts) > 1 && (strings.HasPrefix(parts[0], "source") || parts[0] == "") {
			lang = strings.TrimSpace(parts[1])
		}
		if !strings.Contains(strings.Join(body, "\n"), "include::") && !strings.Contains(a.attrs, "subs") {
			a.code(lang, body, first, a.at)
			a.fences[len(a.fences)-1].code = adocCallout.ReplaceAllString(a.fences[len(a.fences)-1].code, "")
			a.fences[len(a.fences)-1].open = open
		}
	}
}

// text reads a paragraph. One that is indented is code.
func (a *adoc) text(literal bool) {
	first := a.at
	var lines []string
	for a.more() {
		line := strings.TrimRight(a.line(), " \t")
		ends := line == "+" || strings.HasPrefix(line, "|===") || adocFence.MatchString(line) || adocItem.MatchString(line)
		if line == "" || len(lines) > 0 && ends {
			break
		}
		if !strings.HasPrefix(line, "//") {
			lines = append(lines, strings.TrimSuffix(strings.TrimSpace(line), " +"))
		}
		a.at++
	}
	if len(lines) == 0 {
		a.at = max(a.at, first+1)
		return
	}
	if literal || strings.HasPrefix(a.attrs, "source") || strings.HasPrefix(a.attrs, "listing") {
		return
	}
	lines[0] = adocAdmon.ReplaceAllString(lines[0], "")
	a.paragraph(lines, first, false)
}

// list reads items up to an empty line.
func (a *adoc) list() {
	l := list{line: a.at + 1}
	simple := true
	marker := strings.Fields(a.line())[0]
	for a.more() {
		g := adocItem.FindStringSubmatch(a.line())
		if g == nil {
			break
		}
		simple = simple && (strings.Fields(a.line())[0] == marker || marker[len(marker)-1] == '.' && marker[0] >= '0' && marker[0] <= '9')
		first := a.at
		lines := []string{g[1]}
		a.at++
		for a.more() && strings.TrimSpace(a.line()) != "" && !adocItem.MatchString(a.line()) {
			line := strings.TrimSpace(a.line())
			if line == "+" || adocFence.MatchString(line) || adocAttrs.MatchString(line) || strings.HasPrefix(line, "//") {
				simple = false
				break
			}
			lines = append(lines, strings.TrimSuffix(line, " +"))
			a.at++
		}
		l.items, l.end = append(l.items, a.paragraph(lines, first, true)), a.at
	}
	if simple && len(l.items) > 0 {
		a.lists = append(a.lists, l)
	}
}

// table reads a table of which each row is a line. Others are left out.
func (a *adoc) table() {
	mark, first := strings.TrimSpace(a.line()), a.at
	attrs := a.attrs
	a.at++
	var rows [][]string
	gap, even := false, mark == "|===" && !strings.Contains(attrs, "format")
	for a.more() && strings.TrimSpace(a.line()) != mark {
		line := strings.TrimSpace(a.line())
		a.at++
		if line == "" {
			gap = gap || len(rows) == 1
			continue
		}
		starts := adocCell.FindAllStringIndex(line, -1)
		if even = even && len(starts) > 1 && strings.HasPrefix(line, "|") && !strings.Contains(line, `\|`); !even {
			continue
		}
		var cells []string
		for i, s := range starts {
			to := len(line)
			if i+1 < len(starts) {
				to = starts[i+1][0]
			}
			text, _ := a.inline(line[s[1]:to], a.at)
			cells = append(cells, clean(text))
			even = even && strings.TrimSpace(line[s[0]:s[1]]) == "|"
		}
		even = even && (len(rows) == 0 || len(cells) == len(rows[0]))
		rows = append(rows, cells)
	}
	a.at++
	if even && (gap || strings.Contains(attrs, "header")) && len(rows) > 1 {
		a.tables = append(a.tables, table{header: rows[0], rows: rows[1:], line: first + 1, end: min(a.at, len(a.lines))})
	}
}

// identify notes the anchors in a line.
func (m *markup) identify(s string) {
	for _, g := range adocIDs.FindAllStringSubmatch(s, -1) {
		m.anchors[strings.ToLower(strings.Split(g[1]+g[2], ",")[0])] = true
	}
}

// adocInline takes the marks off a text. A text with values that are set elsewhere has
// none left.
func (m *markup) adocInline(s string, line int) (plain, prose string) {
	m.identify(s)
	if adocAttrUsed.MatchString(adocCode.ReplaceAllString(s, "")) {
		return "", ""
	}
	plain, prose = replaced(s, s, adocCode, func(g []string) (string, string) { return g[1], codeMark })
	bare := adocCode.ReplaceAllString(s, "")
	for _, g := range adocLink.FindAllStringSubmatch(bare, -1) {
		m.links = append(m.links, standing(g[1]+g[2], g[0], s, line))
	}
	for _, g := range append(adocRef.FindAllStringSubmatch(bare, -1), adocXref.FindAllStringSubmatch(bare, -1)...) {
		dest := g[1]
		if !strings.ContainsAny(dest, ".#/") {
			dest = "#" + dest
		}
		if !strings.Contains(dest, " ") && !strings.Contains(dest, ":") && !strings.Contains(dest, "$") {
			m.links = append(m.links, standing(dest, g[0], s, line))
		}
	}
	last := func(g []string) (string, string) {
		for i := len(g) - 1; i > 0; i-- {
			if g[i] != "" {
				return strings.TrimSuffix(g[i], "^"), strings.TrimSuffix(g[i], "^")
			}
		}
		return "", ""
	}
	for _, p := range []*regexp.Regexp{adocLink, adocRef, adocXref} {
		plain, prose = replaced(plain, prose, p, last)
	}
	nothing := func([]string) (string, string) { return "", "" }
	plain, prose = replaced(plain, prose, adocInline, func(g []string) (string, string) {
		if !adocButton.MatchString(g[0]) {
			g[2] = ""
		}
		return g[2], codeMark
	})
	plain, prose = replaced(plain, prose, adocIDs, nothing)
	spaced := func(g []string) (string, string) {
		before := g[0][:len(g[0])-len(strings.TrimLeft(g[0], " \n"))]
		t := before + strings.Join(g[1:], "")
		return t, t
	}
	plain, prose = replaced(plain, prose, adocBold, spaced)
	return replaced(plain, prose, adocItalic, spaced)
}
