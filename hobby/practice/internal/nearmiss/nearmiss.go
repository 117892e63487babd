// Package nearmiss makes nearly right answers from right ones, by rules. The tests of
// verifiers judge them: an answer that passes must be right by another check.
package nearmiss

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Judged is a task with answers, and whether each passed. A second verifier, .ci/peers verdicts, reads it.
type Judged struct {
	Family   string          `json:"family"`
	Level    int             `json:"level"`
	Prompt   string          `json:"prompt"`
	Key      string          `json:"key"`
	Verdicts map[string]bool `json:"verdicts"`
}

// Said returns answers that say more or less than a key, or another key beside
// it. another is the key of another task.
func Said(key, another string) []string {
	return []string{
		"", "?", "none", another, key + " or " + another, another + " or " + key, "not " + key, "It is not " + key + ".",
		key + "?" + another,
		"I think that it is " + another + ", not " + key + ".", key + " " + key, "between " + another + " and " + key,
		"1. " + another + " 2. " + key, "The answer:\n\n1. " + another + " 2. " + key,
		"So !" + key + " is the answer.", "So !(" + key + ") is the answer", "So != " + key + " is the answer.",
		"It is =! " + key, "ca. " + key + " is the answer.", "c. " + key + " is the answer", ">" + key + " is the answer.",
	}
}

// Marked returns a key behind marks that Markdown has in front of a line, where no line
// begins, and in a box of a list that is not checked.
func Marked(key string) (all []string) {
	for _, mark := range []string{"* ", "# ", "## ", "> ", "• "} {
		for _, form := range []string{
			"\\boxed{?}", "$?$", "**?**", "It is ?.", "The answer is ?", "Answer: ?", "`?`", "\"?\"", "So ? is the answer.", "```\n?\n```",
		} {
			all = append(all, strings.Replace(form, "?", mark+key, 1))
		}
	}
	return append(all, "- [ ] "+key, "[ ] "+key, "It is [ ] "+key+".")
}

// Elsewhere returns sentences that say of something else than what was asked that it
// is the key, or say it of nothing.
func Elsewhere(r *rand.Rand, key string) []string {
	subjects := []string{
		"average", "second term", "first term", "previous one", "median", "wrong answer", "smallest", "age", "price",
		"opposite", "complement", "input",
		"question", "example", "quotient of the others", "one after that", "one before it", "cell beside it",
		"section after that", "first heading", "last word",
		"shortest function", "number of lines", "number of loops", "number of errors", "guess", "starting point",
		"second largest value", "subtotal", "limit",
	}
	owners := []string{"The", "My", "Your", "Its", "Their", "Nobody's", "Another", "One", "No", "Half the", "Neither"}
	verbs := []string{" is ", ": ", " was ", " equals ", " = ", " says ", " is called ", " is not ", " are ", " gives ",
		" reads:\n\n", " contains ", " is **", " is \\boxed{"}
	ends := map[string]string{" is **": "**.", " is \\boxed{": "}."}
	leads := []string{"", "", "So ", "I know that ", "Therefore, ", "If it were so, ", "In the text, ", "Nobody says that "}
	all := make([]string, 8)
	for i := range all {
		v := verbs[r.IntN(len(verbs))]
		end := ends[v]
		if end == "" {
			end = []string{".", "", " too."}[r.IntN(3)]
		}
		all[i] = leads[r.IntN(len(leads))] + owners[r.IntN(len(owners))] + " " + subjects[r.IntN(len(subjects))] + v + key + end
	}
	return all
}

// Forms returns a text in the forms in which models give their answers. One of the
// forms has reasoning with the key before it.
func Forms(key, text string) []string {
	return []string{
		"It is " + text + ".", "**" + text + "**", "`" + text + "`", "<think>" + key + "</think>" + text, "Answer: " + text,
		"The answer is " + text + ".", "\\boxed{" + text + "}",
	}
}

// introduction is what a text may say before an answer and means nothing else by: that
// it is the answer, in any number and tense, after words that agree to answer.
var introduction = regexp.MustCompile(`^(?i:` +
	`(?:ok|okay|sure|certainly|of course|overall|so|thus|hence|therefore|now|then|finally|clearly|and),? |` +
	`(?:(?:it|that|this) )?(?:is|was|equals) |(?:the |my |our |your )?(?:final |correct |right )?(?:answer|result|solution|output) ` +
	`(?:is|are|was|were|equals|gives|makes|becomes|yields) :?|(?:the )?answer: ?)+`)

