package reading

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// maxFile is the size of the largest document that is read, in bytes.
const maxFile = 512 << 10

// document is a parsed document. Its texts are clean.
type document struct {
	path   string // relative to the root, with slashes
	digest string
	unread string // why the document was not read; the rest is empty then

	markdown    bool
	anchored    bool // its anchors are known
	mdx         bool // text in braces is code
	headings    []heading
	anchors     map[string]bool  // in lower case
	components  map[string][]int // the lines of components that may make anchors, by a word in them in lower case
	tabs        map[string]bool  // anchors of the labels of tabs
	blocks      []block
	links       []link
	listed      []link   // pages that the builder of a site is told of: it misses them itself, and some are made before
	undefined   []link   // references to a label that is not defined
	defined     int      // references to one that is
	within      []bool   // by line, whether a component or a shortcode encloses it
	includes    []string // paths of documents that it includes, from its folder or another
	labels      []string // anchors that are written out, in lower case
	former      []string // names that it is found by, too, without folders and endings
	filled      bool     // a program fills it in that may define labels
	lists       []list
	tables      []table
	fences      []fence
	sections    []section // sections that can be shown
	remarks     []remark
	marks       bool // it is Markdown, MDX, reStructuredText or AsciiDoc
	frontMatter bool // it begins with settings of a site's page
	settled     bool // nobody corrects it: it tells what was, or a program makes it

	starts []int // of the lines
}

// heading is a heading with its anchor.
type heading struct {
	level, line  int
	text, anchor string
}

// block is a paragraph or the text of a list's item.
type block struct {
	text      string
	prose     string // the text with a mark in place of each code span
	line, end int
	section   int // index of its heading, -1 before the first
	item      bool
}

// link is a link or an image.
type link struct {
	dest string // or the label of a reference
	line int
}

// list is a list whose items are a line each.
type list struct {
	items     []string
	line, end int
}

// table is a table with its rows as they are shown.
type table struct {
	header    []string
	rows      [][]string
	line, end int
	ragged    []row
}

// row is a row that has more cells than are shown.
type row struct {
	line, cells int
	lost        string // the first cell that is not shown
}

// fence is a fenced block of code.
type fence struct {
	lang, code string
	line, end  int
	open       bool // it ends only with the document
}

// dir is the folder of the document: its topic.
func (d *document) dir() string { return path.Dir(d.path) }

// name is the path, for use in a sentence.
func (d *document) name() string { return quote(d.path) }

// line is the line that an offset is on.
func (d *document) line(offset int) int {
	return max(1, sort.SearchInts(d.starts, offset+1))
}

// The names of files that are read.
var (
	markdownFiles = map[string]bool{".md": true, ".markdown": true, ".mdown": true, ".mkd": true, ".mdx": true}
	markupFiles   = map[string]func(*document, []byte){
		".html": (*document).readHTML, ".htm": (*document).readHTML, ".xhtml": (*document).readHTML,
		".rst": (*document).readRST, ".rest": (*document).readRST,
		".adoc": (*document).readASCIIDoc, ".asciidoc": (*document).readASCIIDoc,
	}
	otherFormats = map[string]bool{".org": true, ".pdf": true, ".docx": true, ".odt": true, ".epub": true, ".tex": true, ".ipynb": true}
)

