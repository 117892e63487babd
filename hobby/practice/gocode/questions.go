package gocode

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// maxCode bounds the code in a question, in bytes.
const maxCode = 6000

// The families of questions. The levels are the length of the code that is shown. The
// guessing floors are those of the commonest answer. Version 1 took no account of calls
// with type arguments, counted type parameters as parameters, and let any sentence pass
// as a qualifier of a function's name. Until the last version the split went by the code
// to the letter, and by the order of the functions.
var families = []hobby.Family{
	{Name: "decisions", Version: 2, Levels: 3, LevelGuess: []float64{0.5, 0.35, 0.28}},
	{Name: "parameters", Version: 3, Levels: 3, LevelGuess: []float64{0.48, 0.4, 0.36}},
	{Name: "most-complex", Version: 3, Levels: 3, Guess: 0.34},
	{Name: "caller", Version: 3, Levels: 3, Guess: 0.34},
}

// longest is the largest number of lines of a function that each level shows.
var longest = []int{15, 40, 80}

// mostRead is the largest number of files that are read to find a question.
const mostRead = 100

// ask makes a question of a family and level about the files. It is false when
// the files that it read have no question that may be asked, or when ctx has
// ended. Held-out questions are never asked.
func ask(ctx context.Context, r *rand.Rand, files []*facts, read load, family hobby.Family, level int) (practice.Task, bool) {
	tries := 0
	for _, i := range r.Perm(len(files)) {
		if files[i].asks[level-1] == 0 {
			continue
		}
		if tries++; tries > mostRead || ctx.Err() != nil {
			break
		}
		text := read(files[i])
		if text == nil {
			continue
		}
		f := parse(files[i].path, text)
		t, ok := question(r, f, family.Name, level)
		if !ok {
			continue
		}
		t.Family, t.Version, t.Level, t.Source = family.Name, max(1, family.Version), level, f.path
		if practice.Split("gocode", &t) == hobby.Practice {
			return t, true
		}
	}
	return practice.Task{}, false
}

// fits reports whether a question of a level may be about the function.
func (f *function) fits(level int) bool {
	return f.lines() <= longest[level-1] && (level == 1 || f.lines() > longest[level-2]/3)
}

func question(r *rand.Rand, f *file, family string, level int) (practice.Task, bool) {
	return questionOf(r, fitting(f, level), family)
}

// fitting returns the functions that a question of a level may be about.
func fitting(f *file, level int) []function {
	var fit []function
	for _, fn := range functions(f) {
		if fn.fits(level) {
			fit = append(fit, fn)
		}
	}
	return fit
}

// questionOf makes a question about some of the functions.
func questionOf(r *rand.Rand, fit []function, family string) (practice.Task, bool) {
	if len(fit) == 0 {
		return practice.Task{}, false
	}
	switch family {
	case "decisions":
		return decisions(&fit[r.IntN(len(fit))])
	case "parameters":
		return parameters(&fit[r.IntN(len(fit))])
	case "most-complex":
		return mostComplex(r, fit)
	default:
		return caller(r, fit)
	}
}

// show writes code into a prompt.
func show(code, ask string) []hobby.Message {
	return []hobby.Message{{Role: hobby.RoleUser, Content: "```go\n" + code + "\n```\n\n" + ask}}
}

// numeric asks for how many of some things a function has.
func numeric(fn *function, what, ask string, answer int, things ...string) (practice.Task, bool) {
	code := fn.file.source(fn.decl)
	if code == "" || len(code) > maxCode {
		return practice.Task{}, false
	}
	want, of := strconv.Itoa(answer), strings.Join(things, "|")
	said := "(" + of + ") [(in|of) (the|this) function]"
	p := practice.Say("[the] [total] (number|count) [of "+said+"]", "[the] total", "there (are|is) [exactly] … ["+said+"]", "… ("+of+")",
		"(it|the function|this function|"+practice.Literal(fn.decl.Name.Name)+") (has|contains|takes) [exactly] … ("+of+")").About(ask)
	return practice.Task{
		Params: what + " " + study.Same(code), Messages: show(code, ask+" Answer with the number only."),
		Reference: want, Verifier: "analysis", MaxTokens: 128,
		Verify: func(a string) practice.Verdict { return practice.Number(a, want, p) },
	}, true
}

func decisions(fn *function) (practice.Task, bool) {
	n := 0
	ast.Inspect(fn.decl.Body, func(n2 ast.Node) bool {
		if _, ok := n2.(*ast.IfStmt); ok {
			n++
		}
		return true
	})
	return numeric(fn, "ifs", "How many if statements does this function contain, else-ifs included?", n, "if statements",
		"if statement", "ifs")
}

func parameters(fn *function) (practice.Task, bool) {
	return numeric(fn, "parameters", "How many parameters does this function take, not counting a receiver or type "+
		"parameters?", fn.params, "parameters", "parameter")
}

