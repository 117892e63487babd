package regular_test

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby/practice/internal/regular"
	"github.com/pastime-go/pastime/internal/proc"
)

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`[0-9]{3}`, `\d\d\d`, true},
		{`[0-9]{3}`, `^[[:digit:]]{3}$`, true},
		{`[0-9]{3}`, `\p{Nd}{3}`, false},
		{`[xy]{2,3}`, `(x|y)(y|x)(?:x|y)?`, true},
		{`[xy]{2,3}`, `(?i)[xy]{2,3}`, false},
		{`[0-9]{2}-`, `(?i)[0-9]{2}-`, true},
		{`(?i)k`, `[kK]`, false}, // and the sign of Kelvin
		{`(?i)k`, `[kK\x{212A}]`, true},
		{`(?i:s)`, `s|S|ſ`, true},
		{`[0-9]{2,2}[a-z]{2,2}`, `.{2,2}[a-z]{2,2}`, false},
		{`.`, `[^\n]`, true},
		{`(?s).`, `.|\n`, true},
		{`(?s).`, `.`, false},
		{`a*`, `(a*)*`, true},
		{`a*?`, `a*`, true},
		{`(a|b)*`, `(a*b*)*`, true},
		{`(a|b)*a(a|b)`, `(a|b)*a(a|b)(a|b)`, false},
		{`^a$`, `\Aa\z`, true},
		{`a$b`, `[^\x00-\x{10FFFF}]`, true}, // nothing
		{`(?m)a$\nb`, `a\nb`, true},
		{`(?m)^a$`, `a`, true},
		{`(?m)(^a$\n?)+`, `a(\na)*\n?`, true},
		{`a\b.?`, `a([^0-9A-Za-z_\n])?`, true},
		{`a\B.`, `a\w`, true},
		{``, `()`, true},
		{``, `a`, false},
		{`(?:a{2}){3}`, `a{6}`, true},
		{`[^a]`, `[^b]`, false},
		{`\pL`, `[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{Lo}]`, true},
		{`\pL`, `[\p{Lu}\p{Ll}\p{Lt}\p{Lm}]`, false},
		{`\x{D7FF}|\x{E000}`, `[\x{D7FF}-\x{E000}]`, true}, // what is between is in no text
	} {
		for _, swap := range []bool{false, true} {
			if swap {
				c.a, c.b = c.b, c.a
			}
			same, witness, err := regular.Compare(c.a, c.b)
			if err != nil || same != c.same {
				t.Errorf("%q and %q: the same %v, %v; want %v", c.a, c.b, same, err, c.same)
			} else if !same && whole(t, c.a).MatchString(witness) == whole(t, c.b).MatchString(witness) {
				t.Errorf("%q and %q: %q tells nothing", c.a, c.b, witness)
			}
		}
	}
}

// whole is an expression that must match the whole text.
func whole(t rapid.TB, expression string) *regexp.Regexp {
	re, err := regexp.Compile(`\A(?:` + expression + `)\z`)
	if err != nil {
		t.Fatalf("%q: %v", expression, err)
	}
	return re
}

