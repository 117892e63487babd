package grafana

// The options that panels of a kind share.
var (
	legend  = object{"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []any{}}
	tooltip = object{"mode": "multi", "sort": "desc"}
	reduce  = object{"calcs": []any{"lastNotNull"}, "fields": "", "values": false}

	lines = object{"legend": legend, "tooltip": tooltip}
	pie   = object{"legend": object{"showLegend": true, "displayMode": "table", "placement": "right", "values": []any{"value", "percent"}}, "tooltip": tooltip, "reduceOptions": reduce, "pieType": "pie"}
	gauge = object{"reduceOptions": reduce, "orientation": "horizontal", "displayMode": "basic", "showUnfilled": true}
	stat  = object{"reduceOptions": reduce, "orientation": "auto", "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "textMode": "value_and_name"}

	drawLine  = object{"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "spanNulls": false, "showPoints": "auto"}
	drawSteps = object{"drawStyle": "bars", "lineWidth": 1, "fillOpacity": 80, "stacking": object{"mode": "normal", "group": "A"}}

	yesNo = []any{object{"type": "value", "options": object{
		"0": object{"text": "no", "color": "text", "index": 0}, "1": object{"text": "yes", "color": "green", "index": 1},
	}}}
)

// rows are the dashboard: the specification's five panels first, then what
// explains them, then a row for each part.
func rows() []row {
	return []row{
		{"Practice", []panel{
			{kind: "bargauge", title: "Proficiency by type", text: "Chance to pass a task, as the mean of its posterior. A type without verified answers has none.",
				unit: "percentunit", w: 8, h: 9, options: gauge, min: 0, max: 1,
				queries: []query{{`max by (type) (hobby_proficiency{$s})`, "{{type}}", true}}},
			{kind: "timeseries", title: "Activity over 24 hours", text: "Activities begun in each hour.",
				unit: "short", w: 16, h: 9, options: lines, custom: drawSteps, min: 0, wide: "24h", interval: "1h",
				queries: []query{{`sum by (type) (increase(pastime_activities_started_total{$s}[1h]))`, "{{type}}", false}}},
			{kind: "timeseries", title: "Success-rate trends", text: "Share of the verified answers of the last hour that passed.",
				unit: "percentunit", w: 12, h: 8, options: lines, custom: drawLine, min: 0, max: 1,
				queries: []query{{`sum by (type) (increase(pastime_items_total{$s, verdict="passed"}[1h])) / (sum by (type) (increase(pastime_items_total{$s}[1h])) > 0)`, "{{type}}", false}}},
			{kind: "piechart", title: "Time by type", text: "Time practised since the store was made.",
				unit: "m", w: 6, h: 8, options: pie,
				queries: []query{{`sum by (type) (hobby_time_invested_minutes{$s})`, "{{type}}", true}}},
			{kind: "stat", title: "Current status", text: "Whether practice is switched on, whether it starts when the user is away, whether the user is away, and whether an activity runs.",
				unit: "none", w: 6, h: 8, options: stat, mappings: yesNo,
				queries: []query{
					{`max(hobby_system_enabled{$s})`, "Enabled", true},
					{`max(hobby_system_running{$s})`, "Running", true},
					{`max(hobby_system_is_idle{$s})`, "User away", true},
					{`max(hobby_current_activity_active{$s})`, "Learning now", true},
				}},
		}},
		{"What it learns", []panel{
			{kind: "timeseries", title: "Proficiency with its 95 % interval", text: "The interval narrows as answers are verified, and widens as they grow old.",
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
		}},
		{"Sub-agents", []panel{
			{kind: "stat", title: "Agents", text: "Registered agents, by whether they can be given work.",
				unit: "short", w: 6, h: 7, options: stat,
				queries: []query{{`sum by (state) (pastime_subagents{$s})`, "{{state}}", true}}},
			{kind: "timeseries", title: "Assignments", text: "Assignments that have not ended, by whether an agent has them, and those that ended in the last hour.",
				unit: "short", w: 9, h: 7, options: lines, custom: drawLine, min: 0,
				queries: []query{
					{`sum by (state) (pastime_assignments{$s})`, "{{state}}", false},
					{`sum by (outcome) (increase(pastime_assignments_ended_total{$s}[1h]))`, "{{outcome}}, last hour", false},
				}},
			{kind: "bargauge", title: "Load of each agent", text: "Assignments that an agent has, as a share of those that it takes at a time.",
				unit: "percentunit", w: 9, h: 7, options: gauge, min: 0, max: 1,
				queries: []query{{`max by (agent) (pastime_subagent_assignments{$s} / pastime_subagent_places{$s})`, "{{agent}}", true}}},
			{kind: "timeseries", title: "How long assignments take", text: "Mean time that an assignment waits and runs, of those that ended in the last hour.",
				unit: "s", w: 12, h: 7, options: lines, custom: drawLine, min: 0,
				queries: []query{
					{`sum(increase(pastime_assignment_queue_seconds_total{$s}[1h])) / (sum(increase(pastime_assignment_runs_total{$s}[1h])) > 0)`, "waits", false},
					{`sum(increase(pastime_assignment_run_seconds_total{$s}[1h])) / (sum(increase(pastime_assignment_runs_total{$s}[1h])) > 0)`, "runs", false},
				}},
			{kind: "timeseries", title: "What went wrong with assignments", text: "In the last hour: attempts that were lost and made again, work done here because no agent could, answers that were refused, and reports that came too late.",
				unit: "short", w: 12, h: 7, options: lines, custom: drawSteps, min: 0,
				queries: []query{
					{`sum(increase(pastime_assignment_retries_total{$s}[1h]))`, "made again", false},
					{`sum(increase(pastime_assignment_fallbacks_total{$s}[1h]))`, "done here", false},
					{`sum(increase(pastime_assignment_refused_answers_total{$s}[1h]))`, "refused", false},
					{`sum(increase(pastime_assignment_late_reports_total{$s}[1h]))`, "too late", false},
				}},
		}},
		{"Store", []panel{
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
			{kind: "timeseries", title: "Age of what is shown", text: "Older than the scrape interval and the cache together means that a part cannot be read.",
				unit: "s", w: 8, h: 7, options: lines, custom: drawLine, min: 0,
				queries: []query{
					{`max by (part) (pastime_reading_age_seconds{$s})`, "{{part}}", false},
					{`sum by (part) (increase(pastime_reading_errors_total{$s}[1h]))`, "{{part}}, failures", false},
				}},
		}},
	}
}
