package grafana

// learning is the row that explains the specification's five panels.
func learning() row {
	return row{"What it learns", []panel{
		{kind: "timeseries", title: "Proficiency with its 95 % interval",
			text: "The interval narrows as answers are verified, and widens as they grow old.",
			unit: "percentunit", w: 16, h: 8, options: lines, custom: drawLine, min: 0, max: 1,
			queries: []query{
				{`max by (type) (pastime_proficiency_ratio{$s})`, "{{type}}", false},
				{`max by (type) (pastime_proficiency_low_ratio{$s})`, "{{type}}, low", false},
				{`max by (type) (pastime_proficiency_high_ratio{$s})`, "{{type}}, high", false},
			}},
		{kind: "stat", title: "So far", text: "Since the store was made.",
			unit: "short", w: 8, h: 8, options: stat,
			queries: []query{
				{`sum(hobby_activities_total{$s})`, "Activities", true},
				{`sum(pastime_items_total{$s})`, "Verified answers", true},
				{`sum(hobby_insights_total{$s})`, "Insights", true},
				{`sum(pastime_practice_seconds_total{$s}) / 3600`, "Hours", true},
			}},
		{kind: "timeseries", title: "How activities ended", text: "Activities of the last hour, by how they ended.",
			unit: "short", w: 8, h: 8, options: lines, custom: drawSteps, min: 0,
			queries: []query{{`sum by (status) (increase(pastime_activities_ended_total{$s}[1h]))`, "{{status}}", false}}},
		{kind: "timeseries", title: "What it costs", text: "Tokens and processor time, per second.",
			unit: "short", w: 8, h: 8, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`sum by (direction) (rate(pastime_tokens_total{$s}[$__rate_interval]))`, "tokens {{direction}}", false},
				{`sum(rate(pastime_cpu_seconds_total{$s}[$__rate_interval]))`, "processors", false},
			}},
		{kind: "bargauge", title: "Resting because nothing came of it", text: "1 for a type whose sessions keep yielding nothing.",
			unit: "none", w: 8, h: 8, options: gauge, min: 0, max: 1, mappings: yesNo,
			queries: []query{{`max by (type) (pastime_degraded{$s})`, "{{type}}", true}}},
	}}
}
