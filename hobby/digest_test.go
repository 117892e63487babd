package hobby_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

func TestShape(t *testing.T) {
	for _, same := range [][]string{
		{"Busy at p.go:3 has a cognitive complexity of 30, more than 15", "(*T).run at a/b.go:77 has a cognitive complexity of 21, more than 15"},
		{"rlhf/model.go has 812 lines", "a.go has 1200 lines"},
		{"Über a.go is nothing known", "über b.go is nothing known"},
		{"guide.md:3: the link to `a b` leads nowhere", "x/README.md:90: the link to `c` leads nowhere"},
	} {
		if a, b := hobby.ShapeOf("k", same[0]), hobby.ShapeOf("k", same[1]); a != b {
			t.Errorf("%q is %q, and %q is %q", same[0], a, same[1], b)
		}
	}
	one := "Busy at p.go:3 has a cognitive complexity of 30"
	for _, other := range []string{"Busy at p.go:3 has a nesting depth of 30", "p.go has 30 lines", ""} {
		if hobby.ShapeOf("k", one) == hobby.ShapeOf("k", other) {
			t.Errorf("%q is of the shape of %q", other, one)
		}
	}
	if hobby.ShapeOf("a", one) == hobby.ShapeOf("b", one) {
		t.Error("two kinds have one shape")
	}
}

func told(id, text, topic string, places ...string) hobby.Insight {
	i := hobby.Insight{ID: id, Kind: "k", Text: text, Topic: topic}
	for _, p := range places {
		e := hobby.Evidence{Kind: hobby.EvidenceFile}
		fmt.Sscanf(p, "%s %d", &e.Ref, &e.Line)
		i.Evidence = append(i.Evidence, e)
	}
	return i
}

// TestDigest: what is of one place, of one pair of files, or of one shape in one folder is one;
// what is rare comes first; what is dismissed does not come.
func TestDigest(t *testing.T) {
	var all []hobby.Insight
	for n := range 20 {
		all = append(all, told(fmt.Sprint("lines", n), fmt.Sprintf("a%d/x.go has %d lines", n, n), fmt.Sprint("a", n)))
	}
	all = append(all,
		told("deep", "F at b/y.go:9 has a nesting depth of 7", "b", "b/y.go 9"),
		told("long", "F at b/y.go:9 has 90 lines of code", "b", "b/y.go 9"),
		told("clone1", "c/a.go:1-9 and c/b.go:1-9 are the same 50 tokens", "c", "c/a.go 1", "c/b.go 1"),
		told("clone2", "c/b.go:4-12 and c/a.go:4-12 are the same 60 tokens", "c", "c/b.go 4", "c/a.go 4"),
		told("doc1", "d/a.go has 3 exported declarations without a comment: A", "d", "d/a.go 1"),
		told("doc2", "d/b.go has 5 exported declarations without a comment: B", "d", "d/b.go 1"),
		told("gone", "e fails", "e"))
	// Facts, of whatever relation, are one and the last.
	links, calls := told("links", "a.md links to b.md", "f", "a.md 3"), told("calls", "F calls G", "g", "f.go 9")
	links.Claims = []hobby.Claim{{Subject: "a.md", Relation: hobby.LinksTo, Object: "b.md", Confidence: 1}}
	calls.Claims = []hobby.Claim{{Subject: "F", Relation: hobby.Calls, Object: "G", Confidence: 1}}
	all = append([]hobby.Insight{links, calls}, all...)
	var got [][]string
	for _, c := range hobby.Digest(all, map[string]bool{hobby.ShapeOf("k", "e fails"): true}) {
		ids := []string{c.ID}
		for _, m := range c.More {
			ids = append(ids, m.ID)
		}
		got = append(got, ids)
	}
	want := [][]string{{"deep", "long"}, {"clone1", "clone2"}, {"doc1", "doc2"}}
	for n := range 20 {
		want = append(want, []string{fmt.Sprint("lines", n)})
	}
	want = append(want, []string{"links", "calls"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDigestLosesNothing: each insight that is not dismissed is in one cause.
func TestDigestLosesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SampledFrom([]string{"a.go has 3 lines", "F at b.go:2 is long", "“quoted", "`x", "", "it is 3", "It is so"})
		var all []hobby.Insight
		dismissed := map[string]bool{}
		var want []string
		for n := range rapid.IntRange(0, 30).Draw(r, "n") {
			i := told(fmt.Sprint(n), text.Draw(r, "text"), rapid.SampledFrom([]string{"", "t", "u"}).Draw(r, "topic"),
				rapid.SliceOfN(rapid.SampledFrom([]string{"a 1", "a 7", "b 2"}), 0, 3).Draw(r, "places")...)
			all = append(all, i)
		}
		if rapid.Bool().Draw(r, "dismiss") {
			dismissed[hobby.ShapeOf("k", text.Draw(r, "dismissed"))] = true
		}
		for n := range all {
			if !dismissed[all[n].Shape()] {
				want = append(want, all[n].ID)
			}
		}
		var got []string
		for _, c := range hobby.Digest(all, dismissed) {
			got = append(got, c.ID)
			for _, m := range c.More {
				got = append(got, m.ID)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			r.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestDismissedIsNotKept: a session keeps no insight of a shape that people dismissed.
func TestDismissedIsNotKept(t *testing.T) {
	h := hobby.Hobby{Kind: "k", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
		return errors.Join(out.Insight(hobby.Insight{Text: "a.go has 3 lines", Confidence: 1}),
			out.Insight(hobby.Insight{Text: "a.go does not parse", Confidence: 1}))
	})}
	m, err := hobby.New(open(t), []hobby.Hobby{h}, &hobby.Options{Dismissed: func(context.Context) (map[string]bool, error) {
		return map[string]bool{hobby.ShapeOf("k", "b.go has 4 lines"): true}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.RunOnce(t.Context(), "k")
	if err != nil || len(s.Insights) != 1 || s.Insights[0].Text != "a.go does not parse" || s.Activity.Insights != 1 {
		t.Errorf("%v, %+v", err, s)
	}
}
