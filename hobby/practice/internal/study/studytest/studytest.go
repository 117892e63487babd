// Package studytest has what the tests of hobbies that study a tree share.
package studytest

import (
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// Practise runs sessions and returns the sink with their results.
func Practise(t *testing.T, h hobby.Hobby, sessions int) *hobbytest.Sink {
	t.Helper()
	out := hobbytest.Sink{Model: h.Model}
	for i := range sessions {
		if err := h.Executor.Practise(t.Context(), hobby.Plan{Kind: h.Kind, Seed: uint64(i)}, &out); err != nil {
			t.Fatal(err)
		}
	}
	return &out
}

// Has asserts that an insight contains text.
func Has(t *testing.T, out *hobbytest.Sink, text string) {
	t.Helper()
	if slices.ContainsFunc(out.Insights, func(in hobby.Insight) bool { return strings.Contains(in.Text, text) }) {
		return
	}
	t.Errorf("no insight says %q:", text)
	for _, in := range out.Insights {
		t.Logf("  %s", in.Text)
	}
}

// TestIDs asserts that findings have the same ids in every process, so that a
// session can leave out those that were told before a restart. open makes the
// hobby anew, of the same tree.
func TestIDs(t *testing.T, open func() hobby.Hobby) {
	ids := func() (all []string) {
		for _, in := range Practise(t, open(), 4).Insights {
			all = append(all, in.ID)
		}
		slices.Sort(all)
		return all
	}
	a, b := ids(), ids()
	if len(a) < 10 || len(slices.Compact(slices.Clone(a))) != len(a) || !slices.Equal(a, b) {
		t.Errorf("%d and %d ids, not the same, or some twice:\n%v\n%v", len(a), len(b), a, b)
	}
}

// BenchmarkFirstInsights measures the time from opening a hobby to its first
// insights.
func BenchmarkFirstInsights(b *testing.B, open func() (hobby.Hobby, error)) {
	for b.Loop() {
		h, err := open()
		if err != nil {
			b.Fatal(err)
		}
		out := hobbytest.Sink{Model: h.Model}
		if err := h.Executor.Practise(b.Context(), hobby.Plan{Kind: h.Kind}, &out); err != nil {
			b.Fatal(err)
		}
		if len(out.Insights) == 0 {
			b.Fatal("no insights")
		}
	}
}
