package reading

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// readMarkdown reads the document as GitHub renders it.
func (d *document) readMarkdown(source []byte) {
	root := goldmark.New(
		goldmark.WithExtensions(extension.Linkify, extension.Table, extension.Strikethrough),
		goldmark.WithParserOptions(
			parser.WithInlineParsers(util.Prioritized(boxes{extension.NewTaskCheckBoxParser()}, 0)),
			parser.WithBlockParsers(util.Prioritized(footnotes{extension.NewFootnoteBlockParser()}, 999)),
		),
	).Parser().Parse(text.NewReader(source))
	r := &reader{document: d, source: source, slugs: slugger{}, labels: map[string]bool{}}
	for _, m := range defining.FindAllSubmatch(source, -1) {
		r.labels[strings.ToLower(string(m[1]))] = true
	}
	// The walk never fails: visit returns no error.
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		return r.visit(n), nil
	})
}

// boxes parses the boxes of task lists. A space follows a box, because [x](y) is
// a link.
type boxes struct{ parser.InlineParser }

// Parse implements parser.InlineParser.
func (b boxes) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if line, _ := block.PeekLine(); len(line) > 3 && !util.IsSpace(line[3]) {
		return nil
	}
	return b.InlineParser.Parse(parent, block, pc)
}

// footnotes parses the texts of footnotes where they are. A footnote in another is
// not parsed, so they cannot nest without end.
type footnotes struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (f footnotes) Open(parent ast.Node, in text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if _, top := parent.(*ast.Document); !top {
		return nil, parser.NoChildren
	}
	return f.BlockParser.Open(parent, in, pc)
}

// Close implements parser.BlockParser. It leaves the footnote where it is.
func (footnotes) Close(ast.Node, text.Reader, parser.Context) {}

// footnoted reports whether a link refers to a footnote that is in a quote or a
// list, and so is no block of its own.
func footnoted(n *ast.Link) bool {
	return n.Reference != nil && strings.HasPrefix(string(n.Reference.Value), "^")
}

// reader collects the parts of a document.
type reader struct {
	*document
	source []byte
	slugs  slugger
	labels map[string]bool // that a line defines, in lower case
}

func (r *reader) visit(n ast.Node) ast.WalkStatus {
	switch n := n.(type) {
	case *ast.Heading:
		r.heading(n)
		r.inlines(n)
		return ast.WalkSkipChildren
	case *ast.Paragraph, *ast.TextBlock:
		r.block(n)
		return ast.WalkSkipChildren
	case *ast.List:
		r.list(n)
	case *east.Table:
		r.table(n)
		r.inlines(n)
		return ast.WalkSkipChildren
	case *ast.FencedCodeBlock:
		r.fence(n)
	case *ast.HTMLBlock:
		line, _ := r.span(n)
		r.markup(string(n.Lines().Value(r.source)), line)
		if n.HasClosure() {
			r.markup(string(n.ClosureLine.Value(r.source)), r.line(n.ClosureLine.Start))
		}
	}
	return ast.WalkContinue
}

// span returns the lines of a block.
func (r *reader) span(n ast.Node) (first, last int) {
	if lines := n.Lines(); lines.Len() > 0 {
		return r.line(lines.At(0).Start), r.line(max(lines.At(0).Start, lines.At(lines.Len()-1).Stop-1))
	}
	first = r.line(n.Pos())
	return first, first
}

// kramdown matches an anchor that some generators allow in a heading.
var kramdown = regexp.MustCompile(`\s*\{(?::?\s*#|/\*\s*#?)([^\s}*]+)[^}]*\}\s*$`)

func (r *reader) heading(n *ast.Heading) {
	plain, _ := r.plain(n)
	line, _ := r.span(n)
	h := heading{level: n.Level, line: line, text: clean(plain), anchor: r.slugs.anchor(plain)}
	if m := kramdown.FindStringSubmatch(plain); m != nil {
		r.anchors[strings.ToLower(m[1])] = true
		h.text = clean(kramdown.ReplaceAllString(plain, ""))
	}
	if r.mdx && aliases.MatchString(h.text) {
		h.text = clean(aliases.ReplaceAllString(h.text, ""))
	}
	r.title(h)
}

