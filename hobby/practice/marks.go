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
// Behind such a mark that begins no line there is no answer.
func inPlace(said string, j judge) judge {
	return func(text string) Verdict {
		s, v := strings.TrimSpace(text), j(text)
		switch {
		case v.Score >= 1 && everywhere(said, s, func(before string) bool {
			mark := stray.FindStringIndex(before)
			return mark != nil && !beginsLine(before[:mark[1]])
		}):
			return Fail("not the value itself")
		case v.Score < 1 && marker.MatchString(s) && everywhere(said, s, beginsLine):
			return j(unlisted(s))
		}
		return v
	}
}

// stray ends with a mark and space.
var stray = regexp.MustCompile(`(?:^|[^\pL\pN)\]*#>•])(?:>|#{1,6}|[*•])\s+$`)

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
	return lineStart.MatchString(before[strings.LastIndexByte(before, '\n')+1:]) && strings.Count(before, "```")%2 == 0
}
