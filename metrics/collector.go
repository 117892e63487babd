package metrics

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pastime-go/pastime/hobby"
)

// Options configures a Collector. Nil and the zero value are legal.
type Options struct {
	// Cache is how long a reading is served before the next one. Default 10 s;
	// negative means that every call reads.
	Cache time.Duration
	// Timeout bounds one reading. Default 5 s.
	Timeout time.Duration
	// ScrapeInterval is how often a scraper is expected; it is only shown.
	// Default 30 s.
	ScrapeInterval time.Duration
	// Parts add families of their own, each under the name that the part has
	// in the pastime_reading_* families. The name "practice" is taken.
	Parts map[string]hobby.Observable
	// Logger takes readings that failed. Default nil: silent.
	Logger *slog.Logger
}

func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Cache == 0 {
		d.Cache = 10 * time.Second
	}
	if d.Timeout <= 0 {
		d.Timeout = 5 * time.Second
	}
	if d.ScrapeInterval <= 0 {
		d.ScrapeInterval = 30 * time.Second
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

// Collector exports what was measured. It is a prometheus.Collector and a
// hobby.Observable; all methods are safe for concurrent use.
type Collector struct {
	opts     Options
	practice *cache[*snapshot]
	parts    []part // by name
	metrics  []hobby.Metric
	descs    map[string]*prometheus.Desc
}

var (
	_ prometheus.Collector = (*Collector)(nil)
	_ hobby.Observable     = (*Collector)(nil)
)

// part is a part and the last that it told.
type part struct {
	name   string
	values *cache[[]value]
}

// value is one number of a family.
type value struct {
	name   string
	value  float64
	labels []string
}

// practiceName is the name of the source among the parts.
const practiceName = "practice"

// New makes a collector of what src practises. It reads nothing yet and
// registers nothing. It panics when a part describes a family that is not
// valid or that another has, which is a mistake in the program.
func New(src Source, o *Options) *Collector {
	c := &Collector{opts: o.withDefaults(), descs: map[string]*prometheus.Desc{}}
	c.practice = newCache(c, practiceName, func(ctx context.Context) (*snapshot, error) { return read(ctx, src) })
	for _, f := range families {
		c.describe(practiceName, f.Metric)
	}
	for _, m := range readingMetrics {
		c.describe(practiceName, m)
	}
	for _, name := range slices.Sorted(maps.Keys(c.opts.Parts)) {
		if name == practiceName {
			panic(fmt.Sprintf("metrics: Options.Parts: the name %q is taken", name))
		}
		o, described := c.opts.Parts[name], map[string]int{}
		for _, m := range o.Metrics() {
			c.describe(name, m)
			described[m.Name] = len(m.Labels)
		}
		c.parts = append(c.parts, part{name, newCache(c, name, func(ctx context.Context) ([]value, error) { return observe(ctx, o, described) })})
	}
	return c
}

func newCache[T any](c *Collector, name string, read func(context.Context) (T, error)) *cache[T] {
	return &cache[T]{read: read, fresh: c.opts.Cache, timeout: c.opts.Timeout, failed: func(err error) {
		c.opts.Logger.Warn("reading metrics", "part", name, "error", err)
	}}
}

// metricName is a name that needs no quotes in Prometheus's text format. Prometheus
// before 3.0 takes no others.
var metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)

func (c *Collector) describe(part string, m hobby.Metric) {
	if c.descs[m.Name] != nil {
		panic(fmt.Sprintf("metrics: part %q describes %q, which is described already", part, m.Name))
	}
	if !metricName.MatchString(m.Name) {
		panic(fmt.Sprintf("metrics: part %q: %q is not a name that every Prometheus takes", part, m.Name))
	}
	d := prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	if err := d.Err(); err != nil {
		panic(fmt.Sprintf("metrics: part %q: %v", part, err))
	}
	c.metrics, c.descs[m.Name] = append(c.metrics, m), d
}

// observe collects what a part emits, and refuses what no exporter accepts.
func observe(ctx context.Context, o hobby.Observable, labels map[string]int) ([]value, error) {
	var values []value
	var wrong error
	seen := map[string]bool{}
	err := o.Observe(ctx, func(name string, v float64, ls ...string) {
		n, ok := labels[name]
		ls = slices.Clone(ls)
		for i := range ls {
			ls[i] = strings.ToValidUTF8(ls[i], "\uFFFD")
		}
		key := strings.Join(append([]string{name}, ls...), "\xff")
		switch {
		case wrong != nil:
		case !ok:
			wrong = fmt.Errorf("metrics: %q was emitted but not described", name)
		case n != len(ls):
			wrong = fmt.Errorf("metrics: %q was emitted with %d labels, it is described with %d", name, len(ls), n)
		case seen[key]:
			wrong = fmt.Errorf("metrics: %q was emitted twice with the labels %q", name, ls)
		}
		seen[key] = true
		values = append(values, value{name, v, ls})
	})
	if err == nil {
		err = wrong
	}
	return values, err
}

// Settings returns the options in force.
func (c *Collector) Settings() Options { return c.opts }

// Metrics implements hobby.Observable: the families of practice and of every
// part.
func (c *Collector) Metrics() []hobby.Metric { return slices.Clone(c.metrics) }

// Observe implements hobby.Observable. It never fails. A part that cannot be
// read is emitted as it was read last, or not at all when it never was; the
// pastime_reading_* families show this.
func (c *Collector) Observe(ctx context.Context, emit hobby.Emit) error {
	if s, err := c.practice.get(ctx); err == nil {
		for i := range families {
			f := &families[i]
			f.values(s, func(v float64, labels ...string) { emit(f.Name, v, labels...) })
		}
	}
	emitState(emit, practiceName, c.practice.state())
	for _, p := range c.parts {
		if values, err := p.values.get(ctx); err == nil {
			for _, v := range values {
				emit(v.name, v.value, v.labels...)
			}
		}
		emitState(emit, p.name, p.values.state())
	}
	return nil
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	counter := map[string]bool{}
	for _, m := range c.metrics {
		counter[m.Name] = m.Counter
	}
	// The interface has no context; every reading has its own timeout.
	_ = c.Observe(context.Background(), func(name string, v float64, labels ...string) {
		t := prometheus.GaugeValue
		if counter[name] {
			t = prometheus.CounterValue
		}
		m, err := prometheus.NewConstMetric(c.descs[name], t, v, labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(c.descs[name], err)
		}
		ch <- m
	})
}

// Handler serves the collector alone, in Prometheus' text format or, when the
// request accepts it, in OpenMetrics'.
func (c *Collector) Handler() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(c)
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true})
}
