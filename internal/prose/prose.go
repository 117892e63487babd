// Package prose finds texts that are not worth learning. Its rules are those of Gopher
// (Rae et al., 2021, table A1) and C4 (Raffel et al., 2020), for a sentence or two
// rather than for pages: their least of 50 words, of full stops at the ends of lines,
// and of English stop words would drop what is good.
package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rule is one reason to drop a text.
type Rule struct {
	Name string
	// Good reports whether a text passes.
	Good func(text string) bool
}

// Rules are those that a text is held to, in order.
var Rules = []Rule{
	{"few_words", func(t string) bool { return len(strings.Fields(t)) >= 4 }},
	{"many_words", func(t string) bool { return len(strings.Fields(t)) <= 1000 }},
	{"letters", func(t string) bool { return share(strings.Fields(t), hasLetter) >= 0.6 }},
	{"word_length", func(t string) bool { l := wordLength(t); return l >= 2 && l <= 25 }},
	{"truncated", func(t string) bool {
		t = strings.TrimRight(t, " \n\t\"')")
		return !strings.HasSuffix(t, "...") && !strings.HasSuffix(t, "…")
	}},
	{"symbols", func(t string) bool {
		marks := strings.Count(t, "#") + strings.Count(t, "...") + strings.Count(t, "…") + strings.Count(t, "\uFFFD")
		return 10*marks <= len(strings.Fields(t))
	}},
	{"bullets", func(t string) bool { return share(lines(t), isBullet) <= 0.9 }},
	{"repetition", func(t string) bool { return repeated(strings.Fields(strings.ToLower(t)), 3) <= 0.3 }},
	{"filler", func(t string) bool { return !strings.Contains(strings.ToLower(t), "lorem ipsum") }},
}

// wordLength is the mean length of a text's words in characters.
func wordLength(t string) float64 {
	words := strings.Fields(t)
	n := 0
	for _, w := range words {
		n += utf8.RuneCountInString(w)
	}
	return float64(n) / float64(max(1, len(words)))
}

func share(list []string, is func(string) bool) float64 {
	n := 0
	for _, s := range list {
		if is(s) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(list)))
}

func hasLetter(w string) bool { return strings.IndexFunc(w, unicode.IsLetter) >= 0 }

func lines(t string) (all []string) {
	for _, l := range strings.Split(t, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}

func isBullet(line string) bool {
	return strings.HasPrefix(line, "•") || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ")
}

// repeated is the share of a text's runs of n words that it has had before.
func repeated(words []string, n int) float64 {
	seen := map[string]bool{}
	again, all := 0, 0
	for at := 0; at+n <= len(words); at++ {
		run := strings.Join(words[at:at+n], " ")
		if all++; seen[run] {
			again++
		}
		seen[run] = true
	}
	return float64(again) / float64(max(1, all))
}
