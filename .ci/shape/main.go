// Command shape lists what is too long to read in the Go files that git knows of: lines
// over 140 characters outside tests, a tab being one, and functions over 75 lines
// outside tests and packages for tests. The lines of a table do not count: those
// of a composite literal that holds no function. It lists files of more than 2 MiB, too,
// since what a build leaves behind is one. It fails when it lists anything.
//
//	go run ./.ci/shape [PATH...]
package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path"
	"strings"
	"unicode/utf8"
)

const (
	maxLine = 140
	maxFunc = 75
	maxFile = 2 << 20
)

func main() {
	log.SetFlags(0)
	out, err := exec.Command("git", append([]string{"ls-files", "-z", "--"}, os.Args[1:]...)...).Output()
	if err != nil {
		log.Fatalf("shape: listing the files: %v", err)
	}
	long := 0
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if file, err := os.Stat(name); err == nil && file.Size() > maxFile {
			fmt.Printf("%s: a file of %d bytes\n", name, file.Size())
			long++
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			continue
		}
		src, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) { // removed, and not yet committed
			continue
		}
		if err != nil {
			log.Fatalf("shape: %v", err)
		}
		found := lines(name, string(src))
		if !strings.HasSuffix(path.Dir(name), "test") {
			found = append(found, functions(name, src)...)
		}
		for _, f := range found {
			fmt.Println(f)
		}
		long += len(found)
	}
	if long > 0 {
		log.Fatalf("shape: %d files, lines or functions are too long", long)
	}
}

func lines(name, src string) (found []string) {
	n := 0
	for line := range strings.Lines(src) {
		n++
		if size := utf8.RuneCountInString(strings.TrimRight(line, "\r\n")); size > maxLine {
			found = append(found, fmt.Sprintf("%s:%d: a line of %d characters", name, n, size))
		}
	}
	return found
}

func functions(name string, src []byte) (found []string) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
	if err != nil {
		log.Fatalf("shape: %v", err)
	}
	span := func(n ast.Node) int { return files.Position(n.End()).Line - files.Position(n.Pos()).Line }
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		size := span(f) + 1
		ast.Inspect(f, func(n ast.Node) bool {
			if table, ok := n.(*ast.CompositeLit); ok && !holdsFunction(table) {
				size -= span(table)
				return false
			}
			return true
		})
		if size > maxFunc {
			found = append(found, fmt.Sprintf("%v: %s has %d lines", files.Position(f.Pos()), f.Name.Name, size))
		}
	}
	return found
}

func holdsFunction(n ast.Node) (yes bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		_, is := n.(*ast.FuncLit)
		yes = yes || is
		return !yes
	})
	return yes
}
