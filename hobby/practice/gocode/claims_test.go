package gocode

import (
	"errors"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/race"
)

// TestClaims has each relation in a small module, and what must not be one.
func TestClaims(t *testing.T) {
	dir := t.TempDir()
	body := strings.Repeat("\tif a > 1 {\n\t\ta += b * 2\n\t}\n", 15)
	for name, text := range map[string]string{
		"go.mod": "module example.org/shop\n\ngo 1.26\n",
		"cart/cart.go": `package cart

import (
	"fmt"

	"example.org/shop/money"
)

type Cart[T any] struct{ all []T }

type summer interface{ Sum() int }

func (c *Cart[T]) Add(v T) { c.all = append(c.all, v); note(fmt.Sprint(v)) }

func note(s string) {}

func Total(c *Cart[int], s summer) money.Sum {
	f := note // which function f is, only a run can say
	f("x")
	func() { c.Add(1) }()
	defer c.Add(2)
	note := func(string) {}
	note("not the package's")
	return money.New(s.Sum(), len(c.all)).Plus(money.Sum(1))
}
`,
		"money/money.go": "package money\n\ntype Sum int\n\nfunc New(a, b int) Sum { return Sum(a + b) }\n\nfunc (s Sum) Plus(o Sum) Sum { return s + o }\n",
		"twins/twins.go": "package twins\n\nfunc First(a, b int) int {\n" + body +
			"\treturn a\n}\n\nfunc (t *T) Second(a, b int) int {\n" + body + "\treturn a\n}\n\ntype T struct{}\n",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	h, err := New(dir, nil, &Options{Insights: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out hobbytest.Sink
	for range 4 {
		if err := h.Executor.Practise(t.Context(), hobby.Plan{Kind: hobby.CodeAnalysis}, &out); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, in := range out.Insights {
		for _, c := range in.Claims {
			got = append(got, fmt.Sprintf("%s %s %s", c.Subject, c.Relation, c.Object))
			if in.Taint != hobby.Untrusted || in.Source == "" {
				t.Errorf("%+v is of a trusted insight", c)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"(*example.org/shop/cart.Cart).Add calls example.org/shop/cart.note",
		"example.org/shop/cart imports example.org/shop/money",
		"example.org/shop/cart imports fmt",
		"example.org/shop/cart.Total calls (*example.org/shop/cart.Cart).Add",
		"example.org/shop/cart.Total calls (example.org/shop/money.Sum).Plus",
		"example.org/shop/cart.Total calls example.org/shop/money.New",
		"example.org/shop/twins.First duplicates (*example.org/shop/twins.T).Second",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("claims (-want +got):\n%s", d)
	}
}

// TestCallsAreTheCompilers compares the calls of packages of this repository with the
// static calls of their intermediate representation (package ssa).
func TestCallsAreTheCompilers(t *testing.T) {
	if race.Enabled {
		t.Skip("claims are made one after the other")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"hobby/practice/internal/study", "hobby/practice/reading"} {
		p, _, _, err := loadPackage(t.Context(), root, dir)
		if err != nil {
			t.Fatal(err)
		}
		want := staticCalls(p)
		got := map[string]bool{}
		for _, f := range calls(root, dir, p) {
			if e := f.Evidence[0]; e.Line < 2 || e.EndLine < e.Line { // the first line says which package it is
				t.Errorf("%s calls at %s:%d to %d", f.Claims[0].Subject, e.Ref, e.Line, e.EndLine)
			}
			for _, c := range f.Claims {
				got[c.Subject+" -> "+c.Object] = true
				if !want[c.Subject+" -> "+c.Object] {
					t.Errorf("%s %s %s: there is no such call", c.Subject, c.Relation, c.Object)
				}
			}
		}
		missing := 0
		for c := range want {
			if !got[c] {
				missing++
				t.Logf("not claimed: %s", c)
			}
		}
		if missing > len(want)/50 {
			t.Errorf("%s: %d of %d calls are not claimed", dir, missing, len(want))
		}
		t.Logf("%s: %d calls, %d not claimed", dir, len(want), missing)
	}
}

// staticCalls are the calls whose callee the intermediate representation knows.
func staticCalls(p *packages.Package) map[string]bool {
	prog, _ := ssautil.Packages([]*packages.Package{p}, 0)
	prog.Build()
	all := map[string]bool{}
	for _, def := range p.TypesInfo.Defs {
		caller, ok := def.(*types.Func)
		if !ok || prog.FuncValue(caller) == nil {
			continue // a method of an interface
		}
		open := []*ssa.Function{prog.FuncValue(caller)}
		for len(open) > 0 {
			fn := open[0]
			open = append(open[1:], fn.AnonFuncs...)
			for _, b := range fn.Blocks {
				for _, i := range b.Instrs {
					call, ok := i.(ssa.CallInstruction)
					if !ok || call.Common().StaticCallee() == nil {
						continue
					}
					callee, ok := call.Common().StaticCallee().Object().(*types.Func)
					if ok && callee.Pkg() != nil && within(p, callee.Pkg().Path()) {
						all[pathOf(caller)+" -> "+pathOf(callee)] = true
					}
				}
			}
		}
	}
	return all
}
