package reading

import (
	"io"
	"regexp"
	"strings"
)

// What a site makes anchors of differs from one to the next: of definitions, labels of tabs, comments and names in
// tables. Nobody can list them all. But an anchor is made of something that is there: so a fragment is called missing only
// if nothing in the document that it leads to stands alone with its words. Headings do, and their anchors are known.

var (
	// leading matches what leads somewhere, by any format. Its words are those of what it leads to.
	leading = regexp.MustCompile("(?is)!?\\[[^\\[\\]]*\\](?:\\([^()]*\\)|\\[[^\\[\\]]*\\])|<a\\s[^>]*>.{0,200}?</a>|<<[^<>]*>>|\\bxref:\\S*?\\[[^\\[\\]]*\\]" +
		"|`[^`<]*<[^`>]*>`_|:(?:ref|doc):`[^`]*`")
	// titles matches headings.
	titles = regexp.MustCompile(`(?m)^[ \t>]*(?:#{1,6}|={1,6})[ \t].*$`)
)

// standsAlone matches the letters and digits of a fragment where they are a line, a cell, an item or between marks. It is
// nil if the fragment has none.
func standsAlone(fragment string) *regexp.Regexp {
	var signs []string
	for _, w := range lowerWords(numbered.ReplaceAllString(fragment, "")) {
		for _, r := range w {
			signs = append(signs, regexp.QuoteMeta(string(r)))
		}
	}
	if len(signs) == 0 || len(signs) > longest {
		return nil
	}
	return regexp.MustCompile(`(?m)(?:^|[^\pL\pN \t#]|# )[ \t]*` + strings.Join(signs, `[^\pL\pN\n]*`) + `[ \t]*(?:[^\pL\pN \t]|$)`)
}

// mayAnchor reports whether something in a document that is no heading stands alone with the words of a fragment. It reads
// the document anew.
func (lib *library) mayAnchor(d *document, fragment string) bool {
	alone := standsAlone(fragment)
	if alone == nil {
		return true
	}
	text := leading.ReplaceAllString(titles.ReplaceAllString(lib.text(d.path), ""), "x")
	return alone.MatchString(strings.ToLower(text))
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
