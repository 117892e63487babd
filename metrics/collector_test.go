package metrics_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/metrics"
)

var update = flag.Bool("update", false, "write testdata anew")

// part is a part of the system with a script.
type part struct {
	metrics []hobby.Metric
	observe func(ctx context.Context, emit hobby.Emit) error
}

func (p part) Metrics() []hobby.Metric { return p.metrics }
func (p part) Observe(ctx context.Context, emit hobby.Emit) error {
	return p.observe(ctx, emit)
}

func queue() part {
	return part{[]hobby.Metric{
		{Name: "pastime_queue_length", Help: "Waiting, by lane.", Labels: []string{"lane"}},
		{Name: "pastime_queue_served_total", Help: "Served.", Counter: true},
	}, func(_ context.Context, emit hobby.Emit) error {
		emit("pastime_queue_length", 2, "left")
		emit("pastime_queue_length", 0, "right\xff")
		emit("pastime_queue_served_total", 7)
		return nil
	}}
}

// TestExposition compares every family with what it must look like.
func TestExposition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := metrics.New(busy(), &metrics.Options{Parts: map[string]hobby.Observable{"queue": queue()}})
		const file = "testdata/busy.prom"
		if *update {
			if err := os.WriteFile(file, []byte(scrape(t, c, "")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer want.Close()
		if err := testutil.CollectAndCompare(c, want); err != nil {
			t.Error(err)
		}
		registry := prometheus.NewPedanticRegistry()
		if err := registry.Register(c); err != nil {
			t.Error(err)
		}
		if _, err := registry.Gather(); err != nil {
			t.Error(err)
		}
	})
}

// scrape reads the collector's handler.
func scrape(t *testing.T, c *metrics.Collector, accept string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil || w.Code != 200 {
		t.Fatalf("scrape: %d %v %s", w.Code, err, body)
	}
	if accept != "" && !strings.HasPrefix(w.Header().Get("Content-Type"), strings.SplitN(accept, ";", 2)[0]) {
		t.Errorf("asked for %q, got %q", accept, w.Header().Get("Content-Type"))
	}
	return string(body)
}

func TestOpenMetricsKeepsTheNames(t *testing.T) {
	c := metrics.New(busy(), nil)
	text := scrape(t, c, "application/openmetrics-text; version=1.0.0")
	for _, want := range []string{
		`hobby_proficiency{type="skill_practice"} 0.75`, `hobby_time_invested_minutes{type="skill_practice"} 90.0`,
		"hobby_activities_total 6.0", `hobby_activities_completed{type="code_analysis"} 0.0`, "# EOF",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestLint holds our own names to promlint's rules. The specification's names do
// not follow them.
func TestLint(t *testing.T) {
	problems, err := testutil.CollectAndLint(metrics.New(busy(), &metrics.Options{Parts: map[string]hobby.Observable{"queue": queue()}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Metric != "hobby_time_invested_minutes" {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// TestNothingMeasured shows that a new agent has its rows, counters at zero,
// and no gauge of what was not measured.
func TestNothingMeasured(t *testing.T) {
	manager, _ := practised(t, 0)
	text := scrape(t, metrics.New(manager, nil), "")
	for _, kind := range []string{"skill_practice", "code_analysis"} {
		for _, family := range []string{
			"hobby_time_invested_minutes", "hobby_activities_completed", "hobby_insights_total",
			"pastime_activities_started_total", "pastime_practice_seconds_total", "pastime_cost_usd_total",
		} {
			if want := family + `{type="` + kind + `"} 0` + "\n"; !strings.Contains(text, want) {
				t.Errorf("no %q", want)
			}
		}
	}
	unmeasured := regexp.MustCompile(`(?m)^(hobby_proficiency|hobby_success_rate|hobby_current_activity_duration_seconds|` +
		`pastime_\w*(proficiency|success|engagement|improvement)\w*|pastime_last_activity\w*|pastime_model_info)[{ ].*$`)
	if m := unmeasured.FindString(text); m != "" {
		t.Errorf("%s: nothing was measured", m)
	}
	for _, want := range []string{"hobby_activities_total 0\n", "hobby_current_activity_active 0\n", "hobby_system_enabled 1\n",
		"hobby_system_running 0\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestAPartThatFailsHidesNothingElse covers parts that break their promises.
func TestAPartThatFailsHidesNothingElse(t *testing.T) {
	one := []hobby.Metric{{Name: "pastime_bad_things", Help: "Bad.", Labels: []string{"a"}}}
	for name, observe := range map[string]func(ctx context.Context, emit hobby.Emit) error{
		"error":       func(context.Context, hobby.Emit) error { return errors.New("no") },
		"panic":       func(context.Context, hobby.Emit) error { panic("no") },
		"undescribed": func(_ context.Context, emit hobby.Emit) error { emit("pastime_other", 1); return nil },
		"labels":      func(_ context.Context, emit hobby.Emit) error { emit("pastime_bad_things", 1); return nil },
		"emits twice": func(_ context.Context, emit hobby.Emit) error {
			emit("pastime_bad_things", 1, "x")
			emit("pastime_bad_things", 2, "x")
			return nil
		},
		"never ending": func(ctx context.Context, _ hobby.Emit) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := metrics.New(busy(), &metrics.Options{Parts: map[string]hobby.Observable{"bad": part{one, observe}, "queue": queue()}})
				text := scrape(t, c, "")
				for _, want := range []string{
					`pastime_reading_errors_total{part="bad"} 1`, `pastime_reading_errors_total{part="practice"} 0`,
					"pastime_queue_served_total 7", `hobby_proficiency{type="skill_practice"} 0.75`,
				} {
					if !strings.Contains(text, want+"\n") {
						t.Errorf("no %q in\n%s", want, text)
					}
				}
				if strings.Contains(text, "pastime_bad_things") {
					t.Error("a part that failed has values")
				}
			})
		})
	}
}

func TestNewRefusesFamiliesThatClash(t *testing.T) {
	for name, o := range map[string]*metrics.Options{
		"taken": {Parts: map[string]hobby.Observable{"x": part{metrics: []hobby.Metric{{Name: "hobby_proficiency", Help: "h"}}}}},
		"twice": {Parts: map[string]hobby.Observable{"x": queue(), "y": queue()}},
		"invalid": {Parts: map[string]hobby.Observable{"x": part{metrics: []hobby.Metric{{Name: "pastime_x", Help: "h",
			Labels: []string{"__a"}}}}}},
		"no such name": {Parts: map[string]hobby.Observable{"practice": queue()}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: accepted", name)
				}
			}()
			metrics.New(busy(), o)
		}()
	}
}

func TestMetricsDescribesWhatObserveEmits(t *testing.T) {
	c := metrics.New(busy(), &metrics.Options{Parts: map[string]hobby.Observable{"queue": queue()}})
	labels := map[string]int{}
	for _, m := range c.Metrics() {
		labels[m.Name] = len(m.Labels)
	}
	got := map[string]int{}
	if err := c.Observe(t.Context(), func(name string, _ float64, ls ...string) { got[name] = len(ls) }); err != nil {
		t.Fatal(err)
	}
	delete(labels, "pastime_resting") // a session runs
	if d := cmp.Diff(labels, got); d != "" {
		t.Errorf("described (-) and emitted (+):\n%s", d)
	}
}
