// Command concurrent lists the packages whose tests can run two things at the same
// time. The race detector has nothing to say about the others. Two things can run at
// the same time where a package in the test's program, of ours or of another module, has
// a go statement or names a function that runs another one beside its caller, or where the
// program has a package of the standard library that does so: a server, a database or a
// process. Of other modules' packages only those named below are known to wait.
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
}

var (
	// The names of such functions in context, errgroup, runtime, sync, testing and time.
	names   = []string{"Go", "AddCleanup", "AfterFunc", "Parallel", "RunParallel", "SetFinalizer"}
	runners = []string{"net", "database/sql", "os/exec", "os/signal"}
	// These have go statements, and wait for what they started before they return: the
	// first two run one function of a test at a time, the third works on numbers alone.
	// cmp also runs a Comparer beside itself on purpose, to show that it is pure.
	wait = []string{"pgregory.net/rapid", "github.com/google/go-cmp/cmp", "gonum.org/v1/gonum/blas/gonum"}
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("concurrent: ")
	out, err := exec.Command("go", "list", "-race", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,CgoFiles,Deps,Standard", "./...").Output()
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
				!slices.Contains(wait, p.ImportPath) && startsAny(p.Dir, slices.Concat(p.GoFiles, p.CgoFiles))
		}
	}
}

// startsAny reports whether a file starts something that runs beside it.
func startsAny(dir string, files []string) (yes bool) {
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			log.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				yes = true
			case *ast.SelectorExpr: // called, or handed on
				yes = yes || slices.Contains(names, n.Sel.Name)
			}
			return !yes
		})
	}
	return yes
}
