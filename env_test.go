package pastime_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime"
)

func getenv(name, value string) func(string) string {
	return func(n string) string {
		if n == name {
			return value
		}
		return ""
	}
}

func TestMetricsFromTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		name, value     string
		cache, interval time.Duration
		err             bool
	}{
		{"", "", 10 * time.Second, 30 * time.Second, false},
		{"HOBBY_METRICS_CACHE_SECONDS", "2.5", 2500 * time.Millisecond, 30 * time.Second, false},
		{"HOBBY_METRICS_CACHE_SECONDS", "0", -1, 30 * time.Second, false},
		{"HOBBY_METRICS_CACHE_SECONDS", "-1", 0, 0, true},
		{"HOBBY_METRICS_CACHE_SECONDS", "10s", 0, 0, true},
		{"HOBBY_METRICS_SCRAPE_INTERVAL", "1m30s", 10 * time.Second, 90 * time.Second, false},
		{"HOBBY_METRICS_SCRAPE_INTERVAL", "30", 0, 0, true},
		{"HOBBY_METRICS_SCRAPE_INTERVAL", "0s", 0, 0, true},
	} {
		o, err := pastime.OptionsFromEnv(getenv(c.name, c.value))
		switch {
		case c.err:
			if err == nil || !strings.Contains(err.Error(), c.name) {
				t.Errorf("%s=%s: %v, want an error that names it", c.name, c.value, err)
			}
		case err != nil || o.Metrics.Cache != c.cache || o.Metrics.ScrapeInterval != c.interval:
			t.Errorf("%s=%s: %+v, %v; want %v and %v", c.name, c.value, o, err, c.cache, c.interval)
		}
	}
}
