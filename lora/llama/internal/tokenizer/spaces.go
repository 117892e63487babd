package tokenizer

import "strings"

// mark is SentencePiece's visible space. Vocabularies write it for a space; in
// memory both are a space, since a text's own marks are read as spaces too.
const mark = "▁"

// prefix says where a space is put before a text.
type prefix int

const (
	noPrefix prefix = iota
	// alwaysPrefix: before every part between added tokens.
	alwaysPrefix
	// firstPrefix: before a part that begins the text.
	firstPrefix
)

// spaces is how a SentencePiece-style vocabulary treats spaces. The zero value
// does not change text.
type spaces struct {
	marked bool // marks are spaces
	prefix prefix
	// missing restricts the prefix to texts that do not begin with a space.
	missing bool
	// strip takes one space off the beginning of what is decoded.
	strip bool
}

// mark prepares a part of a text. first says whether it is the first part.
func (s spaces) mark(part string, first bool) string {
	if !s.marked || part == "" {
		return part
	}
	part = strings.ReplaceAll(part, mark, " ")
	if s.prefix == noPrefix || s.prefix == firstPrefix && !first || s.missing && part[0] == ' ' {
		return part
	}
	return " " + part
}

func (s spaces) unmark(text string) string {
	if s.strip {
		return strings.TrimPrefix(text, " ")
	}
	return text
}