// title adds a heading. Beside an image its anchor may begin with a hyphen. The
// anchor without the hyphen is accepted, too.
func (r *reader) title(h heading) {
	r.anchored = r.anchored && !strings.Contains(h.text, "{{") && !strings.Contains(h.text, "{%") // a template makes it
	r.anchors[h.anchor] = true
	r.anchors[slug(h.text)] = true
	r.headings = append(r.headings, h)
}

func (r *reader) block(n ast.Node) {
	r.inlines(n)
	plain, prose := r.plain(n)
	plain, prose = admonition.ReplaceAllString(plain, " "), admonition.ReplaceAllString(prose, " ")
	first, last := r.span(n)
	_, item := n.Parent().(*ast.ListItem)
	if s := clean(plain); s != "" && !(r.mdx && strings.ContainsAny(prose, "{}")) {
		r.blocks = append(r.blocks, block{text: s, prose: clean(prose), line: first, end: last, section: len(r.headings) - 1, item: item})
	}
}

// admonition matches what sites mark notes and their own blocks with: Docusaurus and
// VitePress (:::note), GitHub ([!NOTE]), GitBook ({% hint %}) and Hugo ({{< note >}}).
var admonition = regexp.MustCompile(`^\s*:{3,}(?:[ \t]*[a-z]+(?:\[[^\]]*\])?(?:[ \t]*\{[^}]*\})?)?(?:\s|$)|\s:{3,}\s*$|` +
	`^\s*\[![A-Z]+\](?:\s|$)|\{%-?[^%]*%\}|\{\{[<%][^}]*[>%]\}\}`)

// codeMark replaces a code span in a block's prose, and markupMark HTML where references are looked for: no
// label has HTML in it.
const (
	codeMark   = "`"
	markupMark = "\x00"
)

// plain returns the text of a node's inlines. prose is the same with codeMark in
// place of code.
func (r *reader) plain(n ast.Node) (plain, prose string) {
	var p, q strings.Builder
	both := func(s string) {
		p.WriteString(s)
		q.WriteString(s)
	}
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			switch c := c.(type) {
			case *ast.Text:
				both(unescape(c.Value(r.source)))
				if c.SoftLineBreak() || c.HardLineBreak() {
					both(" ")
				}
			case *ast.String:
				both(string(c.Value))
			case *ast.CodeSpan:
				for t := c.FirstChild(); t != nil; t = t.NextSibling() {
					if t, ok := t.(*ast.Text); ok {
						p.WriteString(strings.ReplaceAll(string(t.Value(r.source)), "\n", " "))
					}
				}
				q.WriteString(codeMark)
			case *ast.AutoLink:
				p.Write(c.Label(r.source))
				q.WriteString(codeMark)
			case *ast.Image, *ast.RawHTML:
			default:
				walk(c)
			}
		}
	}
	walk(n)
	return p.String(), q.String()
}

func unescape(s []byte) string {
	return html.UnescapeString(string(util.UnescapePunctuations(s)))
}

// inlines collects the links of a block, and its references without a definition.
func (r *reader) inlines(n ast.Node) {
	var raw strings.Builder
	var places [][2]int // of the raw text in the source
	line, _ := r.span(n)
	at := func(n ast.Node) int {
		if p := n.Pos(); p >= 0 {
			return r.document.line(p)
		}
		return line
	}
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			places = append(places, [2]int{raw.Len(), c.Segment.Start})
			raw.Write(c.Value(r.source))
			if c.SoftLineBreak() || c.HardLineBreak() {
				raw.WriteByte(' ')
			}
		case *ast.CodeSpan:
			raw.WriteString(codeMark)
			return ast.WalkSkipChildren, nil
		case *east.TableCell:
			raw.WriteByte('\n')
		case *ast.Link:
			if !footnoted(c) {
				if c.Reference != nil {
					r.defined++
				}
				r.links = append(r.links, link{string(c.Destination), at(c)})
			}
			raw.WriteString(codeMark)
		case *ast.Image:
			r.links = append(r.links, link{string(c.Destination), at(c)})
			return ast.WalkSkipChildren, nil
		case *ast.RawHTML:
			r.markup(string(c.Segments.Value(r.source))+r.closing(c), at(c))
			raw.WriteString(markupMark)
		}
		return ast.WalkContinue, nil
	})
	for _, m := range reference.FindAllStringSubmatchIndex(raw.String(), -1) {
		shown, label := raw.String()[m[2]:m[3]], raw.String()[m[4]:m[5]]
		if coded.MatchString(shown) && coded.MatchString(label) { // [RFC4346][RFC6347] are two names
			continue
		}
		if label == "" {
			label = shown
		}
		if !lettered.MatchString(label) || r.labels[strings.ToLower(label)] || strings.HasPrefix(label, "^") ||
			strings.Contains(label, markupMark) {
			continue
		}
		l := line
		for _, p := range places {
			if p[0] <= m[2] {
				l = r.document.line(p[1] + m[2] - p[0])
			}
		}
		r.undefined = append(r.undefined, link{label, l})
	}
}

