package kgraph

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestEndIsTheFirstContradiction compares with all facts, one by one, as the relations'
// declarations say it; some end each other, and themselves.
func TestEndIsTheFirstContradiction(t *testing.T) {
	r, err := newRules([]Relation{
		{Name: "one", Functional: true}, {Name: "many"},
		{Name: "up", Ends: []hobby.Relation{"down", "many"}}, {Name: "down", Ends: []hobby.Relation{"up"}},
		{Name: "turn", Functional: true, Ends: []hobby.Relation{"turn"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		x, begin := newIndex(r), time.Unix(0, 0)
		for i := range int64(rapid.IntRange(1, 12).Draw(t, "facts")) {
			o := Origin{ID: fmt.Sprint(i), Recorded: begin.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "recorded")))}
			o.Taint = rapid.SampledFrom([]hobby.Taint{hobby.Trusted, hobby.Untrusted}).Draw(t, "taint")
			s := Statement{Claim: hobby.Claim{
				Subject:  rapid.SampledFrom([]string{"a", "b"}).Draw(t, "subject"),
				Relation: rapid.SampledFrom([]hobby.Relation{"one", "many", "up", "down", "turn"}).Draw(t, "relation"),
				Object:   rapid.SampledFrom([]string{"a", "c", "cs"}).Draw(t, "object"), Confidence: 1,
			}}
			if rapid.Bool().Draw(t, "closed") {
				s.To = o.Recorded.Add(time.Duration(rapid.IntRange(1, 9).Draw(t, "to")))
			}
			x.apply(&Change{Rev: 2*i + 1, Op: Stated, Origin: o, Statements: []Statement{s}})
			if rapid.Bool().Draw(t, "decided") {
				x.apply(&Change{Rev: 2*i + 2, Op: Decided, Origin: Origin{ID: o.ID, Accepted: true}, Version: 1})
			}
		}
		l := lens{rev: int64(rapid.IntRange(1, 25).Draw(t, "rev")), asOf: int64(rapid.IntRange(0, 9).Draw(t, "as of"))}
		for n := range x.facts {
			f := &x.facts[n]
			want := f.to
			for i := range x.facts {
				g := &x.facts[i]
				from, to := x.ends(f)
				from2, to2 := x.ends(g)
				law := r.all[g.relation]
				another := law.Functional && g.relation == f.relation && to2 != to
				ended := to2 == to && slices.Contains(law.Ends, r.all[f.relation].Name)
				if from2 != from || !another && !ended || g.from <= f.from {
					continue
				}
				if x.known(g, &l) && (x.trusted(g, &l) || !x.trusted(f, &l)) {
					want = min(want, g.from)
				}
			}
			if got := x.end(int32(n), &l); got != want {
				t.Errorf("fact %d of %+v ends at %d, want %d", n, x.facts, got, want)
			}
		}
	})
}

// TestForgottenRelation has nothing be left of a relation that only a forgotten source
// names, and the declared ones stay as they are.
func TestForgottenRelation(t *testing.T) {
	r, err := newRules(Relations())
	if err != nil {
		t.Fatal(err)
	}
	x := newIndex(r)
	for i, name := range []hobby.Relation{"is secretly", hobby.FailsAt, "is openly"} {
		o := Origin{ID: string(name), Recorded: time.Unix(int64(i), 0), Source: "notes"}
		if name != "is secretly" {
			o.Source = "other"
		}
		x.apply(&Change{Rev: int64(i + 1), Op: Stated, Origin: o, Statements: []Statement{{Claim: hobby.Claim{
			Subject: "a", Relation: name, Object: "b", Confidence: 1,
		}}}})
	}
	x.apply(&Change{Rev: 4, Op: Forgotten, Hash: hobby.SourceHash("notes")})
	y := x.again()
	if _, ok := y.rules.at["is secretly"]; ok || len(y.rules.all) != len(Relations())+1 || len(y.facts) != 2 {
		t.Errorf("what is left: %+v", y.rules.all)
	}
	if a, b := y.rules.enders[y.rules.at[hobby.FailsAt]], r.enders[r.at[hobby.FailsAt]]; !slices.Equal(a, b) || len(a) != 1 {
		t.Errorf("what ends a failure: %v, was %v", a, b)
	}
}

// TestNamesOfANode has names be of one node if and only if their keys are the same, whichever
// comes first.
func TestNamesOfANode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := newRules(nil)
		if err != nil {
			t.Fatal(err)
		}
		x := newIndex(r)
		word := rapid.SampledFrom([]string{"map", "maps", "Maps", "the", "DNS", "dns", "ss", "sses", "ises", "colour", "color's", "é", "e", "-", "(M)", "m"})
		names := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(word, 1, 3).Draw(t, "words"), rapid.SampledFrom([]string{" ", "-", ""}).Draw(t, "between"))
		}), 1, 12).Draw(t, "names")
		sort := rapid.SampledFrom([]Sort{Term, Function})
		type named struct {
			sort Sort
			key  string
		}
		nodes, keys := map[named]int32{}, map[int32]named{}
		for _, text := range names {
			s := sort.Draw(t, "sort")
			of := named{s, s.key(text)}
			n := x.forms[x.form(s, text, 1)].node
			if first, ok := nodes[of]; ok && first != n {
				t.Fatalf("%q has the key %q of node %d, and is of node %d", text, of.key, first, n)
			}
			if other, ok := keys[n]; ok && other != of {
				t.Fatalf("%q has the key %+v, and its node the key %+v", text, of, other)
			}
			nodes[of], keys[n] = n, of
			at := x.texts.at[string(s)]
			if found, ok := x.keyed(s, name{at, of.key}); !ok || found != n {
				t.Fatalf("the key of %q finds node %d, %v; want %d", text, found, ok, n)
			}
		}
	})
}
