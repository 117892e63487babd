package gocode

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// relations are the findings on what a package imports and what its functions call,
// whose claims are exact: they are the type checker's.
func relations(root, dir string, p *packages.Package) []finding {
	if p.Types == nil || odd.MatchString(p.PkgPath) || p.PkgPath == "command-line-arguments" {
		return nil // it has no name that means the same elsewhere
	}
	return append(imports(dir, p), calls(root, dir, p)...)
}

// imports tells what a package imports.
func imports(dir string, p *packages.Package) []finding {
	paths := slices.Sorted(maps.Keys(p.Imports))
	if len(paths) == 0 {
		return nil
	}
	f := finding{
		Key: fmt.Sprintf("imports %s %x", dir, study.Hash(p.PkgPath+strings.Join(paths, " "))), Topic: dir, Weight: 0.35, Confidence: 1,
		Text:     fmt.Sprintf("%s imports %s: %s", p.PkgPath, counted(len(paths), "package"), strings.Join(paths, ", ")),
		Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: dir}},
	}
	for _, q := range paths {
		f.Claims = append(f.Claims, hobby.Claim{Subject: p.PkgPath, Relation: hobby.Imports, Object: q, Confidence: 1})
	}
	return []finding{f}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}

// calls tells, file by file, which functions of the package's module its functions
// call. Calls through interfaces and variables are left out, because which function
// they reach is not known.
func calls(root, dir string, p *packages.Package) []finding {
	var all []finding
	for _, syntax := range p.Syntax {
		pos := p.Fset.PositionFor(syntax.Pos(), false)
		rel, err := filepath.Rel(root, pos.Filename)
		if err != nil || strings.HasPrefix(rel, "..") || generated(syntax) {
			continue
		}
		rel = filepath.ToSlash(rel)
		var claims []hobby.Claim
		lines := map[string][2]int{} // of each caller, the first and the last
		for _, d := range syntax.Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok || decl.Body == nil {
				continue
			}
			caller, ok := p.TypesInfo.Defs[decl.Name].(*types.Func)
			if !ok || caller.Name() == "_" {
				continue
			}
			for _, callee := range callees(p, decl.Body) {
				place, known := lines[pathOf(caller)] // a file may have several of the name init
				if !known {
					place[0] = p.Fset.PositionFor(decl.Pos(), false).Line
				}
				place[1] = p.Fset.PositionFor(decl.End(), false).Line
				lines[pathOf(caller)] = place
				claims = append(claims, hobby.Claim{Subject: pathOf(caller), Relation: hobby.Calls, Object: callee, Confidence: 1})
			}
		}
		for part := range slices.Chunk(claims, hobby.MaxClaims) {
			all = append(all, finding{
				Key: fmt.Sprintf("calls %s %x", rel, study.Hash(fmt.Sprint(part))), Topic: dir, Weight: 0.25, Confidence: 1,
				Text: fmt.Sprintf("%s has %s that call functions of their module, such as %s, which calls %s", rel,
					counted(len(lines), "function"), part[0].Subject, part[0].Object),
				Evidence: []hobby.Evidence{at(rel, lines[part[0].Subject][0], lines[part[len(part)-1].Subject][1])}, Claims: part,
			})
		}
	}
	return all
}

// callees lists the functions of the package's module that a body calls by name, each
// once, in order.
func callees(p *packages.Package, body ast.Node) []string {
	seen := map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f := typeutil.StaticCallee(p.TypesInfo, call)
		if f != nil && f.Pkg() != nil && within(p, f.Pkg().Path()) {
			seen[pathOf(f)] = true
		}
		return true
	})
	return slices.Sorted(maps.Keys(seen))
}

// within reports whether a package is of the module of p.
func within(p *packages.Package, q string) bool {
	return q == p.PkgPath || p.Module != nil && (q == p.Module.Path || strings.HasPrefix(q, p.Module.Path+"/"))
}

// pathOf is a function's name in claims; see [hobby.Calls]. Type parameters are left
// out.
func pathOf(f *types.Func) string {
	f = f.Origin()
	recv := f.Signature().Recv()
	if recv == nil {
		return f.Pkg().Path() + "." + f.Name()
	}
	t, star := recv.Type(), ""
	if ptr, ok := t.(*types.Pointer); ok {
		t, star = ptr.Elem(), "*"
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return "(" + star + f.Pkg().Path() + "." + n.Obj().Name() + ")." + f.Name()
	}
	return f.FullName()
}

// functionAt finds the function of a file that lines are in, by its name in claims; ""
// when they are in none, or the file is in no module.
func functionAt(root, dir string, all []function, line, end int) string {
	dir, ok := importPath(root, dir)
	if !ok {
		return ""
	}
	for _, fn := range all {
		if fn.line <= line && end <= fn.end {
			if rest, ok := strings.CutPrefix(fn.name, "(*"); ok {
				return "(*" + dir + "." + rest
			}
			if rest, ok := strings.CutPrefix(fn.name, "("); ok {
				return "(" + dir + "." + rest
			}
			return dir + "." + fn.name
		}
	}
	return ""
}

// importPath is the import path of a folder of the tree, by the nearest go.mod. It is
// false where there is none, and below a vendor folder, which has several modules.
func importPath(root, dir string) (string, bool) {
	if strings.Contains("/"+dir+"/", "/vendor/") {
		return "", false
	}
	for at, below := filepath.Join(root, filepath.FromSlash(dir)), ""; ; {
		if raw, err := os.ReadFile(filepath.Join(at, "go.mod")); err == nil {
			module := modfile.ModulePath(raw)
			return path.Join(module, below), module != ""
		}
		parent := filepath.Dir(at)
		if parent == at {
			return "", false
		}
		below, at = path.Join(filepath.Base(at), below), parent
	}
}
