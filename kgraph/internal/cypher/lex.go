package cypher

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says where a query is wrong, and what was expected there.
type SyntaxError struct {
	// Line and Column count from 1; a column is a character.
	Line, Column int
	// Expected is what could stand there.
	Expected string
	// Found is what stands there.
	Found string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: expected %s, found %s", e.Line, e.Column, e.Expected, e.Found)
}

type kind uint8

const (
	end    kind = iota
	word        // an identifier or keyword
	quoted      // an identifier in backticks
	integer
	float
	text
	parameter
	symbol
)

type token struct {
	kind       kind
	text       string // of a string: without quotes and escapes
	begin, end int    // bytes of the query
}

// lexer reads tokens from a query.
type lexer struct {
	src string
	at  int
}

func (l *lexer) fail(at int, expected, found string) error {
	line := strings.Count(l.src[:at], "\n") + 1
	column := utf8.RuneCountInString(l.src[strings.LastIndexByte(l.src[:at], '\n')+1:at]) + 1
	return &SyntaxError{Line: line, Column: column, Expected: expected, Found: found}
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) }
func digit(b byte) bool  { return '0' <= b && b <= '9' }

// space skips white space and comments.
func (l *lexer) space() error {
	for l.at < len(l.src) {
		rest := l.src[l.at:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r):
			l.at += size
		case strings.HasPrefix(rest, "//"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				l.at += i
			} else {
				l.at = len(l.src)
			}
		case strings.HasPrefix(rest, "/*"):
			i := strings.Index(rest[2:], "*/")
			if i < 0 {
				return l.fail(len(l.src), `"*/"`, "the end of the query")
			}
			l.at += i + 4
		default:
			return nil
		}
	}
	return nil
}

var symbols = []string{
	"<>", "<=", ">=", "..",
	"(", ")", "[", "]", "{", "}", ":", ",", ".", "|", "+", "-", "*", "/", "%", "=", "<", ">", ";",
}

func (l *lexer) next() (token, error) {
	if err := l.space(); err != nil {
		return token{}, err
	}
	begin := l.at
	if begin == len(l.src) {
		return token{kind: end, begin: begin, end: begin}, nil
	}
	rest := l.src[begin:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == utf8.RuneError && size == 1:
		return token{}, l.fail(begin, "UTF-8 text", "another encoding")
	case letter(r):
		return l.made(word, begin, l.word(begin)), nil
	case digit(rest[0]) || rest[0] == '.' && len(rest) > 1 && digit(rest[1]):
		return l.number(begin)
	case r == '\'' || r == '"':
		return l.text(begin)
	case r == '`':
		return l.backticks(begin)
	case r == '$':
		to := l.word(begin + 1)
		if to == begin+1 {
			return token{}, l.fail(begin+1, "a parameter's name", l.found(begin+1))
		}
		t := l.made(parameter, begin, to)
		t.text = t.text[1:]
		return t, nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			return l.made(symbol, begin, begin+len(s)), nil
		}
	}
	return token{}, l.fail(begin, "a word, a value or a sign", strconv.Quote(string(r)))
}

func (l *lexer) found(at int) string {
	if at >= len(l.src) {
		return "the end of the query"
	}
	r, _ := utf8.DecodeRuneInString(l.src[at:])
	return strconv.Quote(string(r))
}

func (l *lexer) made(k kind, begin, to int) token {
	l.at = to
	return token{k, l.src[begin:to], begin, to}
}

// word returns where the letters and digits from at end.
func (l *lexer) word(at int) int {
	for at < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[at:])
		if !letter(r) && !unicode.IsDigit(r) {
			break
		}
		at += size
	}
	return at
}

func (l *lexer) number(begin int) (token, error) {
	at := begin
	digits := func() {
		for at < len(l.src) && digit(l.src[at]) {
			at++
		}
	}
	k := integer
	digits()
	if rest := l.src[at:]; len(rest) > 1 && rest[0] == '.' && digit(rest[1]) { // "1..3" is a range
		k = float
		at++
		digits()
	}
	if rest := l.src[at:]; rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		k = float
		at++
		if at < len(l.src) && (l.src[at] == '+' || l.src[at] == '-') {
			at++
		}
		if at == len(l.src) || !digit(l.src[at]) {
			return token{}, l.fail(at, "an exponent's digits", l.found(at))
		}
		digits()
	}
	if to := l.word(at); to > at {
		return token{}, l.fail(at, "the end of the number", l.found(at))
	}
	return l.made(k, begin, at), nil
}

var escapes = map[byte]byte{'\\': '\\', '\'': '\'', '"': '"', 'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

func (l *lexer) text(begin int) (token, error) {
	quote := l.src[begin]
	var b strings.Builder
	for at := begin + 1; at < len(l.src); at++ {
		c := l.src[at]
		switch {
		case c == quote:
			l.at = at + 1
			if !utf8.ValidString(b.String()) {
				return token{}, l.fail(begin, "UTF-8 text", "another encoding")
			}
			return token{text, b.String(), begin, l.at}, nil
		case c != '\\':
			b.WriteByte(c)
		case at+1 == len(l.src):
			return token{}, l.fail(at+1, "an escape", "the end of the query")
		case l.src[at+1] == 'u':
			if at+6 > len(l.src) {
				return token{}, l.fail(at+2, "four hexadecimal digits", "the end of the query")
			}
			n, err := strconv.ParseUint(l.src[at+2:at+6], 16, 16)
			if err != nil {
				return token{}, l.fail(at+2, "four hexadecimal digits", strconv.Quote(l.src[at+2:at+6]))
			}
			b.WriteRune(rune(n))
			at += 5
		default:
			e, ok := escapes[l.src[at+1]]
			if !ok {
				return token{}, l.fail(at+1, `one of \ ' " n r t b f u`, l.found(at+1))
			}
			b.WriteByte(e)
			at++
		}
	}
	return token{}, l.fail(len(l.src), "the end of the string, "+string(quote), "the end of the query")
}

// backticks reads a quoted identifier; two backticks in it are one.
func (l *lexer) backticks(begin int) (token, error) {
	var b strings.Builder
	for at := begin + 1; at < len(l.src); at++ {
		if l.src[at] != '`' {
			b.WriteByte(l.src[at])
			continue
		}
		if at+1 < len(l.src) && l.src[at+1] == '`' {
			b.WriteByte('`')
			at++
			continue
		}
		l.at = at + 1
		if !utf8.ValidString(b.String()) || b.Len() == 0 {
			return token{}, l.fail(begin, "a name in backticks", "none")
		}
		return token{quoted, b.String(), begin, l.at}, nil
	}
	return token{}, l.fail(len(l.src), "the end of the name, `", "the end of the query")
}
