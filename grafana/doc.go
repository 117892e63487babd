// Package grafana has the files with which Grafana and Prometheus show what an
// agent practises: hobby-dashboard.json, to import in Grafana, and
// prometheus.yml, which tells Prometheus where to look.
//
// Both files in this folder are the results of [Dashboard] and [Prometheus] with
// their defaults: an agent on this machine's port 8800, read every 30 seconds.
// For another address or interval, make them anew, by a program or with the flag
// -grafana of examples/server:
//
//	raw, err := grafana.Dashboard(&grafana.Options{Interval: time.Minute})
//	raw, err = grafana.Prometheus(&grafana.Options{Targets: []string{"agent-1:8800", "agent-2:8800"}})
//
// The dashboard asks for its data source, and for the job and the agents to
// show when there are several. Panels of parts that an agent does not have
// stay empty.
package grafana
