package reading

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a document's text fit to stand in a sentence: one line, without
// control and formatting characters, which can hide or turn round what is read.
func clean(s string) string {
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

// quote is a text shortened to be quoted.
func quote(s string) string { return shorten(clean(s), 120) }

// shorten cuts a text to so many bytes, at the end of a rune.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := most
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRightFunc(s[:n], unicode.IsSpace) + "…"
}

// notSentence are words whose full stop ends no sentence.
var notSentence = []string{"e.g.", "i.e.", "etc.", "vs.", "cf.", "dr.", "mr.", "mrs.", "ms.", "prof.", "st.", "no.", "fig.", "eq.", "sec.", "ch.", "vol.", "pp.", "al.", "approx.", "resp.", "ca.", "inc.", "ltd.", "jr.", "sr.", "ed.", "eds."}

// sentences splits a paragraph: a sentence ends at ., ! or ? before a space and
// a capital letter, a digit or a quote.
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

// controlling matches what can be taken for a token of a chat template, or for
// markup: it is never shown to a model.
var controlling = regexp.MustCompile(`<[|/!?a-zA-Z_]|\|>|\[/?[A-Z_]{3,}\]|<<|>>|</s>`)

// showable reports whether a text may be part of a passage.
func showable(s string) bool {
	return s != "" && (!strings.ContainsAny(s, "<>[") || !controlling.MatchString(s))
}

// words counts the words of a text.
func words(s string) int { return len(strings.Fields(s)) }
