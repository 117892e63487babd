package redact

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Rule finds one form of secret.
type Rule struct {
	// Name is what marks and counts call the secret, such as "GitHub token". It
	// has 1 to 64 letters, digits, blanks and any of .-(). Two rules may share a
	// name.
	Name string
	// Starts are texts that the secret begins with, or that stand before it. The
	// rule looks nowhere else. They are printable ASCII. A start without
	// upper-case letters is found in either case.
	Starts []string
	// Back is the number of bytes before the Start where Pattern is tried. Behind
	// tries it after the Start instead of at it.
	Back   int
	Behind bool
	// Edge says what may stand before the Start, or before the bytes that Back
	// adds.
	Edge Edge
	// Pattern is an RE2 expression for the secret and what is around it. Its
	// first group that took part is the secret. Without groups the whole match
	// is.
	Pattern string
	// Most is the number of bytes that Pattern sees. Default 512.
	Most int
	// Secret reports whether a match of Pattern is a secret. Nil means that it
	// is.
	Secret func(found string) bool
	// Find replaces Pattern where an expression is not enough. It returns the
	// bounds of the secret at the Start at text[at], or two equal numbers when
	// there is none. It must look at a bounded number of bytes.
	Find func(text string, at int) (from, to int)
}

// Edge says what may stand before a secret.
type Edge int

// The edges.
const (
	// Word is everything but an ASCII letter, a digit or an underscore.
	Word Edge = iota
	// Dashed is Word without dashes, for secrets that have dashes.
	Dashed
	// Anywhere is anything.
	Anywhere
)

// compiled is a rule that can be used.
type compiled struct {
	*Rule
	name    int // index of its name among the names
	pattern *regexp.Regexp
}

func compile(r *Rule) (compiled, error) {
	c := compiled{Rule: &Rule{}}
	*c.Rule = *r
	if r.Name == "" || len(r.Name) > 64 || strings.Trim(r.Name, nameBytes) != "" {
		return c, errors.New("the Name is empty, too long, or has other than letters, digits, blanks and .-()")
	}
	if len(r.Starts) == 0 {
		return c, errors.New("there are no Starts")
	}
	for _, s := range r.Starts {
		if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
			return c, fmt.Errorf("the Start %q is empty or not printable ASCII", s)
		}
	}
	if (r.Pattern == "") == (r.Find == nil) {
		return c, errors.New("it needs either a Pattern or Find")
	}
	if r.Most < 0 || r.Back < 0 {
		return c, errors.New("one of Most and Back is negative")
	}
	if r.Most == 0 {
		c.Most = 512
	}
	if r.Find != nil {
		return c, nil
	}
	var err error
	c.pattern, err = regexp.Compile(`\A(?:` + r.Pattern + `)`)
	return c, err
}

const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .-()"

// find returns the bounds of the secret with a Start at text[at:behind], or equal
// ones when there is none.
func (c *compiled) find(text string, at, behind int) (from, to int) {
	if c.Rule.Find != nil {
		return c.Rule.Find(text, at)
	}
	at = max(0, at-c.Back)
	if at > 0 && (c.Edge != Anywhere && isWord(text[at-1]) && (c.Edge == Dashed || text[at-1] != '-')) {
		return 0, 0
	}
	if c.Behind {
		at = behind
	}
	end := min(len(text), at+c.Most)
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	m := c.pattern.FindStringSubmatchIndex(text[at:end])
	if m == nil {
		return 0, 0
	}
	from, to = m[0], m[1]
	for g := 2; g < len(m); g += 2 {
		if m[g] >= 0 {
			from, to = m[g], m[g+1]
			break
		}
	}
	from, to = at+from, at+to
	if c.Secret != nil && !c.Secret(text[from:to]) {
		return 0, 0
	}
	return from, to
}

// isWord reports whether b is a letter, a digit, an underscore or a dash.
func isWord(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_' || b == '-'
}
