package reading

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var surveyed = flag.String("survey", "", "a folder of documents; print what is found in them")

// TestSurvey prints what is found in a tree, for a person to judge.
func TestSurvey(t *testing.T) {
	if *surveyed == "" {
		t.Skip("no -survey")
	}
	tree := newTree(*surveyed, 20_000, nil)
	start := time.Now()
	l, err := tree.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%d documents read in %v, %d too large\n", len(l.Files), time.Since(start), len(l.Large))
	lib := newLibrary(l.Files, os.DirFS(*surveyed))
	start = time.Now()
	var all []finding
	for _, d := range lib.documents {
		all = append(append(append(all, lib.broken(d)...), lib.references(d)...), d.faults()...)
	}
	ctx := context.Background()
	all = slices.Concat(all, lib.definitions(ctx), lib.repeated(ctx), unread(l.Files, l.Large))
	fmt.Printf("%d findings in %v\n", len(all), time.Since(start))
	counts := map[string]int{}
	for _, f := range all {
		rule, _, _ := strings.Cut(f.Key, " ")
		counts[rule]++
		fmt.Printf("%-10s %s\n", rule, f.Text)
	}
	fmt.Println(counts)
	s := newShelf(context.Background(), lib)
	for _, family := range families {
		for level := 1; level <= family.Levels; level++ {
			start, asked := time.Now(), 0
			for seed := range uint64(100) {
				if _, ok := s.ask(rand.New(rand.NewPCG(seed, 1)), family, level); ok {
					asked++
				}
			}
			fmt.Printf("%s %d: %d of 100 in %v\n", family.Name, level, asked, time.Since(start))
		}
	}
}
