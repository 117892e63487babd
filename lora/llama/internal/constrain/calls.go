package constrain

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Style is how a model writes a call of a tool.
type Style struct {
	// Open and Close are around a call. When Open is empty, a call is the whole
	// answer, which then begins with a brace.
	Open, Close string
	// Arguments is the name of the property with the arguments; the tool's is
	// always "name".
	Arguments string
}

// The styles that chat templates know.
var (
	// Tagged is the style of the Hermes models, which many have taken over.
	Tagged = Style{Open: "<tool_call>", Close: "</tool_call>", Arguments: "arguments"}
	// Bare is the style of Llama 3.1 and later.
	Bare = Style{Arguments: "parameters"}
)

// Tool is what may be called. Parameters is the schema of its arguments, which
// are an object. Empty means no arguments.
type Tool struct {
	Name       string
	Parameters json.RawMessage
}

// Tools compiles the answers that call tools: any text, which may end with calls
// whose arguments match their tool's parameters. With a schema, the answer is a
// value of it or calls, and no other text.
func Tools(tools []Tool, style Style, schema json.RawMessage, v *Vocab) (*Grammar, error) {
	c := newCompiler(v)
	call := c.add(&value{})
	for _, t := range tools {
		o, err := c.call(t, style)
		if err != nil {
			return nil, fmt.Errorf("tool %q: %w", t.Name, err)
		}
		call.nodes = append(call.nodes, o)
	}
	root := c.add(&value{nodes: []node{&calls{call: call, style: style, only: len(schema) > 0}}})
	if len(schema) > 0 {
		s, err := c.schema(schema)
		if err != nil {
			return nil, fmt.Errorf("schema: %w", err)
		}
		root.of = []*value{s}
	}
	return c.grammar(root)
}

func (c *compiler) call(t Tool, style Style) (*object, error) {
	params := t.Parameters
	if len(params) == 0 || string(params) == "null" {
		params = json.RawMessage(`{"type":"object","additionalProperties":false}`)
	}
	args, err := c.schema(params)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	c.oneOf = append(c.oneOf, func() error {
		if args.allWrites() != kindObject {
			return fmt.Errorf("tool %q: the parameters must be an object's schema", t.Name)
		}
		if args.need >= never {
			return fmt.Errorf("tool %q: parameters: %w", t.Name, errUnwritable)
		}
		return nil
	})
	name := c.add(&value{})
	if err := c.constants(name, []any{t.Name}, kindString, "name"); err != nil {
		return nil, err
	}
	o := &object{}
	for _, p := range []property{{name: "name", val: name}, {name: style.Arguments, val: args}} {
		var b strings.Builder
		writeString(&b, p.name, true)
		key := newDFA()
		key.literal(b.String() + ":")
		p.key, p.required = c.add(&value{nodes: []node{key.measure(&c.vocab.can)}}), true
		o.props = append(o.props, p)
	}
	return o, nil
}

// calls reads an answer of text and calls. n is the number of bytes of the
// present tag that have been read.
type calls struct {
	call  *value
	style Style
	only  bool // calls, but no text
}

const (
	callsText   uint8 = iota // n bytes of Open are the text's last
	callsOpen                // in Open
	callsBefore              // between Open and the call; n blanks
	callsAfter               // between the call and Close
	callsClose               // in Close
	callsNext                // after a call
	callsPlain               // a text that can no longer become a call
)

func (c *calls) start() local {
	if c.only {
		return local{phase: callsOpen}
	}
	return local{}
}

func (c *calls) step(s local, b byte, m moves) {
	blank := b == ' ' || b == '\n'
	if c.style.Open == "" {
		c.bare(s, b, m)
		return
	}
	tag := func(text string, phase, then uint8) {
		switch {
		case b != text[s.n]:
		case int(s.n)+1 == len(text):
			m.to(local{phase: then})
		default:
			m.to(local{phase: phase, n: s.n + 1})
		}
	}
	switch s.phase {
	case callsText:
		n := after(c.style.Open, int(s.n), b)
		if n == len(c.style.Open) {
			m.to(local{phase: callsBefore})
		} else {
			m.to(local{phase: callsText, n: int32(n)})
		}
	case callsOpen:
		tag(c.style.Open, callsOpen, callsBefore)
	case callsBefore:
		if blank && s.n < 2 {
			m.to(local{phase: callsBefore, n: s.n + 1})
		}
		m.push(local{phase: callsAfter}, c.call)
	case callsAfter:
		if blank && s.n < 2 {
			m.to(local{phase: callsAfter, n: s.n + 1})
		}
		s.n = 0
		tag(c.style.Close, callsClose, callsNext)
	case callsClose:
		tag(c.style.Close, callsClose, callsNext)
	case callsNext:
		if blank && s.n < 2 {
			m.to(local{phase: callsNext, n: s.n + 1})
		}
		s.n = 0
		tag(c.style.Open, callsOpen, callsBefore)
	}
}

// bare reads a call or a text. The first byte decides which.
func (c *calls) bare(s local, b byte, m moves) {
	switch {
	case s.phase == callsPlain:
		m.to(s)
	case s.phase > callsOpen:
	case b == '{':
		m.push(local{phase: callsNext}, c.call)
	case s.phase == callsText && b != ' ' && b != '\n':
		m.to(local{phase: callsPlain})
	}
}

// after returns how many bytes of tag a text ends with after byte b, where it
// ended with n before (Knuth, Morris and Pratt, 1977, for tags so short that no
// table is needed).
func after(tag string, n int, b byte) int {
	text := tag[:n] + string([]byte{b})
	for i := range text {
		if strings.HasPrefix(tag, text[i:]) {
			return len(text) - i
		}
	}
	return 0
}

func (c *calls) need(s local) int {
	open, end, n := len(c.style.Open), len(c.style.Close), int(s.n)
	switch s.phase {
	case callsOpen:
		return sum(open-n, c.call.need, end)
	case callsBefore:
		return sum(c.call.need, end)
	case callsAfter:
		return end
	case callsClose:
		return end - n
	}
	return 0
}

func (c *calls) final(s local) bool {
	switch s.phase {
	case callsText, callsNext, callsPlain, closed:
		return true
	}
	return false
}
