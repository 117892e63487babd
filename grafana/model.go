package grafana

import "strings"

// The parts of Grafana's dashboard model that are used here, by their names in
// its JSON.

type object = map[string]any

var source = object{"type": "prometheus", "uid": "${datasource}"}

// panel is a panel of the dashboard in short.
type panel struct {
	kind, title, text string
	unit              string
	queries           []query
	w, h              int
	options, custom   object
	mappings          []any
	min, max          any
	decimals          any
	wide              string // the panel's own time range, such as 24h
	interval          string // least step, the scrape interval when ""
}

// query is an expression and how its lines are called. $s stands for the
// selector of the agents that are shown.
type query struct {
	expr, legend string
	instant      bool
}

// selected is what $s stands for.
const selected = `job=~"$job", instance=~"$instance"`

func (p *panel) json(id, x, y int, interval string) object {
	if p.interval != "" {
		interval = p.interval
	}
	var targets []any
	for i, q := range p.queries {
		t := object{
			"datasource": source, "refId": string(rune('A' + i)), "editorMode": "code",
			"expr": strings.ReplaceAll(q.expr, "$s", selected), "legendFormat": q.legend, "range": !q.instant, "instant": q.instant,
		}
		targets = append(targets, t)
	}
	defaults := object{"unit": p.unit, "color": object{"mode": "palette-classic"}, "mappings": []any{}}
	set := func(key string, v any) {
		if v != nil {
			defaults[key] = v
		}
	}
	set("min", p.min)
	set("max", p.max)
	set("decimals", p.decimals)
	if p.mappings != nil {
		defaults["mappings"] = p.mappings
	}
	if p.custom != nil {
		defaults["custom"] = p.custom
	}
	o := object{
		"id": id, "type": p.kind, "title": p.title, "description": p.text, "datasource": source,
		"gridPos": object{"x": x, "y": y, "w": p.w, "h": p.h}, "interval": interval,
		"targets": targets, "fieldConfig": object{"defaults": defaults, "overrides": []any{}}, "options": p.options,
	}
	if p.wide != "" {
		o["timeFrom"] = p.wide
	}
	return o
}

// row is a heading with its panels, which are laid out in lines of 24 units.
type row struct {
	title  string
	panels []panel
}

func layout(rows []row, interval string) []any {
	var all []any
	id, y := 0, 0
	for _, r := range rows {
		id++
		all = append(all, object{"id": id, "type": "row", "title": r.title, "collapsed": false, "panels": []any{},
			"gridPos": object{"x": 0, "y": y, "w": 24, "h": 1}})
		y++
		x, tallest := 0, 0
		for i := range r.panels {
			p := &r.panels[i]
			if x+p.w > 24 {
				x, y, tallest = 0, y+tallest, 0
			}
			id++
			all = append(all, p.json(id, x, y, interval))
			x, tallest = x+p.w, max(tallest, p.h)
		}
		y += tallest
	}
	return all
}

// variable asks which values of a label to show.
func variable(name, label, text, filter string) object {
	values := "label_values(hobby_system_enabled" + filter + ", " + label + ")"
	return object{
		"name": name, "label": text, "type": "query", "datasource": source,
		"query": object{"query": values, "refId": name}, "definition": values,
		"refresh": 2, "sort": 1, "multi": true, "includeAll": true, "allValue": ".+",
		"current": object{"text": []any{"All"}, "value": []any{"$__all"}},
	}
}

func dashboard(o *Options) object {
	every := o.seconds()
	return object{
		"uid": "pastime", "title": "Pastime", "tags": []any{"pastime"}, "schemaVersion": 37, "version": 1, "editable": true,
		"description": "What an agent practises in its idle time, and what was measured. What was not measured is not shown.",
		"time":        object{"from": "now-6h", "to": "now"}, "refresh": every, "timezone": "browser", "graphTooltip": 1,
		"annotations": object{"list": []any{}}, "links": []any{},
		"templating": object{"list": []any{
			object{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "current": object{}},
			variable("job", "job", "Job", ""),
			variable("instance", "instance", "Agent", `{job=~"$job"}`),
		}},
		"panels": layout(rows(), every),
	}
}
