package httpapi_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// practised is a world in which a session of skill practice has ended, and a
// waiting one runs until the test ends.
func practised(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, &hobbytest.Model{}, nil)
	if _, err := w.manager.RunOnce(t.Context(), hobby.SkillPractice); err != nil {
		t.Fatal(err)
	}
	if status, _, body := w.do("POST", "/hobby/run", `{"hobby_type":"waiting"}`); status != 202 {
		t.Fatalf("run: %d %s", status, body)
	}
	<-w.entered
	t.Cleanup(func() { close(w.release) })
	return w
}

// TestTheExposition reads what Prometheus reads.
func TestTheExposition(t *testing.T) {
	w := practised(t)
	status, header, text := w.do("GET", "/hobby/metrics/prometheus", "")
	if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("%d %s", status, header.Get("Content-Type"))
	}
	for _, want := range []string{
		`hobby_proficiency{type="skill_practice"} 0.`, "hobby_activities_total 2\n", `hobby_activities_completed{type="skill_practice"} 1`,
		"hobby_current_activity_active 1\n", `hobby_current_activity_duration_seconds{type="waiting"} `, `hobby_insights_total{type="broken"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	_, header, text = w.do("GET", "/hobby/metrics/prometheus", "", "Accept", "application/openmetrics-text;version=1.0.0")
	if !strings.HasPrefix(header.Get("Content-Type"), "application/openmetrics-text") || !strings.HasSuffix(text, "# EOF\n") {
		t.Errorf("OpenMetrics: %s, ends in %q", header.Get("Content-Type"), text[max(0, len(text)-20):])
	}
}

// TestTheSummary checks the fields of the contract, over sessions that were
// really held: nothing else may have their names, and none may be missing.
func TestTheSummary(t *testing.T) {
	w := practised(t)
	kinds := []string{"broken", "skill_practice", "waiting"}
	summary := get[object](t, w, "/hobby/metrics/summary")
	keys(t, "summary", summary, "system", "summary", "timeline", "trends", "timestamp")
	system := summary["system"].(object)
	keys(t, "system", system, "enabled", "running", "is_idle", "total_activities", "current_activity")
	if system["total_activities"] != 2.0 || system["current_activity"].(object)["hobby_type"] != "WAITING" {
		t.Errorf("system %v", system)
	}
	if progress := get[object](t, w, "/hobby/progress"); !slices.Equal(sorted(progress), sorted(summary["summary"].(object))) {
		t.Errorf("summary %v is not like /hobby/progress %v", sorted(summary["summary"].(object)), sorted(progress))
	}
	timeline := summary["timeline"].(object)
	keys(t, "timeline", timeline, "hourly", "daily")
	total := func(name string, buckets int, layout string) {
		m, sum := timeline[name].(object), 0.0
		for label, n := range m {
			if _, err := time.Parse(layout, label); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			sum += n.(float64)
		}
		if len(m) != buckets || sum != 2 {
			t.Errorf("%s: %d buckets with %v activities, want %d with 2", name, len(m), sum, buckets)
		}
	}
	total("hourly", 24, "2006-01-02 15:04")
	total("daily", 30, "2006-01-02")
	trends := summary["trends"].(object)
	keys(t, "trends", trends, kinds...)
	for kind, trend := range trends {
		keys(t, kind, trend.(object), "current_proficiency", "proficiency_low", "proficiency_high", "improvement_rate", "improvement_rate_low",
			"improvement_rate_high", "time_invested_hours",
			"activities_completed", "success_rate", "average_engagement")
	}
	some := func(kind string) object {
		o := trends[kind].(object)
		return object{"measured": o["current_proficiency"] != nil, "success": o["success_rate"] != nil, "completed": o["activities_completed"]}
	}
	want := object{"measured": true, "success": true, "completed": 1.0}
	if d := cmp.Diff(want, some("skill_practice")); d != "" {
		t.Errorf("skill practice (-want +got):\n%s", d)
	}
	want = object{"measured": false, "success": false, "completed": 0.0}
	if d := cmp.Diff(want, some("broken")); d != "" {
		t.Errorf("what never worked (-want +got):\n%s", d)
	}
}

// TestTheCharts checks the data of the charts in the same way.
func TestTheCharts(t *testing.T) {
	w := practised(t)
	kinds := []string{"broken", "skill_practice", "waiting"}
	d := get[object](t, w, "/hobby/dashboard")
	keys(t, "dashboard", d, "proficiency_radar", "time_invested_bars", "activity_timeline", "activities_by_type", "success_rate_trend",
		"current_stats")
	lengths := map[string]int{"proficiency_radar": 3, "time_invested_bars": 3, "activity_timeline": 24, "activities_by_type": 3}
	for name, labels := range lengths {
		chart := d[name].(object)
		if len(chart["labels"].([]any)) != labels || len(chart["values"].([]any)) != labels {
			t.Errorf("%s: %v", name, chart)
		}
	}
	lines := d["success_rate_trend"].(object)
	keys(t, "series", lines["series"].(object), kinds...)
	for kind, line := range lines["series"].(object) {
		if len(line.([]any)) != 30 || len(lines["labels"].([]any)) != 30 {
			t.Errorf("success of %s: %v", kind, line)
		}
	}
	stats := d["current_stats"].(object)
	keys(t, "stats", stats, "total_activities", "active_hobbies", "overall_engagement", "overall_proficiency", "is_learning", "timestamp")
	if stats["total_activities"] != 2.0 || stats["active_hobbies"] != 2.0 || stats["is_learning"] != true ||
		stats["overall_proficiency"] == nil {
		t.Errorf("stats %v", stats)
	}
}

func keys(t *testing.T, what string, o object, want ...string) {
	t.Helper()
	slices.Sort(want)
	if d := cmp.Diff(want, sorted(o)); d != "" {
		t.Errorf("%s has other fields:\n%s", what, d)
	}
}

func sorted(o object) []string { return keysOf(o) }

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// TestReadingIsNoInteraction scrapes and looks, and the user is still away.
func TestReadingIsNoInteraction(t *testing.T) {
	w := newWorld(t, nil, nil)
	before := get[object](t, w, "/hobby/status")["last_interaction"]
	for _, path := range []string{"/hobby/metrics/prometheus", "/hobby/metrics/summary", "/hobby/dashboard", "/hobby/progress",
		"/hobby/insights"} {
		if status, _, body := w.do("GET", path, ""); status != 200 {
			t.Errorf("GET %s: %d %s", path, status, body)
		}
	}
	if after := get[object](t, w, "/hobby/status")["last_interaction"]; after != before {
		t.Errorf("last interaction %v, was %v", after, before)
	}
}

// TestMetricsOfAClosedStore answers with a problem, not with numbers.
func TestMetricsOfAClosedStore(t *testing.T) {
	w := newWorld(t, nil, nil)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/hobby/metrics/summary", "/hobby/dashboard"} {
		if status, header, body := w.do("GET", path, ""); status != 503 || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET %s: %d %s %s", path, status, header.Get("Content-Type"), body)
		}
	}
	if _, _, text := w.do("GET", "/hobby/metrics/prometheus", ""); strings.Contains(text, "hobby_") {
		t.Errorf("a store that is closed has metrics:\n%s", text)
	}
}

func TestConfigShowsTheMetricsOptions(t *testing.T) {
	c := get[object](t, newWorld(t, nil, nil), "/hobby/config")
	if c["metrics_cache_seconds"] != 0.0 || c["metrics_scrape_interval"] != "30s" {
		t.Errorf("cache %v, interval %v", c["metrics_cache_seconds"], c["metrics_scrape_interval"])
	}
}
