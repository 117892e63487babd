package grafana

// archive is the row about old activities.
func archive() row {
	return row{"Archive", []panel{
		{kind: "stat", title: "Archived activities", text: "Activities that are in files, and no longer in the store.",
			unit: "short", w: 6, h: 7, options: stat,
			queries: []query{{`sum(pastime_archive_activities{$s})`, "activities", true}}},
		{kind: "timeseries", title: "Size of the archive", text: "Its files, and what is in them as lines of JSON.",
			unit: "bytes", w: 12, h: 7, options: lines, custom: drawLine, min: 0,
			queries: []query{
				{`sum(pastime_archive_size_bytes{$s})`, "files", false},
				{`sum(pastime_archive_original_bytes{$s})`, "as JSON", false},
			}},
		{kind: "stat", title: "Still to forget", text: "Forgotten sources that are not taken out of the files yet.",
			unit: "short", w: 6, h: 7, options: stat,
			queries: []query{{`sum(pastime_archive_sources_to_forget{$s})`, "sources", true}}},
	}}
}
