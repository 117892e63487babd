package practice

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// arithmetic asks for sums, differences and products. In version 1, 12 + 34 and 34 +
// 12 were two tasks, and one could be held out and the other not.
var arithmetic = family{
	hobby.Family{Name: "arithmetic", Version: 2, Levels: 5},
	func(r *rand.Rand, level int) Task {
		write := func(form string, v int, operands ...any) Task {
			e := fmt.Sprintf(form, operands...)
			phrases := named[form](operands)
			if !strings.HasPrefix(form, "%d -") { // the first two may change places
				a, b := operands[0].(int), operands[1].(int)
				operands[0], operands[1] = min(a, b), max(a, b)
			}
			return numeric(fmt.Sprintf(form, operands...), "What is "+e+"?", v, append(phrases, Literal(e),
				"[the] (result|value) [of "+Literal(e)+"]")...)
		}
		switch level {
		case 1:
			a, b := between(r, 10, 99), between(r, 10, 99)
			return write("%d + %d", a+b, a, b)
		case 2:
			a, b := between(r, 100, 999), between(r, 100, 999)
			if r.IntN(2) == 0 {
				return write("%d - %d", a-b, a, b)
			}
			return write("%d + %d", a+b, a, b)
		case 3:
			a, b := between(r, 101, 999), between(r, 3, 9)
			return write("%d * %d", a*b, a, b)
		case 4:
			a, b := between(r, 12, 99), between(r, 12, 99)
			return write("%d * %d", a*b, a, b)
		default:
			a, b, c, d := between(r, 10, 99), between(r, 10, 99), between(r, 3, 12), between(r, 100, 999)
			return write("(%d + %d) * %d - %d", (a+b)*c-d, a, b, c, d)
		}
	},
}

// named are the phrases for sums of each form.
var named = map[string]func([]any) []string{
	"%d + %d": func(n []any) []string {
		return []string{fmt.Sprintf("[the] (sum|total) [of %d and %d]", n...), fmt.Sprintf("[adding] %d (plus|and) %d "+
			"[together]", n...), "adding them [together]"}
	},
	"%d - %d": func(n []any) []string {
		return []string{fmt.Sprintf("[the] difference [(between|of) %d and %d]", n...), fmt.Sprintf("%d minus %d", n...),
			fmt.Sprintf("subtracting %d from %d", n[1], n[0])}
	},
	"%d * %d": func(n []any) []string {
		return []string{fmt.Sprintf("[the] product [of %d and %d]", n...), fmt.Sprintf("%d (times|multiplied by) %d", n...),
			fmt.Sprintf("multiplying %d (by|and) %d", n...), "multiplying them"}
	},
	"(%d + %d) * %d - %d": func([]any) []string { return nil },
}

// modular asks for remainders.
var modular = family{
	hobby.Family{Name: "modular", Levels: 3, LevelGuess: []float64{0.08, 0.08, 0.18}, Requires: []string{"arithmetic"}},
	func(r *rand.Rand, level int) Task {
		m := between(r, 7, 29)
		var e string
		var v int
		switch level {
		case 1:
			a := between(r, 100, 999)
			e, v = fmt.Sprintf("%d divided by %d", a, m), a%m
		case 2:
			a := between(r, 1000, 99999)
			e, v = fmt.Sprintf("%d divided by %d", a, m), a%m
		default:
			a, b := between(r, 100, 999), between(r, 10, 99)
			e, v = fmt.Sprintf("%d * %d divided by %d", a, b, m), a*b%m
		}
		sum, _, _ := strings.Cut(e, " divided")
		by := "[the] remainder"
		phrases := []string{
			by + " [(of|when|after dividing) " + sum + " [is] (divided by|÷|/) " + fmt.Sprint(m) + "]",
			"when " + sum + " is divided by " + fmt.Sprint(m) + ", the remainder",
			sum + " (mod|modulo|%|\\\\mod|\\\\bmod) " + fmt.Sprint(m),
		}
		if !strings.Contains(sum, "*") {
			var n int
			fmt.Sscan(sum, &n)
			quotient := fmt.Sprintf("%s (÷|/|divided by) %d (is|=|equals) %d", sum, m, n/m)
			phrases = append(phrases, quotient+" [with [a]] remainder [of] …", fmt.Sprintf("the quotient is %d and the remainder", n/m))
		}
		return numeric(e, "What is the remainder of "+e+"?", v, phrases...)
	},
}

// sequences asks for the next number of a sequence.
var sequences = family{
	hobby.Family{Name: "sequences", Levels: 5, Guess: 0.02},
	func(r *rand.Rand, level int) Task {
		next := func() func() int { // the rule
			switch level {
			case 1:
				v, d := between(r, 1, 200), between(r, 2, 60)
				return func() int { v += d; return v }
			case 2:
				v, d := between(r, 200, 999), between(r, 3, 70)
				return func() int { v -= d; return v }
			case 3:
				v, d, dd := between(r, 1, 90), between(r, 1, 30), between(r, 1, 9)
				return func() int { v += d; d += dd; return v }
			case 4:
				a, b := between(r, 1, 60), between(r, 1, 60)
				return func() int { a, b = b, a+b; return a }
			default:
				a, b := between(r, 1, 90), between(r, 1, 90)
				da, db := between(r, 2, 30), between(r, 2, 30)
				turn := false
				return func() int {
					if turn = !turn; turn {
						a += da
						return a
					}
					b += db
					return b
				}
			}
		}()
		terms := make([]string, 6)
		for i := range terms {
			terms[i] = strconv.Itoa(next())
		}
		s := strings.Join(terms, ", ")
		return numeric(s, "What number comes next: "+s+", ...?", next(),
			"[the] (next|missing) (number|term|value|one) [in the (sequence|series|pattern)]", "[the] next",
			"the number that comes next [in the sequence]", "next comes …",
			"… (comes next|is next|is the next (number|term) [in the sequence])", "the sequence continues with …")
	},
}

