package practice

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// text asks for transformations of strings.
var text = family{
	hobby.Family{Name: "text", Levels: 5},
	func(r *rand.Rand, level int) Task {
		only := " Answer with the result only."
		switch level {
		case 1:
			s := letters(r, between(r, 4, 6)) + " " + letters(r, between(r, 3, 5))
			return textual("upper "+s, fmt.Sprintf("Write %q in upper case.%s", s, only), strings.ToUpper(s),
				"[the (text|words)] ["+s+"] in (upper case|uppercase|capitals|capital letters)")
		case 2:
			s := letters(r, between(r, 4, 5))
			return textual("reverse "+s, fmt.Sprintf("Write %q backwards.%s", s, only), reverse(s), backwards(s)...)
		case 3:
			s := pick(r, []string{"b", "d", "k", "m", "r", "t"}) + letters(r, between(r, 6, 9)) + pick(r, []string{"a", "e",
				"i", "o", "u"})
			rest := strings.Map(func(c rune) rune {
				if strings.ContainsRune("aeiou", c) {
					return -1
				}
				return c
			}, s)
			return textual("vowels "+s, fmt.Sprintf("Remove the letters a, e, i, o and u from %q.%s", s, only), rest,
				"[the] (text|word|string) [without (vowels|the vowels)]", "[the] remaining (letters|text|string)",
				s+" without (vowels|the vowels)",
				"without the vowels[, it is]", "removing the vowels [from "+s+"] (leaves|gives) …")
		case 4:
			s := letters(r, between(r, 8, 10))
			return textual("reverse "+s, fmt.Sprintf("Write %q backwards.%s", s, only), reverse(s), backwards(s)...)
		default:
			s, k := letters(r, between(r, 4, 6)), between(r, 1, 12)
			shifted := strings.Map(func(c rune) rune { return 'a' + (c-'a'+rune(k))%26 }, s)
			return textual(fmt.Sprintf("shift %d %s", k, s),
				fmt.Sprintf("Shift each letter of %q by %d places in the alphabet, z going on to a.%s", s, k, only), shifted,
				"[the] shifted (text|word|string)", fmt.Sprintf("%s shifted [by] %d [places]", s, k))
		}
	},
}

// backwards are the phrases for a text that is turned around.
func backwards(s string) []string {
	return []string{"[the] [(text|word|string)] [" + s + "] (backwards|reversed|in reverse|written backwards|spelled backwards)",
		"[the] reversed (text|word|string)", "[the] reverse of " + s, s + " (backwards|reversed)"}
}

func reverse(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// sorting asks to put numbers and words in order.
var sorting = family{
	hobby.Family{Name: "sorting", Levels: 5, Guess: 0.05},
	func(r *rand.Rand, level int) Task {
		if level == 3 || level == 5 {
			ws := some(r, map[int]int{3: 5, 5: 8}[level], words)
			given := strings.Join(ws, ", ")
			slices.Sort(ws)
			return listed(given, "Put these words in alphabetical order: "+given+". Answer with the words separated by commas.", ws,
				"[the] [sorted] (words|list|order) [in alphabetical order]", "in alphabetical order", "[the] alphabetical "+
					"order", "[words] sorted [alphabetically]",
				"alphabetically", "[sorted] in alphabetical order", "the words sorted [alphabetically]")
		}
		n, high := map[int]int{1: 4, 2: 6, 4: 10}[level], map[int]int{1: 99, 2: 999, 4: 9999}[level]
		seen := map[int]bool{}
		var ns []int
		for len(ns) < n {
			if v := between(r, 1, high); !seen[v] {
				seen[v] = true
				ns = append(ns, v)
			}
		}
		given := joinInts(ns)
		slices.Sort(ns)
		how := "smallest first"
		if level == 4 {
			slices.Reverse(ns)
			how = "largest first"
		}
		return listed(given, "Sort these numbers, "+how+": "+given+". Answer with the numbers separated by commas.",
			strings.Split(joinInts(ns), ", "), increasing[level == 4]...)
	},
}

// increasing are the phrases for sorted numbers; of true those for the largest first.
var increasing = map[bool][]string{
	false: sortedPhrases("smallest", "largest", "(ascending|increasing)"), true: sortedPhrases("largest", "smallest",
		"(descending|decreasing)"),
}

func sortedPhrases(first, last, order string) []string {
	how := "([from] " + first + " to " + last + "|" + first + " first|in " + order + " order)"
	return []string{"[the] [sorted] (numbers|list|order) [" + how + "]", "[the] (numbers|list) sorted [" + how + "]",
		"[the numbers] [sorted] " + how, "sorted", "the order", "the numbers in [the correct] order"}
}

func joinInts(ns []int) string {
	s := make([]string, len(ns))
	for i, n := range ns {
		s[i] = strconv.Itoa(n)
	}
	return strings.Join(s, ", ")
}

// counting asks to count letters and words. Version 1 asked how many of the letters
// a, e, i, o and u are in a text, which can be read as a question with the answer
// five at most.
var counting = family{
	hobby.Family{Name: "counting", Version: 2, Levels: 4, LevelGuess: []float64{0.1, 0.09, 0.17, 0.09}},
	func(r *rand.Rand, level int) Task {
		switch level {
		case 1:
			s := letters(r, between(r, 4, 14))
			return numeric("length "+s, fmt.Sprintf("How many letters has %q?", s), len(s), counts("letters", s)...)
		case 2:
			ws := some(r, between(r, 5, 16), words)
			s := strings.Join(ws, " ")
			return numeric("words "+s, fmt.Sprintf("How many words are in %q?", s), len(ws), counts("words", s)...)
		case 3:
			c := byte('a' + r.IntN(26))
			b := []byte(letters(r, between(r, 12, 16)))
			for range between(r, 0, 7) {
				b[r.IntN(len(b))] = c
			}
			s := string(b)
			return numeric(fmt.Sprintf("letter %c %s", c, s),
				fmt.Sprintf("How often is the letter %q in %q?", string(c), s), strings.Count(s, string(c)),
				append(counts(fmt.Sprintf("(times|occurrences [of %c]|[letter] %c[\\'s]|letters %c)", c, c, c), s),
					fmt.Sprintf("the letter [%c] (appears|occurs|is) … times [in [the (word|text|string)] [%s]]", c, s),
					fmt.Sprintf("%c (appears|occurs|is) … times [in [the (word|text|string)] [%s]]", c, s),
					"it (appears|occurs) … times")...)
		default:
			s := strings.Join(some(r, between(r, 4, 9), words), " ")
			n := 0
			for _, c := range s {
				if strings.ContainsRune("aeiou", c) {
					n++
				}
			}
			return numeric("vowels "+s, fmt.Sprintf("How many vowels (a, e, i, o or u) are in %q, each counted as often as "+
				"it is there?", s), n,
				append(counts("vowels [a, e, i, o[,] (or|and|) u]", s), "counting the vowels")...)
		}
	},
}