// defining matches the definition of a label, whatever stands behind it or before it: a template may be filled in, and a
// box of a site indents it.
var defining = regexp.MustCompile(`(?m)^[ \t]*\[([^\[\]\n]+)\]:`)

var (
	// reference matches a reference whose label is not defined. The parser leaves
	// it as text.
	reference = regexp.MustCompile("(?:^|[^\\pL\\pN\\]\\)`\\\\])!?\\[([^\\[\\]\n]+)\\]\\[([^\\[\\]\n]*)\\]")
	lettered  = regexp.MustCompile(`\pL\pL`)
	coded     = regexp.MustCompile(`^[A-Z]+[- ]?\d+$`)
)

var (
	identity = regexp.MustCompile(`(?is)<[a-z][a-z0-9]*\s[^>]*?\b(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
	headline = regexp.MustCompile(`(?is)<h([1-6])(?:\s[^>]*)?>(.*?)</h[1-6]\s*>`)
	tags     = regexp.MustCompile(`(?s)<[^>]*>`)
	closed   = regexp.MustCompile(`(?i)^\s*</a\s*>`)
	comment  = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// hypertex matches what leads somewhere, each tag by its own pattern. A pattern of both
// would, at each closed tag of a kind, look for the end of an open one of the other up to
// the text's end.
var hypertex = []*regexp.Regexp{
	regexp.MustCompile(`(?is)<a\s[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')`),
	regexp.MustCompile(`(?is)<img\s[^>]*?\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)')`),
}

// markup collects the anchors, links and headings of HTML.
func (r *reader) markup(s string, line int) {
	s = comment.ReplaceAllStringFunc(s, func(c string) string { return strings.Repeat("\n", strings.Count(c, "\n")) })
	for _, m := range identity.FindAllStringSubmatch(s, -1) {
		r.anchors[strings.ToLower(html.UnescapeString(m[1]+m[2]+m[3]))] = true
	}
	for _, tag := range hypertex {
		at := lineAt(s, line)
		for _, m := range tag.FindAllStringSubmatchIndex(s, -1) {
			if marker(s[m[0]:min(len(s), m[1]+maxTag)]) {
				continue
			}
			dest := ""
			for i := 2; i < len(m); i += 2 {
				if m[i] >= 0 {
					dest = s[m[i]:m[i+1]]
				}
			}
			r.links = append(r.links, link{html.UnescapeString(dest), at(m[0])})
		}
	}
	at := lineAt(s, line)
	for _, m := range headline.FindAllStringSubmatchIndex(s, -1) {
		plain := strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(s[m[4]:m[5]], "")))
		r.title(heading{level: int(s[m[2]] - '0'), line: at(m[0]), text: clean(plain), anchor: r.slugs.anchor(plain)})
	}
}

// maxTag is the number of bytes after a tag's link that are searched.
const maxTag = 1000

// marker reports whether HTML begins with an anchor: a link that has a name and
// nothing to click on.
func marker(s string) bool {
	end := strings.IndexByte(s, '>') + 1
	return end > 0 && strings.EqualFold(s[:2], "<a") && identity.MatchString(s[:end]) && closed.MatchString(s[end:])
}

