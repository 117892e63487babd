package reading

import (
	"context"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a site makes anchors of differs from one to the next: terms of a list, labels of tabs, comments, names in a table.
// Nobody can list them all. But an anchor is made of something that is there: so one is called missing only if no words of
// the document that it leads to stand alone and would give it. Headings are left out, as their anchors are known, and links,
// as their words are those of what they lead to.

var (
	// leading matches what leads somewhere, in any format: its words are those of what it leads to. Whatever is open
	// ends at the next mark that opens it, so that no search goes on to the end of the text.
	leading = regexp.MustCompile("(?i)!?\\[[^\\[\\]\n]*\\](?:\\([^()\n]*\\)|\\[[^\\[\\]\n]*\\])|<a\\s[^<>]*>[^<\n]*</a>|<<[^<>\n]*>>" +
		"|\\bxref:[^\\s\\[\\]]*\\[[^\\[\\]\n]*\\]|`[^`<\n]*<[^`<>\n]*>`_|:(?:ref|doc):`[^`\n]*`")
	// titled matches the lines of headings.
	titled = regexp.MustCompile(`(?m)^[ \t>]*(?:#{1,6}|={1,6})[ \t].*$`)
)

// plainText is a document without its headings and links, in small letters.
type plainText struct {
	text    string
	letters string          // and digits
	at      []int32         // where each byte of letters is in text
	said    map[string]bool // of fragments that were looked for
	titles  map[string]bool // the letters of the lines of headings as they are written, which some builders make anchors of
}

func newPlainText(text string) *plainText {
	titles := map[string]bool{}
	for _, t := range titled.FindAllString(text, -1) {
		titles[strings.Join(lowerWords(t), "")] = true
	}
	text = strings.ToLower(leading.ReplaceAllString(titled.ReplaceAllString(text, ""), "x"))
	p := &plainText{text: text, titles: titles, at: make([]int32, 0, len(text)), said: map[string]bool{}}
	var letters strings.Builder
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n, _ := letters.WriteRune(r)
			for range n {
				p.at = append(p.at, int32(i))
			}
		}
	}
	p.letters = letters.String()
	return p
}

// standsAlone reports whether the letters and digits of a fragment are somewhere a line, a cell, an item, or between marks.
func (p *plainText) standsAlone(fragment string) bool {
	want := strings.Join(lowerWords(numbered.ReplaceAllString(fragment, "")), "")
	if want == "" || p.titles[want] {
		return true
	}
	for from := 0; ; {
		i := strings.Index(p.letters[from:], want)
		if i < 0 {
			return false
		}
		start, last := int(p.at[from+i]), int(p.at[from+i+len(want)-1])
		_, size := utf8.DecodeRuneInString(p.text[last:])
		end := last + size
		if p.opens(start) && p.closes(end) && !strings.Contains(p.text[start:end], "\n") {
			return true
		}
		from += i + 1
	}
}

// opens reports whether a line begins at an offset, or a mark that is no link's stands before it.
func (p *plainText) opens(at int) bool {
	before := strings.TrimRight(p.text[:at], " \t")
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r) && (r != '#' || len(before) < at)
}

