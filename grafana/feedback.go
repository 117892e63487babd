package grafana

// feedback is the row about what people think.
func feedback() row {
	return row{"Feedback", []panel{
		{kind: "stat", title: "People's ratings", text: "Last words of people with stars or a flag, and how many people have given them.",
			unit: "short", w: 6, h: 7, options: stat,
			queries: []query{
				{`sum(pastime_feedback_ratings{$s})`, "ratings", true}, {`sum(pastime_feedback_raters{$s})`, "people", true},
			}},
		{kind: "timeseries", title: "Quality, as people see it",
			text: "What people have said last, of the last 30 days: the mean of the stars, and the share that is helpful.",
			unit: "short", w: 12, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`avg(pastime_feedback_mean_stars{$s})`, "mean stars, 1 to 5", false},
				{`avg(pastime_feedback_helpful_ratio{$s})`, "share that is helpful, up to 1", false},
			}},
		{kind: "timeseries", title: "Feedback by what it is about", text: "All that is stored, edits too.",
			unit: "short", w: 6, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{{`sum by (target) (pastime_feedback_given{$s})`, "{{target}}", false}}},
		{kind: "timeseries", title: "Error of the reward model",
			text: "On ratings that it had not seen, and how far its updates at once were from the last fit; in stars.",
			unit: "short", w: 6, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`max(pastime_feedback_model_rmse_stars{$s})`, "error", false},
				{`max(pastime_feedback_model_distance_stars{$s})`, "updates at once", false},
			}},
		{kind: "timeseries", title: "Lift of the policy",
			text: "How many stars better people rate what is chosen by their taste, by the last check, with the interval, " +
				"and whether it is followed.",
			unit: "short", w: 6, h: 7, options: lines, custom: drawLine,
			queries: []query{
				{`max(pastime_feedback_policy_lift_stars{$s})`, "lift", false},
				{`max(pastime_feedback_policy_lift_low_stars{$s})`, "lower end", false},
				{`max(pastime_feedback_policy_lift_high_stars{$s})`, "upper end", false},
				{`max(pastime_feedback_policy_follows{$s})`, "follows", false},
			}},
	}}
}
