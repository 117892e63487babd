package gocode

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// maxFile is the size of the largest file that is read, in bytes.
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

// dir is the folder of the file, which stands for its package.
func (f *file) dir() string { return path.Dir(f.path) }

// line is the line of the file that a position is on. Line directives are ignored.
func (f *file) line(p token.Pos) int { return f.fset.PositionFor(p, false).Line }

// source is the text of a node.
func (f *file) source(n ast.Node) string {
	a, b := f.fset.Position(n.Pos()).Offset, f.fset.Position(n.End()).Offset
	if a < 0 || b > len(f.text) || a > b {
		return ""
	}
	return string(f.text[a:b])
}

// facts is what is kept of a file. The texts or syntax trees of a large tree
// would take too much memory.
type facts struct {
	path       string
	test       bool
	generated  bool
	digest     string
	lines      int
	broken     bool
	command    bool      // of a program
	pkg        string    // the name of its package
	introduced bool      // its package has a comment here
	mentions   []mention // names in its comments
	bound      bool      // to some systems, by its name or a constraint
	tagged     bool      // of no system: it has a tag
	findings   []finding // findings that need no other file
	remarks    []remark  // the same, of those that are told by folder
	bare       []remark  // exported declarations without a comment, of so many
	exported   int
	names      nameTable
	imports    []string
	hardest    hard
	asks       [3]int // by level: the number of functions that may be asked about
	marks      []mark
}

// systems are what files are built for.
var systems = []string{"linux/amd64", "linux/arm64", "windows/amd64", "darwin/arm64", "freebsd/amd64", "netbsd/amd64", "openbsd/amd64",
	"dragonfly/amd64", "solaris/amd64", "illumos/amd64", "aix/ppc64", "plan9/386", "android/arm", "ios/arm64", "js/wasm", "wasip1/wasm",
	"linux/386", "linux/s390x", "linux/ppc64le", "linux/riscv64", "linux/loong64", "linux/mips"}

// bound reports whether a file is of some systems only, and whether it is of none: it has a tag then. A file for all but
// some is of all.
func (f *file) bound() (bound, tagged bool) {
	fits := func(system string) bool {
		c := build.Context{Compiler: "gc", CgoEnabled: true, ReleaseTags: build.Default.ReleaseTags,
			OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.text)), nil }}
		c.GOOS, c.GOARCH, _ = strings.Cut(system, "/")
		fit, err := c.MatchFile("", path.Base(f.path))
		return err != nil || fit
	}
	bound = !fits("none/none")
	return bound, bound && !slices.ContainsFunc(systems, fits)
}

// hard is where a file is hardest to read; its cognitive complexity is 0 when
// there is no function.
type hard struct {
	name                 string
	line, end, cognitive int
	most                 string // where most of it is; "" where that is nowhere
}

// dir is the folder of the file.
func (f *facts) dir() string { return path.Dir(f.path) }

// examine finds the facts of a file.
func examine(f *file) *facts {
	k := &facts{
		path: f.path, test: f.test, digest: f.digest, lines: bytes.Count(f.text, []byte("\n")),
		generated: f.syntax != nil && generated(f.syntax), findings: judgeFile(f), broken: f.broken != nil || f.syntax == nil,
	}
	if k.broken {
		return k
	}
	k.names, k.command = namesOf(f), f.syntax.Name.Name == "main"
	if k.generated {
		return k
	}
	k.bound, k.tagged = f.bound()
	for _, i := range f.syntax.Imports {
		k.imports = append(k.imports, strings.Trim(i.Path.Value, "`\""))
	}
	k.remarks = append(k.remarks, f.slips()...)
	if f.test {
		return k
	}
	k.remarks = append(k.remarks, remarksOf(f)...)
	k.pkg, k.introduced, k.mentions = f.syntax.Name.Name, f.syntax.Doc != nil, f.mentions()
	k.bare, k.exported = bare(f)
	for _, fn := range functions(f) {
		if fn.cognitive > k.hardest.cognitive {
			k.hardest = hard{fn.name, fn.line, fn.end, fn.cognitive, fn.most()}
		}
		for level := range k.asks {
			if f.broken == nil && fn.fits(level+1) {
				k.asks[level]++
			}
		}
	}
	k.marks = marks(tokenize(f.text).shape)
	return k
}

// load reads a file's text again. It returns nil when the text has changed since
// it was examined.
type load func(*facts) []byte

// newTree reads the Go files below a folder.
func newTree(root string, maxFiles int) *study.Tree[*facts] {
	return &study.Tree[*facts]{
		Dir: root, MaxFiles: maxFiles, MaxBytes: maxFile,
		Parse: func(rel string, text []byte) *facts { return examine(parse(rel, text)) },
		Wants: func(name string) bool { return strings.HasSuffix(name, ".go") },
	}
}

// loader reads files of a tree again.
func loader(t *study.Tree[*facts]) load {
	return func(k *facts) []byte {
		text, err := t.Text(k.path)
		if err != nil || digest(text) != k.digest {
			return nil
		}
		return text
	}
}

// made matches what generators of code write that do not know Go's own mark or its place.
var made = regexp.MustCompile(`(?i)^/[/*]\s*(?:(?:code|file|auto|automatically)[ -]?)*(?:generated|created)\b.*\bdo not edit\b`)

// generated reports whether a comment before a file's declarations says that a program made it.
func generated(f *ast.File) bool {
	if ast.IsGenerated(f) {
		return true
	}
	for _, g := range f.Comments {
		if len(f.Decls) > 0 && g.Pos() > f.Decls[0].Pos() {
			break
		}
		for _, c := range g.List {
			if made.MatchString(c.Text) {
				return true
			}
		}
	}
	return false
}

// written returns the files that are not generated.
func written(files []*facts) []*facts {
	return slices.DeleteFunc(files, func(f *facts) bool { return f.generated })
}

// digest returns the digest of a text.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// parse parses a file.
func parse(rel string, text []byte) *file {
	f := &file{path: rel, text: text, test: strings.HasSuffix(rel, "_test.go"), digest: digest(text), fset: token.NewFileSet()}
	f.syntax, f.broken = parser.ParseFile(f.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	return f
}
