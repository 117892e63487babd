package otelmetrics_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/metrics/otelmetrics"
)

// practised is the collector of an agent that held a session.
func practised(t testing.TB) *metrics.Collector {
	t.Helper()
	kit, err := pastime.Open(t.Context(), ":memory:", &hobbytest.Model{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kit.Close() })
	if _, err := kit.Hobby.RunOnce(t.Context(), hobby.SkillPractice); err != nil {
		t.Fatal(err)
	}
	return kit.Metrics
}

// collect reads everything through the SDK, as name{labels} -> value.
func collect(t testing.TB, r sdk.Reader) (values map[string]float64, units map[string]string) {
	t.Helper()
	var out metricdata.ResourceMetrics
	if err := r.Collect(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	values, units = map[string]float64{}, map[string]string{}
	for _, scope := range out.ScopeMetrics {
		for _, m := range scope.Metrics {
			units[m.Name] = m.Unit
			switch d := m.Data.(type) {
			case metricdata.Gauge[float64]:
				for _, p := range d.DataPoints {
					values[m.Name+labels(p.Attributes)] = p.Value
				}
			case metricdata.Sum[float64]:
				if !d.IsMonotonic || d.Temporality != metricdata.CumulativeTemporality {
					t.Errorf("%s is no cumulative counter", m.Name)
				}
				for _, p := range d.DataPoints {
					values[m.Name+"_total"+labels(p.Attributes)] = p.Value
				}
			default:
				t.Errorf("%s is a %T", m.Name, d)
			}
		}
	}
	return values, units
}

func labels(s attribute.Set) string {
	var all []string
	for _, kv := range s.ToSlice() {
		all = append(all, string(kv.Key)+"="+kv.Value.AsString())
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}

// TestTheSDKSeesWhatPrometheusSees compares the values that the SDK collects
// with those of the collector itself.
func TestTheSDKSeesWhatPrometheusSees(t *testing.T) {
	c := practised(t)
	reader := sdk.NewManualReader()
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	stop, err := otelmetrics.Register(provider.Meter("pastime"), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, units := collect(t, reader)
	names := map[string][]string{}
	for _, m := range c.Metrics() {
		names[m.Name] = m.Labels
	}
	want := map[string]float64{}
	if err := c.Observe(t.Context(), func(name string, v float64, values ...string) {
		if strings.HasPrefix(name, "hobby_") {
			return
		}
		var set []string
		for i, l := range names[name] {
			set = append(set, l+"="+values[i])
		}
		slices.Sort(set)
		want[name+fmt.Sprint(set)] = v
	}); err != nil {
		t.Fatal(err)
	}
	for name := range want { // grows between the two looks
		if strings.HasPrefix(name, "pastime_reading_age_seconds") {
			if _, ok := got[name]; !ok {
				t.Errorf("no %s", name)
			}
			delete(want, name)
			delete(got, name)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the collector (-) and the SDK (+):\n%s", d)
	}
	if v := got["pastime_activities_started_total[type=skill_practice]"]; v != 1 {
		t.Errorf("%v activities, want 1", v)
	}
	for name, unit := range map[string]string{
		"pastime_practice_seconds": "s", "pastime_store_size_bytes": "By", "pastime_proficiency_ratio": "1",
		"pastime_cost_usd": "{USD}", "pastime_items": "",
	} {
		if u, ok := units[name]; !ok || u != unit {
			t.Errorf("%s: unit %q, %v; want %q", name, u, ok, unit)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if after, _ := collect(t, reader); len(after) != 0 {
		t.Errorf("after the end there are still %v", slices.Sorted(maps.Keys(after)))
	}
}

func TestKeep(t *testing.T) {
	reader := sdk.NewManualReader()
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	if _, err := otelmetrics.Register(provider.Meter("pastime"), practised(t),
		&otelmetrics.Options{Keep: func(m hobby.Metric) bool { return m.Name == "hobby_activities_total" }}); err != nil {
		t.Fatal(err)
	}
	got, _ := collect(t, reader)
	if d := cmp.Diff(map[string]float64{"hobby_activities_total[]": 1}, got); d != "" {
		t.Error(d)
	}
}

type broken struct{ hobby.Observable }

func (broken) Metrics() []hobby.Metric {
	return []hobby.Metric{{Name: "pastime_thing", Help: "h", Labels: []string{"a"}}, {Name: "pastime_other", Help: "h"}}
}

func (broken) Observe(_ context.Context, emit hobby.Emit) error {
	emit("pastime_thing", 1)
	emit("pastime_other", 2)
	return errors.New("and more is wrong")
}

// TestAnErrorReachesTheReader keeps what is right.
func TestAnErrorReachesTheReader(t *testing.T) {
	reader := sdk.NewManualReader()
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	if _, err := otelmetrics.Register(provider.Meter("pastime"), broken{}, nil); err != nil {
		t.Fatal(err)
	}
	var out metricdata.ResourceMetrics
	err := reader.Collect(t.Context(), &out)
	if err == nil || !strings.Contains(err.Error(), "pastime_thing was emitted with 0 labels") ||
		!strings.Contains(err.Error(), "and more is wrong") {
		t.Errorf("error %v", err)
	}
}

func ExampleRegister() {
	ctx := context.Background()
	kit, err := pastime.Open(ctx, ":memory:", nil, &pastime.Options{Kinds: []hobby.Kind{hobby.SkillPractice}})
	if err != nil {
		log.Fatal(err)
	}
	defer kit.Close()

	reader := sdk.NewManualReader() // a host has an exporter's
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	stop, err := otelmetrics.Register(provider.Meter("pastime"), kit.Metrics, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer stop()

	var out metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &out); err != nil {
		log.Fatal(err)
	}
	for _, m := range out.ScopeMetrics[0].Metrics {
		if m.Name == "pastime_activities_started" {
			for _, p := range m.Data.(metricdata.Sum[float64]).DataPoints {
				fmt.Println(m.Name, p.Attributes.Encoded(attribute.DefaultEncoder()), p.Value)
			}
		}
	}
	// Output:
	// pastime_activities_started type=skill_practice 0
}
