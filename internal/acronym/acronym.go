// Package acronym finds what acronyms stand for, "long form (LF)", after Schwartz and
// Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text"
// (2003).
package acronym

import (
	"iter"
	"regexp"
	"strings"
	"unicode"
)

// Found is an acronym with what it stands for.
type Found struct{ Short, Long string }

// shortForm matches a text in parentheses that may be an acronym.
var shortForm = regexp.MustCompile(`\(([\pL\pN][\pL\pN&/.-]{1,9})\)`)

// maxLongForm is the number of bytes before a short form that are searched.
const maxLongForm = 300

// All finds the acronyms that a text defines. The letters of the short form are searched
// from the right, and the first one must begin a word. It requires more than Schwartz and
// Hearst do: two capitals, and at most two more words than letters.
func All(text string) iter.Seq[Found] {
	return func(yield func(Found) bool) {
		for _, m := range shortForm.FindAllStringSubmatchIndex(text, -1) {
			short := text[m[2]:m[3]]
			if capitals(short) < 2 || m[0] == 0 || text[m[0]-1] != ' ' {
				continue
			}
			before := strings.Fields(lastClause(text[max(0, m[0]-maxLongForm):m[0]]))
			letters := len(lettersOf(short))
			before = before[max(0, len(before)-min(letters+5, 2*letters)):]
			long := longForm(short, strings.Join(before, " "))
			if long != "" && len(strings.Fields(long)) <= letters+2 && !yield(Found{short, long}) {
				return
			}
		}
	}
}

// lastClause returns the text after the last mark that no long form contains.
func lastClause(s string) string {
	return s[strings.LastIndexAny(s, ".,;:()[]\"|")+1:]
}

func capitals(s string) (n int) {
	for _, r := range s {
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n
}

// lettersOf returns a short form's letters and digits.
func lettersOf(s string) []rune {
	var all []rune
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			all = append(all, unicode.ToLower(r))
		}
	}
	return all
}

// longForm returns the shortest end of text that has the letters of a short form
// in order, the first at the beginning of a word. It returns "" when there is
// none.
func longForm(short, text string) string {
	letters, in := lettersOf(short), []rune(text)
	at := len(in) - 1
	for i := len(letters) - 1; i >= 0; i-- {
		for at >= 0 && (unicode.ToLower(in[at]) != letters[i] || i == 0 && at > 0 && wordly(in[at-1])) {
			at--
		}
		if at < 0 {
			return ""
		}
		at--
	}
	long := string(in[at+1:])
	// An acronym does not stand for one word, nor for a text that repeats it.
	if len(strings.Fields(long)) < 2 && !strings.Contains(long, "-") || strings.Contains(strings.ToLower(long), strings.ToLower(short)) ||
		len([]rune(long)) <= len(letters) {
		return ""
	}
	return long
}

func wordly(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.M, unicode.Nd, unicode.Pc)
}
