package practice

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// countdown is the numbers round of the television game Countdown: to make a number of
// given ones with + - * /. Whatever expression does it passes; its value is computed
// exactly.
var countdown = family{
	hobby.Family{Name: "countdown", Levels: 4, LevelGuess: []float64{0.13, 0.17, 0.07, 0.01}, Requires: []string{"arithmetic"}},
	func(r *rand.Rand, level int) Task {
		for {
			var given []int
			used := level
			switch level {
			case 1: // two of three numbers
				given, used = distinct(r, 3, 2, 25), 2
			case 2: // three numbers
				given, used = distinct(r, 3, 2, 25), 3
			case 3: // four
				given, used = distinct(r, 4, 2, 25), 4
			default: // as on television: two of 25, 50, 75, 100 and four small ones
				given, used = append(some(r, 2, []int{25, 50, 75, 100}), distinct(r, 4, 2, 10)...), between(r, 4, 6)
			}
			e, target := combine(r, given[:used])
			if e == "" || slices.Contains(given, target) || target < 2 || target > 999 || level == 4 && target < 101 {
				continue
			}
			slices.Sort(given)
			params := fmt.Sprintf("%s > %d", joinInts(given), target)
			r.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
			prompt := fmt.Sprintf("Make %d from the numbers %s, each used at most once, with +, -, *, / and brackets. "+
				"Answer with the expression only.", target, joinInts(given))
			return ask(params, prompt, e, "expression", func(a string) Verdict { return isMade(a, given, target) })
		}
	},
}

// distinct draws n different integers.
func distinct(r *rand.Rand, n, low, high int) (out []int) {
	for len(out) < n {
		if v := between(r, low, high); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// combine makes an expression that uses each number once, and its value, by joining
// two values at a time. It is "" where the draw came to a difference below one or a
// quotient that is no integer.
func combine(r *rand.Rand, numbers []int) (string, int) {
	type value struct {
		text  string
		n     int
		bound int // how tightly: 0 is a sum, 1 a product, 2 a number
	}
	var all []value
	for _, n := range numbers {
		all = append(all, value{fmt.Sprint(n), n, 2})
	}
	in := func(v value, bound int) string {
		if v.bound < bound {
			return "(" + v.text + ")"
		}
		return v.text
	}
	for len(all) > 1 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		a, b := all[0], all[1]
		var v value
		switch r.IntN(4) {
		case 0:
			v = value{in(a, 0) + " + " + in(b, 0), a.n + b.n, 0}
		case 1:
			v = value{in(a, 0) + " - " + in(b, 1), a.n - b.n, 0}
		case 2:
			v = value{in(a, 1) + " * " + in(b, 1), a.n * b.n, 1}
		default:
			if a.n%b.n != 0 {
				return "", 0
			}
			v = value{in(a, 1) + " / " + in(b, 2), a.n / b.n, 1}
		}
		if v.n < 1 || v.n > 5000 {
			return "", 0
		}
		all = append(all[2:], v)
	}
	return all[0].text, all[0].n
}

// isMade judges an answer to make the target of given numbers. An equation in it that
// does not hold says two things.
func isMade(answer string, given []int, target int) Verdict {
	if untrue(answer) {
		return Fail("an equation that does not hold")
	}
	return Read(answer, anExpression, func(a string) Verdict { return makes(a, given, target) })
}

// anExpression are the phrases for expressions.
var anExpression = SayCode("[the|one|an] [possible|arithmetic] (expression|solution|way)", "use …", "[we|you] can use …")

// maxExpression bounds the expressions that are computed.
const maxExpression = 200

// operators are the signs of operators as models write them.
var operators = strings.NewReplacer(`\times`, "*", `\cdot`, "*", `\div`, "/", `\left`, "", `\right`, "",
	"×", "*", "·", "*", "⋅", "*", "∗", "*", "÷", "/",
	"∕", "/", "−", "-", "–", "-", "[", "(", "]", ")", `\,`, "", `\ `, " ", "\u00a0", " ", "\u202f", " ", "x", "*", "X", "*")

// wholes are whole numbers that are written as decimals.
var wholes = regexp.MustCompile(`\b([0-9]+)\.0+\b`)

// fraction is one in LaTeX, without another in it.
var fraction = regexp.MustCompile(`\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}`)

// sides are the expression in an answer and what is said that it comes to: "= 24" may stand
// after it, and "24 =" before.
func sides(answer string, target int) (e, results string, has bool) {
	s := Bare(answer)
	for next := ""; next != s; {
		next, s = s, fraction.ReplaceAllString(s, "(($1)/($2))")
	}
	e, results, has = strings.Cut(operators.Replace(s), "=")
	if strings.TrimSpace(e) == fmt.Sprint(target) && has { // "132 = 22 * 6"
		e, results, _ = strings.Cut(results, "=")
		results = strings.TrimPrefix(results+"="+fmt.Sprint(target), "=")
	}
	return e, results, has
}

// makes says whether an expression uses the given numbers, each at most once, and
// comes to the target.
func makes(answer string, given []int, target int) Verdict {
	if len(Bare(answer)) > maxExpression {
		return Fail("more than the answer")
	}
	e, results, has := sides(answer, target)
	for _, side := range strings.Split(results, "=") {
		w := expressions{text: wholes.ReplaceAllString(thousands.ReplaceAllString(side, "$1$2"), "$1")}
		if v, ok := w.all(); has && (!ok || v == nil || v.Cmp(new(big.Rat).SetInt64(int64(target))) != 0) {
			return Fail("an equation that is not of the number")
		}
	}
	p := expressions{text: e}
	v, ok := p.all()
	if !ok {
		return Fail("not an expression")
	}
	left := slices.Clone(given)
	for _, n := range p.numbers {
		i := slices.IndexFunc(left, func(g int) bool { return fmt.Sprint(g) == n })
		if i < 0 {
			return Fail("an expression with other numbers")
		}
		left = slices.Delete(left, i, i+1)
	}
	if v == nil {
		return Fail("a division by zero")
	}
	if v.Cmp(new(big.Rat).SetInt64(int64(target))) != 0 {
		return Fail("an expression of another value")
	}
	return Pass()
}

// equation is two expressions that are said to be equal.
var equation = regexp.MustCompile(`([-+*/() 0-9]*[0-9)] *)=(?: *[-+*/() 0-9]*)`)

// untrue reports whether an answer says of two different values that they are equal.
func untrue(answer string) bool {
	_, said, _ := hobby.CutReasoning(answer)
	said = wholes.ReplaceAllString(thousands.ReplaceAllString(operators.Replace(said[:min(len(said), maxAnswer)]), "$1$2"), "$1")
	for said != "" {
		at := equation.FindStringSubmatchIndex(said)
		if at == nil {
			return false
		}
		left, right := expressions{text: said[at[2]:at[3]]}, expressions{text: said[at[3]+1 : at[1]]}
		v, ok1 := left.all()
		w, ok2 := right.all()
		if ok1 && ok2 && (v == nil || w == nil || v.Cmp(w) != 0) {
			return true
		}
		said = said[at[3]+1:]
	}
	return false
}

// expressions parses and computes: sums of products of numbers and brackets. The value
// is nil after a division by zero.
type expressions struct {
	text    string
	at      int
	numbers []string
	as      map[string]*big.Rat // what stands for each number; nil: itself
}

// all parses the whole text.
func (p *expressions) all() (*big.Rat, bool) {
	v, ok := p.sum()
	p.blank()
	return v, ok && p.at == len(p.text)
}

func (p *expressions) blank() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\n') {
		p.at++
	}
}

