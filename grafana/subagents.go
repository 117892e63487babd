package grafana

// subagents is the row about sub-agents and their assignments.
func subagents() row {
	return row{"Sub-agents", []panel{
		{kind: "stat", title: "Agents", text: "Registered agents, by whether they can be given work.",
			unit: "short", w: 6, h: 7, options: stat,
			queries: []query{{`sum by (state) (pastime_subagents{$s})`, "{{state}}", true}}},
		{kind: "timeseries", title: "Assignments",
			text: "Assignments that have not ended, by whether an agent has them, and those that ended in the last hour.",
			unit: "short", w: 9, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`sum by (state) (pastime_assignments{$s})`, "{{state}}", false},
				{`sum by (outcome) (increase(pastime_assignments_ended_total{$s}[1h]))`, "{{outcome}}, last hour", false},
			}},
		{kind: "bargauge", title: "Load of each agent", text: "Assignments that an agent has, as a share of those that it takes at a time.",
			unit: "percentunit", w: 9, h: 7, options: gauge, min: 0, max: 1,
			queries: []query{{`max by (agent) (pastime_subagent_assignments{$s} / pastime_subagent_places{$s})`, "{{agent}}", true}}},
		{kind: "timeseries", title: "How long assignments take",
			text: "Mean time that an assignment waits and runs, of those that ended in the last hour.",
			unit: "s", w: 12, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`sum(increase(pastime_assignment_queue_seconds_total{$s}[1h])) / (sum(increase(pastime_assignment_runs_total{$s}[1h])) > 0)`,
					"waits", false},
				{`sum(increase(pastime_assignment_run_seconds_total{$s}[1h])) / (sum(increase(pastime_assignment_runs_total{$s}[1h])) > 0)`, "runs",
					false},
			}},
		{kind: "timeseries", title: "What went wrong with assignments",
			text: "In the last hour: attempts that were lost and made again, work done here because no agent could, answers that were refused, " +
				"and reports that came too late.",
			unit: "short", w: 12, h: 7, options: lines, custom: drawSteps, min: 0,
			queries: []query{
				{`sum(increase(pastime_assignment_retries_total{$s}[1h]))`, "made again", false},
				{`sum(increase(pastime_assignment_fallbacks_total{$s}[1h]))`, "done here", false},
				{`sum(increase(pastime_assignment_refused_answers_total{$s}[1h]))`, "refused", false},
				{`sum(increase(pastime_assignment_late_reports_total{$s}[1h]))`, "too late", false},
			}},
	}}
}
