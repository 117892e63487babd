package practice

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Numbers in English words, up to the millions, as they may stand beside an answer. The word
// "one" alone is left: it seldom is a number. So are numbers of other languages.

var (
	small = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
		"seventeen eighteen nineteen")
	tens  = strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety")
	large = map[string]int{"thousand": 1_000, "million": 1_000_000}
	// numerous is a run of words of numbers, and the word behind it.
	numerous = func() *regexp.Regexp {
		first := `(?:` + strings.Join(slices.Concat(small, tens), "|") + `)`
		next := `(?:-|[ \t]+)(?:and[ \t]+)?(?:` + first + `|hundred|thousand|million)`
		point := `[ \t]+point(?:[ \t]+(?:` + strings.Join(small[:10], "|") + `))+`
		return regexp.MustCompile(`(?i)\b((?:(?:minus|negative)[ \t]+)?` + first + `(?:` + next + `)*(?:` + point + `)?)\b` +
			`(?:(?:\s+|-)(\pL+)|\s*%)?`)
	}()
	// goesOn are words that a number does not count: "forty-three is right".
	goesOn = wordList("and as because but has here instead is must not should since so then was will would")
)

// inFigures writes the numbers in words that are other answers in figures. One with a word
// behind it counts something, as in "two ways" and "ninety percent", and is left.
func (r *reader) inFigures(s string) string {
	if r.judge.other("these are words") {
		return s
	}
	for _, m := range slices.Backward(numerous.FindAllStringSubmatchIndex(s, -1)) {
		from, n := lastNumber(s, m[2], m[3])
		words := strings.ToLower(s[from:m[3]])
		counts := m[3] < m[1] // there is a word or "%" behind it
		if counts && m[4] >= 0 && goesOn[strings.ToLower(s[m[4]:m[5]])] {
			counts = slices.Contains(small[:13], words)
		}
		if n != "" && words != "one" && !counts && r.judge.other(n) {
			s = s[:from] + n + s[m[3]:]
		}
	}
	return s
}

// lastNumber is the longest number at the end of a run of words, in figures, and where it
// begins: 43 in "one forty-three". It is "" where there is none.
func lastNumber(s string, from, to int) (int, string) {
	for from < to {
		if n, ok := figures(s[from:to]); ok {
			return from, n
		}
		word := strings.IndexAny(s[from:to], " \t-")
		if word < 0 {
			break
		}
		from = to - len(strings.TrimLeft(s[from+word:to], " \t-"))
	}
	return to, ""
}

// figures reads a number in words: "minus three hundred and twelve point five".
func figures(words string) (string, bool) {
	sum, group, last := 0, 0, 1_000_000_000 // last is what the last word has counted
	sign, fraction, joined := "", "", false
	begun := false
	for i, w := range strings.FieldsFunc(strings.ToLower(words), func(c rune) bool { return c == ' ' || c == '\t' || c == '-' }) {
		n, unit := slices.Index(small, w), slices.Index(tens, w)
		mult := large[w]
		switch {
		case (w == "minus" || w == "negative") && i == 0:
			sign = "-"
			continue
		case w == "point" && begun && fraction == "":
			fraction = "."
			continue
		case fraction != "" && 0 <= n && n < 10:
			fraction += strconv.Itoa(n)
			continue
		case fraction != "":
			return "", false
		case w == "and" && begun && last >= 100 && !joined:
			joined = true
			continue
		case n >= 10 && last >= 100, n > 0 && n < 10 && last >= 10, n == 0 && !begun:
			group += n
			last = 1
		case unit >= 0 && last >= 100:
			group += 10 * (unit + 2)
			last = 10
		case w == "hundred" && 0 < group && group < 100 && !joined:
			group *= 100
			last = 100
		case mult > 0 && group > 0 && !joined && (sum == 0 || sum >= 1000*mult):
			sum += group * mult
			group, last = 0, mult
		default:
			return "", false
		}
		begun, joined = true, false
	}
	if !begun || joined || fraction == "." {
		return "", false
	}
	return sign + strconv.Itoa(sum+group) + fraction, true
}
