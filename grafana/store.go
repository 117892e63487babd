package grafana

// store is the row about the database and the age of the readings.
func store() row {
	return row{"Store", []panel{
		{kind: "timeseries", title: "Size", text: "The database and its write-ahead log.",
			unit: "bytes", w: 8, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`sum by (instance) (pastime_store_size_bytes{$s})`, "{{instance}}", false},
				{`sum by (instance) (pastime_store_wal_bytes{$s})`, "{{instance}}, log", false},
			}},
		{kind: "timeseries", title: "Events", text: "Entries of the event log, per second, and writes that wait.",
			unit: "short", w: 8, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`sum(rate(pastime_store_events_total{$s}[$__rate_interval]))`, "events", false},
				{`sum(pastime_store_writes_queued{$s})`, "writes that wait", false},
			}},
		{kind: "timeseries", title: "Age of what is shown",
			text: "Older than the scrape interval and the cache together means that a part cannot be read.",
			unit: "s", w: 8, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`max by (part) (pastime_reading_age_seconds{$s})`, "{{part}}", false},
				{`sum by (part) (increase(pastime_reading_errors_total{$s}[1h]))`, "{{part}}, failures", false},
			}},
	}}
}
