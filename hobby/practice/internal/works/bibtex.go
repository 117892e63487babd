package works

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// BibTeX reads the entries of a BibTeX file. What is between entries is a remark. An
// entry that is wrong is left out, and reading goes on at the next line that begins with
// an @.
func BibTeX(text []byte) ([]Work, []Fault) {
	p := &bibtex{text: text, macros: map[string]string{}}
	for i, m := range strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec") {
		p.macros[m] = strconv.Itoa(i + 1)
	}
	var all []Work
	var faults []Fault
	for {
		at := bytes.IndexByte(text[p.at:], '@')
		if at < 0 {
			return all, faults
		}
		p.at += at
		if len(all) == mostWorks || len(faults) == mostFaults-1 {
			return all, append(faults, Fault{p.at, p.line(p.at), unreadRest})
		}
		start := p.at
		w, err := p.entry()
		if err != nil {
			faults = append(faults, Fault{p.at, p.line(p.at), err.Error()})
			p.at = max(start+1, p.next(start+1))
			continue
		}
		if w != nil {
			w.Line, w.AbstractLine, w.End = p.line(start), p.line(max(start, w.AbstractLine)), p.line(max(start, p.at-1))
			all = add(all, *w)
		}
	}
}

// bibtex is a parser at a place of a text.
type bibtex struct {
	text   []byte
	at     int
	macros map[string]string
	// The place of counted and the line that it is on: lines are asked for in order.
	counted, lines int
}

// line is the line of an offset.
func (p *bibtex) line(offset int) int {
	offset = min(offset, len(p.text))
	if offset < p.counted {
		p.counted, p.lines = 0, 0
	}
	p.lines += bytes.Count(p.text[p.counted:offset], []byte("\n"))
	p.counted = offset
	return p.lines + 1
}

var entryStart = regexp.MustCompile(`(?m)^[ \t]*@`)

// next is the offset of the next line that begins with an @.
func (p *bibtex) next(from int) int {
	if at := entryStart.FindIndex(p.text[from:]); at != nil {
		return from + at[0]
	}
	return len(p.text)
}

// peek is the next byte after spaces; 0 at the end.
func (p *bibtex) peek() byte {
	for p.at < len(p.text) && bytes.IndexByte([]byte(" \t\r\n"), p.text[p.at]) >= 0 {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// word takes a name: of an entry's type, a field or a macro.
func (p *bibtex) word() string {
	p.peek()
	start := p.at
	for p.at < len(p.text) && bytes.IndexByte([]byte(" \t\r\n{}(),=#\"%@"), p.text[p.at]) < 0 {
		p.at++
	}
	return string(p.text[start:p.at])
}

// entry reads what begins with an @. It returns nil for what is no work.
func (p *bibtex) entry() (*Work, error) {
	before := bytes.TrimRight(p.text[:p.at], " \t")
	inline := len(before) > 0 && before[len(before)-1] != '\n' // there is a remark before it
	p.at++
	kind := strings.ToLower(p.word())
	open := p.peek()
	switch {
	case kind == "", kind == "comment" && open != '{':
		return nil, nil
	case kind == "comment": // what is commented out
		_, err := p.quoted(open)
		return nil, err
	case open != '{' && open != '(' && inline: // an address of mail in a remark
		return nil, nil
	case open != '{' && open != '(':
		return nil, fmt.Errorf("@%.32s is followed by no brace", study.Clean(kind))
	}
	p.at++
	end := map[byte]byte{'{': '}', '(': ')'}[open]
	if kind == "preamble" {
		_, err := p.value()
		return nil, p.closed(end, err)
	}
	key := ""
	if kind != "string" {
		key = study.Clean(p.word())
		if p.peek() == ',' {
			p.at++
		} else if p.peek() != end {
			return nil, fmt.Errorf("the key %.64q is followed by no comma", key)
		}
	}
	fields, places, err := p.fields(end)
	if err = p.closed(end, err); err != nil {
		return nil, err
	}
	if kind == "string" {
		for name, v := range fields {
			if len(p.macros) < mostWorks {
				p.macros[name] = v
			}
		}
		return nil, nil
	}
	w := work(key, fields)
	w.AbstractLine = places["abstract"] // an offset yet
	return w, nil
}

// closed takes the end of an entry.
func (p *bibtex) closed(end byte, err error) error {
	if err != nil {
		return err
	}
	if p.peek() != end {
		return fmt.Errorf("want a comma or %c", end)
	}
	p.at++
	return nil
}

// fields reads name = value, name = value, with the places of the values.
func (p *bibtex) fields(end byte) (map[string]string, map[string]int, error) {
	fields, places := map[string]string{}, map[string]int{}
	for {
		if c := p.peek(); c == end || c == 0 {
			return fields, places, nil
		}
		name := strings.ToLower(p.word())
		if name == "" || p.peek() != '=' {
			return nil, nil, fmt.Errorf("the field %.64q is followed by no =", study.Clean(name))
		}
		p.at++
		p.peek()
		at := p.at
		v, err := p.value()
		if err != nil {
			return nil, nil, fmt.Errorf("the field %.64q: %w", study.Clean(name), err)
		}
		if _, twice := fields[name]; !twice {
			fields[name], places[name] = v, at
		}
		if p.peek() != ',' {
			return fields, places, nil
		}
		p.at++
	}
}

// value reads texts, numbers and macros that # joins.
func (p *bibtex) value() (string, error) {
	var b strings.Builder
	for {
		piece, err := p.piece()
		if err != nil {
			return "", err
		}
		if b.Len()+len(piece) > mostValue {
			return "", fmt.Errorf("is over %d bytes", mostValue)
		}
		b.WriteString(piece)
		if p.peek() != '#' {
			return b.String(), nil
		}
		p.at++
	}
}

func (p *bibtex) piece() (string, error) {
	switch c := p.peek(); c {
	case '{', '"':
		return p.quoted(c)
	case 0:
		return "", fmt.Errorf("the file ends in it")
	}
	w := p.word()
	if w == "" {
		return "", fmt.Errorf("%q begins no value", p.text[p.at])
	}
	if _, err := strconv.Atoi(w); err == nil {
		return w, nil
	}
	return p.macros[strings.ToLower(w)], nil // BibTeX warns of an unknown macro, and goes on
}

// quoted reads a text in braces or in quotes, in which braces are in pairs.
func (p *bibtex) quoted(open byte) (string, error) {
	depth, start := 0, p.at+1
	for i := start; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\':
			i++
		case c == '{':
			if depth++; depth > mostNesting {
				return "", fmt.Errorf("has braces %d deep", depth)
			}
		case depth == 0 && (open == '"' && c == '"' || open == '{' && c == '}'):
			p.at = i + 1
			return string(p.text[start:i]), nil
		case c == '}':
			if depth--; depth < 0 {
				return "", fmt.Errorf("has a brace that closes nothing")
			}
		}
		if i-start > mostValue {
			return "", fmt.Errorf("is over %d bytes", mostValue)
		}
	}
	return "", fmt.Errorf("is not closed")
}

