package study

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean prepares a file's text for use in a sentence. It makes it one line, and
// removes control and formatting characters, which can hide text or reverse it.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// Shorten cuts a text to so many bytes, at the end of a rune.
func Shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := most
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRightFunc(s[:n], unicode.IsSpace) + "…"
}

// Mentions reports whether a text has the words of a topic, in any letter case, with
// hyphens and underscores for spaces.
func Mentions(text, topic string) bool {
	topic = plainly(topic)
	return strings.TrimSpace(topic) != "" && strings.Contains(plainly(text), topic)
}

// plainly is a text in lower case with single spaces around and between its words.
func plainly(s string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
	}), " ") + " "
}
