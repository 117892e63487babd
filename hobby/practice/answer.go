package practice

import (
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// maxAnswer bounds the answers that are looked at; a longer one fails.
const maxAnswer = 4096

var (
	fenced  = regexp.MustCompile("(?s)^```(?:[a-zA-Z0-9]*[ \\t]*\\n)?(.*?)\\n?```$")
	labeled = regexp.MustCompile(`(?i)^(?:the )?answer(?: is)?\s*[:=]\s*`)
)

// Bare takes off an answer what is form and not content: space around it, a
// code fence, a label "Answer:", quotes, emphasis, and a full stop at the end.
// An answer that is too long to be one is "".
func Bare(answer string) string {
	if len(answer) > maxAnswer {
		return ""
	}
	s := strings.TrimSpace(answer)
	if m := fenced.FindStringSubmatch(s); m != nil {
		s = strings.TrimSpace(m[1])
	}
	s = labeled.ReplaceAllString(s, "")
	for _, q := range []string{"**", "`", `"`, "'", "*"} {
		if inner, ok := strings.CutPrefix(s, q); ok {
			if inner, ok = strings.CutSuffix(strings.TrimSuffix(inner, "."), q); ok && inner != "" {
				s = inner
			}
		}
	}
	if t, ok := strings.CutSuffix(s, "."); ok && t != "" {
		s = t
	}
	return strings.TrimSpace(s)
}

var (
	// concludes finds what a sentence says at its end.
	concludes = regexp.MustCompile(`(?is)^.*(?:\b(?:is|are|equals|gives)(?:\s*:)?\s|\b(?:answer|result|solution):\s|:\n|=)(.+)$`)
	fences    = regexp.MustCompile("(?s)```(?:[a-zA-Z0-9]*[ \\t]*\\n)?(.*?)```")
)

// readings are the ways to read an answer: as the answer and nothing else;
// and, since a chat model likes to say a sentence, as what its last sentence
// says at its end: "The remainder is 12.", "7 + 5 = 12", "The numbers are: 1, 2"; or as
// the code between fences, if only one text is. All that is said there must be
// right, so that no answer can say two things and have one of them count.
func readings(answer string) []string {
	all := []string{answer}
	if len(answer) > maxAnswer {
		return all
	}
	if m := fences.FindAllStringSubmatch(answer, 2); len(m) == 1 {
		return append(all, m[0][1])
	}
	if m := concludes.FindStringSubmatch(answer); m != nil {
		all = append(all, m[1])
	}
	return all
}

// read judges an answer by the first of its readings that passes; a mistake is
// the last one's.
func read(answer string, judge func(string) Verdict) (v Verdict) {
	for _, r := range readings(answer) {
		if v = judge(r); v.Score >= 1 {
			break
		}
	}
	return v
}

// Exact compares the bare answer with want; runs of space count as one.
func Exact(answer, want string) Verdict {
	return read(answer, func(a string) Verdict { return equal(strings.Join(strings.Fields(Bare(a)), " "), want) })
}

// ExactFold is Exact without regard to letter case.
func ExactFold(answer, want string) Verdict {
	return read(answer, func(a string) Verdict {
		return equal(strings.ToLower(strings.Join(strings.Fields(Bare(a)), " ")), strings.ToLower(want))
	})
}

func equal(got, want string) Verdict {
	switch {
	case got == want:
		return Pass()
	case got == "":
		return Fail("empty")
	case strings.EqualFold(got, want):
		return Fail("in the wrong letter case")
	case len(got) > 2*len(want)+20:
		return Fail("more than the answer")
	default:
		return Fail("wrong")
	}
}

// number parses a bare answer that is a number and nothing else: digits with
// an optional sign, decimal point and thousands separators.
var number = regexp.MustCompile(`^[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?$`)

// Number compares the answer with a number, written like "12" or "-3.75", by
// value.
func Number(answer, want string) Verdict {
	return read(answer, func(a string) Verdict { return isNumber(a, want) })
}

func isNumber(answer, want string) Verdict {
	s := strings.ReplaceAll(strings.TrimPrefix(Bare(answer), "= "), "−", "-")
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
		return Fail("of the wrong sign")
	case diff.IsInt() && powerOfTen(diff.Num()):
		return Fail("off by " + diff.Num().String())
	default:
		return Fail("a wrong number")
	}
}

// powerOfTen reports whether n is 1, 10, 100 or 1000: what a slip in one digit
// makes.
func powerOfTen(n *big.Int) bool {
	return n.IsInt64() && slices.Contains([]int64{1, 10, 100, 1000}, n.Int64())
}

// List compares the answer, items separated by commas or "and", with want in
// order. No item may have a comma or the word "and" in it.
func List(answer string, want []string) Verdict {
	return read(answer, func(a string) Verdict { return isList(a, want) })
}

func isList(answer string, want []string) Verdict {
	got := splitList(answer)
	switch {
	case slices.Equal(got, want):
		return Pass()
	case len(got) != len(want):
		return Fail("a list of the wrong length")
	case slices.Equal(sorted(got), sorted(want)):
		return Fail("in the wrong order")
	default:
		return Fail("a list with wrong entries")
	}
}

// Set is List in any order.
func Set(answer string, want []string) Verdict {
	return read(answer, func(a string) Verdict { return isSet(a, want) })
}

func isSet(answer string, want []string) Verdict {
	got := splitList(answer)
	switch {
	case slices.Equal(sorted(got), sorted(want)):
		return Pass()
	case len(got) != len(want):
		return Fail("a set of the wrong size")
	default:
		return Fail("a set with wrong entries")
	}
}

// conjunction joins the last two entries of a list: "1, 2, and 3", "1 and 2".
var conjunction = regexp.MustCompile(`,?\s+and\s+`)

func splitList(answer string) []string {
	s := strings.TrimFunc(Bare(answer), func(r rune) bool { return strings.ContainsRune("[]{}() ", r) })
	if s == "" {
		return nil
	}
	s = conjunction.ReplaceAllString(s, ", ")
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(parts[i]), "\"'`")
	}
	return parts
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// JSON compares the answer, a JSON value and nothing else, with want by
// structure: the order of an object's keys and white space do not matter.
func JSON(answer, want string) Verdict {
	return read(answer, func(a string) Verdict { return isJSON(a, want) })
}

func isJSON(answer, want string) Verdict {
	if len(answer) > maxAnswer {
		return Fail("more than the answer")
	}
	s := strings.TrimSpace(answer)
	if m := fenced.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	got, err := parseJSON(strings.TrimSuffix(s, "."))
	if err != nil {
		return Fail("not JSON")
	}
	exp, err := parseJSON(want)
	if err != nil || !reflect.DeepEqual(got, exp) {
		return Fail("wrong JSON")
	}
	return Pass()
}

func parseJSON(s string) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	return v, nil
}
