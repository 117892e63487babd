package reading

import (
	"strconv"
	"strings"
	"unicode"
)

// slug returns the anchor that GitHub gives to a heading: in lower case, with
// letters, marks, digits, connectors and hyphens only, and with hyphens for
// spaces. github-slugger and GitHub's own pipeline do the same.
func slug(heading string) string {
	var b strings.Builder
	for _, r := range heading {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == 'İ': // the one letter whose lower case is two characters
			b.WriteString("i̇")
		case r == '-' || wordly(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// wordly reports whether r is a word character of Unicode's regular expressions
// (UTS 18, annex C).
func wordly(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.M, unicode.Nd, unicode.Pc)
}

// slugger gives the headings of one document different anchors.
type slugger map[string]int

func (s slugger) anchor(heading string) string {
	original := slug(heading)
	anchor := original
	for {
		if _, taken := s[anchor]; !taken {
			break
		}
		s[original]++
		anchor = original + "-" + strconv.Itoa(s[original])
	}
	s[anchor] = 0
	return anchor
}
