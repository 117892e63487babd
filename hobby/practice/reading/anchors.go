package reading

import (
	"strconv"
	"strings"
	"unicode"
)

// slug is the anchor that GitHub gives to a heading: in lower case, without
// what is no letter, mark, digit, connector, hyphen or space, and with hyphens
// for spaces (what github-slugger and GitHub's own pipeline do).
func slug(heading string) string {
	var b strings.Builder
	for _, r := range heading {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == 'İ': // the one letter whose lower case is two
			b.WriteString("i̇")
		case r == '-' || wordly(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// wordly reports whether r is of a word in the sense of Unicode's regular
// expressions (UTS 18, annex C).
func wordly(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.M, unicode.Nd, unicode.Pc)
}

// slugger gives the headings of one document their anchors, each another one.
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
