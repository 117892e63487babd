package reading_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice/internal/study/studytest"
	"github.com/pastime-go/pastime/hobby/practice/reading"
)

// told practises and returns the insights as they are stored, with the rule's
// acceptance.
func told(t *testing.T, dir string, m hobby.Model, trusted func(string) bool) *hobbytest.Sink {
	t.Helper()
	return studytest.Practise(t, read(t, dir, m, &reading.Options{Insights: 100, Trusted: trusted}), 2)
}

// TestClaims has each relation in a few documents.
func TestClaims(t *testing.T) {
	dir := t.TempDir()
	same := strings.Repeat("the same words are in both of them and nobody changed any ", 4)
	write(t, dir, "README.md", "# Shop\n\nSee [the ledger](docs/ledger.md#ledger), [it](docs/ledger.md) and [a "+
		"site](https://example.org/x.md).\n\n"+same+"\n")
	write(t, dir, "docs/ledger.md",
		"# Ledger\n\nA ledger is a list of what was bought. It has a point of sale (POS).\n\n"+same+"\n\n[Up](../README.md), [gone](gone.md)\n")
	write(t, dir, "docs/other.md", "# Other\n\nThe piece of silver (POS) is old.\n")
	var got []string
	for _, in := range told(t, dir, nil, nil).Insights {
		for _, c := range in.Claims {
			got = append(got, fmt.Sprintf("%s %s %s", c.Subject, c.Relation, c.Object))
			if in.Taint != hobby.Untrusted || in.Source == "" || in.Trusted() {
				t.Errorf("%+v is of a trusted insight", c)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"POS stands for piece of silver", "POS stands for point of sale",
		"README.md links to docs/ledger.md", "README.md repeats docs/ledger.md",
		"docs/ledger.md defines Ledger", "docs/ledger.md defines POS", "docs/ledger.md links to README.md", "docs/other.md defines POS",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("claims (-want +got):\n%s", d)
	}
}

// TestOnlyTrustedDocumentsAreUsed: without a rule nothing that reading tells or asks
// may be used; with one, exactly what rests on trusted documents alone may be, and
// its taint stays.
func TestOnlyTrustedDocumentsAreUsed(t *testing.T) {
	dir := copied(t)
	begin := time.Now()
	some := func(path string) bool { return strings.HasPrefix(path, "guide/") || path == "README.md" }
	for what, rule := range map[string]func(string) bool{"nothing": nil, "some": some} {
		out := told(t, dir, hobbytest.Says("I don't know"), rule)
		used, unused := 0, 0
		count := func(trusted bool, a *hobby.Acceptance, taint hobby.Taint, documents ...string) {
			t.Helper()
			want := rule != nil && !slices.ContainsFunc(documents, func(p string) bool { return !some(p) })
			if trusted != want || taint != hobby.Untrusted {
				t.Errorf("%s is trusted: %v is used: %v, with the taint %q", what, documents, trusted, taint)
			}
			if want {
				used++
				if a.By != hobby.ByRule || a.At.Before(begin) || a.Version != 1 {
					t.Errorf("the rule's acceptance is %+v", a)
				}
			} else {
				unused++
			}
		}
		for _, i := range out.Insights {
			var documents []string
			for _, e := range i.Evidence {
				documents = append(documents, e.Ref)
			}
			count(i.Trusted(), i.Acceptance, i.Taint, documents...)
		}
		for _, i := range out.Items {
			count(i.Trusted(), i.Acceptance, i.Taint, i.Source)
		}
		if unused == 0 || rule != nil && used == 0 {
			t.Errorf("%s is trusted: %d used, %d not", what, used, unused)
		}
	}
}