// bases asks for numbers in other bases.
var bases = family{
	hobby.Family{Name: "bases", Levels: 4},
	func(r *rand.Rand, level int) Task {
		var n, from, to int
		switch level {
		case 1:
			n, from, to = between(r, 256, 4095), 16, 10
		case 2:
			n, from, to = between(r, 256, 4095), 10, 16
		case 3:
			n, from, to = between(r, 64, 4095), 2, 10
		default:
			n, from, to = between(r, 100, 4000), 10, pick(r, []int{2, 3, 5, 7, 8})
		}
		in, out := strconv.FormatInt(int64(n), from), strconv.FormatInt(int64(n), to)
		prompt := fmt.Sprintf("Write the base-%d number %s in base %d. Answer with the digits only.", from, in, to)
		p := Say(fmt.Sprintf("[the [base-%d] number] %s [in base %d|(base %d)|_%d] [(in|to) (base|base-)[ ]%d]", from, in,
			from, from, from, to),
			fmt.Sprintf("[the] [number in] base[-][ ]%d [number|representation|form|value]", to), fmt.Sprintf("in base %d[, it is]", to),
			fmt.Sprintf("(%s_%d|%s_\\{%d}|\\(%s\\)_%d)", in, from, in, from, in, from), map[int]string{10: "[the] decimal " +
				"[number|value|form]",
				2: "[the] binary [number|form]", 16: "[the] hexadecimal [number|form]", 8: "[the] octal [number|form]"}[to]).About(prompt)
		return ask(fmt.Sprintf("%d %d>%d", n, from, to), prompt, out, "digits", func(a string) Verdict {
			return Read(a, p, func(a string) Verdict { return digits(a, out, to) })
		})
	},
}

// prefixes are the names of bases in front of digits.
var prefixes = map[int]string{2: "0b", 8: "0o", 16: "0x"}

// subscript matches the name of a base after its digits: 1011_2, $1011_{2}$,
// 1011₂, 1011 (base 2).
var subscript = regexp.MustCompile(`_\{?([0-9]+)\}?$|([₀-₉]+)$| \(?(?:in )?base[- ]([0-9]+)\)?$`)

// subdigits replaces subscript digits by plain ones.
var subdigits = strings.NewReplacer("₀", "0", "₁", "1", "₂", "2", "₃", "3", "₄", "4", "₅", "5", "₆", "6", "₇", "7", "₈", "8", "₉", "9")

// digits compares an answer that is written in a base. Letter case, leading
// zeros, thousands separators of a decimal number, and the name of that base
// beside the digits, such as 0x, do not matter.
func digits(answer, want string, base int) Verdict {
	s := strings.ToLower(Bare(answer))
	if m := subscript.FindStringSubmatch(s); m != nil {
		if subdigits.Replace(m[1]+m[2]+m[3]) != strconv.Itoa(base) {
			return Fail("of another base")
		}
		s = strings.TrimSuffix(s, m[0])
	}
	if p := prefixes[base]; p != "" {
		s = strings.TrimPrefix(s, p)
	}
	if s = typeset.Replace(s); base == 10 && number.MatchString(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	if len(s) > 64 {
		return Fail("more than the answer")
	}
	n, err := strconv.ParseUint(s, base, 63)
	switch {
	case err != nil:
		return Fail("not digits of the base")
	case strconv.FormatUint(n, base) == want:
		return Pass()
	default:
		return Fail("wrong digits")
	}
}

// roman asks for Roman numerals, both ways.
var roman = family{
	hobby.Family{Name: "roman", Levels: 4},
	func(r *rand.Rand, level int) Task {
		low, high := 1, 999
		if level == 2 || level == 4 {
			low, high = 1000, 3999
		}
		n := between(r, low, high)
		numeral := toRoman(n)
		if level <= 2 {
			return numeric(strconv.Itoa(n), "What number is the Roman numeral "+numeral+"?", n, "[the] [Roman] [numeral] "+numeral,
				"[the] (number|value) [of [the Roman numeral] "+numeral+"]", "[the Roman numeral] "+numeral+" (represents|"+
					"stands for|means) [the number] …")
		}
		prompt := fmt.Sprintf("Write %d as a Roman numeral. Answer with the numeral only.", n)
		p := Say("[the] [Roman] numeral [(for|of) "+strconv.Itoa(n)+"]", "[the number] "+strconv.Itoa(n)+" [(as a Roman "+
			"numeral|in Roman numerals)]",
			strconv.Itoa(n)+" (is|is written as) … (in Roman numerals|as a Roman numeral)").About(prompt)
		return ask(strconv.Itoa(n), prompt, numeral, "exact", func(a string) Verdict { return ExactFold(a, numeral, p) })
	},
}

func toRoman(n int) string {
	var b strings.Builder
	for _, d := range []struct {
		value int
		text  string
	}{
		{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"},
		{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
	} {
		for ; n >= d.value; n -= d.value {
			b.WriteString(d.text)
		}
	}
	return b.String()
}
