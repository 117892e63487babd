package gocode

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/appends"
	"golang.org/x/tools/go/analysis/passes/asmdecl"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/buildtag"
	"golang.org/x/tools/go/analysis/passes/cgocall"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/defers"
	"golang.org/x/tools/go/analysis/passes/directive"
	"golang.org/x/tools/go/analysis/passes/errorsas"
	"golang.org/x/tools/go/analysis/passes/framepointer"
	"golang.org/x/tools/go/analysis/passes/hostport"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/ifaceassert"
	"golang.org/x/tools/go/analysis/passes/loopclosure"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/printf"
	"golang.org/x/tools/go/analysis/passes/shift"
	"golang.org/x/tools/go/analysis/passes/sigchanyzer"
	"golang.org/x/tools/go/analysis/passes/slog"
	"golang.org/x/tools/go/analysis/passes/stdmethods"
	"golang.org/x/tools/go/analysis/passes/stdversion"
	"golang.org/x/tools/go/analysis/passes/stringintconv"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/timeformat"
	"golang.org/x/tools/go/analysis/passes/unmarshal"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unsafeptr"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"golang.org/x/tools/go/analysis/passes/waitgroup"
	"honnef.co/go/tools/staticcheck"

	"github.com/pastime-go/pastime/hobby"
)

// analyzers returns the analyzers of the second layer: those of go vet that are about more
// than tests and forms, nilness and unusedwrite, and staticcheck's of faults.
func analyzers() []*analysis.Analyzer {
	all := []*analysis.Analyzer{
		appends.Analyzer, asmdecl.Analyzer, assign.Analyzer, atomic.Analyzer, bools.Analyzer, buildtag.Analyzer, cgocall.Analyzer,
		copylock.Analyzer, defers.Analyzer, directive.Analyzer, errorsas.Analyzer, framepointer.Analyzer,
		hostport.Analyzer, httpresponse.Analyzer, ifaceassert.Analyzer, loopclosure.Analyzer, lostcancel.Analyzer, nilfunc.Analyzer,
		nilness.Analyzer, printf.Analyzer, shift.Analyzer, sigchanyzer.Analyzer, slog.Analyzer, stdmethods.Analyzer,
		stdversion.Analyzer, stringintconv.Analyzer, structtag.Analyzer, timeformat.Analyzer, unmarshal.Analyzer, unreachable.Analyzer,
		unsafeptr.Analyzer, unusedresult.Analyzer, unusedwrite.Analyzer, waitgroup.Analyzer,
	}
	for _, a := range staticcheck.Analyzers {
		if a.Analyzer.Name != "SA1019" && !strings.HasPrefix(a.Analyzer.Name, "SA6") { // what is deprecated, and what costs memory
			all = append(all, a.Analyzer)
		}
	}
	return all
}

// told are the analyzers of staticcheck that report the same as one of Go's own.
var told = map[string]string{
	"SA1014": "unmarshal", "SA1017": "sigchanyzer", "SA2000": "waitgroup", "SA4000": "bools", "SA4005": "unusedwrite",
	"SA4017": "unusedresult", "SA4018": "assign", "SA5000": "nilness", "SA5001": "httpresponse", "SA5008": "structtag",
	"SA5009": "printf", "SA5010": "ifaceassert", "SA5011": "nilness",
}

// mostFound bounds the findings of a folder. The heaviest are kept.
const mostFound = 1000

// inspect is the second layer. It runs the analyzers over the package in a folder
// of the tree. It may return findings together with an error. progress is
// told what the analysis is at.
func inspect(ctx context.Context, root, dir string, progress func(string)) ([]finding, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	progress("while the package was loaded")
	p, imports, all, err := loadPackage(ctx, root, dir)
	if err != nil {
		return all, err
	}
	hidden := suppressed(p)
	lines := map[string]bool{} // by analyzer, where it has reported
	times := map[string]int{}  // that a key was found
	d := newDriver(ctx, p, imports)
	run := analyzers()
	for i, a := range run {
		progress(fmt.Sprintf("in %s, check %d of %d", a.Name, i+1, len(run)))
		d.report = func(diag analysis.Diagnostic) {
			pos, end := p.Fset.PositionFor(diag.Pos, false), p.Fset.PositionFor(diag.End, false)
			rel, err := filepath.Rel(root, pos.Filename)
			if err != nil || strings.HasPrefix(rel, "..") || hidden.fault(a.Name, pos.Filename, pos.Line) {
				return
			}
			rel = filepath.ToSlash(rel)
			line := fmt.Sprintf("%s:%d", rel, pos.Line)
			if lines[told[a.Name]+" "+line] {
				return
			}
			lines[a.Name+" "+line] = true
			key := fmt.Sprintf("%s %s %s", a.Name, rel, diag.Message)
			if times[key]++; times[key] > 1 {
				key += fmt.Sprintf(" #%d", times[key])
			}
			all = append(all, finding{
				Key: key, Topic: dir, Weight: 20, Confidence: 0.9, Text: fmt.Sprintf("%s: %s (%s)", line, diag.Message, a.Name),
				Evidence: []hobby.Evidence{at(rel, pos.Line, max(pos.Line, end.Line))},
			})
		}
		d.wanted = a
		if err := d.run(a, p); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		} else if err != nil {
			continue // an analyzer that fails has no findings
		}
	}
	return append(heaviest(all), relations(root, dir, p)...), nil
}

// heaviest keeps the findings that weigh most, in their order, mostFound of them.
func heaviest(all []finding) []finding {
	slices.SortStableFunc(all, func(a, b finding) int { return cmp.Compare(b.Weight, a.Weight) })
	return all[:min(len(all), mostFound)]
}
