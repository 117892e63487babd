package extract

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word or a mark of a sentence.
type token struct {
	text, lower string
	start, end  int  // bytes of the text
	word        bool // else a mark
	code        bool // it stood in backticks, or is written as code is
	first       bool // it begins the sentence
}

// name reports whether a word is written as a name is: a capital that no beginning of a
// sentence explains.
func (t *token) name() bool {
	if t.code {
		return true
	}
	if !t.first {
		return capital(t.text)
	}
	rest := t.text[min(1, len(t.text)):]
	return strings.ToLower(rest) != rest
}

// The bounds of a sentence. What is longer is read over: it is no sentence, or one of
// which rules understand little.
const maxTokens = 60

// maxLink is the number of bytes of a link's text, and of its address.
const maxLink = 400

// paragraphs are the ranges of a text that may be prose, as light Markdown has it: no
// headings, tables and code; each item of a list alone.
func paragraphs(text string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		from, fenced, blank := -1, false, true
		for at := 0; at < len(text); {
			end := len(text)
			if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
				end = at + n
			}
			line := strings.TrimRight(text[at:end], " \t\r")
			trimmed := strings.TrimLeft(line, " \t")
			indent := len(line) - len(trimmed)
			fence := strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~")
			body := at + indent + bullet(trimmed)
			none := fenced || fence || trimmed == "" || trimmed[0] == '#' || trimmed[0] == '|' || trimmed[0] == '<' ||
				blank && (indent >= 4 || strings.HasPrefix(line, "\t")) && body == at+indent
			if fence {
				fenced = !fenced
			}
			if from >= 0 && (none || body > at+indent) {
				if !yield(from, at) {
					return
				}
				from = -1
			}
			if !none && from < 0 {
				from = body
			}
			blank = trimmed == ""
			at = end + 1
		}
		if from >= 0 {
			yield(from, len(text))
		}
	}
}

// bullet is the length of the mark that begins an item of a list or a quotation.
func bullet(line string) int {
	n := 0
	for n < len(line) && n < 4 && line[n] >= '0' && line[n] <= '9' {
		n++
	}
	switch {
	case n > 0 && n+1 < len(line) && (line[n] == '.' || line[n] == ')') && line[n+1] == ' ':
		return n + 2
	case n == 0 && len(line) > 1 && strings.IndexByte("-*+>", line[0]) >= 0 && line[1] == ' ':
		return 2
	}
	return 0
}

// sentences are the sentences of a paragraph: those that end with a full stop and are not
// too long. The full stop is no token of them.
func sentences(text string, from, to int) iter.Seq[[]token] {
	return func(yield func([]token) bool) {
		var s []token
		long := false
		for at := from; at < to; {
			t, next := lex(text, at, to)
			at = next
			if t.text == "" {
				continue
			}
			if ends(&t, text[at:to]) {
				if t.text == "." && !long && len(s) > 2 && !yield(s) {
					return
				}
				s, long = s[:0], false
				continue
			}
			if t.first = len(s) == 0; len(s) == maxTokens {
				long, s = true, s[:0]
			}
			s = append(s, t)
		}
	}
}

// ends reports whether a mark ends a sentence, by what follows.
func ends(t *token, rest string) bool {
	if t.word || t.text != "." && t.text != "?" && t.text != "!" {
		return false
	}
	trimmed := strings.TrimLeft(rest, " \t\r\n*_\"'”’)")
	if trimmed == "" {
		return true
	}
	r, _ := utf8.DecodeRuneInString(trimmed)
	return len(trimmed) < len(rest) && !unicode.IsLower(r)
}

// lex reads a token at a position; the text is "" where there is none.
func lex(text string, at, to int) (t token, next int) {
	r, n := utf8.DecodeRuneInString(text[at:to])
	switch {
	case unicode.IsSpace(r):
		return t, at + n
	case r == '`':
		if end := strings.IndexByte(text[at+1:to], '`'); end > 0 {
			inner := text[at+1 : at+1+end]
			return token{text: inner, lower: inner, start: at, end: at + end + 2, word: plain(inner), code: true}, at + end + 2
		}
	case r == '*' || r == '_':
		return t, at + n
	case r == '[' || r == ']':
		// A link is its text.
		if rest := text[at+1 : min(to, at+maxLink)]; r == ']' && strings.HasPrefix(rest, "(") {
			if end := closing(rest, ')'); end > 0 && strings.IndexByte(rest[:end], ' ') < 0 {
				return t, at + 2 + end
			}
		} else if r == ']' && strings.HasPrefix(rest, "[") {
			if end := closing(rest, ']'); end > 0 {
				return t, at + 2 + end
			}
		}
		if r == ']' || !linked(text[at:to]) {
			break
		}
		return t, at + n
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return lexWord(text, at, to)
	}
	return token{text: text[at : at+n], lower: text[at : at+n], start: at, end: at + n}, at + n
}

// linked reports whether a text begins with a link, "[text](address)" or "[text][name]".
func linked(text string) bool {
	end := closing(text[:min(len(text), maxLink)], ']')
	return end > 0 && end+1 < len(text) && (text[end+1] == '(' || text[end+1] == '[')
}

// closing is the index of the first closing mark on the first line of a text, or -1.
func closing(text string, mark byte) int {
	end := strings.IndexByte(text, mark) // several times as fast as strings.IndexAny
	if end >= 0 && strings.IndexByte(text[:end], '\n') >= 0 {
		return -1
	}
	return end
}

// plain reports whether code may be a name: it has no space.
func plain(code string) bool { return len(code) <= 60 && !strings.ContainsAny(code, " \t\n\r\\") }

func lexWord(text string, at, to int) (token, int) {
	end := at
	for end < to {
		r, n := utf8.DecodeRuneInString(text[end:to])
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			end += n
			continue
		}
		after, _ := utf8.DecodeRuneInString(text[min(end+n, to):to])
		if strings.ContainsRune("-'’./_+&", r) && (unicode.IsLetter(after) || unicode.IsDigit(after)) {
			end += n
			continue
		}
		if (r == '+' || r == '#') && end-at <= 2 { // C++, C#
			end += n
			continue
		}
		break
	}
	w := text[at:end]
	if end < to && text[end] == '.' && abbreviations[strings.ToLower(w)+"."] {
		end++
		w = text[at:end]
	}
	t := token{text: w, lower: strings.ToLower(w), start: at, end: end, word: true}
	if strings.HasPrefix(text[end:to], "://") { // an address is no word
		for end < to && text[end] > ' ' {
			end++
		}
		t.word, t.end = false, end
	}
	t.code = strings.ContainsAny(w, "_")
	return t, end
}
