package pastime_test

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/archives"
	"github.com/pastime-go/pastime/sqlite/jobs"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

var archivedOf = flag.Int("archived", 2000, "how many activities TestTheStoreStaysSmall archives, beside a store with a quarter or 10,000")

type counting struct{ n int64 }

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// archived fills the store at path with n activities, archives all and trims the event log. It returns
// the size of what is left in the store.
func archived(ctx context.Context, path string, n, days int) (size int64, err error) {
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	newest := time.Now().UTC().Truncate(24 * time.Hour)
	if err := sqlitetest.Fill(ctx, s, sqlitetest.History{Activities: n, Days: days, Newest: newest}); err != nil {
		return 0, err
	}
	files := filepath.Join(path+".d", "archive")
	if err := os.MkdirAll(files, 0o700); err != nil {
		return 0, err
	}
	dir, err := archive.OpenDir(files)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	catalogue, err := archives.New(ctx, s)
	if err != nil {
		return 0, err
	}
	journal, err := jobs.New(ctx, s)
	if err != nil {
		return 0, err
	}
	a, err := archive.New(catalogue, journal, s, dir, nil)
	if err != nil {
		return 0, err
	}
	if r, err := a.RunOnce(ctx, archive.Request{Before: newest}); err != nil || r.Pruned != int64(n) {
		return 0, errors.Join(errors.New("not all is archived"), err)
	}
	head, err := s.Head(ctx)
	if err == nil {
		_, err = s.Trim(ctx, head)
	}
	if err != nil {
		return 0, err
	}
	var c counting
	err = s.Backup(ctx, &c) // a copy without free pages
	return c.n, err
}

// TestTheStoreStaysSmall archives histories of as many days with few and with many activities. What is left in
// the store is as large, and starting an agent, its numbers for Prometheus and its summary cost the same.
func TestTheStoreStaysSmall(t *testing.T) {
	few := min(10_000, *archivedOf/4)
	sizes := []int{few, *archivedOf}
	paths, left := make([]string, 2), make([]int64, 2)
	for i, n := range sizes {
		paths[i] = filepath.Join(t.TempDir(), "agent.db")
		var err error
		if left[i], err = archived(t.Context(), paths[i], n, min(100, few/100)); err != nil {
			t.Fatal(err)
		}
	}
	var begun time.Duration
	took := map[string]*[2][]time.Duration{}
	note := func(what string, i int) {
		if took[what] == nil {
			took[what] = &[2][]time.Duration{}
		}
		took[what][i] = append(took[what][i], proc.CPUTime()-begun)
		begun = proc.CPUTime()
	}
	for range 5 { // in turns
		for i, path := range paths {
			begun = proc.CPUTime()
			kit, err := pastime.Open(t.Context(), path, &hobbytest.Model{}, &pastime.Options{Metrics: metrics.Options{Cache: -1}})
			if err != nil {
				t.Fatal(err)
			}
			note("opening", i)
			for _, of := range []string{"prometheus", "summary"} {
				for _, what := range []string{"the first ", "a "} {
					w := httptest.NewRecorder()
					kit.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/hobby/metrics/"+of, nil))
					if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "skill_practice") {
						t.Fatalf("%s: %d, %s", of, w.Code, w.Body)
					}
					note(what+of, i)
				}
			}
			if s, err := kit.Archive.Stats(t.Context()); err != nil || s.Activities != int64(sizes[i]) {
				t.Fatalf("the archive has %+v, %v", s, err)
			}
			if err := kit.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("the store has %d bytes with %d archived, and %d with %d", left[0], sizes[0], left[1], sizes[1])
	if left[1] > left[0]+left[0]/5 {
		t.Errorf("the store has %d bytes with %d archived, and %d with %d", left[0], sizes[0], left[1], sizes[1])
	}
	for what, all := range took {
		for i := range all {
			slices.Sort(all[i])
		}
		small, large := all[0][2], all[1][2]
		t.Logf("%s takes %v of processor time with %d archived, and %v with %d", what, small, sizes[0], large, sizes[1])
		if large > 2*small+10*time.Millisecond {
			t.Errorf("%s takes %v of processor time with %d archived, and %v with %d", what, small, sizes[0], large, sizes[1])
		}
	}
}
