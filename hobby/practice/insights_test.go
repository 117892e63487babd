package practice_test

import (
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
	"github.com/pastime-go/pastime/hobby/practice/reading"
)

var (
	insightsOf = flag.String("insights", "", "print the causes that a hobby finds in a `tree`, given as code:FOLDER or documents:FOLDER")
	shallow    = flag.Bool("shallow", false, "with -insights, leave out what the go command is needed for")
	sampled    = flag.Int("sample", 40, "with -insights, how many `causes` are drawn")
)

// TestInsights prints what a person judges by docs/insights.md: a sample of the causes that are
// told of a tree, in the order of the draw, and then the number of all. The draw depends on the
// causes alone.
func TestInsights(t *testing.T) {
	if *insightsOf == "" {
		t.Skip("no -insights")
	}
	sort, root, _ := strings.Cut(*insightsOf, ":")
	var h hobby.Hobby
	var err error
	switch sort {
	case "code":
		h, err = gocode.New(root, nil, &gocode.Options{Insights: 100_000, Shallow: *shallow})
	case "documents":
		h, err = reading.New(root, nil, &reading.Options{Insights: 100_000})
	default:
		t.Fatalf("-insights %s: neither code:FOLDER nor documents:FOLDER", *insightsOf)
	}
	if err != nil {
		t.Fatal(err)
	}
	sessions := 2 // and one of each folder
	err = filepath.WalkDir(root, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && sort == "code" {
			sessions++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var out hobbytest.Sink
	for i := range sessions {
		if err := h.Executor.Practise(t.Context(), hobby.Plan{Kind: h.Kind, Seed: uint64(i)}, &out); err != nil {
			t.Fatal(err)
		}
	}
	causes, facts := hobby.Digest(out.Insights, nil), 0
	causes = slices.DeleteFunc(causes, func(c hobby.Cause) bool {
		if c.Fact() {
			facts = 1 + len(c.More)
		}
		return c.Fact()
	})
	slices.SortFunc(causes, func(a, b hobby.Cause) int { return strings.Compare(a.Text, b.Text) })
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(causes), func(i, j int) { causes[i], causes[j] = causes[j], causes[i] })
	for n, c := range causes[:min(len(causes), *sampled)] {
		fmt.Printf("%d. %s\n", n+1, c.Text)
		for _, m := range c.More {
			fmt.Printf("   also: %s\n", m.Text)
		}
	}
	fmt.Printf("%d causes, %d facts for the graph\n", len(causes), facts)
}
