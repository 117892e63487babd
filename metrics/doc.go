// Package metrics exports an agent's practice and its measurements: to
// Prometheus, to charts, and to programs as a summary.
//
// A [Collector] reads a [Source], such as a *hobby.Manager, at most once in ten
// seconds for all callers:
//
//	collector := metrics.New(manager, nil)
//	prometheus.MustRegister(collector)           // it registers nothing by itself
//	dashboard, err := collector.Dashboard(ctx)   // data for charts
//	summary, err := collector.Summary(ctx)       // everything as numbers
//
// # Names
//
// Every number is exported twice where the original system had a name for it:
// as hobby_* with that name, and as pastime_* in base units and by the rules
// that promtool checks. A kind that was never measured has no proficiency, so
// its gauges are absent; its counters are 0.
//
// # Parts
//
// Other parts of the system, such as a store or a coordinator of sub-agents,
// add families of their own through [Options.Parts]. They implement
// hobby.Observable and do not import this package.
//
// # When the store fails
//
// The collector then serves the last reading. It exports the reading's age and
// the number of failed readings as pastime_reading_age_seconds and
// pastime_reading_errors_total, for each part, so a part that fails does not hide
// the others.
//
// # Cost
//
// The cost of a reading does not grow with the number of activities. A reading
// consists of running counts, the last 24 hours, the last 30 days and one
// measurement of the tallies.
//
// Package otelmetrics, below, exports the same numbers to OpenTelemetry.
package metrics
