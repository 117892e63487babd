// Command platforms vets every package and every test for other systems, without compiling
// anything: types are checked from the source, and then those of go vet's analyzers run that look
// at one package at a time. On this system go vet runs all of them.
//
//	go run ./.ci/platforms darwin/arm64 windows/amd64
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/suite/vet"
	"golang.org/x/tools/go/packages"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("platforms: ")
	if len(os.Args) < 2 {
		log.Fatal("name a system and a processor, such as darwin/arm64")
	}
	bad := false
	for _, target := range os.Args[1:] {
		found, err := faults(target)
		if err != nil {
			log.Fatalf("%s: %v", target, err)
		}
		for _, f := range found {
			fmt.Printf("%s: %s\n", target, f)
			bad = true
		}
	}
	if bad {
		os.Exit(1)
	}
}

// faults are those of all packages for a system and a processor, such as "darwin/arm64".
func faults(target string) (all []string, err error) {
	system, processor, ok := strings.Cut(target, "/")
	if !ok {
		return nil, fmt.Errorf("it is not SYSTEM/PROCESSOR")
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Tests: true, ParseFile: parse,
		Env: append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0"),
	}, "./...")
	if err != nil {
		return nil, err
	}
	// The program that runs a package's tests is made by the go command.
	pkgs = slices.DeleteFunc(pkgs, func(p *packages.Package) bool { return strings.HasSuffix(p.PkgPath, ".test") })
	// What was emptied by parse has wrong types here and there; whether it is there and can be read still counts.
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			if e.Kind != packages.TypeError || slices.Contains(pkgs, p) {
				all = append(all, e.Error())
			}
		}
	})
	for _, p := range pkgs {
		all = append(all, bodiless(p)...)
	}
	if len(all) > 0 {
		return all, nil
	}
	// What was emptied by parse has imports that nothing uses, which is no mistake of ours.
	packages.Visit(pkgs, nil, func(p *packages.Package) { p.IllTyped = false })
	graph, err := checker.Analyze(alone(), pkgs, nil)
	if err != nil {
		return nil, err
	}
	for _, root := range graph.Roots {
		if root.Err != nil {
			return nil, fmt.Errorf("%s: %w", root, root.Err)
		}
		for _, d := range root.Diagnostics {
			all = append(all, fmt.Sprintf("%s: %s", root.Package.Fset.Position(d.Pos), d.Message))
		}
	}
	return all, nil
}

// bodiless are the functions that the compiler would refuse: those without a body in a package
// without assembly for this system.
func bodiless(p *packages.Package) (all []string) {
	if slices.ContainsFunc(p.OtherFiles, func(name string) bool { return strings.HasSuffix(name, ".s") }) {
		return nil
	}
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body == nil {
				all = append(all, fmt.Sprintf("%s: %s has no body", p.Fset.Position(fn.Pos()), fn.Name.Name))
			}
		}
	}
	return all
}

// here is where the repository is.
var here, _ = os.Getwd()

// parse parses a file. Of what is not ours it forgets what functions do, which nothing looks at.
func parse(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
	if strings.HasPrefix(name, here+string(filepath.Separator)) {
		return parser.ParseFile(fset, name, src, parser.AllErrors|parser.ParseComments)
	}
	f, err := parser.ParseFile(fset, name, src, parser.AllErrors|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			fn.Body = new(ast.BlockStmt)
		}
	}
	return f, nil
}

// alone are the analyzers of go vet that need to know nothing of other packages. The two that are
// left out are not yet those of the go command.
func alone() (some []*analysis.Analyzer) {
	for _, a := range vet.Suite {
		if a.Name != "scannererr" && a.Name != "sqlrowserr" && !needsFacts(a) {
			some = append(some, a)
		}
	}
	return some
}

func needsFacts(a *analysis.Analyzer) bool {
	for _, r := range a.Requires {
		if needsFacts(r) {
			return true
		}
	}
	return len(a.FactTypes) > 0
}
