package reading

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"regexp"
	"strings"
)

// elided matches signs that code is an excerpt or has to be filled in.
var elided = regexp.MustCompile(`\.\.\.(?:\s|$|[\]}),])|…|\{\{|<[a-zA-Z][\w. -]*>|(?m)^\s*\.{2,}|^<?-{4,}|<!--`)

// choices matches a value of JSON that is one of several: "on" | "off", true | false.
var choices = regexp.MustCompile(`["\w] \| ["\w]`)

// lenient matches what only settings of a compiler or an editor have, whose JSON may have comments and a comma too many.
var lenient = regexp.MustCompile(
	`"(?:compilerOptions|[\w-]+\.[\w.-]+|customizations|intelliSenseMode)"\s*:|"request"\s*:\s*"(?:launch|attach)"`)

// wrong finds code that does not parse as the language that its fence names, and
// a fence that is never closed.
func (d *document) wrong() []finding {
	var all []finding
	for i, f := range d.fences {
		if f.open && !swallows.MatchString(f.code) {
			continue // whoever reads it finds nothing wrong
		}
		if f.open {
			all = append(all, d.fault("fence", fmt.Sprint(f.line), 20, 0.9,
				fmt.Sprintf("%s:%d opens a fence of code that is never closed", d.name(), f.line), f.line, f.end))
			continue
		}
		var err error
		what := ""
		if len(f.code) > maxCode || i > mostCode {
			continue
		}
		switch f.lang {
		case "json":
			what, err = "JSON", parseJSON(f.code)
		case "go", "golang":
			what, err = "Go", parseGo(f.code)
		}
		if err != nil {
			fault := d.fault("code", f.code, 10, 0.8, fmt.Sprintf("%s:%d shows %s that does not parse: %s", d.name(), f.line, what,
				quote(err.Error())), f.line, f.end)
			fault.Subject = what + ", " + quote(err.Error())
			all = append(all, fault)
		}
	}
	return all
}

// swallows matches what shows that a fence took in what follows the code: a heading, a link, a list or another fence.
var swallows = regexp.MustCompile("(?m)^(?:#{2,6} \\pL|[-*] \\[|.*\\]\\((?:https?://|\\.{0,2}/|#)|={2,6} \\pL|[ \t]*(?:`{3,}|~{3,})\\w)")

// member matches the beginning of a member of an object.
var member = regexp.MustCompile(`^"[^"\n]*"\s*:`)

// parseJSON says why a text is no sequence of JSON values. It accepts excerpts
// and comments.
func parseJSON(code string) error {
	if lenient.MatchString(code) {
		code = strict(code)
	}
	commented := strings.Contains(code, "//") || strings.Contains(code, "/*") || strings.Contains(code, "#")
	if commented || elided.MatchString(code) || choices.MatchString(code) || strings.TrimSpace(code) == "" {
		return nil
	}
	excerpt := false
	if trimmed := strings.TrimSpace(code); member.MatchString(trimmed) { // an excerpt of an object
		excerpt = true
		if code = "{" + code + "\n}"; strings.HasSuffix(trimmed, ",") {
			code = "{" + strings.TrimSuffix(trimmed, ",") + "\n}"
		}
	}
	in := json.NewDecoder(strings.NewReader(code))
	for {
		var v any
		err := in.Decode(&v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			if excerpt || !slip(code, syntax) { // nobody pastes a part of an object
				return nil
			}
			return fmt.Errorf("line %d: %w", 1+strings.Count(code[:min(len(code), int(syntax.Offset))], "\n"), err)
		}
		if err != nil {
			return nil // an excerpt may end anywhere
		}
	}
}

// strict blanks the comments of a text of JSON and each comma before a closing bracket. Places stay the same.
func strict(code string) string {
	out := []byte(code)
	comma := -1 // that nothing follows yet
	for i := 0; i < len(code); i++ {
		rest, end := code[i:], ""
		switch {
		case strings.HasPrefix(rest, "//"):
			end = "\n"
		case strings.HasPrefix(rest, "/*"):
			end = "*/"
		case code[i] == '"':
			comma = -1
			for i++; i < len(code) && code[i] != '"' && code[i] != '\n'; i++ {
				if code[i] == '\\' {
					i++
				}
			}
		case code[i] == ',':
			comma = i
		case strings.IndexByte("}] \t\r\n", code[i]) < 0:
			comma = -1
		case (code[i] == '}' || code[i] == ']') && comma >= 0:
			out[comma], comma = ' ', -1
		}
		if end != "" {
			length := len(rest)
			if at := strings.Index(rest[2:], end); at >= 0 {
				length = 2 + at + len(end)
			}
			copy(out[i:], blank(out[i:i+length]))
			i += length - 1
		}
	}
	return string(out)
}

