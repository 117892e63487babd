package chat

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ardanlabs/jinja"
)

// The bounds of a rendering.
const (
	maxLoops  = 200_000 // rounds of all loops
	maxCalls  = 10_000  // calls of macros, which bounds how deep they nest
	maxSteps  = 2_000_000
	maxRange  = 10_000 // numbers of a range
	maxIndent = 16
	maxNest   = 1_000 // lists in lists
	maxTime   = 10 * time.Second

	// The text that is written, and each value that is kept, may have maxSize bytes
	// and some multiple of the conversation's size.
	maxSize  = 1 << 20
	maxTimes = 8
)

// account counts the work of a rendering.
type account struct {
	size    int // the allowed size of the text, and of each value that is kept
	began   time.Time
	written int
	loops   int
	calls   int
	steps   int
}

// limits returns the functions that adapted templates call, with a new account
// for a conversation.
func limits(messages, tools jinja.Value, texts []string) (map[string]jinja.Value, error) {
	m := &account{size: math.MaxInt32, began: time.Now()}
	x, err1 := m.sizeOf(messages, 0)
	y, err2 := m.sizeOf(tools, 0)
	m.size = maxSize + maxTimes*(x+y)
	return map[string]jinja.Value{
		loopTick: m.tick(loopTick, &m.loops, maxLoops, "rounds of loops"),
		callTick: m.tick(callTick, &m.calls, maxCalls, "calls of macros"),
		stepTick: m.tick(stepTick, &m.steps, maxSteps, "statements"),
		output:   jinja.NewCallable(output, m.output),
		written:  m.text(texts),
		number:   jinja.NewCallable(number, onlyNumber),
		format:   jinja.NewCallable(format, formatted),
		formats: jinja.NewCallable(formats, func(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
			if len(args) != 2 || !args[1].IsList() {
				return jinja.Undefined(), errors.New("the operator % without a list of values")
			}
			return formatted(append(args[:1:1], args[1].AsList().Items...), nil)
		}),
		known:   jinja.NewCallable(known, onlyKnown),
		there:   jinja.NewCallable(there, onlyThere),
		each:    jinja.NewCallable(each, notNone),
		toJSON:  jinja.NewCallable(toJSON, printJSON),
		"range": jinja.NewCallable("range", boundedRange),
	}, errors.Join(err1, err2)
}

// tick counts a statement, a round or a call, and checks the values that it
// changed.
func (m *account) tick(name string, n *int, most int, what string) jinja.Value {
	return jinja.NewCallable(name, func(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
		if *n++; *n > most {
			return jinja.Undefined(), fmt.Errorf("the template makes more than %d %s", most, what)
		}
		if time.Since(m.began) > maxTime {
			return jinja.Undefined(), fmt.Errorf("the template takes longer than %v", maxTime)
		}
		for _, v := range args {
			if _, err := m.sizeOf(v, 0); err != nil {
				return jinja.Undefined(), err
			}
		}
		return jinja.NewBool(true), nil
	})
}

// text returns the function that writes the i-th of a template's texts.
func (m *account) text(texts []string) jinja.Value {
	return jinja.NewCallable(written, func(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
		if len(args) != 1 || !args[0].IsInt() || args[0].AsInt() < 0 || args[0].AsInt() >= int64(len(texts)) {
			return jinja.Undefined(), errors.New("the template has no such text")
		}
		text := texts[args[0].AsInt()]
		return jinja.NewString(text), m.write(len(text))
	})
}

// onlyNumber returns the value before the operator %, which must be a number.
func onlyNumber(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) != 1 || !args[0].IsInt() && !args[0].IsFloat() && !args[0].IsBool() {
		return jinja.Undefined(), errors.New("the operator % after something that is no number, which is not supported")
	}
	return args[0], nil
}

// formatted puts values into the text before them as Python does, where it has %s or %d.
func formatted(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) == 0 || !args[0].IsString() {
		return jinja.Undefined(), errors.New("the operator % without a text")
	}
	text, values := args[0].AsString(), args[1:]
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "%")
		b.WriteString(before)
		verb := ""
		if found && rest != "" {
			verb = rest[:1]
		}
		switch {
		case !found && len(values) > 0:
			return jinja.Undefined(), errors.New("the operator % with more values than the text takes")
		case !found:
			return jinja.NewString(b.String()), nil
		case verb == "%":
			b.WriteString("%")
			text = rest[1:]
			continue
		case verb != "s" && verb != "d":
			return jinja.Undefined(), fmt.Errorf("the operator %% with %%%s, which is not supported; %%s and %%d are", verb)
		case len(values) == 0:
			return jinja.Undefined(), errors.New("the operator % with less values than the text takes")
		}
		switch v := values[0]; {
		case v.IsInt():
			b.WriteString(v.String())
		case verb == "s" && v.IsString():
			b.WriteString(v.AsString())
		case verb == "s" && (v.IsBool() || v.IsNone()):
			b.WriteString(v.String())
		default:
			return jinja.Undefined(), fmt.Errorf("the operator %% with %%%s for what is no text or whole number, which is not supported", verb)
		}
		text, values = rest[1:], values[1:]
	}
}

