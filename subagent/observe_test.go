package subagent_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/subagent"
)

// TestNumbers exports a fleet's numbers to Prometheus.
func TestNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, nil, "one", "two")
		a := assign(t, f, "one", "sums")
		o := w.last(t)
		time.Sleep(3 * time.Second)
		w.say(t, o, subagent.Started, nil)
		time.Sleep(7 * time.Second)
		w.say(t, o, subagent.Done, answer(t, o))
		w.say(t, o, subagent.Done, answer(t, o))
		assign(t, f, "two", "sums")
		if a = read(t, f, a.ID); a.Status != subagent.Completed {
			t.Fatalf("%+v", a)
		}
		m, err := hobby.New(f.store, []hobby.Hobby{empty("void")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := prometheus.NewPedanticRegistry()
		r.MustRegister(metrics.New(m, &metrics.Options{Cache: -1, Parts: map[string]hobby.Observable{"assignments": f}}))
		problems, err := testutil.GatherAndLint(r)
		for _, p := range problems {
			if strings.Contains(p.Metric, "assignment") || strings.Contains(p.Metric, "subagent") {
				t.Errorf("%s: %s", p.Metric, p.Text)
			}
		}
		if err != nil {
			t.Error(err)
		}
		families, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, family := range families {
			for _, v := range family.Metric {
				name := family.GetName()
				for _, l := range v.Label {
					name += " " + l.GetValue()
				}
				got[name] = v.GetCounter().GetValue() + v.GetGauge().GetValue()
			}
		}
		for name, want := range map[string]float64{
			"pastime_subagents available": 2, "pastime_subagents unavailable": 0,
			"pastime_subagent_places one": 5, "pastime_subagent_assignments two": 1,
			"pastime_assignments assigned": 1, "pastime_assignments waiting": 0,
			"pastime_assignments_ended_total completed": 1, "pastime_assignments_ended_total failed": 0,
			"pastime_assignment_late_reports_total": 1, "pastime_assignment_queue_seconds_total": 3,
			"pastime_assignment_run_seconds_total": 7, "pastime_assignment_runs_total": 1,
		} {
			if v, ok := got[name]; !ok || v != want {
				t.Errorf("%s is %v (there: %v), want %v", name, v, ok, want)
			}
		}
		f.stop()
	})
}
