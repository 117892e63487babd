package works

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"

	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// Feed reads the entries of an Atom feed, or the items of RSS 2.0 or 1.0. Where the text
// is no more XML, it has the entries before.
func Feed(text []byte) ([]Work, []Fault) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Entity = xml.HTMLEntity
	var all []Work
	fault := func(why string) []Fault {
		at := int(min(d.InputOffset(), int64(len(text))))
		return []Fault{{at, 1 + bytes.Count(text[:at], []byte("\n")), why}}
	}
	depth, feed := 0, false
	counted, line := 0, 1
	lineAt := func(at int) int {
		line += bytes.Count(text[counted:at], []byte("\n"))
		counted = at
		return line
	}
	for {
		from := int(d.InputOffset())
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return all, fault(study.Shorten(study.Clean(err.Error()), 200))
		}
		switch t := t.(type) {
		case xml.StartElement:
			name := t.Name.Local
			if depth == 0 && name != "feed" && name != "rss" && name != "RDF" {
				return nil, fault("is no feed: its first element is " + study.Shorten(study.Clean(name), 60))
			}
			feed = true
			if depth++; depth > mostNesting {
				return all, fault("has elements too deep")
			}
			if name != "entry" && name != "item" {
				continue
			}
			if len(all) == mostWorks {
				return all, fault(unreadRest)
			}
			depth--
			e := entry{decoder: d}
			if err := e.read(); err != nil {
				return all, fault(study.Shorten(study.Clean(err.Error()), 200))
			}
			e.work.Line, e.work.End = lineAt(from), 0
			e.work.AbstractLine = max(e.work.Line, lineAt(max(from, e.abstractAt)))
			e.work.End = lineAt(int(d.InputOffset()))
			all = add(all, e.work)
		case xml.EndElement:
			depth--
		}
	}
	if !feed {
		return nil, fault("has no element")
	}
	return all, nil
}

// entry is an entry that is being read.
type entry struct {
	decoder    *xml.Decoder
	work       Work
	addresses  []string
	date       string
	abstractAt int
}

// read reads up to the end of the entry.
func (e *entry) read() error {
	depth := 1
	var text strings.Builder
	path := []string{""} // of elements below the entry
	at := 0
	for depth > 0 {
		from := int(e.decoder.InputOffset())
		t, err := e.decoder.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > mostNesting {
				return errors.New("has elements too deep")
			}
			if depth == 2 {
				text.Reset()
				at = from
			}
			path = append(path, t.Name.Local)
			e.attributes(t)
		case xml.CharData:
			if text.Len()+len(t) <= mostValue {
				text.Write(t)
			}
			if n := len(path); n > 2 && path[n-1] == "name" && path[n-2] == "author" && strings.TrimSpace(string(t)) != "" {
				e.author(string(t))
			}
		case xml.EndElement:
			if depth == 2 {
				e.field(t.Name.Local, text.String(), at)
			}
			depth--
			path = path[:len(path)-1]
		}
	}
	e.work.Year = year(e.date)
	e.work.identify(e.addresses...)
	return nil
}

// attributes takes what an element says of itself.
func (e *entry) attributes(t xml.StartElement) {
	of := map[string]string{}
	for _, a := range t.Attr {
		of[a.Name.Local] = a.Value
	}
	switch t.Name.Local {
	case "link":
		e.addresses = append(e.addresses, of["href"])
	case "category":
		e.work.keyword(study.Clean(of["term"]))
	}
}

func (e *entry) author(name string) {
	if len(e.work.Authors) == mostAuthors {
		e.work.More = true
		return
	}
	e.work.Authors = append(e.work.Authors, author(study.Clean(name)))
}

// field takes an element of the entry.
func (e *entry) field(name, text string, at int) {
	clean := study.Clean(Text(text))
	switch name {
	case "title":
		e.work.Title = clean
	case "summary", "description", "abstract":
		e.work.Abstract, e.abstractAt = clean, at
	case "content", "encoded": // of the whole: used where there is no summary
		if e.work.Abstract == "" {
			e.work.Abstract, e.abstractAt = clean, at
		}
	case "published", "pubDate", "issued":
		e.date = clean
	case "updated", "date":
		if e.date == "" {
			e.date = clean
		}
	case "creator":
		for _, n := range strings.Split(clean, ", ") {
			if n != "" {
				e.author(n)
			}
		}
	case "id", "link", "guid", "identifier", "doi":
		e.addresses = append(e.addresses, clean)
	case "journal_ref", "publicationName":
		e.work.Venue = clean
	case "category":
		e.work.keyword(clean)
	}
}

// inline are elements that may be in the middle of a word.
var inline = map[string]bool{
	"a": true, "b": true, "i": true, "em": true, "strong": true, "sub": true, "sup": true, "code": true, "span": true, "tt": true, "u": true,
	"s": true, "small": true, "mark": true, "var": true, "kbd": true, "abbr": true, "cite": true, "q": true, "wbr": true,
}

// Text is what HTML shows.
func Text(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	hidden := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == "" {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			end := z.Token()
			switch n := end.Data; {
			case end.Type == html.StartTagToken && hidden == "" && (n == "script" || n == "style"):
				hidden = n
			case end.Type == html.EndTagToken && n == hidden:
				hidden = ""
			}
			if !inline[end.Data] {
				b.WriteByte(' ')
			}
		}
	}
}
