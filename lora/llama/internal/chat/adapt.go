package chat

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The functions that adapted templates call; limits has them.
const (
	loopTick = "pastime_loop"
	callTick = "pastime_call"
	stepTick = "pastime_step"
	output   = "pastime_out"
	written  = "pastime_text"
	number   = "pastime_number"
	format   = "pastime_format"
	formats  = "pastime_formats"
	known    = "pastime_known"
	there    = "pastime_there"
	each     = "pastime_each"
	toJSON   = "pastime_json"
)

// indentedJSON matches a filter that the engine implements otherwise: with sorted
// keys, and with characters escaped for HTML.
var indentedJSON = regexp.MustCompile(`([\w.\[\]'"]+)\s*\|\s*tojson\(\s*indent\s*=\s*(\w+)\s*\)`)

// counted returns the tag's code with calls that count a loop's conditions, each as
// a round, and that refuse to loop over none.
func (p *piece) counted() string {
	if p.kind() != "for" {
		return p.text
	}
	depth, in, cond, end := 0, 0, 0, len(p.text)
	if last := p.tag[len(p.tag)-1]; last.text == "recursive" && !last.string {
		end = last.end - len(last.text)
	}
	for _, t := range p.tag {
		switch {
		case t.string:
		case strings.Contains("([{", t.text):
			depth++
		case strings.Contains(")]}", t.text):
			depth--
		case t.text == "in" && depth == 0 && in == 0:
			in = t.end
		case t.text == "if" && depth == 0 && in > 0:
			cond = t.end
		}
	}
	if in == 0 {
		return p.text
	}
	over, rest := p.text[in:end], p.text[end:]
	if cond > 0 {
		over = p.text[in : cond-len("if")]
		rest = "if " + loopTick + "() and (" + p.text[cond:end] + ") " + rest
	}
	return p.text[:in] + " " + each + "(" + over + ") " + rest
}

// adapt rewrites a template for the engine, and returns the texts between its tags.
//
// Each text becomes a tag that writes it, because the engine trims the text around
// tags in another way than Jinja. Each statement and each value is counted, so that
// the template can be ended. JSON gets line breaks like the reference's. Tags that
// write more than their values without being counted are refused.
func adapt(source string) (adapted string, texts []string, err error) {
	pieces, err := split(source)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	line := 1
	for _, p := range pieces {
		// Tags stay on their lines, which the engine's errors name.
		if p.line > line {
			fmt.Fprintf(&b, "{#%s#}", strings.Repeat("\n", p.line-line))
			line = p.line
		}
		if !p.isTag {
			fmt.Fprintf(&b, "{{ %s(%d) }}", written, len(texts))
			texts = append(texts, p.text)
			continue
		}
		changed, err := verify(p.kind(), p.tag)
		if err != nil {
			tag := "{%" + p.text + "%}"
			if p.value {
				tag = "{{" + p.text + "}}"
			}
			return "", nil, fmt.Errorf("line %d: %.100s: %w", p.line, tag, err)
		}
		line += strings.Count(p.text, "\n")
		p.operands()
		p.apart()
		code := indentedJSON.ReplaceAllString(p.counted(), toJSON+"($1, $2)")
		if p.value {
			args := strings.Join(append([]string{"(" + code + ")"}, changed...), ", ")
			fmt.Fprintf(&b, "{{ %s(%s) }}", output, args)
			continue
		}
		name := map[string]string{"for": loopTick, "macro": callTick, "call": callTick}[p.kind()]
		if name == "" {
			name = stepTick
		}
		fmt.Fprintf(&b, "{%% %s %%}{%% set %s_n = %s(%s) %%}", code, name, name, strings.Join(changed, ", "))
	}
	return b.String(), texts, nil
}

// apart puts a blank between closing braces, which would end the tag for the
// engine.
func (p *piece) apart() {
	for i := len(p.tag) - 1; i > 0; i-- {
		if t := p.tag[i]; t.text == "}" && !t.string && p.tag[i-1].text == "}" && !p.tag[i-1].string {
			p.text = p.text[:t.end-1] + " " + p.text[t.end-1:]
			for j := i; j < len(p.tag); j++ {
				p.tag[j].end++
			}
		}
	}
}

// operands requires what the engine does not: numbers on the left of each operator
// %, since it takes a text for 0 where Jinja formats it, and something on both
// sides of each +, since it takes what is not there for an empty text. What is not
// there is iterable for Jinja and not for the engine, and is not asked. A string in
// quotes before the operator % is formatted here.
func (p *piece) operands() {
	for i := len(p.tag) - 1; i > 0; i-- {
		switch t := p.tag[i]; {
		case t.string:
		case t.text == "%" && p.format(i):
		case t.text == "%":
			p.call(number, operand(p.tag, i-1), i-1)
		case t.text == "iterable" && before(p.tag, i) >= 0:
			last := before(p.tag, i)
			p.call(there, operand(p.tag, last), last)
		case t.text == "+" && ends(p.tag[i-1]):
			last := following(p.tag, i+1)
			if last > i && !(last == i+1 && p.tag[last].string) { // a string is there
				p.call(known, i+1, last)
			}
			p.call(known, operand(p.tag, i-1), i-1)
		}
	}
}

