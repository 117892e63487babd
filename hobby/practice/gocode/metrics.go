package gocode

import (
	"fmt"
	"go/ast"
	"go/token"
)

// function has the properties of a function that need no types.
type function struct {
	file       *file
	decl       *ast.FuncDecl
	name       string // with the receiver's type: "(*Manager).Run"
	line, end  int
	cyclomatic int
	cognitive  int
	nesting    int
	params     int
}

// lines is the length of the function.
func (f *function) lines() int { return f.end - f.line + 1 }

// functions lists the functions of a file in order.
func functions(f *file) []function {
	if f.syntax == nil {
		return nil
	}
	var all []function
	for _, d := range f.syntax.Decls {
		decl, ok := d.(*ast.FuncDecl)
		if !ok || decl.Body == nil {
			continue
		}
		fn := function{file: f, decl: decl, name: funcName(decl), line: f.line(decl.Pos()), end: f.line(decl.End()), cyclomatic: cyclomatic(decl)}
		fn.cognitive, fn.nesting = cognitive(decl.Body)
		for _, p := range decl.Type.Params.List {
			fn.params += max(1, len(p.Names))
		}
		all = append(all, fn)
	}
	return all
}

func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	star := ""
	if _, ok := d.Recv.List[0].Type.(*ast.StarExpr); ok {
		star = "*"
	}
	return "(" + star + receiver(d) + ")." + d.Name.Name
}

// receiver is the name of the type that a method is of, "?" where it has none.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	switch g := t.(type) {
	case *ast.IndexExpr:
		t = g.X
	case *ast.IndexListExpr:
		t = g.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return "?"
}

// cyclomatic is McCabe's number (1976) as gocyclo counts it: 1, and 1 for each
// if, for, &&, ||, and for each case and communication clause that is not a
// default.
func cyclomatic(n ast.Node) int {
	c := 1
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			c++
		case *ast.CaseClause:
			if n.List != nil {
				c++
			}
		case *ast.CommClause:
			if n.Comm != nil {
				c++
			}
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				c++
			}
		}
		return true
	})
	return c
}

// cognitive is cognitive complexity (Campbell, SonarSource 2018) without its rule
// for recursion. Each branch counts 1, and 1 more for each level that it is
// nested in. An else, a labelled jump and each run of equal logical operators
// count 1. deepest is the deepest nesting.
func cognitive(body *ast.BlockStmt) (score, deepest int) {
	v := &cognition{elses: map[*ast.IfStmt]bool{}, logic: map[*ast.BinaryExpr]bool{}}
	ast.Walk(v, body)
	return v.sum, v.max
}

// deepestLook bounds the levels that most looks into: each is counted again.
const deepestLook = 16

// most says which statement of a function has most of what makes it hard to read, where one
// has: the innermost one with three quarters of it.
func (f *function) most() string {
	var part ast.Stmt
	list := f.decl.Body.List
	for range deepestLook {
		var next ast.Stmt
		for _, s := range list {
			if c, _ := cognitive(&ast.BlockStmt{List: []ast.Stmt{s}}); 4*c >= 3*f.cognitive {
				next = s
			}
		}
		if next == nil {
			break
		}
		part = next
		switch s := next.(type) {
		case *ast.ForStmt:
			list = s.Body.List
		case *ast.RangeStmt:
			list = s.Body.List
		case *ast.IfStmt:
			list = s.Body.List
		default:
			list = nil
		}
	}
	what := ""
	switch part.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		what = "loop"
	case *ast.IfStmt:
		what = "if"
	case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		what = "switch"
	default:
		return ""
	}
	return fmt.Sprintf(", most of it in the %s at line %d,", what, f.file.line(part.Pos()))
}

type cognition struct {
	sum   int
	max   int
	depth int
	elses map[*ast.IfStmt]bool
	logic map[*ast.BinaryExpr]bool
}

// Visit implements ast.Visitor.
func (v *cognition) Visit(n ast.Node) ast.Visitor {
	branch := func(body ...ast.Node) ast.Visitor {
		v.sum += 1 + v.depth
		v.nest(body...)
		return nil
	}
	switch n := n.(type) {
	case *ast.IfStmt:
		v.ifStmt(n)
		return nil
	case *ast.ForStmt:
		v.walk(n.Init, n.Cond, n.Post)
		return branch(n.Body)
	case *ast.RangeStmt:
		v.walk(n.X)
		return branch(n.Body)
	case *ast.SwitchStmt:
		v.walk(n.Init, n.Tag)
		return branch(n.Body)
	case *ast.TypeSwitchStmt:
		v.walk(n.Init, n.Assign)
		return branch(n.Body)
	case *ast.SelectStmt:
		return branch(n.Body)
	case *ast.FuncLit:
		v.nest(n.Body)
		return nil
	case *ast.BranchStmt:
		if n.Label != nil {
			v.sum++
		}
	case *ast.BinaryExpr:
		if (n.Op == token.LAND || n.Op == token.LOR) && !v.logic[n] {
			v.sum += v.runs(n, token.ILLEGAL)
		}
	}
	return v
}

// ifStmt counts an if with its chain of elses, which do not nest.
func (v *cognition) ifStmt(n *ast.IfStmt) {
	v.sum++
	if !v.elses[n] {
		v.sum += v.depth
	}
	v.walk(n.Init, n.Cond)
	v.nest(n.Body)
	switch e := n.Else.(type) {
	case *ast.IfStmt:
		v.elses[e] = true
		v.ifStmt(e)
	case *ast.BlockStmt:
		v.sum++
		v.nest(e)
	}
}

func (v *cognition) walk(nodes ...ast.Node) {
	for _, n := range nodes {
		if n != nil {
			ast.Walk(v, n)
		}
	}
}

func (v *cognition) nest(nodes ...ast.Node) {
	v.depth++
	v.max = max(v.max, v.depth)
	v.walk(nodes...)
	v.depth--
}

// runs counts the runs of equal operators in a tree of && and ||.
func (v *cognition) runs(e ast.Expr, above token.Token) int {
	if p, ok := e.(*ast.ParenExpr); ok {
		return v.runs(p.X, above)
	}
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.LAND && b.Op != token.LOR {
		return 0
	}
	v.logic[b] = true
	n := 0
	if b.Op != above {
		n = 1
	}
	return n + v.runs(b.X, b.Op) + v.runs(b.Y, b.Op)
}
