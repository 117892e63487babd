package extract_test

import (
	"cmp"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/kgraph/extract"
)

var (
	documents = flag.String("documents", "", "read facts out of the Markdown files of `folders`, separated by commas")
	sample    = flag.Int("sample", 100, "print so many of them")
	skip      = flag.Int("skip", 0, "leave out so many of them, which were looked at before")
	half      = flag.String("half", "tuned", "of the files that the rules were made by (tuned), or of the others (held back)")
)

// TestDocuments prints facts of real documents, so that people can judge them. Which files
// are held back, and which facts are drawn, a hash of their names and texts says.
func TestDocuments(t *testing.T) {
	if *documents == "" {
		t.Skip("without -documents")
	}
	type drawn struct {
		rank uint64
		line string
	}
	var all []drawn
	files, read, found, seen := 0, 0, 0, map[string]bool{}
	for folder := range strings.SplitSeq(*documents, ",") {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
				return err
			}
			rel, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			if (rank(rel)%2 == 0) != (*half == "tuned") {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			read += len(data)
			text := string(data)
			var here []drawn
			for f := range extract.Text(text) {
				fact := fmt.Sprintf("%s | %s | %s", f.Subject, f.Relation, f.Object)
				said := strings.Join(strings.Fields(text[f.Start:f.End]), " ")
				if seen[fact+said] {
					continue
				}
				seen[fact+said] = true
				line := fmt.Sprintf("[%s] %s\n      %s:%d %s", f.Pattern, fact, rel, 1+strings.Count(text[:f.Start], "\n"), said)
				here = append(here, drawn{rank(fact + said), line})
			}
			found += len(here)
			slices.SortFunc(here, func(a, b drawn) int { return cmp.Compare(a.rank, b.rank) })
			all = append(all, here[:min(perFile, len(here))]...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.SortFunc(all, func(a, b drawn) int { return cmp.Compare(a.rank, b.rank) })
	for n := *skip; n < min(*skip+*sample, len(all)); n++ {
		fmt.Printf("%3d %s\n", n+1, all[n].line)
	}
	t.Logf("%d facts of %d files, %d bytes", found, files, read)
}

// perFile is how many facts of a file may be drawn: some files say the same of everything.
const perFile = 5

func rank(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	n := h.Sum64() // FNV mixes its last bytes little
	n ^= n >> 33
	n *= 0xff51afd7ed558ccd
	return n ^ n>>33
}
