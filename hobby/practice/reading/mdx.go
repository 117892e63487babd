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
)

// withoutCode blanks the imports, the exports and the comments of MDX. Line numbers
// stay the same. Imports and exports begin after an empty line and end at the next
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
		}
		if code {
			open += brackets(line, "{[(") - brackets(line, "}])")
			line = blank(line)
		}
		out = append(out, line...)
	}
	return out
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
