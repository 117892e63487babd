package chat

import (
	"fmt"
	"regexp"
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
	toJSON   = "pastime_json"
)

// indentedJSON matches a filter that the engine implements otherwise: with sorted
// keys, and with characters escaped for HTML.
var indentedJSON = regexp.MustCompile(`([\w.\[\]'"]+)\s*\|\s*tojson\(\s*indent\s*=\s*(\w+)\s*\)`)

// counted returns the tag's code with a call that counts it. Testing a loop's
// condition counts as a round, too.
func (p *piece) counted() string {
	if p.kind() != "for" {
		return p.text
	}
	depth, end := 0, len(p.text)
	for _, t := range p.tag {
		switch {
		case t.string:
		case strings.Contains("([{", t.text):
			depth++
		case strings.Contains(")]}", t.text):
			depth--
		case t.text == "if" && depth == 0:
			if last := p.tag[len(p.tag)-1]; last.text == "recursive" {
				end = last.end - len(last.text)
			}
			return p.text[:t.end] + " " + loopTick + "() and (" + p.text[t.end:end] + ") " + p.text[end:]
		}
	}
	return p.text
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
		p.numbers()
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

// numbers requires the left side of each operator % to be a number. The engine
// takes a text for 0, where Jinja would format it.
func (p *piece) numbers() {
	for i := len(p.tag) - 1; i > 0; i-- {
		if t := p.tag[i]; t.string || t.text != "%" {
			continue
		}
		first := operand(p.tag, i-1)
		from, to := 0, p.tag[i-1].end
		if first > 0 {
			from = p.tag[first-1].end
		}
		before, after := " "+number+"(", ")"
		p.text = p.text[:from] + before + p.text[from:to] + after + p.text[to:]
		for j := first; j < len(p.tag); j++ {
			p.tag[j].end += len(before)
			if j >= i {
				p.tag[j].end += len(after)
			}
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
