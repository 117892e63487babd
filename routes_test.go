package pastime_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/metrics"
)

// allRoutes are the 27 routes of metrics, sub-agents, adapters, graph, feedback and archive,
// in the order in which TestAllRoutes first calls them.
var allRoutes = []string{
	"GET /metrics/prometheus", "GET /metrics/summary", "GET /dashboard",
	"POST /subagents/register", "DELETE /subagents/{subagent_id}", "GET /subagents/stats", "POST /assign-to-subagent", "POST /distribute",
	"GET /assignments/{assignment_id}", "GET /assignments",
	"POST /lora/train", "GET /lora/status", "GET /lora/adapters", "POST /lora/apply", "GET /lora/compare",
	"GET /graph", "GET /graph/concepts/{concept}", "GET /graph/path", "POST /graph/query", "GET /graph/visualize",
	"POST /feedback", "GET /feedback/pending", "GET /reward/model", "GET /quality/trends",
	"POST /archive", "GET /archive/stats", "GET /archive/query",
}

// TestAllRoutes walks through allRoutes in one running Kit, each with what those before it
// made.
func TestAllRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLearner(t, func(o *pastime.Options) {
			o.Hobby.PollEvery, o.Hobby.Interval, o.LoRA.Poll = time.Hour, 4*time.Hour, time.Hour
			o.Subagent.DistributeEvery, o.Archive.Every = -1, -1
		})
		defer l.run()()
		time.Sleep(3 * 24 * time.Hour) // of practice
		l.metricsRoutes()
		l.subagentRoutes()
		adapter := l.adapterRoutes()
		l.graphRoutes()
		l.feedbackRoutes(adapter)
		time.Sleep(24 * time.Hour)
		l.archiveRoutes()
		if d := cmp.Diff(allRoutes, l.routes()); d != "" {
			t.Errorf("the routes in the order of their first call (-want +called):\n%s", d)
		}
	})
}

// routes are those that were called, by the order of their first call, as the API's
// description names them.
func (l *learner) routes() (called []string) {
	var api struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	calls := l.calls
	l.call("GET", "/openapi.json", "", 200, &api)
	mux := http.NewServeMux()
	for path, methods := range api.Paths {
		for method := range methods {
			if method != "parameters" {
				mux.Handle(strings.ToUpper(method)+" "+path, http.NotFoundHandler())
			}
		}
	}
	for _, r := range calls {
		_, pattern := mux.Handler(r)
		if route := strings.Replace(pattern, " /hobby/", " /", 1); !slices.Contains(called, route) {
			called = append(called, route)
		}
	}
	return called
}

func (l *learner) metricsRoutes() {
	scrape := l.call("GET", "/metrics/prometheus", "", 200, nil)
	if !regexp.MustCompile(`(?m)^hobby_activities_completed\{type="skill_practice"\} [1-9]`).MatchString(scrape) {
		l.Errorf("the exposition counts no session:\n%s", scrape)
	}
	var summary httpapi.MetricsSummary
	l.call("GET", "/metrics/summary", "", 200, &summary)
	if summary.System.TotalActivities < 15 || len(summary.Timeline.Daily) < 3 {
		l.Errorf("three days of practice in the summary: %+v", summary.System)
	}
	var board metrics.Dashboard
	l.call("GET", "/dashboard", "", 200, &board)
	if board.Stats.TotalActivities < 15 {
		l.Errorf("three days of practice on the dashboard: %+v", board.Stats)
	}
}

func (l *learner) subagentRoutes() {
	for _, id := range []string{"agent1", "agent2"} {
		l.call("POST", "/subagents/register", `{"subagent_id":"`+id+`","capabilities":["SKILL_PRACTICE"]}`, 200, nil)
	}
	l.call("DELETE", "/subagents/agent2", "", 200, nil)
	var stats httpapi.SubagentStats
	l.call("GET", "/subagents/stats", "", 200, &stats)
	if stats.Registered != 1 {
		l.Errorf("one of two agents is left: %+v", stats)
	}
	var a httpapi.Assignment
	l.call("POST", "/assign-to-subagent", `{"subagent_id":"agent1","hobby_type":"SKILL_PRACTICE","duration_minutes":10}`, 200, &a)
	var given httpapi.Distributed
	l.call("POST", "/distribute?num_assignments=5", "", 200, &given)
	if given.Count == 0 {
		l.Errorf("nothing was distributed: %s", given.Message)
	}
	time.Sleep(time.Hour)
	l.call("GET", "/assignments/"+a.ID, "", 200, &a)
	if a.Status != "completed" || a.Result == nil || a.Result.Items == 0 {
		l.Errorf("the assignment after an hour: %+v", a)
	}
	var list httpapi.Assignments
	l.call("GET", "/assignments?status=completed", "", 200, &list)
	if list.Count != 1+given.Count {
		l.Errorf("%d assignments are completed, want %d", list.Count, 1+given.Count)
	}
}