// format makes a call of the operator % at i when it formats a string in quotes, unless
// other operators that bind as strongly stand beside.
func (p *piece) format(i int) bool {
	last := following(p.tag, i+1)
	strong := func(i int) bool {
		return i >= 0 && i < len(p.tag) && !p.tag[i].string && strings.Contains("*/%", p.tag[i].text)
	}
	if i == 0 || !p.tag[i-1].string || last <= i || strong(i-2) || strong(last+1) {
		return false
	}
	function := format
	if p.tag[i+1].text == "(" && !p.tag[i+1].string && closing(p.tag, i+1) == last && listed(p.tag[i+2:last]) {
		function = formats
	}
	at := p.tag[i].end
	p.text = p.text[:at-1] + "," + p.text[at:]
	p.call(function, i-1, last)
	return true
}

// listed reports whether there is a comma between tokens that is in no brackets.
func listed(tokens []token) bool {
	depth := 0
	return slices.ContainsFunc(tokens, func(t token) bool {
		switch {
		case t.string:
		case strings.Contains("([{", t.text):
			depth++
		case strings.Contains(")]}", t.text):
			depth--
		}
		return depth == 0 && t.text == "," && !t.string
	})
}

// before returns the last token of what the test at i is about; -1 for no test.
func before(tokens []token, i int) int {
	if i > 1 && tokens[i-1].text == "not" {
		i--
	}
	if i > 1 && tokens[i-1].text == "is" {
		return i - 2
	}
	return -1
}

// ends tells whether a value may end with the token, so that a + after it is no sign.
func ends(t token) bool {
	return t.string || letter(t.text[0]) && !operators[t.text] || strings.Contains(")]}", t.text)
}

// following returns where the operand that begins at token i ends; i-1 when it
// begins with an operator.
func following(tokens []token, i int) int {
	at := func(i int) string {
		if i >= len(tokens) || tokens[i].string {
			return ""
		}
		return tokens[i].text
	}
	end := i
	switch s := at(i); {
	case i >= len(tokens), s != "" && !letter(s[0]) && !strings.Contains("([{", s), operators[s]:
		return i - 1
	case s != "" && strings.Contains("([{", s):
		end = closing(tokens, i)
	}
	for {
		switch at(end + 1) {
		case ".", "|":
			end += 2
		case "(", "[":
			end = closing(tokens, end+1)
		default:
			return min(end, len(tokens)-1)
		}
	}
}

// closing returns where the bracket that token i opens is closed.
func closing(tokens []token, i int) int {
	for depth := 0; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.string:
		case strings.Contains("([{", t.text):
			depth++
		case strings.Contains(")]}", t.text):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens) - 1
}

// call puts a function's call around the tokens from first to last.
func (p *piece) call(function string, first, last int) {
	from, to := 0, p.tag[last].end
	if first > 0 {
		from = p.tag[first-1].end
	}
	before := " " + function + "("
	p.text = p.text[:from] + before + p.text[from:to] + ")" + p.text[to:]
	for j := first; j < len(p.tag); j++ {
		p.tag[j].end += len(before)
		if j > last {
			p.tag[j].end++
		}
	}
}

// operand returns where the operand that ends with token i begins: a name or a
// literal, with its calls, look-ups and filters.
func operand(tokens []token, i int) int {
	at := func(i int) string {
		if i < 0 || tokens[i].string {
			return ""
		}
		return tokens[i].text
	}
	for i >= 0 {
		bracketed := false
		for depth := 0; i >= 0; i-- {
			if s := at(i); s != "" && strings.Contains(")]}", s) {
				depth++
				bracketed = true
			} else if s != "" && strings.Contains("([{", s) {
				depth--
			}
			if depth == 0 {
				break
			}
		}
		before := at(i - 1)
		switch {
		case i <= 0:
			return 0
		case before == "." || before == "|":
			i -= 2
		case bracketed && (name(tokens[i-1]) && !operators[before] || tokens[i-1].string || before == ")" || before == "]"):
			i--
		default:
			return i
		}
	}
	return 0
}

// operators are the words that do not name values.
var operators = map[string]bool{"and": true, "or": true, "not": true, "in": true, "is": true, "if": true, "else": true, "elif": true}