// slip reports whether an error is one that somebody made who meant to write JSON: a comma too many or too few.
// What else does not parse is often to be filled in, of another language, or what a program said.
func slip(code string, err *json.SyntaxError) bool {
	at := int(err.Offset) - 1
	if at < 0 || at >= len(code) {
		return false
	}
	before := strings.TrimRight(code[:at], " \t\r\n")
	switch code[at] {
	case '}', ']':
		return strings.HasSuffix(before, ",")
	case '"', '{', '[':
		return strings.Contains(err.Error(), " after ") && strings.ContainsRune(code[len(before):at], '\n')
	}
	return false
}

// imports matches import declarations, which examples have before statements.
var imports = regexp.MustCompile(`(?m)^\s*(?:package \w+\s*$|import\s+(?:\([^)]*\)|(?:\w+\s+|\.\s*)?"[^"]*"))`)

// signature matches how a list of functions begins each: client.Query(ctx context.Context).
var signature = regexp.MustCompile(`(?m)^(?:\w+\.)*(\w+)\(`)

// inside matches an excerpt that begins inside of a block.
var inside = regexp.MustCompile(`^\s*(?:\}|else\b|case\b|default:)`)

// parseGo says why a text is neither a Go file nor a part of one.
func parseGo(code string) error {
	if elided.MatchString(code) || strings.TrimSpace(code) == "" || inside.MatchString(code) {
		return nil
	}
	body := imports.ReplaceAllStringFunc(code, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) })
	for _, whole := range []string{
		"package p; type _ struct {" + body + "\n}",
		"package p; type _ interface {" + body + "\n}",
		"package p; var _ = T{" + body + "\n}",
		"package p; var _ = T{" + strings.TrimRight(body, " \n\t") + ",\n}",
		"package p; func _() { switch {" + body + "\n} }",
		"package p; func _() { select {" + body + "\n} }",
		"package p; const (" + body + "\n)",
		"package p; func _" + body,
		"package p;" + signature.ReplaceAllString(body, "func ${1}("),
		"package p; type _ = " + body,
	} {
		if syntax(whole) == nil {
			return nil
		}
	}
	// The error of the reading that got furthest says best what is wrong.
	var best error
	line := 0
	for _, whole := range []string{code, "package p;" + code, "package p;" + body, "package p; func _() {" + body + "\n}"} {
		err := syntax(whole)
		if err == nil || strings.Contains(err.Msg, "found 'EOF'") { // an excerpt may end anywhere
			return nil
		}
		if best == nil || err.Pos.Line >= line {
			best, line = fmt.Errorf("line %d: %s", err.Pos.Line, err.Msg), err.Pos.Line
		}
	}
	if !goSlip.MatchString(best.Error()) || mixed(body) {
		return nil
	}
	return best
}

// goSlip matches errors that somebody made who meant to write Go. What else does not parse is often an excerpt, a list of
// signatures, or has marks that a site takes out.
var goSlip = regexp.MustCompile(`missing ','|illegal character|not terminated|newline in string|expected operand, found '[{}]'`)

// syntax returns the first syntax error of a file, or nil when it parses.
func syntax(file string) *scanner.Error {
	_, err := parser.ParseFile(token.NewFileSet(), "", file, parser.SkipObjectResolution)
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return list[0]
	}
	return nil
}

// The bounds on the time to judge code: a block's bytes, a document's blocks, and
// the lines of a block that is parsed piece by piece.
const (
	maxCode   = 8 << 10
	mostCode  = 200
	mostLines = 40
)

// mixed reports whether a text mixes declarations and statements, as examples do:
// whether it divides into pieces, at ends of lines, that parse.
func mixed(code string) bool {
	if strings.Count(code, "\n") > mostLines {
		return true // judging it would take too long
	}
	piece := ""
	for line := range strings.Lines(code) {
		piece += line
		if syntax("package p;"+piece) == nil || syntax("package p; func _() {"+piece+"\n}") == nil {
			piece = ""
		}
	}
	return strings.TrimSpace(piece) == ""
}
