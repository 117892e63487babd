package subagents_test

import (
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

func open(t testing.TB) (subagent.Ledger, hobby.Store) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := subagents.New(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return l, store
}

func TestLedger(t *testing.T) { subagenttest.TestLedger(t, open) }
