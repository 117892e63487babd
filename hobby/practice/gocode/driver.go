package gocode

import (
	"context"
	"fmt"
	"go/types"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/packages"
	"honnef.co/go/tools/analysis/facts/purity"
)

// driver runs analyzers over one package. It computes the facts of the imports that
// were loaded with the package, by analyzers that need only syntax and types.
type driver struct {
	ctx     context.Context
	pkg     *packages.Package
	imports []*packages.Package
	results map[action]any
	failed  map[action]bool
	facts   map[factKey]analysis.Fact
	wanted  *analysis.Analyzer // the analyzer whose reports are collected
	report  func(analysis.Diagnostic)
}

// action is one analyzer on one package.
type action struct {
	*analysis.Analyzer
	pkg *packages.Package
}

type factKey struct {
	obj any // a types.Object, or the *types.Package that the fact is of
	typ reflect.Type
}

func newDriver(ctx context.Context, p *packages.Package, imports []*packages.Package) *driver {
	d := &driver{
		ctx: ctx, pkg: p,
		results: map[action]any{}, failed: map[action]bool{}, facts: map[factKey]analysis.Fact{},
	}
	var order func(p *packages.Package)
	loaded, seen := map[*packages.Package]bool{}, map[*packages.Package]bool{p: true}
	for _, q := range imports {
		loaded[q] = true
	}
	order = func(p *packages.Package) {
		for _, path := range slices.Sorted(maps.Keys(p.Imports)) {
			if q := p.Imports[path]; !seen[q] {
				seen[q] = true
				order(q)
				if loaded[q] {
					d.imports = append(d.imports, q)
				}
			}
		}
	}
	order(p)
	for _, q := range imports { // package log, where only other imports import it
		if !seen[q] {
			d.imports = append([]*packages.Package{q}, d.imports...)
		}
	}
	return d
}

// light reports whether an analyzer needs only syntax and types. The intermediate
// representation of all imports would take too long.
func light(a *analysis.Analyzer) bool {
	return a.Name != "buildir" && a.Name != "buildssa" && !slices.ContainsFunc(a.Requires,
		func(r *analysis.Analyzer) bool { return !light(r) })
}

// run runs a over p. Before that it runs what a needs: other analyzers over p, and
// a over the imports whose facts it uses.
func (d *driver) run(a *analysis.Analyzer, p *packages.Package) (err error) {
	k := action{a, p}
	if _, done := d.results[k]; done || d.failed[k] {
		if d.failed[k] {
			return fmt.Errorf("%s failed", a.Name)
		}
		return nil
	}
	needs := map[*analysis.Analyzer]any{}
	if p == d.pkg && len(a.FactTypes) > 0 && light(a) {
		for _, q := range d.imports {
			_ = d.run(a, q) // after a failure, a fact is missing
		}
	}
	for _, r := range a.Requires {
		if err := d.run(r, p); err != nil {
			d.failed[k] = true
			return err
		}
		needs[r] = d.results[action{r, p}]
	}
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: panic: %v", a.Name, r)
		}
		if err != nil {
			d.failed[k] = true
		}
	}()
	pass := &analysis.Pass{
		Analyzer: a, Fset: p.Fset, Files: p.Syntax, OtherFiles: p.OtherFiles, IgnoredFiles: p.IgnoredFiles,
		Pkg: p.Types, TypesInfo: p.TypesInfo, TypesSizes: p.TypesSizes, ResultOf: needs, ReadFile: os.ReadFile,
		Report: func(diag analysis.Diagnostic) {
			if a == d.wanted && p == d.pkg {
				d.report(diag)
			}
		},
		ImportObjectFact: func(o types.Object, f analysis.Fact) bool {
			// The fact that ctrlflow asks for has no content.
			return a == ctrlflow.Analyzer && exits(o) || d.get(factKey{o, reflect.TypeOf(f)}, f)
		},
		ExportObjectFact: func(o types.Object, f analysis.Fact) { d.facts[factKey{o, reflect.TypeOf(f)}] = f },
		ImportPackageFact: func(pkg *types.Package, f analysis.Fact) bool {
			return d.get(factKey{pkg, reflect.TypeOf(f)}, f)
		},
		ExportPackageFact: func(f analysis.Fact) { d.facts[factKey{p.Types, reflect.TypeOf(f)}] = f },
		AllObjectFacts:    func() []analysis.ObjectFact { return d.objectFacts(a) },
		AllPackageFacts:   func() []analysis.PackageFact { return d.packageFacts(a) },
	}
	if p.Module != nil {
		pass.Module = &analysis.Module{Path: p.Module.Path, Version: p.Module.Version, GoVersion: p.Module.GoVersion}
	}
	if a == purity.Analyzer {
		for _, o := range p.TypesInfo.Uses {
			if f, ok := o.(*types.Func); ok && f.Pkg() != p.Types && pure[f.FullName()] {
				d.facts[factKey{f, reflect.TypeFor[*purity.IsPure]()}] = &purity.IsPure{}
			}
		}
	}
	result, err := a.Run(pass)
	if err != nil {
		return fmt.Errorf("%s: %w", a.Name, err)
	}
	d.results[k] = result
	return nil
}

