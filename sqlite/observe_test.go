package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// TestObserve checks the store's numbers against what was done to it.
func TestObserve(t *testing.T) {
	for _, path := range []string{":memory:", filepath.Join(t.TempDir(), "agent.db")} {
		s := open(t, path, nil)
		for i := range 3 {
			commit(t, s, session(i))
		}
		head, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetConsumed(t.Context(), "graph", head-1); err != nil {
			t.Fatal(err)
		}
		noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
		for slot, why := range map[string]string{"lora": "the disk is full", "archive": ""} {
			if _, err := s.Claim(t.Context(), slot, noon, hobby.Every(time.Hour)); !errors.Is(err, hobby.ErrNotDue) {
				t.Fatal(err)
			}
			l, err := s.Claim(t.Context(), slot, noon.Add(time.Hour), hobby.Every(time.Hour))
			if err := errors.Join(err, s.Settle(t.Context(), l, hobby.Outcome{Err: why})); err != nil {
				t.Fatal(err)
			}
		}
		described := map[string]int{}
		for _, m := range s.Metrics() {
			described[m.Name] = len(m.Labels)
		}
		got := map[string]float64{}
		if err := s.Observe(t.Context(), func(name string, v float64, labels ...string) {
			if n, ok := described[name]; !ok || n != len(labels) {
				t.Errorf("%s with %d labels is not described", name, len(labels))
			}
			got[name+fmt.Sprint(labels)] = v
		}); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]float64{"pastime_store_events_total[]": float64(head),
			"pastime_store_consumer_lag_events[graph]": 1, "pastime_store_writes_queued[]": 0,
			"pastime_store_slot_failed[lora]": 1, "pastime_store_slot_failed[archive]": 0} {
			if v, ok := got[name]; !ok || v != want {
				t.Errorf("%s: %s is %v, %v; want %v", path, name, v, ok, want)
			}
		}
		if free, ok := got["pastime_store_free_bytes[]"]; !ok || free > got["pastime_store_size_bytes[]"]/2 {
			t.Errorf("%s: %v bytes are free, %v", path, free, ok)
		}
		if got["pastime_store_size_bytes[]"] < 4096 {
			t.Errorf("%s: %v bytes", path, got["pastime_store_size_bytes[]"])
		}
		if v, ok := got["pastime_store_wal_bytes[]"]; ok != (path != ":memory:") || ok && v == 0 {
			t.Errorf("%s: write-ahead log %v, %v", path, v, ok)
		}
		closeStore(t, s)
		if err := s.Observe(t.Context(), func(string, float64, ...string) {}); !errors.Is(err, hobby.ErrClosed) {
			t.Errorf("%s, closed: %v", path, err)
		}
	}
}
