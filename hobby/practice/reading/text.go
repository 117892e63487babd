package reading

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// clean is study.Clean.
func clean(s string) string { return study.Clean(s) }

// quote returns a text cleaned and shortened for a quotation.
func quote(s string) string { return shorten(clean(s), 120) }

// shorten is study.Shorten.
func shorten(s string, most int) string { return study.Shorten(s, most) }

// notSentence are words whose full stop does not end a sentence.
var notSentence = []string{"e.g.", "i.e.", "etc.", "vs.", "cf.", "dr.", "mr.", "mrs.", "ms.", "prof.", "st.", "no.", "fig.", "eq.",
	"sec.", "ch.", "vol.", "pp.", "al.", "approx.", "resp.", "ca.", "inc.", "ltd.", "jr.", "sr.", "ed.", "eds."}

// sentences splits a paragraph. A sentence ends at ., ! or ? before a space and a
// capital letter, a digit or a quote.
func sentences(paragraph string) []string {
	var all []string
	start := 0
	for i := 0; i+2 < len(paragraph); i++ {
		if !strings.ContainsRune(".!?", rune(paragraph[i])) || paragraph[i+1] != ' ' {
			continue
		}
		next, _ := utf8.DecodeRuneInString(paragraph[i+2:])
		if !unicode.IsUpper(next) && !unicode.IsDigit(next) && !strings.ContainsRune(`"'(“‘`, next) {
			continue
		}
		word := paragraph[strings.LastIndexByte(paragraph[:i], ' ')+1 : i+1]
		bare := strings.ToLower(strings.TrimLeft(word, `("'`))
		if slices.Contains(notSentence, bare) || len(bare) == 2 && paragraph[i] == '.' {
			continue
		}
		all = append(all, paragraph[start:i+1])
		start = i + 2
	}
	return append(all, paragraph[start:])
}

// controlling matches text that can be taken for a token of a chat template, or
// for markup. Such text is never shown to a model.
var controlling = regexp.MustCompile(`<[|/!?a-zA-Z_]|\|>|\[/?[A-Z_]{3,}\]|<<|>>|</s>`)

// showable reports whether a text may be part of a passage.
func showable(s string) bool {
	return s != "" && (!strings.ContainsAny(s, "<>[") || !controlling.MatchString(s))
}

// words counts the words of a text.
func words(s string) int { return len(strings.Fields(s)) }
