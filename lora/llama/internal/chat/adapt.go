package chat

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/ardanlabs/jinja"
)

const (
	maxLoops  = 200_000 // rounds of all loops in one rendering
	maxCalls  = 10_000  // calls of macros, which bounds how deep they nest
	maxRange  = 100_000 // numbers of a range
	maxIndent = 16

	loopTick = "pastime_loop"
	callTick = "pastime_call"
	toJSON   = "pastime_json"
)

var (
	// indentedJSON is a filter that the engine has, but with the keys sorted and
	// characters escaped as for HTML.
	indentedJSON = regexp.MustCompile(`([\w.\[\]'"]+)\s*\|\s*tojson\(\s*indent\s*=\s*(\w+)\s*\)`)
	keyword      = regexp.MustCompile(`^\{%[-+]?\s*(\w+)`)
	endRaw       = regexp.MustCompile(`\{%[-+]?\s*endraw\b`)
)

// adapt makes a template count its loops and macros, so that they can be ended,
// and print JSON with line breaks as the reference does.
func adapt(source string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(source, '{')
		if at < 0 || at+1 == len(source) {
			break
		}
		b.WriteString(source[:at])
		source = source[at:]
		n := tagEnd(source)
		tag := source[:n]
		source = source[n:]
		if m := keyword.FindStringSubmatch(tag); m != nil && m[1] == "raw" {
			if end := endRaw.FindStringIndex(source); end != nil {
				tag += source[:end[0]]
				source = source[end[0]:]
			}
		} else if strings.HasPrefix(tag, "{%") || strings.HasPrefix(tag, "{{") {
			tag = indentedJSON.ReplaceAllString(tag, toJSON+"($1, $2)")
			tag += tick(m, tag)
		}
		b.WriteString(tag)
	}
	b.WriteString(source)
	return b.String()
}

// tick is the statement that counts what a tag begins. It trims what follows as
// the tag does.
func tick(m []string, tag string) string {
	if m == nil || m[1] != "for" && m[1] != "macro" {
		return ""
	}
	end := "%}"
	for _, e := range []string{"-%}", "+%}"} {
		if strings.HasSuffix(tag, e) {
			end = e
		}
	}
	name := loopTick
	if m[1] == "macro" {
		name = callTick
	}
	return "{% set " + name + "_n = " + name + "() " + end
}

// tagEnd is where the tag, or the brace, that source begins with ends.
func tagEnd(source string) int {
	end := map[string]string{"{#": "#}", "{%": "%}", "{{": "}}"}[source[:2]]
	switch end {
	case "":
		return 1
	case "#}":
		if i := strings.Index(source[2:], end); i >= 0 {
			return 2 + i + 2
		}
		return len(source)
	}
	quote := byte(0)
	for i := 2; i < len(source); i++ {
		switch c := source[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.HasPrefix(source[i:], end):
			return i + 2
		}
	}
	return len(source)
}

// limits are the functions that adapted templates call, with counters that are
// new for each rendering.
func limits() map[string]jinja.Value {
	counter := func(what string, most int) func([]jinja.Value, map[string]jinja.Value) (jinja.Value, error) {
		n := 0
		return func([]jinja.Value, map[string]jinja.Value) (jinja.Value, error) {
			if n++; n > most {
				return jinja.Undefined(), fmt.Errorf("the template makes more than %d %s", most, what)
			}
			return jinja.NewBool(true), nil
		}
	}
	return map[string]jinja.Value{
		loopTick: jinja.NewCallable(loopTick, counter("rounds of loops", maxLoops)),
		callTick: jinja.NewCallable(callTick, counter("calls of macros", maxCalls)),
		toJSON:   jinja.NewCallable(toJSON, printJSON),
		"range":  jinja.NewCallable("range", boundedRange),
	}
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

// boundedRange is Python's range, but no longer than a template has use for.
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
