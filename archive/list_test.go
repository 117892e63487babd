package archive

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// looked counts the folders that are read.
type looked struct {
	fstest.MapFS
	n int
}

func (l *looked) ReadDir(name string) ([]fs.DirEntry, error) {
	l.n++
	return l.MapFS.ReadDir(name)
}

// TestListLooksOnce lists some thousand files page by page: all are there in the order of keys,
// and few folders are read more than once.
func TestListLooksOnce(t *testing.T) {
	files := &looked{MapFS: fstest.MapFS{}}
	var want []string
	for table := range 3 {
		for month := range 40 {
			for part := range 30 {
				want = append(want, fmt.Sprintf("v1/table%d/month=%02d/x-%d", table, month, part))
			}
		}
	}
	want = append(want, "v1/a-b/c", "v1/a/b", "v1/a/b0", "v1/a0", "v2/x", "v1/table1/month=03-1", "w")
	for _, key := range append(want, ".unfinished-x", "v1/a b") {
		files.MapFS[key] = &fstest.MapFile{}
	}
	slices.Sort(want)
	for prefix, most := range map[string]int{
		"": 140, "v1/": 140, "v1/table1": 55, "v1/table1/month=03": 4, "v1/table1/month=03/": 4, "v1/a": 4, "v1/a/": 3, "w": 1, "x": 1,
		"v1/table1/month=03/x-2": 4, "v1/table9/": 2,
	} {
		files.n = 0
		var got, of []string
		for after := ""; ; {
			page, err := list(t.Context(), files, ".", prefix, after, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page {
				got, after = append(got, b.Key), b.Key
			}
			if len(page) < mostListed {
				break
			}
		}
		for _, key := range want {
			if strings.HasPrefix(key, prefix) {
				of = append(of, key)
			}
		}
		if diff := cmp.Diff(of, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", prefix, diff)
		}
		if files.n > most {
			t.Errorf("%q: %d folders were read, at most %d are needed", prefix, files.n, most)
		}
	}
}
