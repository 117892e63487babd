package kgraph

import (
	"strings"
	"unicode"
)

// key is what the names of one concept have in common.
func (s Sort) key(name string) string {
	if s.exact() {
		return name
	}
	words := strings.FieldsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || r == '-' || r == '_' || r == '\u2010' || r == '\u2011'
	})
	if len(words) == 0 {
		return name
	}
	for i, w := range words {
		words[i] = strings.ToLower(w)
	}
	last := len(words) - 1
	if last > 0 || name != strings.ToUpper(name) { // an acronym's S is no plural
		words[last] = singular(words[last])
	}
	return strings.Join(words, " ")
}

// singular takes the ending of an English plural off a lower-case word.
func singular(word string) string {
	if len(word) < 4 {
		return word
	}
	for _, suffix := range []string{"ss", "us", "is", "news", "series", "species"} {
		if strings.HasSuffix(word, suffix) {
			return word
		}
	}
	for _, plural := range []struct{ ending, instead string }{
		{"ies", "y"}, {"sses", "ss"}, {"shes", "sh"}, {"ches", "ch"}, {"xes", "x"}, {"zzes", "zz"}, {"s", ""},
	} {
		if stem, ok := strings.CutSuffix(word, plural.ending); ok && len(stem) > 1 {
			return stem + plural.instead
		}
	}
	return word
}

// end is the part of a name that people say: a function with its package's name and
// without its path, the last part of a path.
func (s Sort) end(name string) string {
	switch s {
	case Function:
		head := ""
		if rest, ok := strings.CutPrefix(name, "(*"); ok {
			head, name = "(*", rest
		}
		return head + name[strings.LastIndexByte(name, '/')+1:]
	case Package, Document:
		return name[strings.LastIndexByte(strings.TrimSuffix(name, "/"), '/')+1:]
	}
	return name
}
