package chat

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The bounds of a tag. The templates of real models stay far below them.
const (
	maxTokens  = 2000
	maxDepth   = 64   // of brackets
	maxLiteral = 64   // of numbers and strings that make others longer
	maxGrowth  = 1000 // the size of a tag's result, in sizes of its values
)

// token is a name, a string, a number or an operator of a tag.
type token struct {
	text   string
	string bool // text is what is between the quotes
	end    int  // where it ends in the tag
}

// lex splits a tag's code. What is not Jinja becomes operators, which the engine
// then refuses.
func lex(s string) []token {
	tokens := []token{}
	for all := len(s); s != ""; {
		n := 1
		switch c := s[0]; {
		case c == '"' || c == '\'':
			for n < len(s) && s[n] != c {
				if s[n] == '\\' {
					n++
				}
				n++
			}
			n = min(n, len(s))
			text := s[1:n]
			n = min(n+1, len(s))
			tokens = append(tokens, token{text, true, all - len(s) + n})
		case letter(c):
			for n < len(s) && letter(s[n]) {
				n++
			}
			tokens = append(tokens, token{s[:n], false, all - len(s) + n})
		case strings.IndexByte(" \t\r\n", c) < 0:
			tokens = append(tokens, token{s[:1], false, all - len(s) + 1})
		}
		s = s[n:]
	}
	return tokens
}

