package grafana

// The options that panels of a kind share.
var (
	legend  = object{"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []any{}}
	tooltip = object{"mode": "multi", "sort": "desc"}
	reduce  = object{"calcs": []any{"lastNotNull"}, "fields": "", "values": false}

	lines = object{"legend": legend, "tooltip": tooltip}
	pie   = object{"legend": object{"showLegend": true, "displayMode": "table", "placement": "right", "values": []any{"value", "percent"}},
		"tooltip": tooltip, "reduceOptions": reduce, "pieType": "pie"}
	gauge = object{"reduceOptions": reduce, "orientation": "horizontal", "displayMode": "basic", "showUnfilled": true}
	stat  = object{"reduceOptions": reduce, "orientation": "auto", "colorMode": "value", "graphMode": "none", "justifyMode": "auto",
		"textMode": "value_and_name"}

	drawLine  = object{"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "spanNulls": false, "showPoints": "auto"}
	drawSteps = object{"drawStyle": "bars", "lineWidth": 1, "fillOpacity": 80, "stacking": object{"mode": "normal", "group": "A"}}

	yesNo = []any{object{"type": "value", "options": object{
		"0": object{"text": "no", "color": "text", "index": 0}, "1": object{"text": "yes", "color": "green", "index": 1},
	}}}
)

// rows are the rows of the dashboard: the specification's five panels, what
// explains them, and one for each part. Each has a file.
func rows() []row {
	return []row{practice(), learning(), subagents(), training(), feedback(), archive(), graph(), store()}
}
