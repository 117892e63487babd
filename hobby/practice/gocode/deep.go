package gocode

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
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
	"golang.org/x/tools/go/analysis/passes/composite"
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
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"

	"github.com/pastime-go/pastime/hobby"
)

// analyzers returns the analyzers of the second layer: those of go vet that are about more
// than tests, nilness and unusedwrite, and staticcheck's of faults and of simplifications.
func analyzers() []*analysis.Analyzer {
	all := []*analysis.Analyzer{
		appends.Analyzer, asmdecl.Analyzer, assign.Analyzer, atomic.Analyzer, bools.Analyzer, buildtag.Analyzer, cgocall.Analyzer,
		composite.Analyzer, copylock.Analyzer, defers.Analyzer, directive.Analyzer, errorsas.Analyzer, framepointer.Analyzer,
		hostport.Analyzer, httpresponse.Analyzer, ifaceassert.Analyzer, loopclosure.Analyzer, lostcancel.Analyzer, nilfunc.Analyzer,
		nilness.Analyzer, printf.Analyzer, shift.Analyzer, sigchanyzer.Analyzer, slog.Analyzer, stdmethods.Analyzer,
		stdversion.Analyzer, stringintconv.Analyzer, structtag.Analyzer, timeformat.Analyzer, unmarshal.Analyzer, unreachable.Analyzer,
		unsafeptr.Analyzer, unusedresult.Analyzer, unusedwrite.Analyzer, waitgroup.Analyzer,
	}
	for _, a := range staticcheck.Analyzers {
		all = append(all, a.Analyzer)
	}
	for _, a := range simple.Analyzers {
		all = append(all, a.Analyzer)
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
				Key: key, Topic: dir, Weight: weight(a.Name), Confidence: 0.9, Text: fmt.Sprintf("%s: %s (%s)", line, diag.Message, a.Name),
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
	return append(heaviest(together(all)), relations(root, dir, p)...), nil
}

// simpler matches the reports that are told together for a folder when they say the same: code
// that could be simpler, what is deprecated, and what costs memory. One change mends them, or none.
var simpler = regexp.MustCompile(` \((?:S1\d+|SA1019|SA6\d+|composites|QF\d+)\)$`)

// together tells the reports of a folder once that say the same of different places.
func together(all []finding) []finding {
	var kept []finding
	first := map[string]int{}
	more := map[int][]string{}
	for _, f := range all {
		place, said, ok := strings.Cut(f.Text, ": ")
		if !ok || !simpler.MatchString(said) {
			kept = append(kept, f)
			continue
		}
		if i, known := first[said]; known {
			more[i] = append(more[i], place)
			kept[i].Evidence = append(kept[i].Evidence, f.Evidence...)
			continue
		}
		first[said] = len(kept)
		kept = append(kept, f)
	}
	for i, places := range more {
		f := &kept[i]
		f.Key += fmt.Sprint(" and ", len(places), " more")
		f.Evidence = f.Evidence[:min(len(f.Evidence), mostNamed)]
		shown := strings.Join(places[:min(len(places), mostNamed-1)], ", ")
		if n := len(places) - mostNamed + 1; n > 0 {
			shown += fmt.Sprintf(" and %d more", n)
		}
		place, said, _ := strings.Cut(f.Text, ": ")
		f.Text = fmt.Sprintf("%s and %s: %s", place, shown, said)
	}
	return kept
}

// heaviest keeps the findings that weigh most, in their order, mostFound of them.
func heaviest(all []finding) []finding {
	slices.SortStableFunc(all, func(a, b finding) int { return cmp.Compare(b.Weight, a.Weight) })
	return all[:min(len(all), mostFound)]
}

// weight ranks likely bugs above code that could be simpler.
func weight(analyzer string) float64 {
	switch {
	case strings.HasPrefix(analyzer, "S1"):
		return 3
	case analyzer == "SA1019":
		return 8
	case strings.HasPrefix(analyzer, "SA6"), analyzer == "composites":
		return 2
	}
	return 20
}