// closes reports whether a line ends at an offset, or a mark stands there.
func (p *plainText) closes(at int) bool {
	after := strings.TrimLeft(p.text[at:], " \t")
	r, _ := utf8.DecodeRuneInString(after)
	return after == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// The bounds of what is read again: documents in one survey, bytes that are kept of them, and fragments that are looked for
// in one. What is beyond them is not told.
const (
	mostReread = 2000
	mostKept   = 32 << 20
	mostLooks  = 500
)

// paired matches the beginning and the end of what a shortcode, a template's block, a component or a program's comments
// enclose, and ending those that are an end.
var (
	paired = regexp.MustCompile(`\{\{[<%]-?[ \t]*/?[ \t]*(\w[\w./-]*)|\{%-?[ \t]*(?:end)?(\w+)|</?([A-Z]\w*)|` +
		`<!--[ \t]*([\w-]+):(?i:start|begin|end)\b`)
	ending = regexp.MustCompile(`^(?:\{\{[<%]-?[ \t]*/|\{%-?[ \t]*end|</|<!--.*(?i:end)$)`)
)

// enclose notes what pairs of marks enclose. A site may make something else of links to the page itself in it: tabs.
func (d *document) enclose(text []byte) {
	open := map[string][]int{}
	var depth []int // how many pairs begin on a line, less those that end on the line before
	for _, at := range paired.FindAllSubmatchIndex(text, -1) {
		line, ends := d.line(at[0]), ending.Match(text[at[0]:at[1]])
		name := ""
		for i := 2; i < len(at); i += 2 {
			if at[i] >= 0 {
				name = string(text[at[i]:at[i+1]])
			}
		}
		starts := open[name]
		switch {
		case !ends:
			open[name] = append(starts, line)
		case len(starts) > 0:
			if depth == nil {
				depth = make([]int, len(d.starts)+2)
			}
			depth[starts[len(starts)-1]]++
			depth[line+1]--
			open[name] = starts[:len(starts)-1]
		}
	}
	for sum, line := 0, 0; line < len(depth); line++ {
		sum += depth[line]
		d.within = append(d.within, sum > 0)
	}
}

// enclosed reports whether a line is in something that is enclosed.
func (d *document) enclosed(line int) bool { return line < len(d.within) && d.within[line] }

// mayHave reports whether a site may give an anchor to a document: to something in it that is no heading, to several
// documents, or to another one that it is found by, too. It reads the document again.
func (lib *library) mayHave(d *document, fragment string) bool {
	s := lib.survey(context.Background())
	if lower := strings.ToLower(fragment); len(s.lacking[lower]) > 1 || s.labels[lower] {
		return true
	}
	p := lib.again[d]
	if p == nil {
		if lib.reread++; lib.reread > mostReread {
			return true
		}
		p = newPlainText(lib.text(d.path))
		if lib.kept += 6 * len(p.text); lib.again == nil || lib.kept > mostKept {
			lib.again, lib.kept = map[*document]*plainText{}, 6*len(p.text)
		}
		lib.again[d] = p
	}
	alone, known := p.said[fragment]
	if !known {
		if alone = len(p.said) >= mostLooks || p.standsAlone(fragment); len(p.said) < mostLooks {
			p.said[fragment] = alone
		}
	}
	return alone
}

// text is that of a file of the tree, or "".
func (lib *library) text(p string) string {
	if lib.tree == nil {
		return ""
	}
	f, err := lib.tree.Open(p)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return ""
	}
	return string(text)
}

// beside reports whether the folder of a path has a document, if the path is of one, or a file of its ending: a site finds
// those where they are.
func (lib *library) beside(p string) bool {
	if slices.Contains(sources, path.Ext(p)) && lib.folders[path.Dir(p)] {
		return true
	}
	if lib.tree == nil {
		return false
	}
	all, err := fs.ReadDir(lib.tree, path.Dir(p))
	return err == nil && slices.ContainsFunc(all, func(e fs.DirEntry) bool { return strings.EqualFold(path.Ext(e.Name()), path.Ext(p)) })
}

// aliased matches the settings of a page that give it other names.
var aliased = regexp.MustCompile(`(?mi)^(?:alias(?:es)?|redirect_?from|redirects|slug|permalink|url)[ \t]*[:=]` +
	`(.*(?:\n[ \t]*-.*|\n[ \t]+\S.*)*)`)

// inList matches paths in a list of them.
var inList = regexp.MustCompile(`[^\s,"'\[\]\\]+`)

// stem is the name of a path in small letters, without folders, component and ending.
func stem(p string) string {
	p = path.Base(strings.TrimRight(p[strings.LastIndexByte(p, ':')+1:], "/"))
	return strings.ToLower(strings.TrimSuffix(p, path.Ext(p)))
}

// renamed notes the names of a list that a document is found by, too.
func (d *document) renamed(list string) {
	for _, name := range inList.FindAllString(list, -1) {
		d.former = append(d.former, stem(name))
	}
}
