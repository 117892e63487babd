package gocode

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// slips are the remarks on what was copied and not changed, and on tests that do not run.
func (f *file) slips() (all []remark) {
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if f.test && d.Recv == nil && d.Body != nil {
				all = append(all, f.unrun(d)...)
				all = append(all, f.again(d)...)
			}
		case *ast.GenDecl:
			if !f.test && d.Tok == token.VAR {
				all = append(all, f.sameErrors(d)...)
			}
		}
	}
	return all
}

// unrun finds a function that is a test but for the letter behind "Test", which the go command does not
// run. Nobody else calls it: a helper takes more, or is called.
func (f *file) unrun(d *ast.FuncDecl) []remark {
	rest, ok := strings.CutPrefix(d.Name.Name, "Test")
	letter, _ := utf8.DecodeRuneInString(rest)
	if !ok || !unicode.IsLower(letter) || d.Type.Results != nil || d.Type.Params.NumFields() != 1 ||
		f.source(d.Type.Params.List[0].Type) != "*testing.T" {
		return nil
	}
	called := 0
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == d.Name.Name {
			called++
		}
		return true
	})
	if called > 1 {
		return nil
	}
	return []remark{{unrun, f.line(d.Pos()), f.line(d.End()), d.Name.Name}}
}

// naming are the fields of a table of cases that have the name of a case.
var naming = map[string]bool{"name": true, "Name": true, "desc": true, "description": true, "title": true, "testName": true,
	"scenario": true}

// again finds cases of a table that have the same name, where a function calls Run with what the field has.
func (f *file) again(d *ast.FuncDecl) (all []remark) {
	fields := map[string]bool{} // that name what runs
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && len(c.Args) == 2 {
			run, ok := c.Fun.(*ast.SelectorExpr)
			name, of := c.Args[0].(*ast.SelectorExpr)
			if ok && of && run.Sel.Name == "Run" && naming[name.Sel.Name] {
				fields[name.Sel.Name] = true
			}
		}
		return true
	})
	if len(fields) == 0 {
		return nil
	}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		table, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if _, ok := table.Type.(*ast.ArrayType); !ok {
			return true
		}
		first := map[string]int{}
		for _, e := range table.Elts {
			one, ok := e.(*ast.CompositeLit)
			if !ok {
				continue
			}
			for _, m := range one.Elts {
				kv, ok := m.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				key, ok := kv.Key.(*ast.Ident)
				value, text := kv.Value.(*ast.BasicLit)
				if !ok || !text || !fields[key.Name] || value.Kind != token.STRING || len(value.Value) <= 2 {
					continue
				}
				if line, known := first[value.Value]; known {
					all = append(all, remark{again, f.line(value.Pos()), f.line(value.Pos()),
						fmt.Sprintf("%s, as at line %d", value.Value, line)})
				} else {
					first[value.Value] = f.line(value.Pos())
				}
			}
		}
		return true
	})
	return all
}

// sameErrors finds errors of one block of declarations that say the same.
func (f *file) sameErrors(d *ast.GenDecl) (all []remark) {
	first := map[string]string{}
	for _, s := range d.Specs {
		v, ok := s.(*ast.ValueSpec)
		if !ok || len(v.Names) != 1 || len(v.Values) != 1 {
			continue
		}
		c, ok := v.Values[0].(*ast.CallExpr)
		if !ok || len(c.Args) != 1 || f.source(c.Fun) != "errors.New" {
			continue
		}
		text, ok := c.Args[0].(*ast.BasicLit)
		if !ok {
			continue
		}
		if other, known := first[text.Value]; known {
			all = append(all, remark{sameError, f.line(v.Pos()), f.line(v.End()), v.Names[0].Name + " as " + other})
		} else {
			first[text.Value] = v.Names[0].Name
		}
	}
	return all
}

// mention is a name that a comment refers to.
type mention struct {
	line int
	said string
	hash uint32 // of the name
}

var (
	// linked matches a link to a declaration in a comment, [Type] or [Type.Method].
	linked = regexp.MustCompile(`(?:^|[\s(])\[\*?((?:[A-Z]\w*\.)?[A-Z]\w*)\](?:[\s.,;)]|$)`)
	// instead matches what is to be used instead of what is deprecated.
	instead = regexp.MustCompile(`Deprecated: [Uu]se (?:the )?\[?((?:[A-Z]\w*\.)?[A-Z]\w*)\]?(?: (?:instead|function|method|option)|[.,;]|$)`)
)

// mentions are the names that comments above declarations link to, or tell to use. A name has a small letter
// behind a capital and a capital behind a small letter: others may be words.
func (f *file) mentions() (all []mention) {
	for g := range documented(f) {
		text := g.Text()
		for _, p := range []*regexp.Regexp{linked, instead} {
			for _, m := range p.FindAllStringSubmatchIndex(text, -1) {
				said := text[m[2]:m[3]]
				name := said[strings.LastIndexByte(said, '.')+1:]
				if hump.MatchString(name) {
					line := f.line(g.Pos()) + strings.Count(text[:m[2]], "\n")
					all = append(all, mention{line, said, short(name)})
				}
			}
		}
	}
	return all
}

// hump matches a name of several words.
var hump = regexp.MustCompile(`[a-z0-9][A-Z]`)

// goneNames are the remarks on names in comments that no file of the tree has. all has the files that are
// generated, too.
func goneNames(all []*facts) map[*facts][]remark {
	names := map[uint32]bool{}
	for _, f := range all {
		if f.broken {
			return nil
		}
		for _, list := range [][]uint32{f.names.uses, f.names.functions} {
			for _, h := range list {
				names[h] = true
			}
		}
		for _, d := range f.names.declared {
			names[short(d.name)] = true
		}
	}
	told := map[*facts][]remark{}
	for _, f := range all {
		for _, m := range f.mentions {
			if !names[m.hash] {
				told[f] = append(told[f], remark{gone, m.line, m.line, m.said})
			}
		}
	}
	return told
}
