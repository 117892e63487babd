package httpapi

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/benchmark"
)

// BenchmarkRuns is the answer of GET /hobby/benchmark.
type BenchmarkRuns struct {
	Runs []BenchmarkRun `json:"runs" nullable:"false" doc:"newest first; the runs of one day have the same tasks"`
}

// BenchmarkRun is what a model passed of the benchmark of a day.
type BenchmarkRun struct {
	Day      string `json:"day" format:"date" doc:"in UTC"`
	Model    string `json:"model"`
	ModelKey string `json:"model_key"`
	BenchmarkShare
	Hobbies map[string]BenchmarkShare `json:"hobbies" doc:"by upper-case name of the kind whose tasks they are"`
}

// BenchmarkShare is how many tasks were passed.
type BenchmarkShare struct {
	Passes int     `json:"passes"`
	Tries  int     `json:"tries"`
	Rate   float64 `json:"rate"`
	Low    float64 `json:"rate_low" doc:"of the 95 % interval for tasks like these"`
	High   float64 `json:"rate_high"`
}

// Regression is the event of a benchmark that was passed worse than before, beyond chance.
type Regression struct {
	Day          string  `json:"day" format:"date" doc:"in UTC"`
	ModelKey     string  `json:"model_key"`
	BeforeKey    string  `json:"before_key" doc:"of the model that it is compared with, which may be the same"`
	Paired       bool    `json:"paired" doc:"both answered the same tasks"`
	Passes       int     `json:"passes"`
	Tries        int     `json:"tries"`
	BeforePasses int     `json:"before_passes"`
	BeforeTries  int     `json:"before_tries"`
	P            float64 `json:"p" doc:"one-sided"`
	Difference   float64 `json:"difference" doc:"of the shares that passed"`
	Low          float64 `json:"difference_low" doc:"of its 95 % interval"`
	High         float64 `json:"difference_high"`
}

func regression(_ *hobby.Event, r *benchmark.Regression) Regression {
	return Regression{r.Day.Format(time.DateOnly), r.Model, r.Before, r.Paired, r.Passes, r.Tries, r.BeforePasses, r.BeforeTries,
		r.P, r.Difference, r.Low, r.High}
}

func benchmarkShare(p benchmark.Passed) BenchmarkShare {
	return BenchmarkShare{p.Passes, p.Tries, float64(p.Passes) / float64(max(p.Tries, 1)), p.Low, p.High}
}

func benchmarkRun(r *benchmark.Run) BenchmarkRun {
	b := BenchmarkRun{r.Day.Format(time.DateOnly), r.Name, r.Model, benchmarkShare(r.All), map[string]BenchmarkShare{}}
	for _, k := range r.Kinds {
		b.Hobbies[k.Kind.Upper()] = benchmarkShare(k.Passed)
	}
	return b
}

func (h practising) benchmark(ctx context.Context, in *struct {
	Days int `query:"days" minimum:"1" maximum:"90" default:"30" doc:"how many days back"`
}) (*Body[BenchmarkRuns], error) {
	const day = 24 * time.Hour
	today := time.Now().UTC().Truncate(day)
	runs, err := benchmark.Runs(ctx, h.m.Store(), today.Add(-time.Duration(in.Days-1)*day))
	if err != nil {
		return nil, err
	}
	return &Body[BenchmarkRuns]{BenchmarkRuns{each(runs, benchmarkRun)}}, nil
}
