package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/grafana"
)

// writeGrafana writes what Grafana and Prometheus need to show this server.
func (c *config) writeGrafana(out io.Writer) error {
	_, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return fmt.Errorf("-addr %s: %w", c.addr, err)
	}
	o := grafana.Options{Interval: c.opts.Metrics.ScrapeInterval, Targets: []string{dialable(c.addr)}}
	files := map[string][]byte{}
	if c.token != "" {
		o.TokenFile = "token"
		files[o.TokenFile] = []byte(c.token)
	}
	if files["prometheus.yml"], err = grafana.Prometheus(&o); err != nil {
		return err
	}
	if files["hobby-dashboard.json"], err = grafana.Dashboard(&o); err != nil {
		return err
	}
	if err := os.MkdirAll(c.grafana, 0o755); err != nil {
		return fmt.Errorf("-grafana: %w", err)
	}
	for name, content := range files {
		mode := os.FileMode(0o644)
		if name == o.TokenFile {
			mode = 0o600
		}
		if err := os.WriteFile(filepath.Join(c.grafana, name), content, mode); err != nil {
			return fmt.Errorf("-grafana: %w", err)
		}
	}
	_, err = fmt.Fprintf(out, "Run  prometheus --config.file=%s\nand import %s in Grafana.\n",
		filepath.Join(c.grafana, "prometheus.yml"), filepath.Join(c.grafana, "hobby-dashboard.json"))
	return err
}