// onlyKnown returns the operand of a +, which must be something.
func onlyKnown(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) != 1 || args[0].IsNone() || args[0].IsUndefined() {
		return jinja.Undefined(), errors.New("the operator + beside something that is not there")
	}
	return args[0], nil
}

// onlyThere returns what a test is about, which must be there.
func onlyThere(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) != 1 || args[0].IsUndefined() {
		return jinja.Undefined(), errors.New("something that is not there is asked whether it is iterable")
	}
	return args[0], nil
}

// notNone returns what a loop goes over.
func notNone(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) != 1 || args[0].IsNone() {
		return jinja.Undefined(), errors.New("a loop over none")
	}
	return args[0], nil
}

// write counts bytes of text.
func (m *account) write(n int) error {
	if m.written += n; m.written > m.size {
		return fmt.Errorf("the template writes more than %d bytes", m.size)
	}
	return nil
}

// output counts a value that is printed, and checks the values that printing it
// may have changed.
func (m *account) output(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	for _, v := range args[1:] {
		if _, err := m.sizeOf(v, 0); err != nil {
			return jinja.Undefined(), err
		}
	}
	n, err := m.sizeOf(args[0], 0)
	if err != nil {
		return jinja.Undefined(), err
	}
	if args[0].IsNone() { // the engine would leave it out
		return jinja.NewString("None"), m.write(n)
	}
	return args[0], m.write(n)
}

// sizeOf estimates how many bytes a value takes, in memory and when it is printed.
// It fails when they are more than is allowed, and so also for a list that
// contains itself.
func (m *account) sizeOf(v jinja.Value, depth int) (n int, err error) {
	const each = 16
	n = each
	add := func(v jinja.Value) bool {
		var k int
		k, err = m.sizeOf(v, depth+1)
		n += k
		return err == nil && n <= m.size
	}
	switch {
	case depth > maxNest:
		return 0, fmt.Errorf("the template makes more than %d lists in each other", maxNest)
	case v.IsCallable():
		return 0, errors.New("the template keeps a function in a variable, which is not supported")
	case v.IsString():
		n += len(v.AsString())
	case v.IsList():
		for _, item := range v.AsList().Items {
			if !add(item) {
				break
			}
		}
	case v.IsDict():
		d := v.AsDict()
		for _, key := range d.Keys {
			if n += each + len(key); !add(d.Data[key]) {
				break
			}
		}
	}
	if err == nil && n > m.size {
		err = fmt.Errorf("the template makes a value of more than %d bytes", m.size)
	}
	return n, err
}

func printJSON(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	if len(args) != 2 || !args[1].IsInt() || args[1].AsInt() < 0 || args[1].AsInt() > maxIndent {
		return jinja.Undefined(), fmt.Errorf("tojson: an indent of 0 to %d was expected", maxIndent)
	}
	var b strings.Builder
	if err := indented(&b, args[0], strings.Repeat(" ", int(args[1].AsInt())), ""); err != nil {
		return jinja.Undefined(), fmt.Errorf("tojson: %w", err)
	}
	return jinja.NewString(b.String()), nil
}

// boundedRange is Python's range with a bounded length.
func boundedRange(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	n := []int64{0, 0, 1}
	for i, a := range args {
		if i == 3 || !a.IsInt() {
			return jinja.Undefined(), errors.New("range: one to three whole numbers were expected")
		}
		n[i] = a.AsInt()
	}
	if len(args) == 1 {
		n[0], n[1] = 0, n[0]
	}
	if len(args) == 0 || n[2] == 0 {
		return jinja.Undefined(), errors.New("range: an end and a step that is not 0 were expected")
	}
	var items []jinja.Value
	for i := n[0]; n[2] > 0 && i < n[1] || n[2] < 0 && i > n[1]; i += n[2] {
		if len(items) == maxRange {
			return jinja.Undefined(), fmt.Errorf("range: more than %d numbers", maxRange)
		}
		items = append(items, jinja.NewInt(i))
	}
	return jinja.NewList(items), nil
}
