package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/metrics"
)

// MetricsSummary is the answer of GET /hobby/metrics/summary.
type MetricsSummary struct {
	System    MetricsSystem        `json:"system"`
	Summary   Progress             `json:"summary"`
	Timeline  ActivityTimeline     `json:"timeline"`
	Trends    map[string]KindTrend `json:"trends" doc:"by lower-case kind; every registered one"`
	Timestamp time.Time            `json:"timestamp" doc:"when this was read"`
}

// MetricsSystem is what the agent does.
type MetricsSystem struct {
	Enabled         bool      `json:"enabled"`
	Running         bool      `json:"running"`
	IsIdle          bool      `json:"is_idle"`
	TotalActivities int64     `json:"total_activities"`
	CurrentActivity *Activity `json:"current_activity"`
}

// ActivityTimeline is how many activities began in the last hours and days, UTC.
type ActivityTimeline struct {
	Hourly map[string]int64 `json:"hourly" doc:"the last 24 hours, such as 2026-02-07 10:00"`
	Daily  map[string]int64 `json:"daily" doc:"the last 30 days, such as 2026-02-07"`
}

// KindTrend is how a kind is going.
type KindTrend struct {
	CurrentProficiency  *float64 `json:"current_proficiency" doc:"of all levels of the measured families; null when nothing was measured"`
	ProficiencyLow      *float64 `json:"proficiency_low"`
	ProficiencyHigh     *float64 `json:"proficiency_high"`
	ImprovementRate     *float64 `json:"improvement_rate" doc:"proficiency per hour; null below an hour and for known weights"`
	ImprovementLow      *float64 `json:"improvement_rate_low" doc:"lower end of its 95 % interval"`
	ImprovementHigh     *float64 `json:"improvement_rate_high" doc:"upper end of its 95 % interval"`
	TimeInvestedHours   float64  `json:"time_invested_hours"`
	ActivitiesCompleted int64    `json:"activities_completed"`
	SuccessRate         *float64 `json:"success_rate"`
	AverageEngagement   *float64 `json:"average_engagement" doc:"share of the practice time that produced verified items"`
}

// MetricsConfig is what GET /hobby/config says of the metrics.
type MetricsConfig struct {
	CacheSeconds   float64 `json:"metrics_cache_seconds" doc:"how long a reading of the metrics is served; 0 when each request reads"`
	ScrapeInterval string  `json:"metrics_scrape_interval" example:"30s" doc:"how often a scraper should come"`
}

// measuring serves what a collector exports.
type measuring struct {
	c    *metrics.Collector
	text http.Handler
}

// Metrics is the part that exports what was measured: to Prometheus, as a
// summary, and as the data of charts. c may be nil.
func Metrics(c *metrics.Collector) Part {
	m := measuring{c: c}
	if c != nil {
		m.text = c.Handler()
	}
	p := Part{Name: "metrics", Tag: "Metrics", Config: Fields(m.config), Routes: []Route{
		{Method: "GET", Path: "/metrics/prometheus", ID: "prometheus", Serve: Plain(m.prometheus, "text/plain", "application/openmetrics-text"),
			Summary: "Metrics for Prometheus, as text or, when the request accepts it, OpenMetrics"},
		{Method: "GET", Path: "/metrics/summary", ID: "metricsSummary", Summary: "Everything that was measured, as numbers",
			Serve: JSON(m.summary)},
		{Method: "GET", Path: "/dashboard", ID: "dashboard", Summary: "Data that is ready for charts", Serve: JSON(m.dashboard)},
	}}
	if c == nil {
		p.Lacks = "this program exports no metrics"
	}
	return p
}

func (m measuring) config() MetricsConfig {
	o := m.c.Settings()
	return MetricsConfig{max(0, o.Cache.Seconds()), o.ScrapeInterval.String()}
}

func (m measuring) prometheus(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	m.text.ServeHTTP(w, r)
}

func (m measuring) summary(ctx context.Context, _ *struct{}) (*Body[MetricsSummary], error) {
	read, err := m.c.Summary(ctx)
	if err != nil {
		return nil, err
	}
	d := MetricsSummary{
		System: MetricsSystem{
			Enabled: read.System.Enabled, Running: read.System.Running, IsIdle: read.System.Idle,
			TotalActivities: read.Progress.Total, CurrentActivity: current(&read.System),
		},
		Summary: progress(&read.Progress, &read.System), Timestamp: read.At,
		Timeline: ActivityTimeline{map[string]int64{}, map[string]int64{}}, Trends: map[string]KindTrend{},
	}
	for _, p := range read.Hourly {
		d.Timeline.Hourly[p.Label] = p.Activities
	}
	for _, p := range read.Daily {
		d.Timeline.Daily[p.Label] = p.Activities
	}
	for i := range read.Progress.Kinds {
		d.Trends[string(read.Progress.Kinds[i].Kind)] = trend(&read.Progress.Kinds[i])
	}
	return &Body[MetricsSummary]{d}, nil
}

func trend(k *hobby.KindProgress) KindTrend {
	t := KindTrend{
		TimeInvestedHours: k.Count.Time.Hours(), ActivitiesCompleted: k.Count.Completed,
		SuccessRate: k.SuccessRate(), AverageEngagement: k.Engagement(),
	}
	t.ImprovementRate, t.ImprovementLow, t.ImprovementHigh = change(k.ImprovementRate)
	t.CurrentProficiency, t.ProficiencyLow, t.ProficiencyHigh = interval(k.Proficiency.Estimate)
	return t
}

func (m measuring) dashboard(ctx context.Context, _ *struct{}) (*Body[metrics.Dashboard], error) {
	d, err := m.c.Dashboard(ctx)
	if err != nil {
		return nil, err
	}
	return &Body[metrics.Dashboard]{d}, nil
}
