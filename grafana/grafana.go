package grafana

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"time"
)

//go:generate go test -run TestFiles -update .

// Options says where agents are and how often they are read. Nil and the zero
// value are legal.
type Options struct {
	// Interval is the time between two scrapes, whole seconds of at least
	// one. Default 30 s.
	Interval time.Duration
	// Targets are the agents' hosts with ports. Default localhost:8800.
	Targets []string
	// Job is the name under which Prometheus keeps them. Default "pastime".
	Job string
	// TokenFile is where Prometheus finds the token that the agents want; a
	// relative path is relative to the configuration. Default none.
	TokenFile string
}

func (o *Options) withDefaults() (Options, error) {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Interval == 0 {
		d.Interval = 30 * time.Second
	}
	if d.Interval < time.Second || d.Interval%time.Second != 0 {
		return d, fmt.Errorf("grafana: Options.Interval is %v, must be whole seconds of at least one", d.Interval)
	}
	if len(d.Targets) == 0 {
		d.Targets = []string{"localhost:8800"}
	}
	for _, t := range d.Targets {
		if _, _, err := net.SplitHostPort(t); err != nil || strings.ContainsAny(t, "'\n\r") {
			return d, fmt.Errorf("grafana: Options.Targets has %q, must be a host and a port", t)
		}
	}
	if d.Job == "" {
		d.Job = "pastime"
	}
	if strings.ContainsAny(d.Job, "'\n\r") {
		return d, fmt.Errorf("grafana: Options.Job is %q, must have no quotes and no line breaks", d.Job)
	}
	if strings.ContainsAny(d.TokenFile, "'\n\r") {
		return d, fmt.Errorf("grafana: Options.TokenFile is %q, must have no quotes and no line breaks", d.TokenFile)
	}
	return d, nil
}

// seconds writes an interval as Prometheus does.
func (o *Options) seconds() string { return fmt.Sprintf("%ds", o.Interval/time.Second) }

// Prometheus returns a configuration of Prometheus that scrapes the agents.
func Prometheus(o *Options) ([]byte, error) {
	d, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Prometheus reads what an agent practises:
#
#   prometheus --config.file=prometheus.yml
scrape_configs:
  - job_name: '%s'
    static_configs:
      - targets: ['%s']
    metrics_path: '/hobby/metrics/prometheus'
    scrape_interval: %s
`, d.Job, strings.Join(d.Targets, "', '"), d.seconds())
	if d.TokenFile != "" {
		fmt.Fprintf(&b, "    authorization:\n      credentials_file: '%s'\n", d.TokenFile)
	}
	return b.Bytes(), nil
}

// Dashboard returns the dashboard as JSON that Grafana 9.1 and later import.
func Dashboard(o *Options) ([]byte, error) {
	d, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(dashboard(&d)); err != nil {
		return nil, fmt.Errorf("grafana: writing the dashboard: %w", err)
	}
	return b.Bytes(), nil
}
