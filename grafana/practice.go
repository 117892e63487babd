package grafana

// practice is the row of the specification's five panels.
func practice() row {
	return row{"Practice", []panel{
		{kind: "bargauge", title: "Proficiency by type",
			text: "Chance to pass a task, as the mean of its posterior. A type without verified answers has none.",
			unit: "percentunit", w: 8, h: 9, options: gauge, min: 0, max: 1,
			queries: []query{{`max by (type) (hobby_proficiency{$s})`, "{{type}}", true}}},
		{kind: "timeseries", title: "Activity over 24 hours", text: "Activities begun in each hour.",
			unit: "short", w: 16, h: 9, options: lines, custom: drawSteps, min: 0, wide: "24h", interval: "1h",
			queries: []query{{`sum by (type) (increase(pastime_activities_started_total{$s}[1h]))`, "{{type}}", false}}},
		{kind: "timeseries", title: "Success-rate trends", text: "Share of the verified answers of the last hour that passed.",
			unit: "percentunit", w: 12, h: 8, options: lines, custom: drawLine, min: 0, max: 1,
			queries: []query{{`sum by (type) (increase(pastime_items_total{$s, verdict="passed"}[1h])) / (sum by (type) ` +
				`(increase(pastime_items_total{$s}[1h])) > 0)`, "{{type}}", false}}},
		{kind: "piechart", title: "Time by type", text: "Time practised since the store was made.",
			unit: "m", w: 6, h: 8, options: pie,
			queries: []query{{`sum by (type) (hobby_time_invested_minutes{$s})`, "{{type}}", true}}},
		{kind: "stat", title: "Current status",
			text: "Whether practice is switched on, whether it starts when the user is away, " +
				"whether the user is away, and whether an activity runs.",
			unit: "none", w: 6, h: 8, options: stat, mappings: yesNo,
			queries: []query{
				{`max(hobby_system_enabled{$s})`, "Enabled", true},
				{`max(hobby_system_running{$s})`, "Running", true},
				{`max(hobby_system_is_idle{$s})`, "User away", true},
				{`max(hobby_current_activity_active{$s})`, "Learning now", true},
			}},
	}}
}
