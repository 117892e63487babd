package metrics_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/metrics"
)

// The specification's quick start: a collector from a manager, its metrics,
// and data for a chart.
func Example() {
	ctx := context.Background()
	kit, err := pastime.Open(ctx, ":memory:", &hobbytest.Model{}, // a host has a real model
		&pastime.Options{Kinds: []hobby.Kind{hobby.SkillPractice}})
	if err != nil {
		log.Fatal(err)
	}
	defer kit.Close()
	if _, err := kit.Hobby.RunOnce(ctx, hobby.SkillPractice); err != nil {
		log.Fatal(err)
	}

	collector := metrics.New(kit.Hobby, nil)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector)
	families, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "hobby_activities") {
			fmt.Println(f.GetName(), len(f.GetMetric()), f.GetMetric()[0].GetCounter().GetValue()+f.GetMetric()[0].GetGauge().GetValue())
		}
	}

	dashboard, err := collector.Dashboard(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dashboard.Proficiency.Labels, "measured:", dashboard.Proficiency.Values[0] != nil)
	// Output:
	// hobby_activities_completed 1 1
	// hobby_activities_total 1 1
	// [skill_practice] measured: true
}

// A summary has the same as numbers.
func ExampleCollector_Summary() {
	ctx := context.Background()
	kit, err := pastime.Open(ctx, ":memory:", nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer kit.Close()
	summary, err := metrics.New(kit.Hobby, nil).Summary(ctx)
	if err != nil {
		log.Fatal(err)
	}
	skill := summary.Progress.Kind(hobby.SkillPractice)
	fmt.Println("activities:", summary.Progress.Total)
	fmt.Println("measured:", skill.Proficiency.Estimate.Measured())
	fmt.Println("hours:", len(summary.Hourly), "days:", len(summary.Daily))
	// Output:
	// activities: 0
	// measured: false
	// hours: 24 days: 30
}

// A part of the host shows its own numbers beside those of practice.
func ExampleOptions_parts() {
	collector := metrics.New(busy(), &metrics.Options{Parts: map[string]hobby.Observable{"queue": queue()}})
	err := collector.Observe(context.Background(), func(name string, v float64, labels ...string) {
		if strings.HasPrefix(name, "pastime_queue") {
			fmt.Printf("%s %q %v\n", name, labels, v)
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// pastime_queue_length ["left"] 2
	// pastime_queue_length ["right�"] 0
	// pastime_queue_served_total [] 7
}
