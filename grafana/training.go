package grafana

// training is the row about adapters.
func training() row {
	return row{"Training", []panel{
		{kind: "bargauge", title: "Served by an adapter", text: "1 for a type that an adapter serves, and not the base model.",
			unit: "none", w: 6, h: 7, options: gauge, min: 0, max: 1, mappings: yesNo,
			queries: []query{{`max by (type) (pastime_adapter_serving{$s})`, "{{type}}", true}}},
		{kind: "timeseries", title: "The adapter against what it is compared with",
			text: "Share of right answers to held-out tasks, with its 95 % interval: in the newest trial, and since it serves.",
			unit: "percentunit", w: 10, h: 7, options: lines, custom: drawLine,
			queries: []query{
				{`max by (type, trial) (pastime_trial_difference_ratio{$s})`, "{{type}}, {{trial}}", false},
				{`max by (type, trial) (pastime_trial_difference_low_ratio{$s})`, "{{type}}, {{trial}}, low", false},
				{`max by (type, trial) (pastime_trial_difference_high_ratio{$s})`, "{{type}}, {{trial}}, high", false},
			}},
		{kind: "bargauge", title: "What came of the last training", text: "By type: promoted, its verdict, or why there was no trial.",
			unit: "none", w: 8, h: 7, options: gauge, min: 0, max: 1, mappings: yesNo,
			queries: []query{{`max by (type, outcome) (pastime_training_outcome{$s})`, "{{type}}: {{outcome}}", true}}},
		{kind: "timeseries", title: "Loss", text: "Of the training that runs, for each token that is learned.",
			unit: "none", w: 8, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{{`max by (type) (pastime_training_loss_nats{$s})`, "{{type}}", false}}},
		{kind: "timeseries", title: "How far the training is", text: "Share of the steps of its round.",
			unit: "percentunit", w: 8, h: 7, options: lines, custom: drawLine, min: 0, max: 1,
			queries: []query{{`max by (type) (pastime_training_progress_ratio{$s})`, "{{type}}", false}}},
		{kind: "timeseries", title: "Evidence of the trial",
			text: "Natural logarithm of the e-value: that the adapter is better in a trial, or worse since it serves. " +
				"By default a promotion needs 3.0 at least, and a rollback over all levels 3.7.",
			unit: "none", w: 8, h: 7, options: lines, custom: drawLine,
			queries: []query{{`max by (type, trial) (pastime_trial_evidence_nats{$s})`, "{{type}}, {{trial}}", false}}},
	}}
}
