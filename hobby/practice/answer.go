package practice

import (
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxAnswer is the size of the longest answer that is judged, in bytes. A longer
// one fails.
const maxAnswer = 4096

// Exact compares the bare answer with want; runs of space count as one. p is what may be
// said around the answer, here and below.
func Exact(answer, want string, p *Phrases) Verdict {
	return Read(answer, p, func(a string) Verdict { return equal(strings.Join(strings.Fields(Bare(a)), " "), want) })
}

// ExactFold is Exact without regard to letter case.
func ExactFold(answer, want string, p *Phrases) Verdict {
	return Read(answer, p, func(a string) Verdict {
		return equal(strings.ToLower(strings.Join(strings.Fields(Bare(a)), " ")), strings.ToLower(want))
	})
}

// forms are how some answers look: dates and times, days, Roman numerals, capitals.
var forms = []*regexp.Regexp{
	regexp.MustCompile(`^[0-9]+-[0-9]+-[0-9]+$`), regexp.MustCompile(`^[0-9]+:[0-9]+$`),
	regexp.MustCompile(`^(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day)$`), regexp.MustCompile(`^(?i:[ivxlcdm]{2,})$`),
	regexp.MustCompile(`^[A-Z]{2,}(?: [A-Z]{2,})*$`),
}

func equal(got, want string) Verdict {
	form := slices.IndexFunc(forms, func(f *regexp.Regexp) bool { return f.MatchString(want) })
	switch {
	case got == want:
		return Pass()
	case got == "":
		return Fail("empty")
	case strings.EqualFold(got, want):
		return Fail("in the wrong letter case")
	case form >= 0 && !forms[form].MatchString(got):
		return Fail("not of the answer's form")
	case len(got) > 2*len(want)+20:
		return Fail("more than the answer")
	case form < 0 && near(strings.ToLower(got), strings.ToLower(want)):
		return Fail(almost)
	default:
		return Fail("wrong")
	}
}

// almost is said of a text that is the answer but for a letter, or has its letters in
// another order.
const almost = "almost right"

// near reports whether two texts of some length are the same but for one letter that is
// another, missing or too many, or have the same letters in another order.
func near(a, b string) bool {
	x, y := []rune(a), []rune(b)
	short, long := min(len(x), len(y)), max(len(x), len(y))
	begin, end := 0, 0 // how much of both is the same
	for begin < short && x[begin] == y[begin] {
		begin++
	}
	for begin+end < short && x[len(x)-1-end] == y[len(y)-1-end] {
		end++
	}
	if begin+end >= long-1 && long > 4 {
		return true
	}
	slices.Sort(x)
	slices.Sort(y)
	return long > 3 && slices.Equal(x, y)
}

// number matches a bare answer that is a number and nothing else: digits with an
// optional sign, decimal point and thousands separators.
var number = regexp.MustCompile(`^[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?$`)

// typeset removes LaTeX's spaces and braces from a number, and makes its sign a
// hyphen.
var typeset = strings.NewReplacer("{,}", ",", `\,`, "", `\!`, "", `\ `, " ", "−", "-", "\u202f", "", "\u2009", "", "\u00a0", " ")

// Number compares the answer with a number, written like "12" or "-3.75", by
// value.
func Number(answer, want string, p *Phrases) Verdict {
	return Read(answer, p, func(a string) Verdict { return isNumber(a, want) })
}

func isNumber(answer, want string) Verdict {
	if inner, ok := strings.CutSuffix(answer, "**!"); ok {
		answer = inner + "**"
	}
	s := strings.TrimPrefix(strings.TrimPrefix(typeset.Replace(Bare(answer)), "=> "), "= ")
	if len(s) > 64 || !number.MatchString(s) {
		return Fail("not a number")
	}
	got, ok1 := new(big.Rat).SetString(strings.ReplaceAll(s, ",", ""))
	exp, ok2 := new(big.Rat).SetString(want)
	if !ok1 || !ok2 {
		return Fail("not a number")
	}
	diff := new(big.Rat).Sub(got, exp)
	switch diff.Abs(diff); {
	case diff.Sign() == 0:
		return Pass()
	case new(big.Rat).Neg(got).Cmp(exp) == 0:
		return Fail(wrongSign)
	case diff.IsInt() && powerOfTen(diff.Num()):
		return Fail(offBy + diff.Num().String())
	default:
		return Fail(wrongNumber)
	}
}

// wrongNumber, wrongSign and offBy are said of numbers that are not the right one.
const wrongNumber, wrongSign, offBy = "a wrong number", "of the wrong sign", "off by "

// powerOfTen reports whether n is 1, 10, 100 or 1000: the difference that a slip
// in one digit makes.
func powerOfTen(n *big.Int) bool {
	return n.IsInt64() && slices.Contains([]int64{1, 10, 100, 1000}, n.Int64())
}

// List compares the answer, items separated by commas or "and", with want in
// order. No item of want may contain a comma or the word "and".
func List(answer string, want []string, p *Phrases) Verdict {
	return Read(answer, p, func(a string) Verdict { return isList(a, want) })
}

func isList(answer string, want []string) Verdict {
	got := splitList(answer)
	switch {
	case slices.Equal(got, want):
		return Pass()
	case !likeList(got, want):
		return Fail("not a list")
	case len(got) != len(want):
		return Fail("a list of the wrong length")
	case slices.Equal(sorted(got), sorted(want)):
		return Fail("in the wrong order")
	default:
		return Fail("a list with wrong entries")
	}
}

// Set is List in any order.
func Set(answer string, want []string, p *Phrases) Verdict {
	return Read(answer, p, func(a string) Verdict { return isSet(a, want) })
}

func isSet(answer string, want []string) Verdict {
	got := splitList(answer)
	switch {
	case slices.Equal(sorted(got), sorted(want)):
		return Pass()
	case !likeList(got, want):
		return Fail("not a set")
	case len(got) != len(want):
		return Fail("a set of the wrong size")
	default:
		return Fail("a set with wrong entries")
	}
}

// likeList reports whether entries are such as a list has: numbers, or two words at
// least.
func likeList(got, want []string) bool {
	numbers := !slices.ContainsFunc(want, func(e string) bool { return !number.MatchString(e) })
	return len(got) > 0 && (numbers || len(got) > 1) && !slices.ContainsFunc(got, func(e string) bool {
		word := !strings.ContainsAny(e, " \n") && !remarks.MatchString(e) && !common[strings.ToLower(e)]
		return number.MatchString(e) != numbers || !numbers && !word
	})
}

// conjunction joins the last two entries of a list: "1, 2, and 3", "1 and 2".
var conjunction = regexp.MustCompile(`,?\s+and\s+`)

func splitList(answer string) []string {
	s := unbracketed(strings.NewReplacer(`\{`, "{", `\}`, "}").Replace(Bare(answer)))
	if s == "" {
		return nil
	}
	if lines := strings.Split(s, "\n"); len(lines) > 1 && !strings.Contains(s, ",") {
		s = strings.Join(unnumbered(lines), ",")
	}
	s = strings.NewReplacer(" → ", ", ", " -> ", ", ", " > ", ", ", `\, `, " ").Replace(conjunction.ReplaceAllString(s, ", "))
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.Trim(Bare(parts[i]), "\"'`")
	}
	return parts
}

