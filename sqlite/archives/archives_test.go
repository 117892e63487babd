package archives_test

import (
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/archive/archivetest"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/archives"
)

func TestCatalogue(t *testing.T) {
	archivetest.TestCatalogue(t, func(t *testing.T) (archive.Catalogue, hobby.Fences) {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "agent.db"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		c, err := archives.New(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return c, s
	})
}

// TestForgetNotes has the store forget a source: it is noted for the files.
func TestForgetNotes(t *testing.T) {
	s, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := archives.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Forget(t.Context(), "notes.md"); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Forgets(t.Context()); err != nil || len(got) != 1 || got[0] != hobby.SourceHash("notes.md") {
		t.Errorf("noted %q, %v", got, err)
	}
}
