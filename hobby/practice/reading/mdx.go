package reading

import (
	"bytes"
	"regexp"
	"slices"
)

var (
	// module matches the beginning of an import or export of MDX.
	module = regexp.MustCompile(`^(?:import|export)[\s{*'"]`)
	// aside matches a comment of MDX.
	aside = regexp.MustCompile(`(?s)\{/\*.*?\*/\}`)
	// component matches a line that has the beginning or the end of a component and nothing else. To
	// Markdown it would begin a block of HTML, which goes on to the next empty line.
	component = regexp.MustCompile(`^\s*(?:</[A-Z][\w.]*>|<[A-Z][\w.]*(?:\s+[\w-]+(?:="[^"<>]*"|='[^'<>]*')?)*\s*>)\s*$`)
	// bound matches an attribute that makes an anchor.
	bound = regexp.MustCompile(`\s(?:id|name)=`)
)

// withoutCode blanks the imports, the exports and the comments of MDX, replaces the components around its text, and
// takes off the indentation of what is inside them, which makes no code. Lines stay the same. Imports and exports
// begin after an empty line and end at the next one outside of brackets.
func withoutCode(text []byte) []byte {
	text = aside.ReplaceAllFunc(text, blank)
	var out []byte
	var fences fencing
	var inside nest
	free, code, open := true, false, 0
	for line := range bytes.Lines(text) {
		trimmed := bytes.TrimSpace(line)
		fenced := !code && fences.has(line)
		switch {
		case len(trimmed) == 0:
			free, code = true, code && open > 0
		case !fenced && !code && free && module.Match(line):
			code, open = true, 0
		default:
			free = false
			if code {
				break
			}
			tag := !fenced && component.Match(line)
			line = inside.outdented(line, tag)
			if tag && !bound.Match(line) {
				line = instruction(line)
			}
		}
		if code {
			open += brackets(line, "{[(") - brackets(line, "}])")
			line = blank(line)
		}
		out = append(out, line...)
	}
	return out
}

// fencing follows the fences of code, line by line.
type fencing struct{ open []byte } // the fence that began it

// fenceOf matches the beginning of a line that may be a fence of code.
var fenceOf = regexp.MustCompile("^(?:[ \t]|[-*+>][ \t]|>|\\d{1,9}[.)][ \t])*(`{3,}|~{3,})")

// has reports whether the next line is code or a fence.
func (f *fencing) has(line []byte) bool {
	m := fenceOf.FindSubmatchIndex(line)
	if m == nil {
		return f.open != nil
	}
	fence, rest := line[m[2]:m[3]], bytes.TrimSpace(line[m[3]:])
	switch {
	case f.open == nil && fence[0] == '`' && bytes.IndexByte(rest, '`') >= 0: // a code span
		return false
	case f.open == nil:
		f.open = fence
	case fence[0] == f.open[0] && len(fence) >= len(f.open) && len(rest) == 0 && len(bytes.Trim(line[:m[2]], " \t>")) == 0:
		f.open = nil
	}
	return true
}

// withoutFences blanks fenced code. Places stay the same.
func withoutFences(text []byte) []byte {
	var out []byte
	var fences fencing
	for line := range bytes.Lines(text) {
		if fences.has(line) {
			line = blank(line)
		}
		out = append(out, line...)
	}
	return out
}

// nest is the components that a line is inside of, outermost first.
type nest struct {
	open   []inner
	listed bool // the line may be of a list, whose indentation is kept
	least  int  // the indentation that stays
}

type inner struct {
	name   string
	indent int // of its first line, -1 before it
}

var (
	itemOf    = regexp.MustCompile(`^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]`)
	nameOf    = regexp.MustCompile(`[A-Z][\w.]*`)
	closingOf = []byte("</")
)

// outdented takes the indentation off a line inside a component. tag reports whether the line is the beginning or
// the end of one.
func (n *nest) outdented(line []byte, tag bool) []byte {
	trimmed := bytes.TrimLeft(line, " \t")
	indent := len(line) - len(trimmed)
	name := ""
	if tag {
		name = string(nameOf.Find(trimmed))
	}
	if len(n.open) == 0 {
		n.listed = itemOf.Match(line) || n.listed && indent > 0
	}
	if tag && bytes.HasPrefix(trimmed, closingOf) {
		for i, c := range slices.Backward(n.open) {
			if c.name == name {
				n.open = n.open[:i]
				break
			}
		}
	}
	less := indent
	if last := len(n.open) - 1; last >= 0 {
		if n.open[last].indent < 0 {
			n.open[last].indent = indent
		}
		less = n.open[last].indent
	} else if n.least = 0; n.listed {
		n.least = indent
	}
	if len(n.open) > 0 || tag {
		line = line[max(0, min(indent, less)-n.least):]
	}
	if tag && !bytes.HasPrefix(trimmed, closingOf) && len(n.open) < mostNesting {
		n.open = append(n.open, inner{name, -1})
	}
	return line
}

// instruction replaces a component by an empty processing instruction, a block of HTML that ends where it begins.
func instruction(line []byte) []byte {
	indent := len(line) - len(bytes.TrimLeft(line, " \t"))
	if len(bytes.TrimSpace(line)) < len("<??>") {
		return line
	}
	blanked := blank(line)
	copy(blanked[indent:], "<??>")
	return blanked
}

func brackets(line []byte, which string) (n int) {
	for _, c := range which {
		n += bytes.Count(line, []byte(string(c)))
	}
	return n
}

// blank replaces each byte but line feeds by a space.
func blank(s []byte) []byte {
	s = bytes.Clone(s)
	for i, c := range s {
		if c != '\n' {
			s[i] = ' '
		}
	}
	return s
}
