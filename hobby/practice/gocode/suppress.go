package gocode

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"

	"golang.org/x/tools/go/packages"
	"honnef.co/go/tools/analysis/lint"
)

// mute hides the reports of some analyzers on some lines of a file.
type mute struct {
	first, last int
	checks      []string // patterns in lower case
}

// mutes are the lines of a package on which the code's authors want no reports, by
// file.
type mutes map[string][]mute

// everyLine is more lines than any file has.
const everyLine = 1 << 30

// suppressed finds generated files, staticcheck's //lint:ignore and //lint:file-ignore
// with a reason, and golangci-lint's //nolint.
func suppressed(p *packages.Package) mutes {
	m := mutes{}
	at := func(pos token.Pos) token.Position { return p.Fset.PositionFor(pos, false) }
	for _, f := range p.Syntax {
		name := at(f.FileStart).Filename
		if generated(f) {
			m[name] = append(m[name], mute{0, everyLine, []string{"*"}})
			continue
		}
		for _, d := range lint.ParseDirectives([]*ast.File{f}, p.Fset) {
			if len(d.Arguments) < 2 { // a directive without a reason has no effect
				continue
			}
			checks := strings.Split(strings.ToLower(d.Arguments[0]), ",")
			switch line := at(d.Node.Pos()).Line; d.Command {
			case "ignore":
				m[name] = append(m[name], mute{line, line, checks})
			case "file-ignore":
				m[name] = append(m[name], mute{0, everyLine, checks})
			}
		}
		m[name] = append(m[name], nolint(f, at)...)
	}
	return m
}

// noLint matches golangci-lint's directive and the linters that it names.
var noLint = regexp.MustCompile(`^//\s*nolint(?::\s*([\w*-]+(?:\s*,\s*[\w*-]+)*))?(?:\s|$)`)

// nolint finds the directives of golangci-lint in a file. A directive on a line of its
// own is about what begins on the next line, in its column. A directive behind code is
// about what begins on its line.
func nolint(f *ast.File, at func(token.Pos) token.Position) (all []mute) {
	type directive struct {
		place token.Position
		mute
	}
	var found []*directive
	for _, g := range f.Comments {
		for _, c := range g.List {
			if s := noLint.FindStringSubmatch(c.Text); s != nil {
				place := at(c.Pos())
				d := &directive{place, mute{place.Line, place.Line, []string{"*"}}}
				if s[1] != "" {
					d.checks = linters(s[1])
				}
				found = append(found, d)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	byLine := map[int][]*directive{}
	for _, d := range found {
		byLine[d.first] = append(byLine[d.first], d)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			return true
		}
		begin, end := at(n.Pos()), at(n.End()).Line
		for _, d := range byLine[begin.Line] {
			d.last = max(d.last, end)
		}
		for _, d := range byLine[begin.Line-1] {
			if d.place.Column == begin.Column {
				d.last = max(d.last, end)
			}
		}
		return true
	})
	for _, d := range found {
		all = append(all, d.mute)
	}
	return all
}

// linters returns the patterns of the analyzers that golangci-lint has under these
// names.
func linters(names string) (checks []string) {
	for name := range strings.SplitSeq(strings.ToLower(names), ",") {
		switch name = strings.TrimSpace(name); name {
		case "all":
			checks = append(checks, "*")
		case "govet", "vet":
			checks = append(checks, vet)
		case "staticcheck", "megacheck":
			checks = append(checks, "sa*", "s1*")
		case "gosimple":
			checks = append(checks, "s1*")
		default:
			checks = append(checks, name)
		}
	}
	return checks
}

// vet stands for the analyzers that go vet has.
const vet = "vet"

// staticchecks matches the names of staticcheck's analyzers.
var staticchecks = regexp.MustCompile(`^(?i:s|sa|st|qf)\d+$`)

// fault reports whether an analyzer's report on a line is hidden, under its name or
// under that of another analyzer that reports the same.
func (m mutes) fault(analyzer, file string, line int) bool {
	for again, first := range told {
		if (again == analyzer && m.has(first, file, line)) || (first == analyzer && m.has(again, file, line)) {
			return true
		}
	}
	return m.has(analyzer, file, line)
}

// has reports whether an analyzer's report on a line is hidden.
func (m mutes) has(analyzer, file string, line int) bool {
	for _, mute := range m[file] {
		if line < mute.first || line > mute.last {
			continue
		}
		for _, check := range mute.checks {
			if check == vet && !staticchecks.MatchString(analyzer) {
				return true
			}
			if ok, _ := path.Match(check, strings.ToLower(analyzer)); ok { // a bad pattern matches nothing
				return true
			}
		}
	}
	return false
}
