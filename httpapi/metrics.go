package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/metrics"
)

// MetricsSummary is the answer of GET /hobby/metrics/summary.
type MetricsSummary struct {
	System    MetricsSystem    `json:"system"`
	Summary   Progress         `json:"summary"`
	Timeline  Timeline         `json:"timeline"`
	Trends    map[string]Trend `json:"trends" doc:"by lower-case kind; every registered one"`
	Timestamp time.Time        `json:"timestamp" doc:"when this was read"`
}

// MetricsSystem is what the agent does.
type MetricsSystem struct {
	Enabled         bool      `json:"enabled"`
	Running         bool      `json:"running"`
	IsIdle          bool      `json:"is_idle"`
	TotalActivities int64     `json:"total_activities"`
	CurrentActivity *Activity `json:"current_activity"`
}

// Timeline is how many activities began in the last hours and days, UTC.
type Timeline struct {
	Hourly map[string]int64 `json:"hourly" doc:"the last 24 hours, such as 2026-02-07 10:00"`
	Daily  map[string]int64 `json:"daily" doc:"the last 30 days, such as 2026-02-07"`
}

// Trend is how a kind is going.
type Trend struct {
	CurrentProficiency  *float64 `json:"current_proficiency" doc:"null when nothing was measured"`
	ProficiencyLow      *float64 `json:"proficiency_low"`
	ProficiencyHigh     *float64 `json:"proficiency_high"`
	ImprovementRate     *float64 `json:"improvement_rate" doc:"proficiency per hour of practice; null until there is enough to tell"`
	TimeInvestedHours   float64  `json:"time_invested_hours"`
	ActivitiesCompleted int64    `json:"activities_completed"`
	SuccessRate         *float64 `json:"success_rate"`
	AverageEngagement   *float64 `json:"average_engagement" doc:"share of the practice time that produced verified items"`
}

const metricsPath = "/hobby/metrics/prometheus"

func (s *server) metrics() {
	const tag = "Metrics"
	handler := s.parts.Metrics.Handler()
	s.mux.HandleFunc("GET "+metricsPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		handler.ServeHTTP(w, r)
	})
	op := operation(http.MethodGet, "/metrics/prometheus", "prometheus", "Metrics for Prometheus", tag)
	op.Description = "The text format, or OpenMetrics when the request accepts it. The hobby_* names are the original system's; the pastime_* names are in base units."
	text := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "every family",
		Content:     map[string]*huma.MediaType{"text/plain": text, "application/openmetrics-text": text},
	}}
	s.describe(op)
	huma.Register(s.api, operation(http.MethodGet, "/metrics/summary", "metricsSummary", "Everything that was measured, as numbers", tag), s.getMetricsSummary)
	huma.Register(s.api, operation(http.MethodGet, "/dashboard", "dashboard", "Data that is ready for charts", tag), s.getDashboard)
}

func (s *server) getMetricsSummary(ctx context.Context, _ *struct{}) (*body[MetricsSummary], error) {
	m, err := s.parts.Metrics.Summary(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	d := MetricsSummary{
		System: MetricsSystem{
			Enabled: m.System.Enabled, Running: m.System.Running, IsIdle: m.System.Idle,
			TotalActivities: m.Progress.Total, CurrentActivity: current(&m.System),
		},
		Summary: progress(&m.Progress, &m.System), Timestamp: m.At,
		Timeline: Timeline{map[string]int64{}, map[string]int64{}}, Trends: map[string]Trend{},
	}
	for _, p := range m.Hourly {
		d.Timeline.Hourly[p.Label] = p.Activities
	}
	for _, p := range m.Daily {
		d.Timeline.Daily[p.Label] = p.Activities
	}
	for i := range m.Progress.Kinds {
		d.Trends[string(m.Progress.Kinds[i].Kind)] = trend(&m.Progress.Kinds[i])
	}
	return &body[MetricsSummary]{d}, nil
}

func trend(k *hobby.KindProgress) Trend {
	t := Trend{
		ImprovementRate: k.ImprovementRate, TimeInvestedHours: k.Count.Time.Hours(), ActivitiesCompleted: k.Count.Completed,
		SuccessRate: k.SuccessRate(), AverageEngagement: k.Engagement(),
	}
	t.CurrentProficiency, t.ProficiencyLow, t.ProficiencyHigh = interval(k.Proficiency.Estimate)
	return t
}

func (s *server) getDashboard(ctx context.Context, _ *struct{}) (*body[metrics.Dashboard], error) {
	d, err := s.parts.Metrics.Dashboard(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return &body[metrics.Dashboard]{d}, nil
}