func letter(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// growing are the filters and methods whose arguments may make the result longer
// than the value.
var growing = strings.Fields("replace join indent tojson escape e batch")

// changing are the methods that change a list or a dictionary. transformers renders
// in a sandbox that refuses them.
var changing = strings.Fields("append clear extend insert pop popitem remove reverse setdefault sort update")

// lazy are the filters whose result Jinja makes while it is read. The engine makes
// a list.
var lazy = strings.Fields("map select reject selectattr rejectattr unique slice batch items")

// verify refuses a tag whose result is not bounded by the size of the values in
// it, because values are counted between tags and not within them. It returns the
// names of the values that the tag changes.
func verify(kind string, tokens []token) (changed []string, err error) {
	if len(tokens) > maxTokens {
		return nil, fmt.Errorf("a tag of %d words and signs; at most %d were expected", len(tokens), maxTokens)
	}
	v := verifier{tokens: tokens, growth: 1}
	if kind != "{{" && len(tokens) > 0 { // after its keyword
		changed = names(kind, tokens[1:])
	}
	if err := v.brackets(); err != nil {
		return nil, err
	}
	for i := range tokens {
		if err := v.token(i); err != nil {
			return nil, err
		}
	}
	if v.format && v.called {
		return nil, errors.New("format is not called, and could be by another name")
	}
	if v.growth *= max(1, v.operands); v.growth > maxGrowth {
		return nil, fmt.Errorf("its result may be %d times as large as its values; at most %d times was expected", v.growth, maxGrowth)
	}
	return append(changed, v.changed...), nil
}

// names returns the variables that a statement sets.
func names(kind string, tokens []token) (out []string) {
	switch kind {
	case "set":
		if len(tokens) > 0 && slices.ContainsFunc(tokens, is("=")) {
			return []string{tokens[0].text}
		}
	case "for":
		for _, t := range tokens {
			if t.text == "in" {
				break
			}
			if t.text != "," {
				out = append(out, t.text)
			}
		}
	case "macro", "call":
		for i, t := range tokens {
			if i > 0 && name(t) && slices.Contains([]string{"(", ","}, tokens[i-1].text) {
				out = append(out, t.text)
			}
			if kind == "call" && t.text == ")" { // what follows is called
				break
			}
		}
		if kind == "call" && (len(tokens) == 0 || tokens[0].text != "(") {
			return nil
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return !letter(s[0]) })
}

func is(text string) func(token) bool {
	return func(t token) bool { return t.text == text && !t.string }
}

func name(t token) bool {
	return !t.string && t.text != "" && letter(t.text[0]) && (t.text[0] < '0' || t.text[0] > '9')
}

type verifier struct {
	tokens   []token
	operands int // values that the result may be made of
	growth   int // how often the largest of them may be in it
	changed  []string
	// called says that a method is called. format says that a method that makes
	// strings longer is named without a call, and could be called.
	called, format bool
}

// at returns the operator, name or number at i, else "".
func (v *verifier) at(i int) string {
	if i < 0 || i >= len(v.tokens) || v.tokens[i].string {
		return ""
	}
	return v.tokens[i].text
}

// brackets refuses deep nesting, and slices whose ends decide how much is
// allocated.
func (v *verifier) brackets() error {
	var open []int // the colons of each bracket
	for i := range v.tokens {
		switch v.at(i) {
		case "(", "[", "{":
			if open = append(open, 0); len(open) > maxDepth {
				return fmt.Errorf("brackets nest deeper than %d", maxDepth)
			}
		case ")", "]", "}":
			open = open[:max(0, len(open)-1)]
		case ":":
			if len(open) == 0 {
				continue
			}
			last := &open[len(open)-1]
			if *last++; *last == 2 && v.at(i-2) != "[" && v.bracket(i) == "[" {
				return errors.New("a slice with a beginning or an end and a step; one of them was expected")
			}
		}
	}
	return nil
}

// bracket returns the bracket that token i is in.
func (v *verifier) bracket(i int) string {
	for depth := 0; i > 0; {
		i--
		switch v.at(i) {
		case ")", "]", "}":
			depth++
		case "(", "[", "{":
			if depth--; depth < 0 {
				return v.at(i)
			}
		}
	}
	return ""
}

func (v *verifier) token(i int) error {
	t, before, after := v.tokens[i], v.at(i-1), v.at(i+1)
	switch {
	case t.string:
		v.operands++
	case t.text == "*":
		return v.product(i)
	case t.text == "(" && (before == ")" || before == "]" || before == "}"):
		return errors.New("only names and methods can be called")
	case !name(t):
	case before == "." && after == "(":
		v.called = true
		return v.call(i, true)
	case before == "." && (t.text == "replace" || slices.Contains(changing, t.text)):
		return fmt.Errorf("%s is not called, and could be by another name", t.text)
	case before == "." && t.text == "format":
		v.format = true // it may be an attribute
	case before == "|":
		return v.call(i, false)
	case before != ".":
		v.operands++
	}
	return nil
}

// call checks the filter or method at i, and how much larger than its value its
// result may be.
func (v *verifier) call(i int, method bool) error {
	what := v.tokens[i].text
	args, after := v.args(i + 1)
	if next := v.at(after + 1); !method && v.at(after) == "|" && slices.Contains(lazy, what) &&
		slices.Contains([]string{"tojson", "length", "count", "last"}, next) {
		return fmt.Errorf("%s of what %s makes, which is no list for Jinja", next, what)
	}
	switch {
	case (what == "safe" || what == "escape" || what == "e") && !method && slices.ContainsFunc(v.tokens, joins):
		return fmt.Errorf("%s beside +, which escapes what stands beside it", what)
	case method && slices.Contains(changing, what):
		return fmt.Errorf("%s changes a value, which transformers does not allow", what)
	case what == "map":
		return mapped(args)
	case what == "format" && method: // the engine has no such filter
		if i < 2 || !v.tokens[i-2].string {
			return errors.New("format of a value; format of a string in quotes was expected")
		}
		v.grows(1 + strings.Count(v.tokens[i-2].text, "{"))
	case slices.Contains(growing, what):
		return v.lengthens(what, args)
	}
	return nil
}

// joins tells the operator that escapes what stands beside a text marked as safe.
func joins(t token) bool { return !t.string && t.text == "+" }

// mapped checks which filter a list is mapped by.
func mapped(args []token) error {
	attribute := len(args) > 1 && args[1].text == "="
	named := len(args) > 0 && args[0].string && (len(args) == 1 || args[1].text == ",")
	if attribute || named && args[0].text != "map" && !slices.Contains(growing, args[0].text) {
		return nil
	}
	return errors.New("map with a filter that is not named, or makes strings longer, is not supported")
}

// lengthens checks the arguments of a filter or method that makes strings longer.
func (v *verifier) lengthens(what string, args []token) error {
	if err := literals(what, args); err != nil {
		return err
	}
	switch what {
	case "tojson", "escape", "e":
		v.grows(6 + largest(args))
	case "indent", "batch":
		v.grows(5 + largest(args))
	case "join":
		v.grows(1 + largest(args))
	case "replace":
		if len(args) == 0 || !args[0].string || args[0].text == "" {
			return errors.New("replace of nothing; a string in quotes was expected")
		}
		n := len(args[0].text)
		if strings.Contains(args[0].text, `\`) {
			n = 1
		}
		v.grows((largest(args[1:]) + n - 1) / n)
	}
	return nil
}

// args returns the arguments of the call whose bracket is at i, and the index
// after it.
func (v *verifier) args(i int) (args []token, after int) {
	if v.at(i) != "(" {
		return nil, i
	}
	depth := 0
	for j := i; j < len(v.tokens); j++ {
		switch v.at(j) {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth--; depth == 0 {
				return v.tokens[i+1 : j], j + 1
			}
		}
	}
	return v.tokens[i+1:], len(v.tokens)
}

// grows counts an operation that makes a value times as large.
func (v *verifier) grows(times int) { v.growth = min(v.growth*max(1, times), 1<<30) }

// product allows a product that cannot repeat a string, or that repeats it by a
// small literal. The engine repeats the left side.
func (v *verifier) product(i int) error {
	if digits(v.at(i-1)) && !slices.Contains([]string{".", "*", "/", "%"}, v.at(i-2)) {
		return nil
	}
	n, err := strconv.Atoi(v.at(i + 1))
	if err != nil || v.at(i+2) == "." || n > maxLiteral {
		return fmt.Errorf("the operator * before %q; it may repeat a string, and a number up to %d was expected", v.at(i+1), maxLiteral)
	}
	v.grows(n)
	return nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// literals refuses arguments other than short strings and small numbers.
func literals(what string, args []token) error {
	for i, t := range args {
		n, err := strconv.Atoi(t.text)
		switch {
		case t.string && len(t.text) <= maxLiteral, !t.string && err == nil && n <= maxLiteral, t.text == ",", t.text == "=":
		case name(t) && i+1 < len(args) && args[i+1].text == "=":
		case name(t) && slices.Contains([]string{"true", "false", "True", "False", "none", "None"}, t.text):
		default:
			return fmt.Errorf("%s with %.40q; strings in quotes of up to %d bytes and numbers up to %d were expected",
				what, t.text, maxLiteral, maxLiteral)
		}
	}
	return nil
}

// largest returns the greatest number or length of a string among arguments.
func largest(args []token) (most int) {
	for _, t := range args {
		n := len(t.text)
		if !t.string {
			n, _ = strconv.Atoi(t.text)
		}
		most = max(most, n)
	}
	return most
}