// mostComplex asks which of several functions has the most branches.
func mostComplex(r *rand.Rand, fit []function) (practice.Task, bool) {
	shown, ok := choose(r, fit, 3)
	if !ok {
		return practice.Task{}, false
	}
	best := slices.MaxFunc(shown, func(a, b function) int { return a.cyclomatic - b.cyclomatic })
	for _, fn := range shown {
		if fn.decl != best.decl && fn.cyclomatic == best.cyclomatic {
			return practice.Task{}, false // a tie has no answer
		}
	}
	return named(shown, "most-complex", "Which of these functions has the most branches (if, for, case, && and ||)?", best.decl,
		"the (function|method) with the most branches", "… has the most branches", "the most complex (function|method)")
}

// caller asks which of several functions calls a given name.
func caller(r *rand.Rand, fit []function) (practice.Task, bool) {
	shown, ok := choose(r, fit, 3)
	if !ok {
		return practice.Task{}, false
	}
	calls := map[string]map[*ast.FuncDecl]bool{} // callee to callers
	indexed := map[string]bool{}                 // f[x](y) calls f, or an element of f
	for _, fn := range shown {
		ast.Inspect(fn.decl.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if name := indexedCall(call.Fun); name != "" {
				indexed[name] = true
			}
			if name := called(call.Fun); name != "" {
				if calls[name] == nil {
					calls[name] = map[*ast.FuncDecl]bool{}
				}
				calls[name][fn.decl] = true
			}
			return true
		})
	}
	var once []string
	for callee, callers := range calls {
		_, conversion := types.Universe.Lookup(callee).(*types.TypeName)
		if len(callers) == 1 && !indexed[callee] && !conversion &&
			!slices.ContainsFunc(shown, func(f function) bool { return f.decl.Name.Name == callee }) {
			once = append(once, callee)
		}
	}
	if len(once) == 0 {
		return practice.Task{}, false
	}
	slices.Sort(once)
	callee := once[r.IntN(len(once))]
	for who := range calls[callee] {
		name := practice.Literal(callee)
		return named(shown, "caller of "+callee, fmt.Sprintf("Which of these functions calls %s?", callee), who,
			"the (function|method) that calls ("+name+"|it|"+name+"\\(\\))", "… calls ("+name+"|"+name+"\\(\\)|it)",
			"the caller [of "+name+"]")
	}
	return practice.Task{}, false
}

// called returns the name of the called function, or "" where it has none.
func called(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.ParenExpr:
		return called(f.X)
	}
	return ""
}

// indexedCall returns the name of a function called with an index or with type
// arguments.
func indexedCall(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.IndexExpr:
		return called(f.X)
	case *ast.IndexListExpr:
		return called(f.X)
	}
	return ""
}

// choose draws n functions with different names whose code fits a prompt.
func choose(r *rand.Rand, fit []function, n int) ([]function, bool) {
	var shown []function
	size := 0
	for _, i := range r.Perm(len(fit)) {
		fn := fit[i]
		same := func(f function) bool { return f.decl.Name.Name == fn.decl.Name.Name }
		if slices.ContainsFunc(shown, same) || size+len(fn.file.source(fn.decl)) > maxCode {
			continue
		}
		size += len(fn.file.source(fn.decl))
		if shown = append(shown, fn); len(shown) == n {
			return shown, true
		}
	}
	return nil, false
}

// named asks for the name of one of the functions that are shown.
func named(shown []function, what, ask string, want *ast.FuncDecl, phrases ...string) (practice.Task, bool) {
	codes := make([]string, len(shown))
	for i := range shown {
		codes[i] = shown[i].file.source(shown[i].decl)
	}
	code := strings.Join(codes, "\n\n")
	p := practice.Say(append(phrases, "the [(name of the|right)] (function|method)", "the (function|method) is (called|"+
		"named) …", "it is (called|named) …")...).About(ask)
	right := names(want, shown[0].file.syntax.Name.Name)
	return practice.Task{
		Params: what + " " + study.Same(codes...), Messages: show(code, ask+" Answer with the function's name only."),
		Reference: want.Name.Name, Verifier: "analysis", MaxTokens: 48, Verify: func(a string) practice.Verdict {
			return practice.Read(a, p, func(said string) practice.Verdict {
				if slices.Contains(right, strings.TrimSuffix(practice.Bare(said), "()")) {
					return practice.Pass()
				}
				return practice.Fail("another name")
			})
		},
	}, true
}

// names are what a function may be called: by its name, with its package, or with its
// receiver.
func names(f *ast.FuncDecl, pkg string) []string {
	all := []string{f.Name.Name, pkg + "." + f.Name.Name}
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return all
	}
	of := receiver(f)
	owners := []string{of, "(" + of + ")", "*" + of, "(*" + of + ")", pkg + "." + of}
	for _, id := range f.Recv.List[0].Names {
		owners = append(owners, id.Name)
	}
	for _, owner := range owners {
		all = append(all, owner+"."+f.Name.Name)
	}
	return all
}