// operator takes one of two signs.
func (p *expressions) operator(a, b byte) byte {
	if p.blank(); p.at < len(p.text) && (p.text[p.at] == a || p.text[p.at] == b) {
		p.at++
		return p.text[p.at-1]
	}
	return 0
}

func (p *expressions) sum() (*big.Rat, bool) {
	v, ok := p.product()
	for ok {
		op := p.operator('+', '-')
		if op == 0 {
			break
		}
		var w *big.Rat
		if w, ok = p.product(); !ok || v == nil || w == nil {
			v = nil
			continue
		}
		if op == '+' {
			v = new(big.Rat).Add(v, w)
		} else {
			v = new(big.Rat).Sub(v, w)
		}
	}
	return v, ok
}

func (p *expressions) product() (*big.Rat, bool) {
	v, ok := p.operand()
	for ok {
		op := p.operator('*', '/')
		if op == 0 {
			break
		}
		var w *big.Rat
		if w, ok = p.operand(); !ok || v == nil || w == nil || op == '/' && w.Sign() == 0 {
			v = nil
			continue
		}
		if op == '*' {
			v = new(big.Rat).Mul(v, w)
		} else {
			v = new(big.Rat).Quo(v, w)
		}
	}
	return v, ok
}

func (p *expressions) operand() (*big.Rat, bool) {
	if p.operator('(', '(') != 0 {
		v, ok := p.sum()
		return v, ok && p.operator(')', ')') != 0
	}
	from := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	n := p.text[from:p.at]
	p.numbers = append(p.numbers, n)
	if p.as != nil {
		v, ok := p.as[n]
		return v, ok
	}
	return new(big.Rat).SetString(n)
}
