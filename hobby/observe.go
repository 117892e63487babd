package hobby

import "context"

// Observable is a part of the system that exports numbers about itself,
// without knowing who shows them: Prometheus, OpenTelemetry, a page.
// Implementations are safe for concurrent use.
type Observable interface {
	// Metrics describes the families, always the same ones.
	Metrics() []Metric
	// Observe calls emit for each value there is, with the labels' values in
	// the order of [Metric.Labels]. What was not measured is not emitted; a
	// counter that has not counted yet is 0. Its cost must not grow with the
	// history.
	Observe(ctx context.Context, emit Emit) error
}

// Emit takes one value of the family with the given name. It is used by one
// goroutine at a time.
type Emit func(name string, value float64, labels ...string)

// Metric describes a family of numbers, by the rules of Prometheus: its name
// is in lower-case letters, digits and underscores, names a base unit such as
// seconds or bytes where it has one, and ends in _total for a counter.
type Metric struct {
	Name string
	Help string
	// Counter says that the value only grows while the store lives; other
	// families go up and down.
	Counter bool
	// Labels are the names of the labels.
	Labels []string
}
