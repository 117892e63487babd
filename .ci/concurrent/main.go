// Command concurrent lists the packages whose tests can run two things at the same
// time. The race detector has nothing to say about the others. Two things can run at
// the same time where one of our packages in the test's program has a go statement or
// a call of Go, AfterFunc or Parallel, or where the program has a package of the
// standard library that runs what others wrote: a server, a database or a process.
//
//	go test -race $(go run ./.ci/concurrent)
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// listed is what go list says of a package, of one as it is compiled for a test, or of
// a test's program, whose path ends in ".test".
type listed struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string
	Deps              []string
	Standard          bool
	Module            *struct{ Main bool }
}

var (
	calls   = []string{"Go", "AfterFunc", "Parallel"}
	runners = []string{"net", "database/sql", "os/exec", "os/signal"}
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("concurrent: ")
	out, err := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,CgoFiles,Deps,Standard,Module", "./...").Output()
	if err != nil {
		log.Fatalf("listing the packages: %v", err)
	}
	starts := map[string]bool{} // the standard library's packages by themselves do not
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			log.Fatalf("reading the list of packages: %v", err)
		}
		program, isTest := strings.CutSuffix(p.ImportPath, ".test")
		switch {
		case p.Standard:
		case isTest: // what it depends on comes before it
			if slices.ContainsFunc(p.Deps, func(dep string) bool { return starts[dep] }) {
				fmt.Println(program)
			}
		default:
			starts[p.ImportPath] = slices.ContainsFunc(p.Deps, func(dep string) bool { return slices.Contains(runners, dep) }) ||
				p.Module != nil && p.Module.Main && startsAny(p.Dir, slices.Concat(p.GoFiles, p.CgoFiles))
		}
	}
}

// startsAny reports whether a file starts something that runs beside it.
func startsAny(dir string, names []string) (yes bool) {
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			log.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				yes = true
			case *ast.CallExpr:
				f, ok := n.Fun.(*ast.SelectorExpr)
				yes = yes || ok && slices.Contains(calls, f.Sel.Name)
			}
			return !yes
		})
	}
	return yes
}
