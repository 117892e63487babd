package practice

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// wordWays asks for choices of given words. At levels 1 and 2 two words have so many
// letters together, and share none; at levels 3 and 4 each of three begins with the letter
// with which the one before it ends.
var wordWays = family{
	hobby.Family{Name: "word_ways", Levels: 4, LevelGuess: []float64{0.03, 0, 0, 0}},
	func(r *rand.Rand, level int) Task {
		k := []int{1, 2, 1, 3}[level-1]
		for {
			given := some(r, 8+2*level, words)
			three, fits := level > 2, follows
			rule := "Put three of these words in a row, so that each begins with the letter with which the one before it ends"
			if !three {
				n := between(r, 9, 12)
				fits = apart(n)
				rule = fmt.Sprintf("Choose two of these words that have %d letters together and share no letter", n)
			}
			all := choices(given, three, fits)
			if len(all) < k || len(all) > 3*k {
				continue
			}
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			var solutions []string
			for _, c := range all {
				solutions = append(solutions, strings.Join(c, ", "))
			}
			prompt := rule + ": " + strings.Join(given, ", ") + ". Write the words separated by commas."
			sorted := slices.Sorted(slices.Values(given))
			return ways(fmt.Sprintf("%s: %s", rule, strings.Join(sorted, " ")), "", prompt, k, solutions, func(s string) (string, Verdict) {
				return chosen(s, given, three, fits)
			})
		}
	},
}

// choices are the choices of two words that are right, in one order of the two, or of three
// in a row of which each fits the next.
func choices(given []string, three bool, fits func(a, b string) bool) (all [][]string) {
	for i, a := range given {
		for j, b := range given {
			switch {
			case i == j || !fits(a, b):
			case !three && i < j:
				all = append(all, []string{a, b})
			case three:
				for k, c := range given {
					if k != i && k != j && fits(b, c) {
						all = append(all, []string{a, b, c})
					}
				}
			}
		}
	}
	return all
}

// apart reports whether two words have n letters together and share none.
func apart(n int) func(a, b string) bool {
	return func(a, b string) bool { return len(a)+len(b) == n && !strings.ContainsAny(a, b) }
}

// follows reports whether a word begins as another ends.
func follows(a, b string) bool { return b[0] == a[len(a)-1] }

// chosen judges one choice.
func chosen(solution string, given []string, three bool, fits func(a, b string) bool) (key string, v Verdict) {
	all := splitList(strings.ToLower(solution))
	for i, w := range all {
		if !slices.Contains(given, w) || slices.Contains(all[:i], w) {
			return "", Fail("other words, or one twice")
		}
	}
	if len(all) != 2 && !three || len(all) != 3 && three {
		return "", Fail("too few or too many words")
	}
	for i := 1; i < len(all); i++ {
		if !fits(all[i-1], all[i]) {
			return "", Fail("words that do not fit")
		}
	}
	if !three {
		slices.Sort(all)
	}
	return strings.Join(all, " "), Pass()
}
