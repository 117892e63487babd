package gocode

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby/practice/internal/prose"
)

// paragraph is a paragraph of a comment, and the line of each of its bytes by where lines
// begin.
type paragraph struct {
	text   []byte
	starts []int // of the lines, in text
	line   int   // of the first
}

// at is the line that a byte of the paragraph is on.
func (p *paragraph) at(offset int) int {
	return p.line + max(0, sort.SearchInts(p.starts, offset+1)-1)
}

// paragraphs are the texts of a comment without its code.
func (f *file) paragraphs(g *ast.CommentGroup) []paragraph {
	var all []paragraph
	open := false
	line := func(n int, text string) {
		trimmed := strings.TrimSpace(text)
		if trimmed == "" || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "  ") || strings.HasPrefix(trimmed, "//") {
			open = false
			return
		}
		if !open {
			all = append(all, paragraph{line: n})
		}
		open = true
		p := &all[len(all)-1]
		if len(p.starts) > 0 {
			p.text = append(p.text, ' ')
		}
		p.starts = append(p.starts, len(p.text))
		p.text = append(p.text, trimmed...)
	}
	for _, c := range g.List {
		first := f.line(c.Pos())
		switch text, ok := strings.CutPrefix(c.Text, "//"); {
		case !ok:
			text = strings.TrimSuffix(strings.TrimPrefix(c.Text, "/*"), "*/")
			for i, l := range strings.Split(text, "\n") {
				line(first+i, strings.TrimLeft(l, " \t*"))
			}
		case text == "", text[0] == ' ' || text[0] == '\t':
			line(first, strings.TrimPrefix(text, " "))
		default:
			open = false // a directive, or code
		}
	}
	return all
}

// quoted matches what is a name or code in a comment.
var quoted = regexp.MustCompile("`[^`]*`|\"[^\"]*\"|'[^' ]+'|\\[[^\\]]*\\]")

// masked is as long as what it stands for, so that places stay the same.
func masked(s string) string { return strings.Repeat("`", len(s)) }

// remarksOf are the remarks that a file's comments and declarations alone give.
func remarksOf(f *file) []remark {
	var all []remark
	docs := documented(f)
	cgo := false
	for _, i := range f.syntax.Imports {
		cgo = cgo || i.Path.Value == `"C"`
	}
	for _, g := range f.syntax.Comments {
		for _, p := range f.paragraphs(g) {
			for _, m := range prose.Mistakes(quoted.ReplaceAllStringFunc(string(p.text), masked)) {
				line := p.at(m.At)
				all = append(all, remark{misspelt, line, line, m.String()})
			}
		}
		if docs[g] == nil && !cgo {
			if first, last, n := f.code(g); n > 0 {
				all = append(all, remark{commented, first, last, counted(n, "line")})
			}
		}
	}
	all = append(all, f.misspoken()...)
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if n, ok := n.(*ast.IfStmt); ok {
			if b, ok := n.Else.(*ast.BlockStmt); ok && len(b.List) > 0 && f.source(b) == f.source(n.Body) {
				all = append(all, remark{alike, f.line(n.Pos()), f.line(n.End()), ""})
			}
		}
		return true
	})
	for g, id := range docs {
		if id.IsExported() && lateDeprecation.MatchString(g.Text()) && !deprecation.MatchString(g.Text()) {
			all = append(all, remark{undeclared, f.line(g.Pos()), f.line(g.End()), id.Name})
		}
	}
	return all
}

// misspoken finds mistakes in the texts of the program that have some words of English.
func (f *file) misspoken() (all []remark) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			return n.Tag == nil
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if n.Kind != token.STRING || err != nil || strings.ContainsRune(text, '\n') || len(strings.Fields(text)) < 4 {
				return true
			}
			for _, m := range prose.Mistakes(quoted.ReplaceAllStringFunc(text, masked)) {
				all = append(all, remark{misspoken, f.line(n.Pos()), f.line(n.End()), m.String()})
			}
		}
		return true
	})
	return all
}

var (
	// deprecation matches what tools understand, and lateDeprecation what was meant so.
	deprecation     = regexp.MustCompile(`(?m)(?:\A|\n\n)Deprecated: `)
	lateDeprecation = regexp.MustCompile(`(?m)^(?:Deprecated(?:[:.,] | (?:in|since|as of) )|DEPRECATED\b|` +
		`deprecated[:.] ?|Deprecated:|\(deprecated\)|@deprecated)|` +
		`\A(?:This |The )?\S+ (?:\w+ )?(?:is|are) (?:now )?(?:DEPRECATED|deprecated)[.,;]`)
)

// documented are the comments that stand above declarations or fields, with the name of what
// they are about; "" where it is several things or a field.
func documented(f *file) map[*ast.CommentGroup]*ast.Ident {
	docs := map[*ast.CommentGroup]*ast.Ident{}
	none := &ast.Ident{}
	note := func(g *ast.CommentGroup, id *ast.Ident) {
		if g != nil {
			docs[g] = id
		}
	}
	note(f.syntax.Doc, none)
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			note(n.Doc, n.Name)
		case *ast.GenDecl:
			note(n.Doc, none)
			if len(n.Specs) == 1 {
				if id := specName(n.Specs[0]); id != nil {
					note(n.Doc, id)
				}
			}
		case *ast.TypeSpec:
			note(n.Doc, n.Name)
		case *ast.ValueSpec:
			note(n.Doc, n.Names[0])
		case *ast.Field:
			note(n.Doc, none)
		}
		return true
	})
	return docs
}

func specName(s ast.Spec) *ast.Ident {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Name
	case *ast.ValueSpec:
		if len(s.Names) == 1 {
			return s.Names[0]
		}
	}
	return nil
}

// leastCode is the least number of lines, and of statements, of code that is told of as
// commented out.
const leastCode = 3

// code returns the lines of a comment that are code, without a line or two before them; no
// lines when it is none.
func (f *file) code(g *ast.CommentGroup) (first, last, lines int) {
	var code []string
	for _, c := range g.List {
		text, ok := strings.CutPrefix(c.Text, "//")
		if !ok {
			return 0, 0, 0
		}
		code = append(code, text)
	}
	for skip := range 3 {
		if len(code)-skip < leastCode {
			break
		}
		text := strings.TrimLeft(strings.Join(code[skip:], "\n"), "\n")
		if skip > 0 && (strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "  ")) {
			break // an example, as documents have it
		}
		if statements(text) >= leastCode {
			return f.line(g.List[skip].Pos()), f.line(g.End()), len(code) - skip
		}
	}
	return 0, 0, 0
}

// statements counts the statements of a text that is Go code and that nobody would write as
// prose; 0 when it is not code.
func statements(text string) (n int) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, "", "package p\nfunc _() {\n"+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		if tree, err = parser.ParseFile(fset, "", "package p\n"+text, parser.SkipObjectResolution); err != nil || len(tree.Decls) == 0 {
			return 0
		}
		n++
	}
	prose := false
	ast.Inspect(tree, func(node ast.Node) bool {
		switch s := node.(type) {
		case *ast.ExprStmt:
			_, call := s.X.(*ast.CallExpr)
			n, prose = n+1, prose || !call
		case *ast.LabeledStmt:
			prose = true
		case *ast.BlockStmt:
		case ast.Stmt:
			n++
		}
		return true
	})
	if prose {
		return 0
	}
	return n
}
