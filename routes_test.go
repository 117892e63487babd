package pastime_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/metrics"
)

// TestAllRoutes walks through the 27 routes of metrics, sub-agents, adapters, graph,
// feedback and archive in one running Kit, in this order, each with what those before it made.
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
	})
}

func (l *learner) metricsRoutes() {
	w := httptest.NewRecorder()
	l.kit.Handler().ServeHTTP(w, httptest.NewRequestWithContext(l.Context(), "GET", "http://127.0.0.1/hobby/metrics/prometheus", nil))
	if !strings.Contains(w.Body.String(), `hobby_activities_completed{type="skill_practice"} 1`) { // and some more digits
		l.Errorf("the exposition counts no session:\n%s", w.Body)
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
	l.call("GET", "/lora/compare?baseline=base&candidate="+text(s.AdapterID), "", 200, nil)
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
	l.call("GET", "/graph/concepts/"+url.PathEscape(names[e.Source]), "", 200, nil)
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
	l.call("POST", "/feedback", `{"target_type":"adapter","target_id":"`+adapter+`","rating":5,"user_id":"ada"}`, 200, nil)
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
