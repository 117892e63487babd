package sqlitetest_test

import (
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

// TestFillAddsUp checks that practice could have written a history that SQL
// copied.
func TestFillAddsUp(t *testing.T) {
	for name, h := range map[string]sqlitetest.History{
		"committed":  {Activities: 250, Days: 7},
		"multiplied": {Activities: 10_007, Days: 20},
		"real":       {Activities: 200, Days: 4, Items: 12, Candidates: 30},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "agent.db"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := sqlitetest.Fill(t.Context(), s, h); err != nil {
				t.Fatal(err)
			}
			all, err := hobbytest.Audit(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			if len(all) != h.Activities {
				t.Errorf("%d activities, want %d", len(all), h.Activities)
			}
			if err := sqlitetest.Fill(t.Context(), s, h); err == nil {
				t.Error("a store that has something was filled")
			}
		})
	}
}
