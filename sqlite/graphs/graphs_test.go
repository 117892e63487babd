package graphs_test

import (
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/kgraph/kgraphtest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

func TestStore(t *testing.T) {
	kgraphtest.TestStore(t, func(t *testing.T) (kgraph.Store, hobby.Store) { return open(t, filepath.Join(t.TempDir(), "agent.db")) })
}

func open(t *testing.T, path string) (*graphs.Log, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return l, s
}