// adapterRoutes returns the adapter that was promoted.
func (l *learner) adapterRoutes() string {
	var started httpapi.TrainStarted
	l.call("POST", "/lora/train", `{}`, 202, &started)
	var s httpapi.LoraStatus
	for s.LoraJob == nil || s.CompletedAt == nil {
		time.Sleep(time.Minute)
		l.call("GET", "/lora/status?job_id="+started.Job.ID, "", 200, &s)
	}
	if text(s.Verdict) != "promote" {
		l.Fatalf("the training: %s, %s (%s) %s", s.Status, text(s.Verdict), text(s.Reason), text(s.Error))
	}
	var adapters httpapi.Adapters
	l.call("GET", "/lora/adapters", "", 200, &adapters)
	if got := text(adapters.Aliases["SKILL_PRACTICE"]["champion"]); got != text(s.AdapterID) {
		l.Errorf("the champion is %q, want %q", got, text(s.AdapterID))
	}
	l.call("POST", "/lora/apply", `{"adapter_id":"base","hobby_type":"SKILL_PRACTICE"}`, 200, nil)
	l.call("POST", "/lora/apply", `{"adapter_id":"`+text(s.AdapterID)+`"}`, 200, nil)
	var trial httpapi.Comparison
	l.call("GET", "/lora/compare?baseline=base&candidate="+text(s.AdapterID), "", 200, &trial)
	if text(trial.Verdict) != "promote" || trial.Wins <= trial.Losses || trial.PValue > trial.Alpha || trial.Low == nil {
		l.Errorf("the trial that promoted it: %+v", trial)
	}
	return text(s.AdapterID)
}

func (l *learner) graphRoutes() {
	var page httpapi.GraphPage
	l.call("GET", "/graph?limit=50", "", 200, &page)
	if len(page.Edges) == 0 {
		l.Fatalf("practice told the graph nothing: %+v", page)
	}
	e := page.Edges[0]
	names := map[string]string{}
	for _, n := range page.Nodes {
		names[n.ID] = n.Name
	}
	from, to := url.QueryEscape(names[e.Source]), url.QueryEscape(names[e.Target])
	var concept httpapi.GraphConcept
	l.call("GET", "/graph/concepts/"+url.PathEscape(names[e.Source]), "", 200, &concept)
	if concept.Concept.Name != names[e.Source] || len(concept.Relations) == 0 {
		l.Errorf("the concept %q, which an edge has: %+v", names[e.Source], concept)
	}
	var ways httpapi.GraphPaths
	l.call("GET", "/graph/path?from="+from+"&to="+to, "", 200, &ways)
	if len(ways.Paths) == 0 {
		l.Errorf("no way from %s to %s, which an edge joins", from, to)
	}
	var rows httpapi.GraphRows
	l.call("POST", "/graph/query", `{"query":"MATCH (a)-[r]->(b) RETURN a.name, b.name LIMIT 5"}`, 200, &rows)
	if len(rows.Rows) == 0 {
		l.Error("the query finds no edge")
	}
	var view httpapi.GraphMap
	l.call("GET", "/graph/visualize?max_nodes=50", "", 200, &view)
	if len(view.Nodes) == 0 {
		l.Error("the view draws nothing")
	}
}

func (l *learner) feedbackRoutes(adapter string) {
	var given httpapi.FeedbackAnswer
	l.call("POST", "/feedback", `{"target_type":"adapter","target_id":"`+adapter+`","rating":5,"user_id":"ada"}`, 200, &given)
	if given.Feedback.ID == "" || given.Reward.Raters != 1 {
		l.Errorf("recorded %+v", given)
	}
	var pending httpapi.Pending
	l.call("GET", "/feedback/pending?limit=5&target_type=activity", "", 200, &pending)
	if len(pending.Items) == 0 {
		l.Fatal("no activity waits for a rating")
	}
	i := pending.Items[0]
	l.call("POST", "/feedback", `{"target_type":"activity","target_id":"`+i.Target+`","rating":4,"exposure_id":"`+i.Exposure+`"}`, 200, nil)
	var model httpapi.RewardModel
	l.call("GET", "/reward/model", "", 200, &model)
	if model.Status != "untrained" || model.Examples != 2 {
		l.Errorf("the reward model after two ratings: %+v", model)
	}
	var trends httpapi.QualityTrends
	l.call("GET", "/quality/trends?bucket=day", "", 200, &trends)
	if len(trends.Series) != 1 {
		l.Errorf("two ratings of a day: %+v", trends.Series)
	}
}

func (l *learner) archiveRoutes() {
	var moved httpapi.ArchiveAnswer
	l.call("POST", "/archive", `{"older_than_days":1}`, 200, &moved)
	if moved.Archived < 15 {
		l.Errorf("of the days before yesterday %+v was moved", moved)
	}
	var stats httpapi.ArchiveStats
	l.call("GET", "/archive/stats", "", 200, &stats)
	if stats.Activities != moved.Archived {
		l.Errorf("%d activities in the archive, %d were moved", stats.Activities, moved.Archived)
	}
	var found httpapi.ArchiveQuery
	l.call("GET", "/archive/query?limit=100", "", 200, &found)
	if int64(len(found.Activities)) < moved.Archived {
		l.Errorf("%d activities are found, %d were moved", len(found.Activities), moved.Archived)
	}
}
