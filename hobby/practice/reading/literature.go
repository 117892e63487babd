package reading

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
	"github.com/pastime-go/pastime/hobby/practice/internal/works"
)

// source is a file of papers.
type source struct {
	path, digest string
	unread       string // why it was not read
	works        []works.Work
	faults       []works.Fault
	text         *document // of a paper or notes in Markdown or plain text
}

// paperLike reports whether a file may have papers.
func paperLike(name string) bool {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".bib", ".atom", ".rss", ".xml":
		return true
	default:
		return (markdownFiles[ext] || ext == ".txt") && wanted(name)
	}
}

// parseSource reads a file of papers.
func parseSource(name string, text []byte) *source {
	sum := sha256.Sum256(text)
	s := &source{path: name, digest: hex.EncodeToString(sum[:8])}
	text = newlines(bytes.TrimPrefix(text, []byte("\uFEFF")))
	ext := strings.ToLower(path.Ext(name))
	switch {
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		s.unread = "is not UTF-8 text"
	case ext == ".bib":
		s.works, s.faults = works.BibTeX(text)
	case !markdownFiles[ext] && ext != ".txt":
		s.works, s.faults = works.Feed(text)
		if ext == ".xml" && len(s.works) == 0 && len(s.faults) == 1 && strings.HasPrefix(s.faults[0].Text, "is no feed") {
			s.faults = nil // XML of something else
		}
	default:
		s.text = parse(name, text)
		s.unread = s.text.unread
		if w, ok := s.text.paper(); ok {
			s.works = []works.Work{w}
		}
	}
	return s
}

// paper is the document as a work: false when it has no title or no abstract.
func (d *document) paper() (works.Work, bool) {
	var w works.Work
	for i := range d.blocks {
		b := &d.blocks[i]
		under := ""
		if b.section >= 0 {
			under = strings.ToLower(strings.Trim(d.headings[b.section].text, " .:"))
		}
		said, marked := b.text, under == "abstract"
		if !marked && w.Abstract == "" {
			for _, mark := range []string{"Abstract. ", "Abstract: ", "Abstract — ", "Abstract—", "ABSTRACT "} {
				if rest, ok := strings.CutPrefix(b.text, mark); ok {
					said, marked = rest, true
				}
			}
		}
		if marked {
			if w.AbstractLine == 0 {
				w.AbstractLine = b.line
			}
			w.Abstract, w.End = strings.TrimSpace(w.Abstract+" "+said), b.end
		}
	}
	w.Line = 1
	switch {
	case len(d.headings) > 0:
		w.Title, w.Line = d.headings[0].text, d.headings[0].line
	case len(d.blocks) > 0:
		w.Title, w.Line = d.blocks[0].text, d.blocks[0].line
	}
	return w, w.Abstract != "" && w.ID() != "" && len(w.Title) <= maxTitle
}

// maxTitle is the largest number of bytes of a title that is shown.
const maxTitle = 200

// literature is the works of all sources, each once.
type literature struct {
	sources []*source
	large   []string // files that are too large
	papers  []*paper
	taint   hobby.Taint
	byKey   map[string]*paper // by key, DOI and number at arXiv, in lower case

	once sync.Once
	made []*desk
}

// paper is a work with the places that it is in.
type paper struct {
	works.Work
	in   *source
	also []place
}

// place is a work as another source has it.
type place struct {
	in   *source
	work *works.Work
}

func newLiterature(l study.Listing[*source], taint hobby.Taint) *literature {
	lit := &literature{sources: l.Files, large: l.Large, taint: taint, byKey: map[string]*paper{}}
	byTitle := map[string]*paper{}
	for _, s := range l.Files {
		for i := range s.works {
			w := &s.works[i]
			p := byTitle[w.ID()]
			for _, id := range w.IDs() {
				if p == nil && id != "" {
					p = lit.byKey[id]
				}
			}
			if p == nil {
				p = &paper{Work: *w, in: s}
				lit.papers = append(lit.papers, p)
				byTitle[w.ID()] = p
			} else {
				p.also = append(p.also, place{s, w})
			}
			p.complete(w)
			for _, id := range append(w.IDs(), strings.ToLower(w.Key)) {
				if id != "" && lit.byKey[id] == nil {
					lit.byKey[id] = p
				}
			}
		}
	}
	return lit
}

// complete takes what another source knows.
func (p *paper) complete(w *works.Work) {
	if len(p.Authors) == 0 {
		p.Authors, p.More = w.Authors, w.More
	}
	if p.Year == 0 {
		p.Year = w.Year
	}
	for to, from := range map[*string]string{&p.DOI: w.DOI, &p.ArXiv: w.ArXiv, &p.Venue: w.Venue} {
		if *to == "" {
			*to = from
		}
	}
	for _, k := range w.Keywords {
		if !slices.Contains(p.Keywords, k) {
			p.Keywords = append(p.Keywords, k)
		}
	}
}

// evidence is where the work says something, and where it is found.
func (p *paper) evidence(line, end int) []hobby.Evidence {
	all := []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: p.in.path, Line: line, EndLine: max(line, end)}}
	if a := p.Address(); a != "" {
		all = append(all, hobby.Evidence{Kind: hobby.EvidenceURL, Ref: a})
	}
	return all
}

// citation matches the key of a work that a text cites, as Pandoc writes it.
var citation = regexp.MustCompile(`@([\pL\pN_][\pL\pN_:.#$%&+?<>~/-]*)`)

// citing is a sentence that cites works.
type citing struct {
	text      string
	line, end int
	cites     []*paper
}

// cited finds the sentences of a text that cite a work of the literature.
func (lit *literature) cited(d *document) []citing {
	var all []citing
	for i := range d.blocks {
		b := &d.blocks[i]
		if !strings.Contains(b.text, "[@") {
			continue
		}
		for _, s := range sentences(b.text) {
			c := citing{text: s, line: b.line, end: b.end}
			for _, m := range citation.FindAllStringSubmatch(s, -1) {
				if p := lit.byKey[strings.ToLower(strings.TrimRight(m[1], ".:"))]; p != nil && !slices.Contains(c.cites, p) {
					c.cites = append(c.cites, p)
				}
			}
			if len(c.cites) > 0 {
				all = append(all, c)
			}
		}
	}
	return all
}

// linked finds the works that a text links to.
func (lit *literature) linked(d *document) []citing {
	var all []citing
	for _, l := range d.links {
		for _, id := range works.IDs(l.dest) {
			if p := lit.byKey[id]; p != nil {
				all = append(all, citing{text: l.dest, line: l.line, end: l.line, cites: []*paper{p}})
			}
		}
	}
	return all
}