func TestNoExpression(t *testing.T) {
	for _, e := range []string{`(`, `a)`, `[`, `a{2,1}`, `\`, `(?<x>a`, "\xff", `a**`, `(?=a)`} {
		if _, _, err := regular.Compare(`a`, e); err == nil || errors.Is(err, regular.ErrTooLarge) {
			t.Errorf("%q: %v", e, err)
		}
	}
}

// TestTooLarge has expressions whose automata are out of bounds: that is told, and
// soon.
func TestTooLarge(t *testing.T) {
	begin := proc.CPUTime()
	for _, e := range []string{
		`(a|b)*a(a|b){40}`, strings.Repeat(`a{1000}`, 30), `(.*a){200}.{200}`, `(\pL|\pN)*\pL(\pL|\pN){60}`, strings.Repeat(`(\w*\d){30}`, 20),
	} {
		if same, _, err := regular.Compare(e, `(?:`+e+`)|(?:`+e+`)c{0}`); !errors.Is(err, regular.ErrTooLarge) {
			t.Errorf("%.40q: the same %v, %v; want ErrTooLarge", e, same, err)
		}
	}
	if took := proc.CPUTime() - begin; took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

// pieces are what expressions are drawn of, and runes what texts are: on both sides
// of the borders of each class that the pieces have.
var (
	pieces = []string{
		`a`, `b`, `[ab]`, `[^a]`, `.`, `(?s:.)`, `(?i:a)`, `(?i:k)`, `\w`, `\d`, `[a-c]`, `[[:upper:]]`, `\pL`, `\n`, `-`,
		`^`, `$`, `\b`, `\B`, `\A`, `\z`, `(?m:^)`, `(?m:$)`, ``,
	}
	runes = []rune("abckAKZ09-\n_é\u212a")
)

// expressions draws an expression of so many pieces at most.
func expressions(depth int) *rapid.Generator[string] {
	piece := rapid.SampledFrom(pieces)
	if depth == 0 {
		return piece
	}
	return rapid.Custom(func(t *rapid.T) string {
		one := expressions(depth - 1)
		switch rapid.IntRange(0, 5).Draw(t, "shape") {
		case 0:
			return one.Draw(t, "piece")
		case 1:
			return `(?:` + one.Draw(t, "either") + `|` + one.Draw(t, "or") + `)`
		case 2:
			return `(?:` + one.Draw(t, "repeated") + `)` + rapid.SampledFrom([]string{`*`, `+`, `?`, `{2}`, `{1,2}`, `*?`}).Draw(t, "times")
		default:
			return one.Draw(t, "first") + one.Draw(t, "then")
		}
	})
}

// texts calls f with every text of up to n runes.
func texts(n int, f func(string) bool) bool {
	var all func(text []rune) bool
	all = func(text []rune) bool {
		if !f(string(text)) {
			return false
		}
		if len(text) == n {
			return true
		}
		for _, r := range runes {
			if !all(append(text, r)) {
				return false
			}
		}
		return true
	}
	return all(nil)
}

// TestRegexpAgrees compares expressions with package regexp, which matches by other
// means, on every short text: those that are said to be the same agree on all, and
// the others differ on the witness.
func TestRegexpAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := expressions(3).Draw(t, "a")
		b := rapid.OneOf(expressions(3), rapid.Map(expressions(1), func(s string) string { return a + s }),
			rapid.Map(rapid.SampledFrom(pieces), func(s string) string { return strings.Replace(a, `(?:`, `(?:`+s, 1) })).Draw(t, "b")
		same, witness, err := regular.Compare(a, b)
		if err != nil {
			t.Fatalf("%q and %q: %v", a, b, err)
		}
		first, second := whole(t, a), whole(t, b)
		if !same && first.MatchString(witness) == second.MatchString(witness) {
			t.Fatalf("%q and %q are said to differ on %q", a, b, witness)
		}
		if same {
			texts(2, func(s string) bool {
				if first.MatchString(s) != second.MatchString(s) {
					t.Fatalf("%q and %q are said to be the same and differ on %q", a, b, s)
				}
				return true
			})
		}
	})
}

// FuzzCompare has any two expressions: each is the same as itself, and a witness is
// one.
func FuzzCompare(f *testing.F) {
	f.Add(`[a-z]{2}`, `(?i)[a-z]{2}`)
	f.Add(`(?m)^a\b|\pL+$`, `.*`)
	f.Add(`(((((a{100}){100}){100}){100}`, `(|a)*`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 256 || len(b) > 256 {
			return
		}
		if same, witness, err := regular.Compare(a, a); err == nil && !same {
			t.Fatalf("%q is not the same as itself on %q", a, witness)
		}
		same, witness, err := regular.Compare(a, b)
		if err != nil || same {
			return
		}
		for _, e := range []string{a, b} {
			if _, err := syntax.Parse(`\A(?:`+e+`)\z`, syntax.Perl); err != nil {
				return // such as \Qa, which is one only as long as nothing follows
			}
		}
		if whole(t, a).MatchString(witness) == whole(t, b).MatchString(witness) {
			t.Fatalf("%q and %q are said to differ on %q", a, b, witness)
		}
	})
}
