package grafana_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The peer: .ci/peers prometheus
var (
	peerPrometheus = flag.String("peer-prometheus", "", "run the dashboard's queries on this prometheus `program`")
	peerPromtool   = flag.String("peer-promtool", "", "check the files with this promtool `program`")
	peerServer     = flag.String("peer-server", "", "scrape this build of examples/server")
)

// later are the numbers that this server cannot have yet: its model's server trains no
// adapter, and nobody has rated. Their queries must be right and may find nothing.
var later = regexp.MustCompile("pastime_(training|trial|adapter)_|" +
	"pastime_feedback_(mean_stars|helpful_ratio|model_rmse_|model_distance_|policy_lift_)")

// TestPeerPrometheus scrapes the example server with a real Prometheus and
// grafana/prometheus.yml, while another uses the specification's own snippet.
// Every query of every panel must return data, but for later.
func TestPeerPrometheus(t *testing.T) {
	if *peerPrometheus == "" {
		t.Skip("no -peer-prometheus")
	}
	const agent = "http://localhost:8800" // as both files say
	begin(t, agent+"/hobby/healthz", *peerServer, "-addr", "127.0.0.1:8800", "-data", t.TempDir(), "-interval", "500ms", "-idle", "100ms",
		"-model", "openai:"+model(t)+"/v1#unsure", "-code", "..")
	post(t, agent+"/hobby/subagents/register", `{"subagent_id":"helper","capabilities":["*"]}`)
	ours := prometheus(t, "prometheus.yml")
	theirs := prometheus(t, "testdata/specification.yml")

	t.Run("token", token)
	t.Run("promtool", func(t *testing.T) { promtool(t, agent) })
	scraped := func(times string) func() error {
		return func() error { return some(ask(t, ours, "count_over_time(hobby_proficiency[10m]) >= "+times, false)) }
	}
	if err := eventually(scraped("1")); err != nil {
		t.Fatalf("there is no first scrape: %v", err)
	}
	// Between the scrapes a sub-agent does something.
	post(t, agent+"/hobby/assign-to-subagent", `{"subagent_id":"helper","hobby_type":"SKILL_PRACTICE","duration_minutes":0.05}`)
	if err := eventually(scraped("2")); err != nil {
		t.Fatalf("there is no second scrape: %v", err)
	}
	// The other Prometheus scrapes at other times.
	snippet := func() error {
		return some(ask(t, theirs, `hobby_proficiency{job="lollmsbot-hobbies", type="skill_practice"}`, true))
	}
	if err := eventually(snippet); err != nil {
		t.Errorf("the specification's snippet: %v", err)
	}
	for _, p := range read(t).Panels {
		for _, q := range p.Targets {
			t.Run(p.Title+"/"+q.RefID, func(t *testing.T) {
				all, err := ask(t, ours, q.Expr, q.Instant)
				if err == nil && !later.MatchString(q.Expr) {
					err = some(all, nil)
				}
				if err != nil {
					t.Errorf("%s: %v", q.Expr, err)
				}
			})
		}
	}
}

// token scrapes a server that wants a token, every second, with the files that
// it writes itself.
func token(t *testing.T) {
	addr, dir := free(t), t.TempDir()
	args := []string{"-addr", addr, "-token", "open sesame", "-code", ""}
	write := exec.Command(*peerServer, append(args, "-grafana", dir)...)
	write.Env = append(os.Environ(), "HOBBY_METRICS_SCRAPE_INTERVAL=1s")
	if out, err := write.CombinedOutput(); err != nil {
		t.Fatalf("-grafana: %v\n%s", err, out)
	}
	begin(t, "http://"+addr+"/hobby/healthz", *peerServer, append(args, "-data", t.TempDir())...)
	url := prometheus(t, filepath.Join(dir, "prometheus.yml"))
	if err := eventually(func() error { return some(ask(t, url, `count_over_time(hobby_system_enabled[1m]) >= 2`, true)) }); err != nil {
		t.Error(err)
	}
}

