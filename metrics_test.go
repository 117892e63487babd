package pastime_test

import (
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/metrics"
)

// TestTheMetricsOfAKit registers everything that a wired agent exports, after a
// session on a real file, and checks it by Prometheus' rules.
func TestTheMetricsOfAKit(t *testing.T) {
	kit, err := pastime.Open(t.Context(), filepath.Join(t.TempDir(), "agent.db"), &hobbytest.Model{},
		&pastime.Options{Metrics: metrics.Options{Cache: -1}})
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	if _, err := kit.Hobby.RunOnce(t.Context(), hobby.SkillPractice); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(kit.Metrics); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hobby_proficiency", "pastime_store_size_bytes", "pastime_store_wal_bytes", "pastime_store_events_total"} {
		if n, err := testutil.GatherAndCount(registry, name); n != 1 || err != nil {
			t.Errorf("%s has %d values, %v; want 1", name, n, err)
		}
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Metric != "hobby_time_invested_minutes" { // the specification's name
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
