package archive_test

import (
	"flag"
	"testing"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

var archivedOf = flag.Int("archived", 2000, "how many activities TestTheStoreStaysSmall archives, beside a store with a quarter or 10,000")

type counting struct{ n int64 }

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// TestTheStoreStaysSmall archives histories of as many days with few and with many activities:
// what is left in the store, and what it costs to read the archive's numbers and to open it, is
// the same.
func TestTheStoreStaysSmall(t *testing.T) {
	few := min(10_000, *archivedOf/4)
	type cost struct {
		bytes         int64
		numbers, open time.Duration
	}
	costs := map[int]cost{}
	for _, n := range []int{few, *archivedOf} {
		dir := t.TempDir()
		k, closes, err := openKit(t.Context(), dir, wraps{})
		if err != nil {
			t.Fatal(err)
		}
		h := sqlitetest.History{Activities: n, Days: 5, Newest: newest}
		if err := sqlitetest.Fill(t.Context(), k.store, h); err != nil {
			t.Fatal(err)
		}
		if r := must(k.RunOnce(t.Context(), archive.Request{Before: newest}))(t); r.Pruned != int64(n) {
			t.Fatalf("pruned %d of %d", r.Pruned, n)
		}
		must(k.store.Trim(t.Context(), must(k.store.Head(t.Context()))(t)))(t)
		var c counting
		if err := k.store.Backup(t.Context(), &c); err != nil { // a copy without free pages
			t.Fatal(err)
		}
		begun := proc.CPUTime()
		for range 20 {
			if err := k.Observe(t.Context(), func(string, float64, ...string) {}); err != nil {
				t.Fatal(err)
			}
		}
		numbers := proc.CPUTime() - begun
		if err := closes(); err != nil {
			t.Fatal(err)
		}
		begun = proc.CPUTime()
		s, err := sqlite.Open(t.Context(), dir+"/agent.db", nil)
		if err != nil {
			t.Fatal(err)
		}
		must(s.Recover(t.Context(), newest))(t)
		costs[n] = cost{c.n, numbers / 20, proc.CPUTime() - begun}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d archived: the store has %d bytes, numbers take %v, opening %v", n, c.n, costs[n].numbers, costs[n].open)
	}
	if small, large := costs[few].bytes, costs[*archivedOf].bytes; large > small+small/5 {
		t.Errorf("the store has %d bytes with %d archived, and %d with %d", small, few, large, *archivedOf)
	}
}
