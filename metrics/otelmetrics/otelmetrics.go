// Package otelmetrics exports what an agent practises to OpenTelemetry.
//
//	stop, err := otelmetrics.Register(provider.Meter("pastime"), collector, nil)
//
// The numbers are those that Prometheus gets from the same collector. A
// counter is an observable counter, and its name loses the ending _total,
// which exporters add; every other family is an observable gauge. Units follow
// from the names.
//
// The package stands on OpenTelemetry's API alone; the SDK and its exporters
// are the host's choice.
package otelmetrics

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/pastime-go/pastime/hobby"
)

// Options configures Register. Nil and the zero value are legal.
type Options struct {
	// Keep says which families to export. Default: those in base units, that
	// is without the hobby_* names, which repeat them.
	Keep func(hobby.Metric) bool
}

// Register makes an instrument of the meter for each family of o, such as a
// *metrics.Collector, and has them read whenever the meter's reader collects.
// stop takes that back. An error of the meter is returned with the family's
// name.
func Register(m metric.Meter, o hobby.Observable, opts *Options) (stop func() error, err error) {
	keep := func(f hobby.Metric) bool { return !strings.HasPrefix(f.Name, "hobby_") }
	if opts != nil && opts.Keep != nil {
		keep = opts.Keep
	}
	instruments := map[string]instrument{}
	var all []metric.Observable
	for _, f := range o.Metrics() {
		if !keep(f) {
			continue
		}
		i, err := newInstrument(m, f)
		if err != nil {
			return nil, fmt.Errorf("otelmetrics: making the instrument %s: %w", f.Name, err)
		}
		instruments[f.Name] = i
		all = append(all, i.observable)
	}
	r, err := m.RegisterCallback(func(ctx context.Context, out metric.Observer) error {
		var wrong []error
		err := o.Observe(ctx, func(name string, v float64, labels ...string) {
			i, ok := instruments[name]
			switch {
			case !ok: // not kept
			case len(labels) != len(i.labels):
				wrong = append(wrong, fmt.Errorf("otelmetrics: %s was emitted with %d labels, it is described with %d",
					name, len(labels), len(i.labels)))
			default:
				out.ObserveFloat64(i.observable, v, i.attributes(labels))
			}
		})
		return errors.Join(append(wrong, err)...)
	}, all...)
	if err != nil {
		return nil, fmt.Errorf("otelmetrics: registering the callback: %w", err)
	}
	return r.Unregister, nil
}

// instrument is an instrument and the names of its labels.
type instrument struct {
	observable metric.Float64Observable
	labels     []string
}

func newInstrument(m metric.Meter, f hobby.Metric) (i instrument, err error) {
	i.labels = f.Labels
	text := metric.WithDescription(f.Help)
	if f.Counter {
		name := strings.TrimSuffix(f.Name, "_total")
		i.observable, err = m.Float64ObservableCounter(name, text, metric.WithUnit(unit(name)))
	} else {
		i.observable, err = m.Float64ObservableGauge(f.Name, text, metric.WithUnit(unit(f.Name)))
	}
	return i, err
}

func (i *instrument) attributes(values []string) metric.MeasurementOption {
	kvs := make([]attribute.KeyValue, len(values))
	for n, v := range values {
		kvs[n] = attribute.String(i.labels[n], v)
	}
	return metric.WithAttributes(kvs...)
}

// unit is the UCUM unit that a name ends in; "" for a plain number.
func unit(name string) string {
	for suffix, unit := range map[string]string{"_seconds": "s", "_bytes": "By", "_ratio": "1", "_ratio_per_second": "1/s", "_usd": "{USD}"} {
		if strings.HasSuffix(name, suffix) {
			return unit
		}
	}
	return ""
}