// work makes a work of an entry's fields.
func work(key string, fields map[string]string) *Work {
	of := func(names ...string) string {
		for _, n := range names {
			if v := study.Clean(plain(fields[n])); v != "" {
				return v
			}
		}
		return ""
	}
	w := &Work{
		Key: key, Title: of("title"), Year: year(of("year", "date")), Venue: of("journal", "journaltitle", "booktitle"),
		Abstract: of("abstract"),
	}
	for _, name := range separated(fields["author"], " and ") {
		whole := strings.HasPrefix(name, "{") && strings.Count(name, "{") == 1 && strings.HasSuffix(name, "}") // an institution
		name = study.Clean(plain(name))
		switch {
		case name == "others", len(w.Authors) == mostAuthors:
			w.More = true
		case whole:
			w.Authors = append(w.Authors, Author{Family: name})
		case name != "":
			w.Authors = append(w.Authors, author(name))
		}
	}
	for _, k := range strings.FieldsFunc(of("keywords"), func(r rune) bool { return r == ',' || r == ';' }) {
		w.keyword(strings.TrimSpace(k))
	}
	eprint := ""
	if strings.EqualFold(of("archiveprefix", "eprinttype"), "arxiv") {
		eprint = "arXiv:" + of("eprint")
	}
	w.identify(eprint, of("doi"), of("url"), of("journal"), of("note"))
	return w
}

// separated splits a text at a word that is in no braces.
func separated(s, word string) (all []string) {
	s = strings.Join(strings.Fields(s), " ")
	depth, start := 0, 0
	for i := range len(s) {
		switch {
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth--
		case depth == 0 && i >= start && strings.HasPrefix(s[i:], word):
			all = append(all, s[start:i])
			start = i + len(word)
		}
	}
	return append(all, s[min(start, len(s)):])
}

var (
	yearForm  = regexp.MustCompile(`\b(1[5-9]|20)\d\d\b`)
	doiForm   = regexp.MustCompile(`\b10\.\d{4,9}/[^\s"<>{}]+`)
	arxivForm = regexp.MustCompile(`(?i)arxiv(?:\.org/(?:abs|pdf)/|[:.]\s?)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})`)
)

func year(s string) int {
	n, _ := strconv.Atoi(yearForm.FindString(s))
	return n
}

// identify finds the DOI and the number at arXiv in texts.
func (w *Work) identify(texts ...string) {
	for _, s := range texts {
		if m := arxivForm.FindStringSubmatch(s); m != nil && w.ArXiv == "" {
			w.ArXiv = strings.ToLower(m[1])
		}
		if m := doiForm.FindString(s); m != "" && w.DOI == "" {
			w.DOI = strings.ToLower(strings.TrimRight(m, ".,;)"))
		}
	}
}

// IDs are the DOI and the number at arXiv that an address has, in lower case.
func IDs(address string) (all []string) {
	var w Work
	w.identify(address)
	return w.IDs()
}

// IDs are the work's DOI and number at arXiv, as far as they are known.
func (w *Work) IDs() (all []string) {
	for _, id := range []string{w.DOI, w.ArXiv} {
		if id != "" {
			all = append(all, id)
		}
	}
	return all
}