// objectFacts are the facts of an analyzer on objects, of this package and its imports.
func (d *driver) objectFacts(a *analysis.Analyzer) (all []analysis.ObjectFact) {
	for k, f := range d.facts {
		if o, ok := k.obj.(types.Object); ok && of(a, k.typ) {
			all = append(all, analysis.ObjectFact{Object: o, Fact: f})
		}
	}
	return all
}

// packageFacts are the facts of an analyzer on packages.
func (d *driver) packageFacts(a *analysis.Analyzer) (all []analysis.PackageFact) {
	for k, f := range d.facts {
		if p, ok := k.obj.(*types.Package); ok && of(a, k.typ) {
			all = append(all, analysis.PackageFact{Package: p, Fact: f})
		}
	}
	return all
}

// of reports whether a type is one of an analyzer's facts.
func of(a *analysis.Analyzer, typ reflect.Type) bool {
	return slices.ContainsFunc(a.FactTypes, func(f analysis.Fact) bool { return reflect.TypeOf(f) == typ })
}

// exits reports whether a function ends the program or the goroutine. The packages of
// these functions are too large to analyse for each package that imports them.
func exits(o types.Object) bool {
	if o.Pkg() == nil {
		return false
	}
	switch o.Pkg().Path() + "." + o.Name() {
	case "os.Exit", "syscall.Exit", "runtime.Goexit":
		return true
	}
	return false
}

// pure are the functions of the standard library that staticcheck takes for free of side
// effects. It finds that out in their packages, for which a graph of each function would
// have to be made.
var pure = qualified(map[string]string{
	"errors.": "New", "fmt.": "Errorf Sprint Sprintf", "sort.": "Reverse", "(*net/http.Request).": "WithContext",
	"strings.": `Map Repeat Replace Title ToLower ToLowerSpecial ToTitle ToTitleSpecial ToUpper ToUpperSpecial
		Trim TrimFunc TrimLeft TrimLeftFunc TrimPrefix TrimRight TrimRightFunc TrimSpace TrimSuffix`,
	"time.": "Now Parse ParseInLocation Unix UnixMicro UnixMilli",
	"(time.Time).": `Add AddDate After Before Clock Compare Date Day Equal Format GoString GobEncode Hour ISOWeek In IsDST IsZero
		Local Location MarshalBinary MarshalJSON MarshalText Minute Month Nanosecond Round Second String Sub Truncate UTC
		Unix UnixMicro UnixMilli UnixNano Weekday Year YearDay Zone ZoneBounds`,
})

// qualified has the names of lists, each with what comes before it.
func qualified(lists map[string]string) map[string]bool {
	all := map[string]bool{}
	for before, list := range lists {
		for _, name := range strings.Fields(list) {
			all[before+name] = true
		}
	}
	return all
}

// get copies a fact into f.
func (d *driver) get(k factKey, f analysis.Fact) bool {
	have, ok := d.facts[k]
	if ok {
		reflect.ValueOf(f).Elem().Set(reflect.ValueOf(have).Elem())
	}
	return ok
}
