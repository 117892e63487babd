package gocode

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// finding is a fact about the code. Its key holds the rule and the digest of the
// code that it is about, so it is told again when the code has changed.
type finding = study.Finding

func at(path string, line, end int) hobby.Evidence {
	return hobby.Evidence{Kind: hobby.EvidenceFile, Ref: path, Line: line, EndLine: end}
}

// The bounds beyond which the first layer reports a finding.
const (
	manyBranches   = 15
	hardToRead     = 25
	longFunction   = 80
	deepNesting    = 5
	manyParameters = 6
	longFile       = 600
)

// survey is the first layer: findings from the files alone. When its context
// ends, it returns the context's cause.
func survey(ctx context.Context, root string, files []*facts, read load) ([]finding, error) {
	var all []finding
	for _, f := range files {
		all = append(all, f.findings...)
	}
	found, err := clones(ctx, files, read)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		all = append(all, finding{
			Key: fmt.Sprintf("clone %s %d %s %d", c.a.digest, c.aLine, c.b.digest, c.bLine), Topic: c.a.dir(),
			Weight: float64(c.tokens) / cloneTokens, Confidence: max(0.05, c.similarity()),
			Text: fmt.Sprintf("%s:%d-%d and %s:%d-%d are the same %d tokens but for names and values; "+
				"%.0f %% of them agree to the letter", c.a.path, c.aLine, c.aEnd, c.b.path, c.bLine, c.bEnd, c.tokens, 100*c.similarity()),
			Evidence: []hobby.Evidence{at(c.a.path, c.aLine, c.aEnd), at(c.b.path, c.bLine, c.bEnd)}, Claims: c.duplicated(root, read),
		})
	}
	return append(all, layout(files)...), nil
}

// judgeFile returns the findings that need one file only.
func judgeFile(f *file) []finding {
	if f.broken != nil {
		return []finding{{
			Key: "syntax " + f.digest, Topic: f.dir(), Weight: 1000, Confidence: 1,
			Text: fmt.Sprintf("%s does not parse: %v", f.path, firstLine(f.broken.Error())), Evidence: []hobby.Evidence{at(f.path, 1, 1)},
		}}
	}
	var all []finding
	for _, fn := range functions(f) {
		all = append(all, judge(&fn)...)
	}
	if n := bytes.Count(f.text, []byte("\n")); n > longFile && !f.test {
		all = append(all, finding{
			Key: "long file " + f.digest, Topic: f.dir(), Weight: float64(n) / longFile, Confidence: 1,
			Text: fmt.Sprintf("%s has %d lines", f.path, n), Evidence: []hobby.Evidence{at(f.path, 1, n)},
		})
	}
	return append(all, undocumented(f)...)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// judge returns what is out of bounds in a function.
func judge(fn *function) []finding {
	if fn.file.test {
		return nil
	}
	var all []finding
	tell := func(rule string, value, bound int, format string) {
		if value <= bound {
			return
		}
		all = append(all, finding{
			Key: rule + " " + fn.file.digest + " " + fn.name, Topic: fn.file.dir(), Weight: float64(value) / float64(bound), Confidence: 1,
			Text:     fmt.Sprintf("%s at %s:%d "+format, fn.name, fn.file.path, fn.line, value),
			Evidence: []hobby.Evidence{at(fn.file.path, fn.line, fn.end)},
		})
	}
	tell("cyclomatic", fn.cyclomatic, manyBranches, "has a cyclomatic complexity of %d")
	tell("cognitive", fn.cognitive, hardToRead, "has a cognitive complexity of %d")
	tell("length", fn.lines(), longFunction, "has %d lines")
	tell("nesting", fn.nesting, deepNesting, "nests %d levels deep")
	tell("parameters", fn.params, manyParameters, "takes %d parameters")
	return all
}

// undocumented counts the exported declarations of a file without a comment.
func undocumented(f *file) []finding {
	if f.test || f.syntax.Name.Name == "main" || strings.Contains("/"+f.path, "/internal/") {
		return nil
	}
	var names []string
	line := 0
	note := func(id *ast.Ident, doc *ast.CommentGroup) {
		if id.IsExported() && doc == nil {
			if len(names) == 0 {
				line = f.line(id.Pos())
			}
			names = append(names, id.Name)
		}
	}
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || ast.IsExported(strings.TrimPrefix(strings.TrimPrefix(funcName(d), "(*"), "(")) {
				note(d.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok && d.Doc == nil {
					note(ts.Name, ts.Doc)
				}
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	shown := strings.Join(names[:min(len(names), 5)], ", ")
	return []finding{{
		Key: "documentation " + f.digest, Topic: f.dir(), Weight: 0.5 + float64(len(names))/20, Confidence: 1,
		Text:     fmt.Sprintf("%s has %d exported declarations without a comment: %s", f.path, len(names), shown),
		Evidence: []hobby.Evidence{at(f.path, line, line)},
	}}
}

// layout returns the findings on the folders of the tree and their imports.
func layout(files []*facts) []finding {
	type folder struct{ code, test int }
	folders := map[string]*folder{}
	var digests strings.Builder
	var where *facts // the file of the hardest function
	for _, f := range files {
		d := folders[f.dir()]
		if d == nil {
			d = &folder{}
			folders[f.dir()] = d
		}
		if f.test {
			d.test += f.lines
			continue
		}
		d.code += f.lines
		digests.WriteString(f.digest)
		if f.hardest.cognitive > 0 && (where == nil || f.hardest.cognitive > where.hardest.cognitive) {
			where = f
		}
	}
	if len(folders) == 0 {
		return nil
	}
	code, test := 0, 0
	var untested []string
	for name, d := range folders {
		code, test = code+d.code, test+d.test
		if d.test == 0 && d.code > 100 {
			untested = append(untested, name)
		}
	}
	key := fmt.Sprintf("%x", study.Hash(digests.String()))
	all := []finding{{
		Key: "size " + key, Weight: 0.9, Confidence: 1,
		Text:     fmt.Sprintf("the tree has %d lines of Go in %d folders, and %d lines of tests", code, len(folders), test),
		Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: "."}},
	}}
	if where != nil {
		h := where.hardest
		all = append(all, finding{
			Key: "hardest " + where.digest + h.name, Topic: where.dir(), Weight: 0.8, Confidence: 1,
			Text: fmt.Sprintf("the function that is hardest to read is %s at %s:%d, with a cognitive complexity of %d", h.name,
				where.path, h.line, h.cognitive),
			Evidence: []hobby.Evidence{at(where.path, h.line, h.end)},
		})
	}
	slices.Sort(untested)
	for _, name := range untested {
		all = append(all, finding{
			Key: "untested " + name + fmt.Sprint(folders[name].code/100), Topic: name, Weight: 0.6 + float64(folders[name].code)/2000, Confidence: 1,
			Text:     fmt.Sprintf("%s has %d lines of code and no tests in its folder", path.Clean(name), folders[name].code),
			Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: name}},
		})
	}
	return all
}
