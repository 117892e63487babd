package gocode

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/appends"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/defers"
	"golang.org/x/tools/go/analysis/passes/errorsas"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/ifaceassert"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/printf"
	"golang.org/x/tools/go/analysis/passes/shift"
	"golang.org/x/tools/go/analysis/passes/stdmethods"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/unmarshal"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"golang.org/x/tools/go/packages"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"

	"github.com/pastime-go/pastime/hobby"
)

// analyzers are the ones of the second layer.
func analyzers() []*analysis.Analyzer {
	all := []*analysis.Analyzer{
		appends.Analyzer, assign.Analyzer, atomic.Analyzer, bools.Analyzer, copylock.Analyzer, defers.Analyzer, errorsas.Analyzer,
		httpresponse.Analyzer, ifaceassert.Analyzer, lostcancel.Analyzer, nilfunc.Analyzer, nilness.Analyzer, printf.Analyzer,
		shift.Analyzer, stdmethods.Analyzer, structtag.Analyzer, unmarshal.Analyzer, unreachable.Analyzer, unusedresult.Analyzer, unusedwrite.Analyzer,
	}
	for _, a := range staticcheck.Analyzers {
		all = append(all, a.Analyzer)
	}
	for _, a := range simple.Analyzers {
		all = append(all, a.Analyzer)
	}
	return all
}

// inspect is the second layer: the analyzers over the package in a folder of
// the tree.
func inspect(ctx context.Context, root, dir string) ([]finding, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, errors.New("the go command is not there")
	}
	cfg := &packages.Config{
		Context: ctx, Dir: root,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedTypes |
			packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedModule,
		// No network, no C compiler, no driver, no other toolchain, and no git
		// in a folder whose configuration may name programs.
		Env: append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOTOOLCHAIN=local", "GOPACKAGESDRIVER=off", "GOFLAGS=-mod=readonly -buildvcs=false"),
	}
	pkgs, err := packages.Load(cfg, "./"+dir)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("go list: %s", firstLine(err.Error()))
	}
	if len(pkgs) != 1 || pkgs[0].Types == nil || len(pkgs[0].Syntax) == 0 {
		return nil, errors.New("there is no package to load")
	}
	p := pkgs[0]
	if len(p.Errors) > 0 {
		return nil, fmt.Errorf("the package has errors: %s", firstLine(p.Errors[0].Error()))
	}
	d := &driver{ctx: ctx, pkg: p, results: map[*analysis.Analyzer]any{}, failed: map[*analysis.Analyzer]bool{}, facts: map[factKey]analysis.Fact{}}
	var all []finding
	for _, a := range analyzers() {
		d.report = func(diag analysis.Diagnostic) {
			pos, end := p.Fset.PositionFor(diag.Pos, false), p.Fset.PositionFor(diag.End, false)
			rel, err := filepath.Rel(root, pos.Filename)
			if err != nil || strings.HasPrefix(rel, "..") {
				return
			}
			rel = filepath.ToSlash(rel)
			if end.Line < pos.Line {
				end.Line = pos.Line
			}
			all = append(all, finding{
				Key: fmt.Sprintf("%s %s %s", a.Name, rel, diag.Message), Topic: dir, Weight: weight(a.Name), Confidence: 0.9,
				Text:     fmt.Sprintf("%s:%d: %s (%s)", rel, pos.Line, diag.Message, a.Name),
				Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: rel, Line: pos.Line, EndLine: end.Line}},
			})
		}
		d.wanted = a
		if err := d.run(a); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		} else if err != nil {
			continue // an analyzer that cannot cope with a package says nothing of it
		}
	}
	return all, nil
}

// weight ranks likely bugs above what could be simpler.
func weight(analyzer string) float64 {
	if strings.HasPrefix(analyzer, "S1") {
		return 1
	}
	return 20
}

// driver runs analyzers over one package. It sees no facts of other packages,
// so an analyzer that wants some may find less, never more.
type driver struct {
	ctx     context.Context
	pkg     *packages.Package
	results map[*analysis.Analyzer]any
	failed  map[*analysis.Analyzer]bool
	facts   map[factKey]analysis.Fact
	wanted  *analysis.Analyzer // the one whose reports count
	report  func(analysis.Diagnostic)
}

type factKey struct {
	obj types.Object // nil for a fact of the package
	typ reflect.Type
}

// run runs a and, first, what it needs.
func (d *driver) run(a *analysis.Analyzer) (err error) {
	if _, done := d.results[a]; done || d.failed[a] {
		if d.failed[a] {
			return fmt.Errorf("%s failed", a.Name)
		}
		return nil
	}
	needs := map[*analysis.Analyzer]any{}
	for _, r := range a.Requires {
		if err := d.run(r); err != nil {
			d.failed[a] = true
			return err
		}
		needs[r] = d.results[r]
	}
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: panic: %v", a.Name, r)
		}
		if err != nil {
			d.failed[a] = true
		}
	}()
	p := d.pkg
	pass := &analysis.Pass{
		Analyzer: a, Fset: p.Fset, Files: p.Syntax, OtherFiles: p.OtherFiles, IgnoredFiles: p.IgnoredFiles,
		Pkg: p.Types, TypesInfo: p.TypesInfo, TypesSizes: p.TypesSizes, ResultOf: needs, ReadFile: os.ReadFile,
		Report: func(diag analysis.Diagnostic) {
			if a == d.wanted {
				d.report(diag)
			}
		},
		ImportObjectFact: func(o types.Object, f analysis.Fact) bool { return d.get(factKey{o, reflect.TypeOf(f)}, f) },
		ExportObjectFact: func(o types.Object, f analysis.Fact) { d.facts[factKey{o, reflect.TypeOf(f)}] = f },
		ImportPackageFact: func(pkg *types.Package, f analysis.Fact) bool {
			return pkg == p.Types && d.get(factKey{nil, reflect.TypeOf(f)}, f)
		},
		ExportPackageFact: func(f analysis.Fact) { d.facts[factKey{nil, reflect.TypeOf(f)}] = f },
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	}
	if p.Module != nil {
		pass.Module = &analysis.Module{Path: p.Module.Path, Version: p.Module.Version, GoVersion: p.Module.GoVersion}
	}
	result, err := a.Run(pass)
	if err != nil {
		return fmt.Errorf("%s: %w", a.Name, err)
	}
	d.results[a] = result
	return nil
}

// get copies a fact into f.
func (d *driver) get(k factKey, f analysis.Fact) bool {
	have, ok := d.facts[k]
	if ok {
		reflect.ValueOf(f).Elem().Set(reflect.ValueOf(have).Elem())
	}
	return ok
}
