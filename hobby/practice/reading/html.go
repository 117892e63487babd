package reading

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// hiddenIn are elements whose text is not read.
var hiddenIn = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Template: true, atom.Svg: true, atom.Head: true, atom.Nav: true, atom.Textarea: true,
	atom.Select: true, atom.Button: true, atom.Noscript: true, atom.Iframe: true, atom.Math: true,
}

// withinLine are elements that end no paragraph.
var withinLine = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Bdi: true, atom.Bdo: true, atom.Br: true, atom.Cite: true, atom.Code: true,
	atom.Del: true, atom.Dfn: true, atom.Em: true, atom.Font: true, atom.I: true, atom.Img: true, atom.Ins: true, atom.Kbd: true,
	atom.Label: true, atom.Mark: true, atom.Q: true, atom.S: true, atom.Samp: true, atom.Small: true, atom.Span: true, atom.Strong: true,
	atom.Sub: true, atom.Sup: true, atom.Time: true, atom.Tt: true, atom.U: true, atom.Var: true, atom.Wbr: true,
}

// mostCell is about the largest number of bytes of a heading and of a cell.
const mostCell = 2000

// page reads HTML.
type page struct {
	*document
	slugs   slugger
	hidden  []atom.Atom // the elements that hide text, the outermost first
	code    int         // elements of code that are open
	text    strings.Builder
	prose   strings.Builder
	begun   bool // the paragraph has text
	first   int  // the line where it begins
	title   *heading
	item    bool
	lists   []*list
	plain   []bool // whether the items of each list are a line each
	table   *table
	cells   []string
	header  bool // the row's cells are headings
	uneven  bool // the table has cells over several rows or columns
	pre     *fence
	listing strings.Builder // the text of pre
	script  bool
	base    bool
}

// readHTML reads a page as a browser without scripts shows it, without its navigation.
func (d *document) readHTML(text []byte) {
	p := &page{document: d, slugs: slugger{}}
	z := html.NewTokenizer(bytes.NewReader(text))
	for offset := 0; ; {
		kind := z.Next()
		line := d.line(offset)
		offset += len(z.Raw())
		switch kind {
		case html.ErrorToken:
			p.end(line)
			d.anchored = !p.script  // a script may make anchors
			if p.base || p.script { // they begin elsewhere, or may lead to what a program serves
				d.links = nil
			}
			return
		case html.TextToken:
			p.said(string(z.Text()), line)
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start(z.Token(), line)
		case html.EndTagToken:
			p.close(z.Token().DataAtom, line)
		}
	}
}

// said takes text.
func (p *page) said(s string, line int) {
	switch {
	case len(p.hidden) > 0:
	case p.pre != nil:
		p.listing.WriteString(s)
	default:
		if body := strings.TrimLeft(s, " \t\r\n"); body != "" && !p.begun {
			p.begun, p.first = true, line+strings.Count(s[:len(s)-len(body)], "\n")
		}
		p.text.WriteString(s)
		if p.code == 0 {
			p.prose.WriteString(s)
		}
	}
}

// end ends a paragraph.
func (p *page) end(line int) {
	text, prose := clean(p.text.String()), clean(p.prose.String())
	p.text.Reset()
	p.prose.Reset()
	p.begun = false
	switch {
	case text == "" || strings.Contains(prose, "{{") || strings.Contains(prose, "{%"): // of a template
	case p.title != nil:
		if len(p.title.text) < mostCell {
			p.title.text = clean(p.title.text + " " + text)
		}
	case p.table != nil:
		if cell := &p.cells[len(p.cells)-1]; len(*cell) < mostCell {
			*cell = clean(*cell + " " + text)
		}
	default:
		if n := len(p.lists); n > 0 && p.item {
			l := p.lists[n-1]
			l.items, l.end = append(l.items, text), line
		}
		p.blocks = append(p.blocks, block{
			text: text, prose: prose, line: p.first, end: max(p.first, line), section: len(p.headings) - 1, item: p.item,
		})
	}
}

