package practice

import (
	"regexp"
	"strings"
)

// Markdown's marks of a line. They are form only where they begin a line: elsewhere ">"
// says "greater than", "#" a number, and "*" times.

var (
	// marker matches what Markdown has in front of a line: a quotation, a heading, a
	// bullet. A dash before a digit is a sign.
	marker = regexp.MustCompile(`^(?:(?:>|#{1,6}|[*•]) |[–-] [^0-9 \\$*])`)
	// lineStart is what may stand before one in its line.
	lineStart = regexp.MustCompile(`^[ \t]*(?:(?:>|#{1,6}|[-–*•])[ \t]+)*$`)
)

// unlisted takes off a text the marks in front of its line.
func unlisted(s string) string {
	for marker.MatchString(s) {
		_, s, _ = strings.Cut(s, " ")
		s = strings.TrimSpace(s)
	}
	return s
}

// inPlace judges pieces of what was said as j does, without the marks in front of a line.
// Behind such a mark that begins no line there is no answer. Each piece is judged once.
func inPlace(said string, j judge) judge {
	known := map[string]Verdict{}
	return func(text string) Verdict {
		v, ok := known[text]
		if !ok {
			v = placed(said, text, j)
			known[text] = v
		}
		return v
	}
}

// placed judges one piece.
func placed(said, text string, j judge) Verdict {
	s, v := strings.TrimSpace(text), j(text)
	switch {
	case v.Score >= 1 && everywhere(said, s, func(before string) bool { return strays(before) && !beginsLine(before) }):
		return Fail("not the value itself")
	case v.Score < 1 && marker.MatchString(s) && everywhere(said, s, beginsLine):
		return j(unlisted(s))
	}
	return v
}

// stray ends with a mark.
var stray = regexp.MustCompile(`(?:^|[^\pL\pN)\]*#>•])(?:>|#{1,6}|[*•])$`)

// strays reports whether a text ends with a mark and space. It looks at its last bytes only,
// for it is asked of each place at which an answer has a value.
func strays(before string) bool {
	const most = 12 // bytes of a mark and the letter before it
	s := strings.TrimRight(before, " \t\n\f\r")
	return len(s) < len(before) && stray.MatchString(s[max(0, len(s)-most):])
}

// everywhere reports whether something holds of all that stands before a text, at each
// place in what was said. A text that was joined from several pieces is looked for by its
// first two words.
func everywhere(said, text string, holds func(before string) bool) bool {
	if fields := strings.Fields(text); !strings.Contains(said, text) && len(fields) > 1 {
		text = strings.Join(fields[:2], " ")
	}
	found := false
	for at := 0; text != ""; {
		i := strings.Index(said[at:], text)
		if i < 0 {
			break
		}
		if !holds(said[:at+i]) {
			return false
		}
		found, at = true, at+i+1
	}
	return found
}

// beginsLine reports whether what comes behind a text begins a line, and no line of code.
func beginsLine(before string) bool {
	const most = 64 // bytes of marks and space
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return len(line) <= most && lineStart.MatchString(line) && strings.Count(before, "```")%2 == 0
}