// wanted reports whether a file is a document, readable or not. Licences are
// left out, as are lists for programs.
func wanted(name string) bool {
	name = strings.ToLower(name)
	ext := path.Ext(name)
	for _, p := range []string{"license", "licence", "copying", "notice", "patents", "unlicense", "requirements", "robots",
		"cmakelists", "constraints", "humans"} {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	return markdownFiles[ext] || markupFiles[ext] != nil || otherFormats[ext] || ext == ".txt"
}

// parse parses a document.
func parse(name string, text []byte) *document {
	sum := sha256.Sum256(text)
	d := &document{path: name, digest: hex.EncodeToString(sum[:8]), anchors: map[string]bool{}}
	ext := strings.ToLower(path.Ext(name))
	text = newlines(bytes.TrimPrefix(text, []byte("\uFEFF")))
	for _, m := range including.FindAllSubmatch(text, -1) {
		included := string(bytes.Join(m[1:], nil))
		if included = included[strings.LastIndexByte(included, '$')+1:]; path.Base(included) != path.Base(name) { // partial$a.adoc
			d.includes = append(d.includes, included)
		}
	}
	d.settled = changes.MatchString(name) || generated(text)
	switch {
	case otherFormats[ext]:
		d.unread = "is " + ext
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		d.unread = "is not UTF-8 text"
	case ext == ".txt":
		d.readLines(text)
		d.readText(text)
		d.note(text)
	case markupFiles[ext] != nil:
		d.readLines(text)
		markupFiles[ext](d, text)
		d.marks = ext != ".html" && ext != ".htm" && ext != ".xhtml"
		d.sections = d.chapters()
		d.note(text)
	default:
		d.readLines(text)
		if d.unread = tooMuch(text); d.unread == "" {
			d.markdown, d.anchored, d.mdx, d.marks = true, true, ext == ".mdx", true
			body := withoutFrontMatter(text)
			if d.frontMatter = !bytes.Equal(body, text); d.frontMatter {
				for _, names := range aliased.FindAllSubmatch(text[:len(text)-len(bytes.TrimLeft(body, " \n"))], -1) {
					d.renamed(string(names[1]))
				}
			}
			text = body
			d.shown(text)
			if d.mdx {
				d.named(text)
				text = withoutCode(text)
				d.readLines(text) // which are as many
			}
			d.readMarkdown(text)
			d.sections = d.chapters()
			d.note(text)
		}
	}
	return d
}

// readLines notes where lines start.
func (d *document) readLines(text []byte) {
	d.starts = []int{0}
	for i, c := range text {
		if c == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
}

// withoutFrontMatter blanks the metadata that a document may begin with. Line
// numbers stay the same.
func withoutFrontMatter(text []byte) []byte {
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	mark := string(bytes.TrimRight(first, "\r \t"))
	if !ok || mark != "---" && mark != "+++" {
		return text
	}
	end := bytes.Index(rest, []byte("\n"+mark))
	if end < 0 {
		return text
	}
	end += len(first) + 1 + 1 + len(mark)
	text = bytes.Clone(text)
	for i := range end {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
	return text
}

// newlines replaces carriage returns that end a line alone by line feeds.
func newlines(text []byte) []byte {
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	text = bytes.Clone(text)
	for i, c := range text {
		if c == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			text[i] = '\n'
		}
	}
	return text
}

// readText reads paragraphs of plain text: lines that belong together.
func (d *document) readText(text []byte) {
	var lines []string
	first := 0
	flush := func(end int) {
		if s := clean(strings.Join(lines, " ")); s != "" {
			d.blocks = append(d.blocks, block{text: s, prose: s, line: first, end: end, section: -1})
		}
		lines = nil
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if strings.TrimSpace(line) == "" {
			flush(n - 1)
			continue
		}
		if len(lines) == 0 {
			first = n
		}
		lines = append(lines, line)
	}
	flush(n)
}

// The bounds of what is parsed as Markdown, because the parser's time may grow
// with the square of a text. No document that a person wrote reaches them.
const (
	mostNesting = 32                     // containers that one line opens
	mostIndent  = 200                    // columns before a line's text
	mostEffort  = 500 * time.Millisecond // on a core of 2025, by the estimates below
)

// What takes the parser long, as measured by BenchmarkHostile.
const (
	perBracket  = 27 * time.Nanosecond   // times the square of a paragraph's
	perEmphasis = 6 * time.Nanosecond    // times the square of a paragraph's stars and underscores
	perEscape   = 15 * time.Nanosecond   // times the square of a document's escaped pipes
	perCell     = 2600 * time.Nanosecond // times the columns and the lines of what may be a table
)

// tooMuch says why a text is not parsed as Markdown; "" when it is.
func tooMuch(text []byte) string {
	var effort, escapes, brackets, emphasis, columns, lines time.Duration
	paragraph := func() time.Duration {
		return perBracket*brackets*brackets + perEmphasis*emphasis*emphasis + perCell*columns*lines
	}
	for line := range bytes.Lines(text) {
		body := bytes.TrimLeft(line, " \t>-*+0123456789.)")
		opening := line[:len(line)-len(body)]
		if nesting(opening) > mostNesting || len(opening)-len(bytes.TrimLeft(opening, " ")) > mostIndent {
			return "nests too deep"
		}
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) == 0 || len(trimmed) > 1 && bytes.IndexByte([]byte("-*+"), trimmed[0]) >= 0 && trimmed[1] == ' ' {
			effort += paragraph()
			brackets, emphasis, columns, lines = 0, 0, 0, 0
		}
		count := func(s string) time.Duration { return time.Duration(bytes.Count(line, []byte(s))) }
		lines++
		brackets += count("[")
		emphasis += count("*") + count("_")
		escapes += count(`\|`)
		if len(bytes.Trim(trimmed, "|-: \t>")) == 0 {
			columns = max(columns, count("|")+1)
		}
		if effort+paragraph()+perEscape*escapes*escapes > mostEffort {
			return "would take too long to parse"
		}
	}
	return ""
}

// nesting is the number of quotes and lists that the beginning of a line may
// open.
func nesting(opening []byte) int {
	n := bytes.Count(opening, []byte(">"))
	for _, m := range bytes.Fields(opening) {
		if bytes.IndexByte(m, '>') < 0 && (len(m) == 1 || bytes.ContainsAny(m, ".)")) {
			n++
		}
	}
	return n
}
