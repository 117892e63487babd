package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/httpapi"
)

// phase3 is a client of the example server that keeps the routes it called.
type phase3 struct {
	*testing.T
	url    string
	called []string
}

// call calls a route, of which path may have a query. What it answers has each text of has.
func (p *phase3) call(method, path, body string, want int, v any, has ...string) {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		p.Fatalf("%s %s: %s, want %d: %s, %v", method, path, resp.Status, want, raw, err)
	}
	for _, text := range has {
		if !strings.Contains(string(raw), text) {
			p.Errorf("%s %s: nothing says %s: %.600s", method, path, text, raw)
		}
	}
	if v != nil {
		if err := json.Unmarshal(raw, v); err != nil {
			p.Fatalf("%s %s: %v", method, path, err)
		}
	}
	p.called = append(p.called, method+" "+strings.SplitN(path, "?", 2)[0])
}

// TestPhase3 calls the 27 routes in their order on the example server, with the model that
// ships, each with what practice or the routes before it made. The root's TestAllRoutes waits
// for what takes days.
func TestPhase3(t *testing.T) {
	dir := t.TempDir()
	code := "package p\n\nfunc Busy(a int) int {\n" + strings.Repeat("\tif a > 1 {\n\t\ta++\n\t}\n", 30) + "\treturn a\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	root, out, _ := start(t, "-model", "tiny", "-code", dir, "-docs", "", "-papers", "none", "-kinds", "skill_practice,code_analysis")
	out.wait(t, `Skill practice[^\n]*: completed in [^\n]*, \d+ of \d+ answers right`)
	out.wait(t, `Busy \(p\.go:3\)`)
	p := &phase3{T: t, url: root + "/hobby"}

	p.call("GET", "/metrics/prometheus", "", 200, nil, `hobby_activities_completed{type="skill_practice"}`, "pastime_")
	p.call("GET", "/metrics/summary", "", 200, nil, `"trends"`, `"skill_practice"`)
	p.call("GET", "/dashboard", "", 200, nil, `"proficiency_radar"`)

	p.call("POST", "/subagents/register", `{"subagent_id":"rc2","capabilities":["*"]}`, 200, nil, `"registered"`)
	p.call("POST", "/subagents/register", `{"subagent_id":"rc3","capabilities":["SKILL_PRACTICE"]}`, 200, nil)
	p.call("DELETE", "/subagents/rc3", "", 200, nil, `"unregistered"`)
	p.call("GET", "/subagents/stats", "", 200, nil, `"total_registered":1`, `"rc2"`)
	var work httpapi.Assignment
	p.call("POST", "/assign-to-subagent", `{"subagent_id":"rc2","hobby_type":"CODE_ANALYSIS","duration_minutes":1}`, 200, &work)
	p.call("POST", "/distribute?num_assignments=2", "", 200, nil, `"distributed"`, `"count":2`)
	p.call("GET", "/assignments/"+work.ID, "", 200, nil, `"CODE_ANALYSIS"`)
	p.call("GET", "/assignments?status=completed", "", 200, nil, `"filter"`)

	var training httpapi.TrainStarted
	p.call("POST", "/lora/train", `{"hobby_type":"SKILL_PRACTICE"}`, 202, &training, `"started"`)
	p.call("GET", "/lora/status?job_id="+training.Job.ID, "", 200, nil, training.Job.ID)
	p.call("GET", "/lora/adapters", "", 200, nil, `"adapters"`)
	p.call("POST", "/lora/apply", `{"adapter_id":"none"}`, 404, nil, "none")
	p.call("GET", "/lora/compare?candidate=none&baseline=base", "", 404, nil)
	p.call("POST", "/lora/cancel", "", 200, nil)

	var graph httpapi.GraphPage
	for len(graph.Edges) == 0 { // the graph follows the sessions
		p.call("GET", "/graph?limit=50", "", 200, &graph)
		select {
		case <-time.After(50 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the graph has no edge")
		}
	}
	names := map[string]string{}
	for _, n := range graph.Nodes {
		names[n.ID] = n.Name
	}
	from, to := names[graph.Edges[0].Source], names[graph.Edges[0].Target]
	p.call("GET", "/graph/concepts/"+url.PathEscape(from), "", 200, nil, `"relations"`)
	p.call("GET", "/graph/path?from="+url.QueryEscape(from)+"&to="+url.QueryEscape(to), "", 200, nil, `"explanation"`)
	p.call("POST", "/graph/query", `{"query":"MATCH (a)-[r]->(b) RETURN a.name, b.name LIMIT 3"}`, 200, nil, `"rows":[[`)
	p.call("GET", "/graph/visualize?max_nodes=20", "", 200, nil, `"communities"`)

	var insights httpapi.Insights
	p.call("GET", "/insights?count=1", "", 200, &insights)
	p.call("POST", "/feedback", `{"target_type":"insight","target_id":"`+insights.Insights[0].ID+`","rating":5,"user_id":"ada"}`,
		200, nil, `"recorded"`)
	var pending httpapi.Pending
	p.call("GET", "/feedback/pending?limit=3", "", 200, &pending, `"exposure_id"`)
	item := pending.Items[0]
	p.call("POST", "/feedback", `{"target_type":"`+item.Type+`","target_id":"`+item.Target+`","helpful":true,"exposure_id":"`+item.Exposure+`"}`,
		200, nil)
	p.call("GET", "/reward/model", "", 200, nil, `"untrained"`, `"examples":2`)
	p.call("GET", "/quality/trends?bucket=day", "", 200, nil, `"mean":5`)

	p.call("POST", "/archive", `{"older_than_days":30,"dry_run":true}`, 200, nil, `"archived":0`)
	p.call("GET", "/archive/stats", "", 200, nil, `"total_activities":0`)
	p.call("GET", "/archive/query?aggregate=day", "", 200, nil, `"sums"`)

	routes := map[string]bool{}
	for _, c := range p.called {
		routes[strings.Replace(strings.Replace(c, work.ID, "{}", 1), url.PathEscape(from), "{}", 1)] = true
	}
	for _, beside := range []string{"POST /lora/cancel", "GET /insights"} {
		delete(routes, beside)
	}
	if len(routes) != 27 {
		t.Errorf("%d routes were called: %v", len(routes), p.called)
	}
}