// unnumbered removes the numbers from lines that are numbered "1. " or "1) ", from 1 on,
// and the mark from lines that all begin with the same one.
func unnumbered(lines []string) []string {
	out := make([]string, len(lines))
	for _, mark := range []string{"- ", "* ", "• ", "> "} {
		if slices.ContainsFunc(lines, func(l string) bool { return !strings.HasPrefix(strings.TrimSpace(l), mark) }) {
			continue
		}
		for i, l := range lines {
			out[i] = strings.TrimPrefix(strings.TrimSpace(l), mark)
		}
		return out
	}
	for i, l := range lines {
		rest, ok := strings.CutPrefix(strings.TrimSpace(l), strconv.Itoa(i+1))
		if !ok || len(rest) < 2 || !strings.ContainsAny(rest[:1], ".)") || rest[1] != ' ' {
			return lines
		}
		out[i] = rest[2:]
	}
	return out
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// JSON compares the answer, a JSON value and nothing else, with want by
// structure. The order of an object's keys and white space do not matter.
func JSON(answer, want string, p *Phrases) Verdict {
	return Read(answer, p, func(a string) Verdict { return isJSON(a, want) })
}

func isJSON(answer, want string) Verdict {
	if len(answer) > maxAnswer {
		return Fail("more than the answer")
	}
	got, err := parseJSON(answer)
	if err != nil {
		got, err = parseJSON(unwrap(answer, false))
	}
	if err != nil {
		return Fail("not JSON")
	}
	exp, err := parseJSON(want)
	switch {
	case err == nil && reflect.DeepEqual(got, exp):
		return Pass()
	case reflect.TypeOf(got) != reflect.TypeOf(exp) && (err != nil || !composite(got) || !composite(exp)):
		return Fail("not the kind of JSON")
	}
	return Fail("wrong JSON")
}

// composite reports whether a JSON value is an array or an object.
func composite(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

func parseJSON(s string) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	if tokens(s) != tokens(compact(v)) {
		return nil, errors.New("a key that is there twice says two things")
	}
	return exact(v), nil
}

// value is a number of a JSON value. Its type keeps it apart from a text.
type value string

// exact returns a JSON value with its numbers written exactly and in one way.
func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(v.String(), "eE") { // whose exact value may be very long
			f, err := v.Float64()
			if err != nil {
				return v
			}
			return value(new(big.Rat).SetFloat64(f).RatString())
		}
		if n, ok := new(big.Rat).SetString(v.String()); ok {
			return value(n.RatString())
		}
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = exact(v[k])
		}
	}
	return v
}

// tokens counts the tokens of a JSON value.
func tokens(s string) (n int) {
	d := json.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); err != nil {
			return n
		}
		n++
	}
}
