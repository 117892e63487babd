package reading

import (
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
// the document that it leads to stand alone and would give it. The anchors of headings and links are known.

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
	letters string // and digits
	at      []int  // where each byte of letters is in text
}

func newPlainText(text string) *plainText {
	text = strings.ToLower(leading.ReplaceAllString(titled.ReplaceAllString(text, ""), "x"))
	p := &plainText{text: text}
	var letters strings.Builder
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n, _ := letters.WriteRune(r)
			for range n {
				p.at = append(p.at, i)
			}
		}
	}
	p.letters = letters.String()
	return p
}

// standsAlone reports whether the letters and digits of a fragment are somewhere a line, a cell, an item, or between marks.
func (p *plainText) standsAlone(fragment string) bool {
	want := strings.Join(lowerWords(numbered.ReplaceAllString(fragment, "")), "")
	if want == "" {
		return true
	}
	for from := 0; ; {
		i := strings.Index(p.letters[from:], want)
		if i < 0 {
			return false
		}
		start, last := p.at[from+i], p.at[from+i+len(want)-1]
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

// The bounds of what is read again: documents in one survey, and bytes that are kept of them.
const (
	mostReread = 2000
	mostKept   = 32 << 20
)

// mayHave reports whether something in a document that is no heading may be given an anchor. It reads the document again.
func (lib *library) mayHave(d *document, fragment string) bool {
	p := lib.again[d]
	if p == nil {
		if lib.reread++; lib.reread > mostReread {
			return true
		}
		p = newPlainText(lib.text(d.path))
		if lib.kept += len(p.text); lib.again == nil || lib.kept > mostKept {
			lib.again, lib.kept = map[*document]*plainText{}, len(p.text)
		}
		lib.again[d] = p
	}
	return p.standsAlone(fragment)
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

// beside reports whether a folder has a file of the ending that a path in it has: a site finds those where they are.
func (lib *library) beside(p string) bool {
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
