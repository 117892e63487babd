package sqlite_test

import (
	"bytes"
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

var years = flag.Int("years", 8, "how many times 500 small and 50 real sessions TestYearsShrink fills in; 2000 is a million and 100,000")

// counting is a writer that counts bytes.
type counting struct{ n int64 }

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// TestYearsShrink fills stores with histories, trims the log and prunes all but the
// newest tenth: the file shrinks to what a fresh copy of it takes, and a reserve.
func TestYearsShrink(t *testing.T) {
	if race.Enabled {
		t.Skip("it has one caller")
	}
	newest := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for name, h := range map[string]sqlitetest.History{
		"small": {Activities: 500 * *years, Days: 50, Newest: newest},
		"real":  {Activities: 50 * *years, Days: 50, Newest: newest, Items: 12, Candidates: 28},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "agent.db")
			s := open(t, path, nil)
			if err := sqlitetest.Fill(t.Context(), s, h); err != nil {
				t.Fatal(err)
			}
			closeStore(t, s) // so that all is in one file
			s = open(t, path, nil)
			defer closeStore(t, s)
			var report bytes.Buffer
			step := func(doing string, fn func() error) {
				t.Helper()
				begun := time.Now()
				if err := fn(); err != nil {
					t.Fatalf("%s: %v", doing, err)
				}
				fmt.Fprintf(&report, "%s: %.1f MB, after %v\n", doing, float64(size(t, path))/1e6, time.Since(begun).Round(time.Millisecond))
			}
			step("filled", func() error { return nil })
			head, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			step("log trimmed", func() error {
				_, err := s.Trim(t.Context(), head)
				return err
			})
			step("pruned", func() error {
				n, err := s.PruneBefore(t.Context(), newest.AddDate(0, 0, -5), head, nil)
				if n != h.Activities*9/10 {
					t.Errorf("pruned %d of %d", n, h.Activities)
				}
				return err
			})
			step("given back", func() error {
				_, err := s.Shrink(t.Context())
				return err
			})
			kept := copied(t, s)
			closeStore(t, s)
			fmt.Fprintf(&report, "closed: %.1f MB; a fresh copy has %.1f MB", float64(size(t, path))/1e6, float64(kept)/1e6)
			t.Logf("%d sessions\n%s", h.Activities, &report)
			if got := size(t, path); got > kept*13/10+2<<20 {
				t.Errorf("%d bytes are left, a fresh copy has %d", got, kept)
			}
		})
	}
}

// copied is the size of a backup: what is kept, without free pages.
func copied(t *testing.T, s *sqlite.Store) int64 {
	t.Helper()
	var c counting
	if err := s.Backup(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	return c.n
}
