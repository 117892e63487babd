package reading

import (
	"bytes"
	"regexp"
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

// withoutCode blanks the imports, the exports and the comments of MDX, and replaces the components around its text.
// Places stay the same. Imports and exports begin after an empty line and end at the next
// one outside of brackets.
func withoutCode(text []byte) []byte {
	text = aside.ReplaceAllFunc(text, blank)
	var out []byte
	free, code, fenced, open := true, false, false, 0
	for line := range bytes.Lines(text) {
		trimmed := bytes.TrimSpace(line)
		if !code && (bytes.HasPrefix(trimmed, []byte("```")) || bytes.HasPrefix(trimmed, []byte("~~~"))) {
			fenced = !fenced
		}
		switch {
		case len(trimmed) == 0:
			free, code = true, code && open > 0
		case !fenced && !code && free && module.Match(line):
			code, open = true, 0
		default:
			free = false
			if !fenced && !code && component.Match(line) && !bound.Match(line) {
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
