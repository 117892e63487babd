package gocode

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// maxFile bounds the files that are read, in bytes.
const maxFile = 1 << 20

// file is one parsed file.
type file struct {
	path   string // relative to the root, with slashes
	test   bool
	digest string
	text   []byte
	syntax *ast.File // nil when the file does not parse at all
	fset   *token.FileSet
	broken error // why the file does not parse
}

// dir is the folder of the file: its package, for our purposes.
func (f *file) dir() string { return path.Dir(f.path) }

// line is the line that a position is on.
func (f *file) line(p token.Pos) int { return f.fset.Position(p).Line }

// source is the text of a node.
func (f *file) source(n ast.Node) string {
	a, b := f.fset.Position(n.Pos()).Offset, f.fset.Position(n.End()).Offset
	if a < 0 || b > len(f.text) || a > b {
		return ""
	}
	return string(f.text[a:b])
}

// newTree reads the Go files below a folder.
func newTree(root string, maxFiles int) *study.Tree[*file] {
	return &study.Tree[*file]{
		Dir: root, MaxFiles: maxFiles, MaxBytes: maxFile, Parse: parse,
		Wants: func(name string) bool { return strings.HasSuffix(name, ".go") },
	}
}

// written are the files that no program wrote.
func written(files []*file) []*file {
	return slices.DeleteFunc(files, func(f *file) bool { return f.syntax != nil && ast.IsGenerated(f.syntax) })
}

// parse makes a file of a text.
func parse(rel string, text []byte) *file {
	sum := sha256.Sum256(text)
	f := &file{path: rel, text: text, test: strings.HasSuffix(rel, "_test.go"), digest: hex.EncodeToString(sum[:8]), fset: token.NewFileSet()}
	f.syntax, f.broken = parser.ParseFile(f.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	return f
}
