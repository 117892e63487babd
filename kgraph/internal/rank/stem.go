package rank

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

// porter takes the endings off an English word in lower case, by Porter's second algorithm
// (Porter 2001, "English" of Snowball), so that "connects", "connected" and "connection" are
// the same. A word with other letters or with digits stays as it is.
func porter(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return word
	}
	e := snowballstem.NewEnv(word)
	english.Stem(e)
	return e.Current()
}