// Introduced takes off a text what only introduces an answer.
func Introduced(text string) string { return introduction.ReplaceAllString(text, "") }

// Numbers returns answers near a whole number: other numbers, another sign, another
// unit, more or fewer digits, or two numbers. It panics when key is no whole
// number.
func Numbers(r *rand.Rand, key string) (all []string) {
	n, err := strconv.Atoi(key)
	if err != nil {
		panic(err)
	}
	for _, d := range []int{1, 2, 3, 5, 7, 9, 10, 100, 1000, 1 + r.IntN(50), 60, 24} {
		all = append(all,
			strconv.Itoa(n+d), strconv.Itoa(n-d), fmt.Sprintf("It is %d.", n+d), fmt.Sprintf("**%d**", n-d),
			fmt.Sprintf("\\boxed{%d}", n+d),
			fmt.Sprintf("<think>%d</think>%d", n, n-d), fmt.Sprintf("Answer: %d", n+d), fmt.Sprintf("%d or %d", n, n+d),
			fmt.Sprintf("%d, %d", n, n-d), fmt.Sprintf("%d-%d", n, n+d), fmt.Sprintf("Total: %d\nTotal: %d", n+d, n),
			fmt.Sprintf("%d = %d", n+d, n))
	}
	for _, f := range []int{2, 3, 10, 60, 100, 1000} {
		all = append(all, strconv.Itoa(n*f), strconv.Itoa(n/f))
	}
	return append(all,
		strconv.Itoa(-n), key+"0", "1"+key, key[1:], key[:len(key)-1], key+".5", key+".01", "0."+key, key+"%", key+"e1",
		"1/"+key, key+"^2",
		"-"+key, "+-"+key, key+" miles", key+" metres per second", key+"k", "#"+key+"1", strings.Join(strings.Split(key, ""), " "),
		key+"!", "**"+key+"!**", "x = "+key+"!", "Answer: ~"+key, "<answer>~"+key+"</answer>", "\\boxed{~~"+key+"~~}", "$"+key, "It is $"+key,
		"0x"+key+"1", Mirrored(key), key+","+key, fmt.Sprintf("not %d but %d", n, n+1), fmt.Sprintf("%d (not %d)", n+1, n),
		fmt.Sprintf("%d = %d", n, n+1), fmt.Sprintf("%d is not right, it is %d", n, n+1))
}

// Mirrored returns a text backwards.
func Mirrored(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

// Texts returns texts that differ from a key in a character or two, in case, at an
// end, or in a word. The key must not be empty.
func Texts(r *rand.Rand, key string) (all []string) {
	pool := []rune("abcdefghijklmnopqrstuvwxyzABCXIVLMDZ0123456789 -:")
	k := []rune(key)
	text := func(parts ...[]rune) { all = append(all, string(slices.Concat(parts...))) }
	for range 20 {
		i := r.IntN(len(k))
		c := []rune{pool[r.IntN(len(pool))]}
		text(k[:i], c, k[i+1:])
		text(k[:i], c, k[i:])
		text(k[:i], k[i+1:])
		text(k[:i], k[i:i+1], k[i:])
		if i > 0 {
			text(k[:i-1], k[i:i+1], k[i-1:i], k[i+1:])
		}
	}
	_, first := utf8.DecodeRuneInString(key)
	_, last := utf8.DecodeLastRuneInString(key)
	all = append(all, Mirrored(key), key+key, key[first:], key[:len(key)-last],
		strings.ToUpper(key), strings.ToLower(key), strings.ToUpper(key[:first])+key[first:],
		key+"!", "0"+key+"0", strings.Join(strings.Split(key, ""), " "), "x"+key, key+" (base 3)")
	for _, m := range slices.Clone(all[:20]) {
		all = append(all, Forms(key, m)...)
	}
	if words := strings.Fields(key); len(words) > 1 {
		i := r.IntN(len(words) - 1)
		swapped, less, more := slices.Clone(words), slices.Clone(words), slices.Clone(words)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		for _, changed := range [][]string{
			swapped, slices.Delete(less, i, i+1), slices.Insert(more, i, words[i]), words[1:], words[:len(words)-1], words[:1],
			words[len(words)-1:],
		} {
			all = append(all, strings.Join(changed, " "))
		}
	}
	return all
}
