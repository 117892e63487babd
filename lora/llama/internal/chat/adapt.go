package chat

import (
	"fmt"
	"regexp"
	"strings"
)

// The functions that adapted templates call; limits has them.
const (
	loopTick = "pastime_loop"
	callTick = "pastime_call"
	stepTick = "pastime_step"
	output   = "pastime_out"
	toJSON   = "pastime_json"
)

// indentedJSON is a filter that the engine has, but with the keys sorted and
// characters escaped as for HTML.
var indentedJSON = regexp.MustCompile(`([\w.\[\]'"]+)\s*\|\s*tojson\(\s*indent\s*=\s*(\w+)\s*\)`)

// piece is a tag, a comment or the text between them.
type piece struct {
	text string
	tag  []token // without its delimiters; nil for others
	line int
}

// kind is the tag's keyword, or "{{".
func (p *piece) kind() string {
	switch {
	case p.tag == nil:
		return ""
	case strings.HasPrefix(p.text, "{{"):
		return "{{"
	case len(p.tag) > 0:
		return p.tag[0].text
	}
	return "{%"
}

// counted is the tag's text; the condition of a loop is a round, too.
func (p *piece) counted() string {
	if p.kind() != "for" {
		return p.text
	}
	open, end := delimiters(p.text)
	depth := 0
	for _, t := range p.tag {
		switch {
		case t.string:
		case strings.Contains("([{", t.text):
			depth++
		case strings.Contains(")]}", t.text):
			depth--
		case t.text == "if" && depth == 0:
			at, last := open+t.end, p.tag[len(p.tag)-1]
			if last.text == "recursive" {
				end = open + last.end - len(last.text)
			}
			return p.text[:at] + " " + loopTick + "(0) and (" + p.text[at:end] + ") " + p.text[end:]
		}
	}
	return p.text
}

// adapt makes a template count what it does and how much it writes, so that it can
// be ended, and print JSON with line breaks as the reference does. It refuses tags
// that write more than their values without being counted.
func adapt(source string) (string, error) {
	pieces := split(source)
	var b strings.Builder
	for i, p := range pieces {
		if p.tag == nil {
			b.WriteString(p.text)
			continue
		}
		changed, err := verify(p.kind(), p.tag)
		if err != nil {
			return "", fmt.Errorf("line %d: %.100s: %w", p.line, p.text, err)
		}
		text := 0 // what is written before the next tag, and in raw blocks
		if p.kind() == "endraw" && i > 0 {
			text = len(pieces[i-1].text)
		}
		for _, q := range pieces[i+1:] {
			if q.tag != nil {
				break
			}
			text += len(q.text)
		}
		tag := indentedJSON.ReplaceAllString(p.counted(), toJSON+"($1, $2)")
		args := strings.Join(append([]string{""}, changed...), ", ")
		switch p.kind() {
		case "{{":
			open, end := delimiters(tag)
			fmt.Fprintf(&b, "%s %s(%d, (%s)%s) %s", tag[:open], output, text, tag[open:end], args, tag[end:])
		case "raw": // nothing is a tag before its end
			b.WriteString(tag)
		default:
			name := map[string]string{"for": loopTick, "macro": callTick, "call": callTick}[p.kind()]
			if name == "" {
				name = stepTick
			}
			// It trims what follows as the tag does.
			_, end := delimiters(tag)
			fmt.Fprintf(&b, "%s{%% set %s_n = %s(%d%s) %s", tag, name, name, text, args, tag[end:])
		}
	}
	return b.String(), nil
}

// delimiters are where those at the beginning of a tag end and those at its end
// begin.
func delimiters(tag string) (open, end int) {
	open, end = 2, max(2, len(tag)-2)
	if open < end && strings.ContainsRune("-+", rune(tag[open])) {
		open++
	}
	if end > open && strings.ContainsRune("-+", rune(tag[end-1])) {
		end--
	}
	return open, end
}

var endRaw = regexp.MustCompile(`\{%[-+]?\s*endraw\b`)

// split takes a template apart.
func split(source string) (pieces []piece) {
	line, raw := 1, false
	add := func(n int, tag bool) {
		p := piece{text: source[:n], line: line}
		if tag {
			open, end := delimiters(p.text)
			p.tag = lex(p.text[open:end])
			raw = p.kind() == "raw"
		}
		line += strings.Count(p.text, "\n")
		source = source[n:]
		pieces = append(pieces, p)
	}
	for source != "" {
		at := nextTag(source)
		if raw {
			at = len(source)
			if end := endRaw.FindStringIndex(source); end != nil {
				at = end[0]
			}
			raw = false
		}
		if at > 0 {
			add(at, false)
		}
		if source != "" {
			add(tagEnd(source), !strings.HasPrefix(source, "{#"))
		}
	}
	return pieces
}

// nextTag is where the next tag or comment begins.
func nextTag(source string) int {
	for i := 0; i+1 < len(source); i++ {
		if source[i] == '{' && strings.IndexByte("{%#", source[i+1]) >= 0 {
			return i
		}
	}
	return len(source)
}

// tagEnd is where the tag that source begins with ends.
func tagEnd(source string) int {
	end := map[string]string{"{#": "#}", "{%": "%}", "{{": "}}"}[source[:2]]
	if end == "#}" {
		if i := strings.Index(source[2:], end); i >= 0 {
			return 2 + i + 2
		}
		return len(source)
	}
	quote := byte(0)
	for i := 2; i < len(source); i++ {
		switch c := source[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.HasPrefix(source[i:], end):
			return i + 2
		}
	}
	return len(source)
}