// closing returns the end of a link when nothing is between it and its beginning.
func (r *reader) closing(n ast.Node) string {
	next := n.NextSibling()
	if t, ok := next.(*ast.Text); ok && util.IsBlank(t.Value(r.source)) {
		next = t.NextSibling()
	}
	if h, ok := next.(*ast.RawHTML); ok {
		if s := string(h.Segments.Value(r.source)); closed.MatchString(s) {
			return s
		}
	}
	return ""
}

// lineAt returns a function that gives the line of an offset in a text that
// begins on the given line. The offsets must not decrease.
func lineAt(s string, line int) func(offset int) int {
	from := 0
	return func(offset int) int {
		line += strings.Count(s[from:offset], "\n")
		from = offset
		return line
	}
}

func (r *reader) list(n *ast.List) {
	l := list{line: r.line(n.Pos())}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		body := c.FirstChild()
		if body == nil || body.NextSibling() != nil || body.Kind() != ast.KindTextBlock && body.Kind() != ast.KindParagraph {
			return // an item that is more than a paragraph
		}
		plain, _ := r.plain(body)
		first, last := r.span(body)
		if len(l.items) == 0 {
			l.line = first
		}
		l.items, l.end = append(l.items, clean(plain)), last
	}
	r.lists = append(r.lists, l)
}

func (r *reader) table(n *east.Table) {
	t := table{line: r.line(n.Pos())}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		var cells []string
		for cell := c.FirstChild(); cell != nil; cell = cell.NextSibling() {
			plain, _ := r.plain(cell)
			cells = append(cells, clean(plain))
		}
		if _, ok := c.(*east.TableHeader); ok {
			t.header = cells
			continue
		}
		t.rows = append(t.rows, cells)
		if c.Pos() < 0 {
			continue
		}
		t.end = r.line(c.Pos())
		written := rowCells(r.source[c.Pos():])
		if len(written) > len(t.header) {
			for _, lost := range written[len(t.header):] {
				if lost != "" {
					t.ragged = append(t.ragged, row{t.end, len(written), clean(lost)})
					break
				}
			}
		}
	}
	t.end = max(t.line, t.end)
	r.tables = append(r.tables, t)
}

// rowCells returns the cells of the first line of a text.
func rowCells(s []byte) []string {
	line, _, _ := strings.Cut(string(s[:min(len(s), 16<<10)]), "\n")
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	if strings.HasSuffix(line, "|") && !strings.HasSuffix(line, `\|`) {
		line = line[:len(line)-1]
	}
	var cells []string
	start := 0
	for i := range len(line) {
		if line[i] == '|' && (i == 0 || line[i-1] != '\\') {
			cells = append(cells, strings.TrimSpace(line[start:i]))
			start = i + 1
		}
	}
	return append(cells, strings.TrimSpace(line[start:]))
}

// fenceLines matches lines that open or close a fence, as far as a line alone tells. If they are even, something closes the
// last one, whatever the parser makes of it.
var fenceLines = regexp.MustCompile("(?m)^[ \\t>]*(?:(?:[-*+]|\\d+[.)])[ \\t]+)?(?:`{3,}|~{3,})")

// odd reports whether the lines that open or close a fence are odd in number.
func (r *reader) odd() bool { return len(fenceLines.FindAllIndex(r.source, -1))%2 == 1 }

func (r *reader) fence(n *ast.FencedCodeBlock) {
	f := fence{lang: strings.ToLower(string(n.Language(r.source))), code: string(n.Lines().Value(r.source))}
	f.line, f.end = r.span(n)
	if n.Lines().Len() == 0 {
		r.fences = append(r.fences, f)
		return
	}
	f.line-- // the fence itself
	if _, top := n.Parent().(*ast.Document); top {
		after := r.source[n.Lines().At(n.Lines().Len()-1).Stop:]
		f.open = len(bytes.TrimSpace(after[:min(len(after), 4)])) == 0 && len(bytes.TrimSpace(after)) == 0 && r.odd()
	}
	r.fences = append(r.fences, f)
}
