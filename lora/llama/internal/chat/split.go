package chat

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// piece is a tag, or the text between two.
type piece struct {
	text  string // of a tag, the code between its delimiters
	line  int    // on which it begins
	isTag bool
	value bool    // the tag prints a value
	tag   []token // the code's
}

// kind is the tag's keyword, or "{{".
func (p *piece) kind() string {
	switch {
	case !p.isTag:
		return ""
	case p.value:
		return "{{"
	case len(p.tag) > 0:
		return p.tag[0].text
	}
	return "{%"
}

var (
	rawBegin = regexp.MustCompile(`^\{%[-+]?\s*raw\s*(-?)%\}`)
	rawEnd   = regexp.MustCompile(`\{%([-+]?)\s*endraw\s*([-+]?)%\}`)
)

// splitter splits a template like Jinja's lexer with the settings of
// transformers: trim_blocks, lstrip_blocks, and one final newline is dropped.
type splitter struct {
	source string
	at     int
	// fresh says that the template up to place ends with a line, so blanks before
	// a tag are at the beginning of a line.
	fresh  bool
	pieces []piece

	newlines, counted int // those before place counted
}

// split splits a template.
func split(source string) ([]piece, error) {
	source = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(source)
	s := splitter{source: strings.TrimSuffix(source, "\n"), fresh: true}
	for s.at < len(s.source) {
		if err := s.next(); err != nil {
			return nil, fmt.Errorf("line %d: %w", s.line(), err)
		}
	}
	return s.pieces, nil
}

// line is the line of the place.
func (s *splitter) line() int {
	s.newlines += strings.Count(s.source[s.counted:s.at], "\n")
	s.counted = s.at
	return 1 + s.newlines
}

// next takes the text before the next tag, and the tag.
func (s *splitter) next() error {
	rest := s.source[s.at:]
	n := nextTag(rest)
	if n == len(rest) {
		s.text(rest)
		s.at = len(s.source)
		return nil
	}
	kind := rest[n : n+2]
	sign := signAt(rest, n+2)
	s.text(s.before(rest[:n], sign, kind != "{{"))
	s.at += n
	if m := rawBegin.FindStringSubmatch(s.source[s.at:]); m != nil {
		return s.raw(m)
	}
	begin := s.at + 2 + len(sign)
	if kind == "{#" {
		end := strings.Index(s.source[begin:], "#}")
		if end < 0 {
			return errors.New("a comment without an end")
		}
		s.end(begin+end, signAt(s.source[:begin+end], begin+max(0, end-1)), true)
		return nil
	}
	end, sign := tagEnd(s.source[begin:], kind == "{{")
	if end < 0 {
		return errors.New("a tag without an end")
	}
	code := s.source[begin : begin+end]
	s.pieces = append(s.pieces, piece{text: code, line: s.line(), isTag: true, value: kind == "{{", tag: lex(code)})
	s.end(begin+end+len(sign), sign, kind != "{{")
	return nil
}

// raw takes the text between raw and endraw.
func (s *splitter) raw(begin []string) error {
	s.end(s.at+len(begin[0])-2, begin[1], false)
	rest := s.source[s.at:]
	m := rawEnd.FindStringSubmatchIndex(rest)
	if m == nil {
		return errors.New("raw without an end")
	}
	s.text(s.before(rest[:m[0]], rest[m[2]:m[3]], true))
	s.end(s.at+m[1]-2, rest[m[4]:m[5]], true)
	return nil
}

// text adds a text, if there is any.
func (s *splitter) text(text string) {
	if text != "" {
		s.pieces = append(s.pieces, piece{text: text, line: s.line()})
	}
}

// before trims a text before a tag with a sign. It keeps all of it, or removes
// the blanks at its end, or, for a block, the blanks at the beginning of the
// line.
func (s *splitter) before(text, sign string, block bool) string {
	switch {
	case sign == "-":
		return strings.TrimRightFunc(text, blank)
	case sign == "" && block:
		line := strings.LastIndexByte(text, '\n') + 1
		if (line > 0 || s.fresh) && strings.TrimLeftFunc(text[line:], blank) == "" {
			return text[:line]
		}
	}
	return text
}

// end moves behind the delimiter at a place, and behind the blanks that its sign,
// or the end of a block, removes.
func (s *splitter) end(at int, sign string, block bool) {
	rest := s.source[at+2:]
	trimmed := rest
	switch {
	case sign == "-":
		trimmed = strings.TrimLeftFunc(rest, blank)
	case sign == "" && block:
		trimmed = strings.TrimPrefix(rest, "\n")
	}
	taken := rest[:len(rest)-len(trimmed)]
	s.at = len(s.source) - len(trimmed)
	s.fresh = strings.HasSuffix(taken, "\n")
}

// blank reports whether Python takes a character for white space.
func blank(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// signAt is the sign at i, "-" or "+", if there is one.
func signAt(source string, i int) string {
	if i < len(source) && (source[i] == '-' || source[i] == '+') {
		return source[i : i+1]
	}
	return ""
}

// nextTag returns where the next tag or comment begins.
func nextTag(source string) int {
	for i := 0; i+1 < len(source); i++ {
		if source[i] == '{' && strings.IndexByte("{%#", source[i+1]) >= 0 {
			return i
		}
	}
	return len(source)
}

// tagEnd returns where a tag's code ends, and the sign behind it, or -1 when it
// does not end. A delimiter in quotes or brackets does not end it.
func tagEnd(code string, value bool) (end int, sign string) {
	want := "%}"
	if value {
		want = "}}"
	}
	quote, depth := byte(0), 0
	for i := 0; i < len(code); i++ {
		c := code[i]
		switch {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case depth == 0 && strings.HasPrefix(code[i:], want):
			return i, ""
		case depth == 0 && (c == '-' || c == '+' && !value) && strings.HasPrefix(code[i+1:], want):
			return i, code[i : i+1]
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth = max(0, depth-1)
		}
	}
	return -1, ""
}
