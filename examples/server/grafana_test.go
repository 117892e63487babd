package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGrafanaFiles shows that interval, address and token get into the files.
func TestGrafanaFiles(t *testing.T) {
	dir := t.TempDir()
	out := newOutput()
	args := []string{"-grafana", dir, "-addr", "0.0.0.0:9000", "-token", "open sesame"}
	if err := run(t.Context(), args, env("HOBBY_METRICS_SCRAPE_INTERVAL", "1m"), out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"prometheus.yml":       {"scrape_interval: 60s", "targets: ['localhost:9000']", "credentials_file: 'token'"},
		"hobby-dashboard.json": {`"interval": "60s"`},
		"token":                {"open sesame"},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(raw), w) {
				t.Errorf("%s: no %q", name, w)
			}
		}
		if !strings.Contains(out.String(), "prometheus.yml") {
			t.Errorf("it says %q", out)
		}
	}
	for _, args := range [][]string{{"-grafana", dir, "-addr", "nowhere"}, {"-grafana", filepath.Join(dir, "token", "below")}} {
		if err := run(t.Context(), args, env(), io.Discard, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	if err := run(t.Context(), []string{"-grafana", dir}, env("HOBBY_METRICS_SCRAPE_INTERVAL", "1500ms"), io.Discard, io.Discard); err == nil {
		t.Error("an interval that Prometheus' file cannot have: no error")
	}
}
