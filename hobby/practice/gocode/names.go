package gocode

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// declaration is a top-level declaration of a file that may be told of.
type declaration struct {
	name      string
	line, end int
	// For a function that is no method: the parameters that its body does not name, and
	// whether it returns an error that is nil in every return.
	ignores   []string
	neverErrs bool
	says      string // another name that its comment begins with
	saysLine  int
	receiver  string
	function  bool
	wanted    bool // its comment tells tools that it is meant to be unused
}

// nameTable has the names that a file declares and uses, as hashes: a collision hides a finding
// and makes none.
type nameTable struct {
	declared  []declaration
	functions []uint32 // names of functions and methods that it declares
	uses      []uint32 // identifiers, but for those that the declarations are of
	values    []uint32 // identifiers in another place than where a call names its function
}

func short(name string) uint32 { return uint32(study.Hash(name)) }

// namesOf finds the names of a file.
func namesOf(f *file) nameTable {
	var n nameTable
	own := map[*ast.Ident]bool{}
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			own[d.Name] = true
			n.functions = append(n.functions, short(d.Name.Name))
			n.declared = append(n.declared, f.function(d))
		case *ast.GenDecl:
			for _, s := range d.Specs {
				id, doc := specName(s), d.Doc
				if id == nil || id.Name == "_" || d.Tok == token.CONST && len(d.Specs) > 1 {
					continue
				}
				own[id] = true
				if len(d.Specs) > 1 {
					doc = nil
				}
				says, line := f.says(doc, id.Name, "")
				n.declared = append(n.declared, declaration{
					name: id.Name, line: f.line(s.Pos()), end: f.line(s.End()), says: says, saysLine: line, wanted: wanted(d.Doc),
				})
			}
		}
	}
	callee := map[*ast.Ident]bool{}
	uses, values := map[uint32]bool{}, map[uint32]bool{}
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CallExpr:
			if id, ok := node.Fun.(*ast.Ident); ok {
				callee[id] = true
			}
		case *ast.Ident:
			if own[node] {
				return true
			}
			uses[short(node.Name)] = true
			if !callee[node] {
				values[short(node.Name)] = true
			}
		}
		return true
	})
	for _, g := range f.syntax.Comments {
		for _, c := range g.List {
			for _, mark := range []string{"//go:linkname ", "//export "} {
				if rest, ok := strings.CutPrefix(c.Text, mark); ok {
					for _, w := range strings.Fields(rest) {
						uses[short(w)], values[short(w)] = true, true
					}
				}
			}
		}
	}
	n.uses, n.values = sorted(uses), sorted(values)
	return n
}

func sorted(m map[uint32]bool) []uint32 {
	all := make([]uint32, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// function is what is told of a function's declaration.
func (f *file) function(d *ast.FuncDecl) declaration {
	of := ""
	if d.Recv != nil && len(d.Recv.List) > 0 {
		of = receiver(d)
	}
	says, line := f.says(d.Doc, d.Name.Name, of)
	if says != "" && slices.Contains(operands(d), says) { // "listingNum is 1 or 2"
		says = ""
	}
	n := declaration{
		name: d.Name.Name, line: f.line(d.Pos()), end: f.line(d.End()), says: says, saysLine: line, receiver: of, function: true,
		wanted: wanted(d.Doc),
	}
	if of != "" || d.Body == nil || len(d.Body.List) < 2 || ast.IsExported(d.Name.Name) {
		return n
	}
	within := map[string]bool{}
	ast.Inspect(d.Body, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok {
			within[id.Name] = true
		}
		return true
	})
	for _, p := range d.Type.Params.List {
		for _, id := range p.Names {
			if id.Name != "_" && !within[id.Name] {
				n.ignores = append(n.ignores, id.Name)
			}
		}
	}
	n.neverErrs = neverErrs(d)
	return n
}

// operands are the names of what a function takes and returns.
func operands(d *ast.FuncDecl) (all []string) {
	for _, list := range []*ast.FieldList{d.Recv, d.Type.Params, d.Type.Results} {
		if list == nil {
			continue
		}
		for _, p := range list.List {
			for _, id := range p.Names {
				all = append(all, id.Name)
			}
		}
	}
	return all
}

// wanted reports whether a comment has a directive that something is meant to be unused.
func wanted(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//lint:ignore U1000") || strings.HasPrefix(c.Text, "//nolint")
	})
}

// neverErrs reports whether a function returns an error that each return has as nil.
func neverErrs(d *ast.FuncDecl) bool {
	if d.Type.Results == nil {
		return false
	}
	results := d.Type.Results.List
	last := results[len(results)-1]
	if id, ok := last.Type.(*ast.Ident); !ok || id.Name != "error" || len(last.Names) > 0 {
		return false
	}
	returns, all := 0, true
	ast.Inspect(d.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			returns++
			if len(node.Results) != len(results) {
				all = false
				return true
			}
			id, ok := node.Results[len(node.Results)-1].(*ast.Ident)
			all = all && ok && id.Name == "nil"
		}
		return true
	})
	return returns > 0 && all
}

