package subagent_test

import (
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

func newLedger(t testing.TB) (subagent.Ledger, hobby.Store) {
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

func TestInProcessTransport(t *testing.T) {
	subagenttest.TestTransport(t, newLedger, func(t testing.TB) subagenttest.Harness {
		tr := subagent.NewInProcess()
		t.Cleanup(func() {
			if err := tr.Close(); err != nil {
				t.Error(err)
			}
		})
		return subagenttest.Harness{
			Transport: tr,
			Connect: func(_ testing.TB, w *subagent.Worker) (subagent.Agent, bool, func()) {
				return w.Agent(), true, tr.Connect(w)
			},
		}
	})
}
