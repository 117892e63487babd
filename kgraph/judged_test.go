package kgraph_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

var (
	sampled    = flag.String("sampled", "", "the store from whose facts TestSample draws")
	sampleSeed = flag.Uint64("sampled-seed", 20261128, "with which TestSample draws")
)

// TestSample draws 200 facts of claims from a store by chance, and prints them as
// testdata/judged.tsv has them, without the verdicts.
func TestSample(t *testing.T) {
	if *sampled == "" {
		t.Skip("no -sampled")
	}
	s, err := sqlite.Open(t.Context(), *sampled, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	concepts := map[string]bool{}
	for rev := int64(0); ; {
		changes, err := l.Changes(t.Context(), rev, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			break
		}
		for _, c := range changes {
			rev = c.Rev
			for _, f := range c.Statements {
				concepts[f.Subject], concepts[f.Object] = true, true
				if c.Op == kgraph.Stated && !f.Extracted {
					line := strings.Join([]string{f.Subject, string(f.Relation), f.Object, c.File, strconv.Itoa(c.Line), c.ID}, "\t")
					all = append(all, strings.ReplaceAll(line, "\n", " "))
				}
			}
		}
	}
	r := rand.New(rand.NewPCG(*sampleSeed, 0))
	fmt.Fprintf(os.Stderr, "%d facts of claims, of %d names\n", len(all), len(concepts))
	for n, i := range r.Perm(len(all))[:min(200, len(all))] {
		fmt.Printf("%d\t%s\n", n+1, all[i])
	}
}
