package grafana

// graph is the row about what the agent knows.
func graph() row {
	return row{"Knowledge graph", []panel{
		{kind: "stat", title: "Concepts", text: "Concepts that a fact names now.", unit: "short", w: 4, h: 7, options: stat,
			queries: []query{{`max(pastime_graph_concepts{$s})`, "concepts", true}}},
		{kind: "timeseries", title: "Facts", text: "What is stored, how much of it does not hold any more, and what untrusted texts say.",
			unit: "short", w: 14, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`max(pastime_graph_facts{$s})`, "stored", false},
				{`max(pastime_graph_past_facts{$s})`, "past", false},
				{`max(pastime_graph_untrusted_facts{$s})`, "of untrusted texts", false},
				{`max(pastime_graph_edges{$s})`, "relations that hold", false},
			}},
		{kind: "stat", title: "Contradictions", text: "Functional relations with several values at once.",
			unit: "short", w: 3, h: 7, options: stat,
			queries: []query{{`max(pastime_graph_contradictions{$s})`, "contradictions", true}}},
		{kind: "stat", title: "Known badly", text: "Orphans: concepts that only one other is related to, and that to nothing else. Stale: " +
			"concepts of which nothing new is known for a month. Duplicates: pairs of concepts with names that are probably of the same thing. " +
			"Waiting: events that the graph has not followed yet.", unit: "short", w: 3, h: 7, options: stat,
			queries: []query{
				{`max(pastime_graph_orphans{$s})`, "orphans", true},
				{`max(pastime_graph_stale_concepts{$s})`, "stale", true},
				{`max(pastime_graph_duplicates{$s})`, "duplicates", true},
				{`max(pastime_store_consumer_lag_events{$s,consumer="graph"})`, "waiting", true},
			}},
	}}
}