// beginning matches the name that a comment begins with, and the verb behind it.
var beginning = regexp.MustCompile(`^(?:(?:The|A|An) )?([A-Za-z_][\w.]*)(?:\[[^\]]*\])?(?:\(\))? ` +
	`(?:is|are|was|will|can|[a-z]+s|must|should|does) `)

// identifier matches a name in a comment.
var identifier = regexp.MustCompile(`[\pL_][\pL\p{Nd}_]*`)

// longestName bounds the names that are compared letter by letter.
const longestName = 100

// says is the name that a comment begins with where that is another one than the name of
// what the comment stands above; "" where it is not clear that it is a name.
func (f *file) says(doc *ast.CommentGroup, name, receiver string) (string, int) {
	if doc == nil {
		return "", 0
	}
	m := beginning.FindStringSubmatch(strings.ReplaceAll(doc.Text(), "\n", " "))
	if m == nil {
		return "", 0
	}
	said := m[1][strings.LastIndexByte(m[1], '.')+1:]
	inner := len(said) > 1 && strings.ContainsFunc(said[1:], func(r rune) bool { return r >= 'A' && r <= 'Z' || r == '_' })
	if said == name || said == receiver || !inner || strings.ToUpper(said) == said ||
		slices.Contains(identifier.FindAllString(doc.Text(), -1), name) {
		return "", 0
	}
	return said, f.line(doc.Pos())
}

// spoken matches what a name has behind that of a declaration when a comment speaks of several, or of another that is to be
// called: caches, LoadWithContext.
var spoken = regexp.MustCompile(`^(?:s|(?:With)?Context)$`)

// apart counts the letters by which two names differ (Levenshtein).
func apart(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// nameRemarks are the remarks that need all files of a folder: what is named nowhere, what
// nobody needs of a function, and comments that begin with another name. all has the files
// of the tree, with those that are generated.
func nameRemarks(root string, all []*facts) map[*facts][]remark {
	folders := map[string][]*facts{}
	for _, f := range all {
		folders[f.dir()] = append(folders[f.dir()], f)
	}
	told := map[*facts][]remark{}
	for dir, files := range folders {
		broken := slices.ContainsFunc(files, func(f *facts) bool { return f.broken })
		if !broken && !unseen(filepath.Join(root, filepath.FromSlash(dir)), len(files)) {
			folderNames(files, told)
		}
	}
	return told
}

// unseen reports whether a folder has code that was not read: assembly names functions, too,
// and a file may be too large.
func unseen(dir string, read int) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true
	}
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".s", ".S":
			return true
		case ".go":
			read--
		}
	}
	return read < 0
}

// folderNames adds the remarks on the names of one folder.
func folderNames(files []*facts, told map[*facts][]remark) {
	uses, values, functions, times := map[uint32]bool{}, map[uint32]bool{}, map[uint32]bool{}, map[string]int{}
	add := func(set map[uint32]bool, list []uint32) {
		for _, h := range list {
			set[h] = true
		}
	}
	for _, f := range files {
		add(uses, f.names.uses)
		add(values, f.names.values)
		add(functions, f.names.functions)
		for _, d := range f.names.declared {
			if d.receiver == "" {
				times[d.name]++
			}
		}
	}
	for _, f := range files {
		if f.generated || f.tagged { // what is built with a tag may be for a tool to read
			continue
		}
		for _, d := range f.names.declared {
			note := func(r rule, line, end int, text string) { told[f] = append(told[f], remark{r, line, end, text}) }
			near := func() bool {
				longer := max(len(d.name), len(d.says))
				return longer <= longestName && 3*apart(d.says, d.name) <= longer
			}
			if d.says != "" && !f.test && !strings.EqualFold(d.says, d.name) && !spoken.MatchString(strings.TrimPrefix(d.says, d.name)) &&
				(d.function && functions[short(d.says)] || near() && times[d.says] == 0) {
				note(misnamed, d.saysLine, d.line, d.says+" above "+d.name)
			}
			if f.test || d.receiver != "" || ast.IsExported(d.name) || d.name == "main" || d.name == "init" || d.name[0] == '_' {
				continue
			}
			if !uses[short(d.name)] {
				if f.bound && !d.function || d.wanted {
					continue // what a system's headers declare
				}
				note(unused, d.line, d.end, d.name)
				continue
			}
			if times[d.name] > 1 || values[short(d.name)] {
				continue
			}
			for _, p := range d.ignores {
				note(ignored, d.line, d.line, fmt.Sprintf("%s of %s", p, d.name))
			}
			if d.neverErrs {
				note(neverFails, d.line, d.end, d.name)
			}
		}
	}
}