// model is a server that speaks the OpenAI protocol and knows nothing, which
// is enough to be measured.
func model(t *testing.T) string {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/models") {
			fmt.Fprint(w, `{"object":"list","data":[{"id":"unsure","object":"model","created":1,"owned_by":"me"}]}`)
			return
		}
		fmt.Fprint(w, `{"id":"1","object":"chat.completion","created":1,"model":"unsure","choices":[{"index":0,"finish_reason":"stop",`+
			`"message":{"role":"assistant","content":"I don't know"}}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}`)
	}))
	t.Cleanup(api.Close)
	return api.URL
}

// post sends a body that must be accepted.
func post(t *testing.T, url, body string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode/100 != 2 {
		t.Fatalf("POST %s: %s %s", url, resp.Status, said)
	}
}

// begin starts a program that runs until the test ends, and waits until a URL
// of its answers.
func begin(t *testing.T, ready, name string, args ...string) {
	t.Helper()
	var log strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
			t.Errorf("%s did not end", name)
		}
		if t.Failed() {
			said := log.String()
			t.Logf("%s said at last:\n%s", name, said[max(0, len(said)-2000):])
		}
	})
	err := eventually(func() error {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", name, err, log.String())
		default:
		}
		resp, err := http.Get(ready)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != 200 {
			return errors.New(resp.Status)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s does not answer: %v", name, err)
	}
}

// prometheus starts one with a configuration of this folder.
func prometheus(t *testing.T, config string) (url string) {
	t.Helper()
	addr := free(t)
	begin(t, "http://"+addr+"/-/ready", *peerPrometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(t.TempDir(), "tsdb"),
		"--web.listen-address="+addr)
	return "http://" + addr
}

// free is an address on which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	return ln.Addr().String()
}

// promtool checks both configurations, and what the agent exports. The names
// of the specification are what they are.
func promtool(t *testing.T, agent string) {
	if out, err := exec.Command(*peerPromtool, "check", "config", "prometheus.yml",
		"testdata/specification.yml").CombinedOutput(); err != nil {
		t.Errorf("promtool check config: %v\n%s", err, out)
	}
	resp, err := http.Get(agent + "/hobby/metrics/prometheus")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	check := exec.Command(*peerPromtool, "check", "metrics")
	check.Stdin = resp.Body
	out, err := check.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "hobby_time_invested_minutes ") {
			t.Errorf("promtool check metrics: %v: %s", err, line)
		}
	}
}

// series is a line of an answer: values over time, or one.
type series struct {
	Metric map[string]string
	Values [][2]any
	Value  *[2]any
}

// ask evaluates a panel's query as Grafana does.
func ask(t *testing.T, prometheus, expr string, instant bool) ([]series, error) {
	expr = strings.NewReplacer("$job", ".+", "$instance", ".+", "$__rate_interval", "2m").Replace(expr)
	params := url.Values{"query": {expr}}
	path := "/api/v1/query"
	if !instant {
		path += "_range"
		now := time.Now().Unix()
		params.Set("start", strconv.FormatInt(now-600, 10))
		params.Set("end", strconv.FormatInt(now, 10))
		params.Set("step", "5")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, prometheus+path+"?"+params.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var a struct {
		Status, Error string
		Data          struct{ Result []series }
	}
	if err := json.Unmarshal(raw, &a); err != nil || a.Status != "success" {
		return nil, fmt.Errorf("%s: %s %v", resp.Status, a.Error, err)
	}
	return a.Data.Result, nil
}

// some fails unless there is a number among the answers.
func some(all []series, err error) error {
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Value != nil {
			s.Values = append(s.Values, *s.Value)
		}
		for _, v := range s.Values {
			if n, err := strconv.ParseFloat(fmt.Sprint(v[1]), 64); err == nil && !math.IsNaN(n) {
				return nil
			}
		}
	}
	return fmt.Errorf("no data in %d series", len(all))
}

// eventually repeats a question, for as long as two scrapes take.
func eventually(f func() error) (err error) {
	late := time.After(90 * time.Second)
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for {
		if err = f(); err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-late:
			return err
		}
	}
}
