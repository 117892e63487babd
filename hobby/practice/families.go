package practice

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/vocabulary"
)

// Families returns the families of this package, in a fixed order.
func Families() []Family {
	return []Family{
		arithmetic, modular, sequences, bases, roman,
		text, sorting, counting,
		units, dates, clock,
		jsons, tables, sets,
		ordering, patterns,
		calls, countdown, forth,
	}
}

// family implements Family by a description and a function.
type family struct {
	info     hobby.Family
	generate func(r *rand.Rand, level int) Task
}

func (f family) Info() hobby.Family                    { return f.info }
func (f family) Generate(r *rand.Rand, level int) Task { return f.generate(r, level) }

// between draws an integer from low to high, both included.
func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

// pick draws one of several values.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// some draws n different values.
func some[T any](r *rand.Rand, n int, from []T) []T {
	out := make([]T, n)
	for i, j := range r.Perm(len(from))[:n] {
		out[i] = from[j]
	}
	return out
}

// letters draws a string of n lower-case letters.
func letters(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

// numeric makes a task whose answer is an integer. It may be said in the phrases.
func numeric(params, prompt string, answer int, phrases ...string) Task {
	want, p := fmt.Sprint(answer), Say(append(phrases, "x")...).About(prompt)
	return ask(params, prompt+" Answer with the number only.", want, "number", func(a string) Verdict { return Number(a, want, p) })
}

// spellings are the other ways to write a unit: in the singular, in American
// spelling, or as a symbol.
var spellings = map[string][]string{
	"millimetres": {"millimetre", "millimeters", "millimeter", "mm"}, "centimetres": {"centimetre", "centimeters", "centimeter", "cm"},
	"metres": {"metre", "meters", "meter", "m"}, "kilometres": {"kilometre", "kilometers", "kilometer", "km"},
	"milligrams": {"milligram", "mg"}, "grams": {"gram", "g"}, "kilograms": {"kilogram", "kg"},
	"seconds": {"second", "sec", "secs", "s"}, "minutes": {"minute", "min", "mins"}, "hours": {"hour", "h", "hr", "hrs"}, "days": {"day", "d"},
	"inches": {"inch", "in"}, "feet": {"foot", "ft"}, "yards": {"yard", "yd", "yds"},
}

// upright matches a text within a formula, as units are written in LaTeX.
var upright = regexp.MustCompile(`\\(?:text|mathrm|textrm)\s*\{([^{}]*)\}`)

// spaced replaces the spaces of LaTeX and print by plain ones, and removes the marks
// around numbers.
var spaced = strings.NewReplacer(`\,`, " ", `\ `, " ", "\u00a0", " ", "\u202f", " ", "**", "", "$", "")

// tied matches a number and its unit with LaTeX's space between them.
var tied = regexp.MustCompile(`([0-9}])~+([\pL\\])`)

// inexact matches "~765", marks between the digits of a number, and one dollar.
var inexact = regexp.MustCompile(`^\W*~|[0-9][$*]+[0-9]|^[^$]*\$[^$]*$`)

// withoutUnit removes a unit from the end of an answer. Another unit stays.
func withoutUnit(answer, unit string) string {
	s := Bare(answer)
	if inexact.MatchString(s) {
		return s
	}
	s = strings.TrimSpace(upright.ReplaceAllString(spaced.Replace(tied.ReplaceAllString(s, "$1 $2")), " $1"))
	for _, name := range append([]string{unit}, spellings[unit]...) {
		if rest, ok := strings.CutSuffix(s, name); ok && rest != "" && !unicode.IsLetter(rune(rest[len(rest)-1])) {
			return strings.TrimSpace(rest)
		}
	}
	return s
}

// measured makes a task whose answer is a number of a unit. The answer may name
// the unit after the number.
func measured(params, prompt string, answer int, unit string, phrases ...string) Task {
	t, p := numeric(params, prompt, answer), Say(phrases...).About(prompt)
	t.Verify = func(a string) Verdict {
		return Read(a, p, func(a string) Verdict {
			return isNumber(withoutUnit(withoutWeeks(a, answer, unit), unit), t.Reference)
		})
	}
	return t
}

// weeks are days in weeks, in brackets after the days.
var weeks = regexp.MustCompile(`(?i)\s+\((?:or\s+|=\s*)?([0-9]+) weeks?(?:(?: and|,) ([0-9]+) days?)?\)\.?$`)

// withoutWeeks takes off an answer in days what they are in weeks, if that is as many.
func withoutWeeks(answer string, days int, unit string) string {
	m := weeks.FindStringSubmatch(answer)
	if m == nil || unit != "days" {
		return answer
	}
	w, err := strconv.Atoi(m[1])
	d, _ := strconv.Atoi(m[2]) // none are 0
	if err != nil || w != days/7 || d != days%7 {
		return answer
	}
	return strings.TrimSuffix(answer, m[0])
}

// textual makes a task whose answer is a text.
func textual(params, prompt, answer string, phrases ...string) Task {
	p := Say(phrases...).About(prompt)
	return ask(params, prompt, answer, "exact", func(a string) Verdict { return Exact(a, answer, p) })
}

// listed makes a task whose answer is a list in order.
func listed(params, prompt string, answer []string, phrases ...string) Task {
	p := Say(phrases...).About(prompt)
	return ask(params, prompt, strings.Join(answer, ", "), "list", func(a string) Verdict { return List(a, answer, p) })
}

// counts are the phrases for the number of things in a text, which may be "".
func counts(things, text string) []string {
	in := " [in [the|this] [given] [(word|text|string|table|column|list)] [" + Literal(text) + "]]"
	return []string{
		"[the] [total] (number|count) [of " + things + in + "]", "[the] total", "there (are|is) [exactly] … [" + things + in + "]", "… " + things,
		"(it|[the|this] (word|text|string|table|list)) (has|contains) [exactly] … " + things,
		"[the (word|text|string)] [" + Literal(text) + "] (has|contains) [exactly] … " + things, "i count …",
	}
}

// words, names and cities are what tasks are made of.
var words, names, cities = vocabulary.Words, vocabulary.Names, vocabulary.Cities
