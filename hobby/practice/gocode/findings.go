package gocode

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// finding is a fact about the code. Its key holds the rule and what it says of which
// files, so it is told again when that has changed.
type finding = study.Finding

func at(path string, line, end int) hobby.Evidence {
	return hobby.Evidence{Kind: hobby.EvidenceFile, Ref: path, Line: line, EndLine: end}
}

// survey is the first layer: findings from the files alone. all has the generated files,
// too. When its context ends, it returns the context's cause.
func survey(ctx context.Context, root string, all []*facts, read load) ([]finding, error) {
	files := written(slices.Clone(all))
	var told []finding
	for _, f := range files {
		told = append(told, f.findings...)
	}
	found, err := clones(ctx, files, read)
	if err != nil {
		return nil, err
	}
	alike, pairs := twins(root, found, read)
	told = append(told, pairs...)
	rest, small := remarks(files, nameRemarks(root, all), undocumented(files), unintroduced(files), goneNames(all))
	if told = append(told, rest...); len(told) > 0 {
		return told, nil
	}
	if hard := hardest(files); len(hard) > 0 {
		small = append(small, tell("hardest", "hardest to read", 0, 1, hard, mostSmall))
	}
	return slight(slices.Concat(small, alike[:min(len(alike), mostSmall)], untested(root, files))), nil
}

// judgeFile returns the findings that need one file only.
func judgeFile(f *file) []finding {
	if f.broken == nil {
		return nil
	}
	return []finding{{
		Key: "syntax " + f.digest, Topic: f.dir(), Weight: 1000, Confidence: 1,
		Text: fmt.Sprintf("%s does not parse: %v", f.path, firstLine(f.broken.Error())), Evidence: []hobby.Evidence{at(f.path, 1, 1)},
	}}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// plain are methods of well-known interfaces: their names say what they do.
var plain = []string{"String", "GoString", "Error", "Unwrap", "Is", "As", "Len", "Less", "Swap", "Push", "Pop", "Read", "Write",
	"Close", "Seek",
	"ReadAt", "WriteAt", "WriteTo", "ReadFrom", "ServeHTTP", "RoundTrip", "Format", "Scan", "Value", "MarshalJSON", "UnmarshalJSON",
	"MarshalText", "UnmarshalText", "MarshalBinary", "UnmarshalBinary", "MarshalYAML", "UnmarshalYAML",
	"MarshalXML", "UnmarshalXML", "Set", "Type"}

// bare are the exported declarations of a file without a comment, and the number of all
// exported ones that need one.
func bare(f *file) (all []remark, of int) {
	if f.syntax.Name.Name == "main" || strings.Contains("/"+f.path, "/internal/") {
		return nil, 0
	}
	note := func(id *ast.Ident, name string, doc *ast.CommentGroup) {
		if !id.IsExported() {
			return
		}
		if of++; doc == nil {
			all = append(all, remark{missing, f.line(id.Pos()), f.line(id.Pos()), name})
		}
	}
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || ast.IsExported(receiver(d)) && !slices.Contains(plain, d.Name.Name) {
				note(d.Name, funcName(d), d.Doc)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					note(ts.Name, ts.Name.Name, cmp.Or(ts.Doc, d.Doc))
				}
			}
		}
	}
	return all, of
}

// hardToRead is the cognitive complexity from which on a function is told of as hard to read.
const hardToRead = 25

// hardest are the functions of the tree that are hardest to read, one of a file.
func hardest(files []*facts) (told []placed) {
	var hard []*facts
	for _, f := range files {
		if f.hardest.cognitive >= hardToRead {
			hard = append(hard, f)
		}
	}
	slices.SortStableFunc(hard, func(a, b *facts) int { return cmp.Compare(b.hardest.cognitive, a.hardest.cognitive) })
	for _, f := range hard[:min(len(hard), mostSmall)] {
		h := f.hardest
		told = append(told, placed{f, h.line, h.end, h.name + h.most})
	}
	return told
}
