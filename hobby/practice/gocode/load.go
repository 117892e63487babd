package gocode

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/pastime-go/pastime/hobby"
)

// mostImported and mostImports bound the source of the imports that are analysed, in
// bytes: of one import, and of all.
const mostImported, mostImports = 1 << 20, 4 << 20

// loadPackage type-checks the package in a folder of the tree, in the module or
// workspace of that folder, and its imports that are not too large. The findings
// name the files that were left out.
func loadPackage(ctx context.Context, root, dir string) (p *packages.Package, imports []*packages.Package, left []finding, err error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, nil, nil, errors.New("the go command is not there")
	}
	cfg := &packages.Config{
		Context: ctx, Dir: filepath.Join(root, filepath.FromSlash(dir)),
		// No network, no C compiler, no driver, no other toolchain, and no git,
		// because a folder's git configuration may name programs to run.
		Env:        append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOTOOLCHAIN=local", "GOPACKAGESDRIVER=off"),
		BuildFlags: []string{"-buildvcs=false"},
	}
	paths, c := imported(root, dir)
	left = withoutC(dir, c)
	for {
		pkgs, err := loadWith(cfg, paths)
		if ctx.Err() != nil {
			return nil, nil, nil, context.Cause(ctx)
		}
		p, imports, err = pick(cfg.Dir, pkgs, err)
		if err == nil {
			return p, imports, left, nil
		}
		problem := relative(root, dir, err.Error())
		if strings.Contains(problem, "not one of the workspace modules") && !slices.Contains(cfg.Env, "GOWORK=off") {
			cfg.Env = append(cfg.Env, "GOWORK=off") // a module by itself
			continue
		}
		return nil, nil, left, errors.New(problem)
	}
}

// loadWith loads the package in the configuration's folder with those of its imports that
// are not too large.
func loadWith(cfg *packages.Config, imports []string) ([]*packages.Package, error) {
	cfg.Mode = packages.NeedName | packages.NeedFiles
	patterns := []string{"."}
	listed, _ := packages.Load(cfg, imports...) // without imports, less is found
	total := int64(0)
	for _, p := range listed {
		size := int64(0)
		for _, name := range p.GoFiles {
			if info, err := os.Stat(name); err == nil {
				size += info.Size()
			}
		}
		if size > 0 && size <= mostImported && total+size <= mostImports {
			total += size
			patterns = append(patterns, p.PkgPath)
		}
	}
	cfg.Mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedTypes |
		packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedModule
	return packages.Load(cfg, patterns...)
}

// pick finds the package of a folder among the loaded ones. The others are its
// imports. An error says why the package cannot be used.
func pick(dir string, pkgs []*packages.Package, err error) (p *packages.Package, imports []*packages.Package, _ error) {
	if err != nil {
		return nil, nil, err
	}
	for _, q := range pkgs {
		switch {
		case q.Dir == dir || len(q.GoFiles) > 0 && filepath.Dir(q.GoFiles[0]) == dir || q.PkgPath == "." || q.ID == ".":
			p = q
		case len(q.Errors) == 0 && q.Types != nil && len(q.Syntax) > 0:
			imports = append(imports, q)
		}
	}
	if p == nil {
		for _, q := range pkgs {
			if len(q.Errors) > 0 {
				p = q
				break
			}
		}
	}
	switch {
	case p == nil:
		return nil, nil, errors.New("there is no package to load")
	case len(p.Errors) > 0:
		e := p.Errors[0]
		for _, f := range p.Errors { // the type checker reports the compiler's errors, too, and better
			if !strings.HasPrefix(f.Msg, "# ") {
				e = f
				break
			}
		}
		if e.Pos == "" || e.Pos == "-" {
			return nil, nil, errors.New(e.Msg)
		}
		return nil, nil, errors.New(e.Pos + ": " + e.Msg)
	case p.Types == nil || len(p.Syntax) == 0:
		return nil, nil, errors.New("there is no package to load")
	}
	return p, imports, nil
}

// relative returns the first informative line of the go command's error, with paths
// relative to the root.
func relative(root, dir, problem string) string {
	for line := range strings.Lines(problem) {
		line = strings.TrimSpace(line)
		line = strings.TrimSpace(strings.TrimPrefix(line, "-: "))
		if line == "" || strings.HasPrefix(line, "# ") || line == "err: exit status 1: stderr:" {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "./"); ok {
			line = strings.TrimPrefix(dir+"/"+rest, "./")
		}
		line = strings.ReplaceAll(line, root+string(filepath.Separator), "")
		return strings.ReplaceAll(line, root, ".")
	}
	return "the go command says nothing"
}

// odd matches invalid import paths, which would mean something else to the go
// command.
var odd = regexp.MustCompile(`^[-.]|[\s=*]|\.\.\.`)

// imported reads the imports of the files in a folder, and which of the files need a C
// compiler. Package log is always among the imports, because many functions end in
// log.Fatal.
func imported(root, dir string) (imports, c []string) {
	folder := filepath.Join(root, filepath.FromSlash(dir))
	entries, _ := os.ReadDir(folder) // a folder that cannot be read cannot be loaded
	seen := map[string]bool{"log": true}
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		if !e.Type().IsRegular() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if f == nil || err != nil {
			continue
		}
		for _, s := range f.Imports {
			switch path, err := strconv.Unquote(s.Path.Value); {
			case err != nil || path == "unsafe" || odd.MatchString(path):
			case path == "C":
				c = append(c, filepath.Base(name))
			default:
				seen[path] = true
			}
		}
	}
	for path := range seen {
		imports = append(imports, path)
	}
	slices.Sort(imports)
	return imports, c
}

// withoutC returns a finding for each file of a folder that needs a C compiler.
func withoutC(dir string, files []string) (left []finding) {
	for _, name := range files {
		rel := filepath.ToSlash(filepath.Join(dir, name))
		left = append(left, finding{
			Key: "cgo " + rel, Topic: dir, Weight: 0.3, Confidence: 1, Evidence: []hobby.Evidence{at(rel, 1, 1)},
			Text: fmt.Sprintf("%s was looked at without types: it needs a C compiler", rel),
		})
	}
	return left
}
