package grafana_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/grafana"
	"github.com/pastime-go/pastime/lora/loratest"
)

var update = flag.Bool("update", false, "write the files anew")

// files are the files of this folder and what makes them.
var files = map[string]func(*grafana.Options) ([]byte, error){
	"hobby-dashboard.json": grafana.Dashboard,
	"prometheus.yml":       grafana.Prometheus,
}

func TestFiles(t *testing.T) {
	for name, write := range files {
		want, err := write(nil)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what the package makes, %v: go generate ./grafana", name, err)
		}
	}
}

// board is what is checked of a dashboard.
type board struct {
	Title, Refresh string
	Panels         []struct {
		ID                       int
		Type, Title, Description string
		Interval                 string
		GridPos                  struct{ X, Y, W, H int }
		Targets                  []target
		FieldConfig              struct{ Defaults struct{ Unit string } }
		Options                  map[string]any
		Datasource               struct{ Type, UID string }
	}
	Templating struct{ List []struct{ Name string } }
}

type target struct {
	RefID      string
	Expr       string
	Instant    bool
	Datasource struct{ Type, UID string }
}

func read(t *testing.T) board {
	t.Helper()
	raw, err := os.ReadFile("hobby-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var b board
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDashboard checks what Grafana would not tell: panels that overlap,
// metrics that nobody exports, queries that ignore the chosen agents.
func TestDashboard(t *testing.T) {
	kit, err := pastime.Open(t.Context(), ":memory:", loratest.NewStudent(), &pastime.Options{Trainer: &loratest.Teacher{}})
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	exported := map[string]bool{}
	for _, m := range kit.Metrics.Metrics() {
		exported[m.Name] = true
	}
	b := read(t)
	taken, ids, titles := map[[2]int]string{}, map[int]bool{}, map[string]bool{}
	for _, p := range b.Panels {
		if ids[p.ID] || titles[p.Title] || p.ID == 0 || p.Title == "" {
			t.Errorf("panel %d %q: its id or its title is empty or taken", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		g := p.GridPos
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies on %q or beyond the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		for what, there := range map[string]bool{
			"a description": p.Description != "", "a unit": p.FieldConfig.Defaults.Unit != "", "an interval": p.Interval != "",
			"options": p.Options != nil, "queries": len(p.Targets) > 0, "the data source": p.Datasource.UID == "${datasource}",
		} {
			if !there {
				t.Errorf("%q lacks %s", p.Title, what)
			}
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if refs[q.RefID] || q.RefID == "" || q.Datasource.UID != "${datasource}" {
				t.Errorf("%q: query %q", p.Title, q.RefID)
			}
			refs[q.RefID] = true
			names := regexp.MustCompile(`\b(hobby|pastime)_\w+`).FindAllString(q.Expr, -1)
			if len(names) == 0 || strings.Count(q.Expr, `{job=~"$job", instance=~"$instance"`) != len(names) {
				t.Errorf("%q: %s does not select the agents in each of %v", p.Title, q.Expr, names)
			}
			for _, n := range names {
				if !exported[n] {
					t.Errorf("%q: nobody exports %s", p.Title, n)
				}
			}
		}
	}
	for _, want := range []string{"Proficiency by type", "Activity over 24 hours", "Success-rate trends", "Time by type", "Current status"} {
		if !titles[want] {
			t.Errorf("there is no panel %q, which the specification has", want)
		}
	}
}

// TestOptions shows that interval, targets and job reach the files, and that
// what cannot be is refused.
func TestOptions(t *testing.T) {
	o := &grafana.Options{Interval: 90 * time.Second, Targets: []string{"a:1", "b:2"}, Job: "mine", TokenFile: "token"}
	yml, err := grafana.Prometheus(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"scrape_interval: 90s\n", "['a:1', 'b:2']", "job_name: 'mine'",
		"authorization:\n      credentials_file: 'token'\n"} {
		if !strings.Contains(string(yml), want) {
			t.Errorf("no %q in\n%s", want, yml)
		}
	}
	raw, err := grafana.Dashboard(o)
	if err != nil {
		t.Fatal(err)
	}
	var b board
	if err := json.Unmarshal(raw, &b); err != nil || b.Refresh != "90s" || b.Panels[1].Interval != "90s" {
		t.Errorf("%v: refresh %s, interval %s", err, b.Refresh, b.Panels[1].Interval)
	}
	for _, bad := range []grafana.Options{
		{Interval: time.Millisecond}, {Interval: -time.Second}, {Interval: 1500 * time.Millisecond},
		{Targets: []string{"nowhere"}}, {Targets: []string{"a'\n:1"}}, {Job: "it's"}, {TokenFile: "a\nb"},
	} {
		for name, write := range files {
			if _, err := write(&bad); err == nil {
				t.Errorf("%s with %+v: no error", name, bad)
			}
		}
	}
}

func ExamplePrometheus() {
	raw, err := grafana.Prometheus(&grafana.Options{Targets: []string{"agent-1:8800", "agent-2:8800"}})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(string(raw))
	// Output:
	// # Prometheus reads what an agent practises:
	// #
	// #   prometheus --config.file=prometheus.yml
	// scrape_configs:
	//   - job_name: 'pastime'
	//     static_configs:
	//       - targets: ['agent-1:8800', 'agent-2:8800']
	//     metrics_path: '/hobby/metrics/prometheus'
	//     scrape_interval: 30s
}