// start takes the beginning of an element.
func (p *page) start(t html.Token, line int) {
	attrs := map[string]string{}
	for _, a := range t.Attr {
		attrs[a.Key] = a.Val
	}
	for _, id := range []string{attrs["id"], attrs["name"]} {
		if id != "" {
			p.anchors[strings.ToLower(id)] = true
		}
	}
	p.script = p.script || t.DataAtom == atom.Script
	p.base = p.base || t.DataAtom == atom.Base && attrs["href"] != ""
	if !withinLine[t.DataAtom] {
		p.end(line)
	}
	if t.DataAtom == atom.Body { // a head that was not closed
		p.hidden = nil
	}
	if hiddenIn[t.DataAtom] && t.Type == html.StartTagToken {
		p.hidden = append(p.hidden, t.DataAtom)
	}
	if len(p.hidden) > 0 {
		return
	}
	if dest := map[atom.Atom]string{atom.A: attrs["href"], atom.Img: attrs["src"]}[t.DataAtom]; dest != "" {
		p.links = append(p.links, link{dest, line})
	}
	switch a := t.DataAtom; a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		p.title = &heading{level: int(t.Data[1] - '0'), line: line, anchor: strings.ToLower(attrs["id"])}
	case atom.Br:
		p.said(" ", line)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		if p.pre != nil {
			p.pre.lang = language(attrs["class"])
			return
		}
		if p.code == 0 {
			p.prose.WriteString(codeMark)
		}
		p.code++
	case atom.Pre:
		p.pre = &fence{lang: language(attrs["class"]), line: line}
		p.listing.Reset()
	case atom.Ul, atom.Ol:
		if n := len(p.plain); n > 0 {
			p.plain[n-1] = false
		}
		p.lists, p.plain = append(p.lists, &list{line: line}), append(p.plain, true)
	case atom.Li:
		p.item = true
	case atom.P, atom.Div, atom.Dl, atom.Table, atom.Blockquote:
		if n := len(p.plain); n > 0 {
			p.plain[n-1] = false
		}
		p.item = false
		if a == atom.Table {
			p.table, p.cells, p.header, p.uneven = &table{line: line}, []string{""}, false, p.table != nil
		}
	case atom.Tr:
		p.cells, p.header = []string{""}, true
	case atom.Td, atom.Th:
		if p.table == nil {
			return
		}
		p.cells = append(p.cells, "")
		p.header = p.header && a == atom.Th
		p.uneven = p.uneven || attrs["colspan"] != "" || attrs["rowspan"] != ""
	}
}

// close takes the end of an element.
func (p *page) close(a atom.Atom, line int) {
	if !withinLine[a] {
		p.end(line)
	}
	if n := len(p.hidden); n > 0 {
		if i := slices.Index(p.hidden, a); i >= 0 {
			p.hidden = p.hidden[:i]
		}
		return
	}
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if h := p.title; h != nil && h.text != "" {
			p.anchors[p.slugs.anchor(h.text)] = true
			p.headings = append(p.headings, *h)
		}
		p.title = nil
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		p.code = max(0, p.code-1)
	case atom.Pre:
		if f := p.pre; f != nil {
			f.code, f.end = p.listing.String(), line
			p.fences = append(p.fences, *f)
		}
		p.pre = nil
		p.listing.Reset()
	case atom.Li:
		p.item = false
	case atom.Ul, atom.Ol:
		if n := len(p.lists); n > 0 {
			if p.plain[n-1] && len(p.lists[n-1].items) > 0 {
				p.document.lists = append(p.document.lists, *p.lists[n-1])
			}
			p.lists, p.plain = p.lists[:n-1], p.plain[:n-1]
		}
		p.item = false
	case atom.Tr:
		p.row()
	case atom.Table:
		if t := p.table; t != nil {
			t.end = line
			if len(t.header) > 0 && !p.uneven {
				p.tables = append(p.tables, *t)
			}
		}
		p.table = nil
	}
}

// row takes a row of the table. The first one has the columns' names.
func (p *page) row() {
	if p.table == nil || len(p.cells) < 2 {
		return
	}
	cells := p.cells[1:]
	p.cells = []string{""}
	switch t := p.table; {
	case t.header == nil && p.header:
		t.header = cells
	case len(cells) != len(t.header):
		p.uneven = true
	default:
		t.rows = append(t.rows, cells)
	}
}

// language is the language that the class of a block of code names.
func language(class string) string {
	for _, c := range strings.Fields(class) {
		for _, mark := range []string{"language-", "lang-", "highlight-source-", "highlight-"} {
			if lang, ok := strings.CutPrefix(c, mark); ok {
				return strings.ToLower(lang)
			}
		}
	}
	return ""
}
