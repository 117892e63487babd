package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// session is the specification's, word for word.
const session = `
# Register general-purpose agent
curl -X POST http://localhost:8800/hobby/subagents/register \
  -H "Content-Type: application/json" \
  -d '{
    "subagent_id": "rc2-general",
    "capabilities": ["*"],
    "metadata": {"type": "general"}
  }'

# Register specialized agent
curl -X POST http://localhost:8800/hobby/subagents/register \
  -H "Content-Type: application/json" \
  -d '{
    "subagent_id": "rc2-coding",
    "capabilities": ["SKILL_PRACTICE", "CODE_ANALYSIS"],
    "metadata": {"type": "specialized", "focus": "coding"}
  }'

# Auto-distribute 5 hobbies
curl -X POST http://localhost:8800/hobby/distribute?num_assignments=5

# Check sub-agent stats
curl http://localhost:8800/hobby/subagents/stats

# List active assignments
curl http://localhost:8800/hobby/assignments?status=running

# Get specific assignment
curl http://localhost:8800/hobby/assignments/abc123
`

// send does what a curl command of the session does.
func send(t *testing.T, command string) (status int, body string) {
	t.Helper()
	words := strings.Fields(command)
	method, url, data, media := http.MethodGet, "", "", ""
	for i, w := range words {
		switch {
		case w == "-X":
			method = words[i+1]
		case strings.HasPrefix(w, "http"):
			url = w
		}
	}
	if _, h, ok := strings.Cut(command, `-H "Content-Type: `); ok {
		media, _, _ = strings.Cut(h, `"`)
	}
	if _, d, ok := strings.Cut(command, "-d '"); ok {
		data, _, _ = strings.Cut(d, "'")
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// curl runs a command of the session in a shell.
func curl(t *testing.T, command string) (status int, body string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(command, "curl ", `curl -sS -w '\n%{http_code}' `,
		1)).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	at := strings.LastIndexByte(string(out), '\n')
	if _, err := fmt.Sscan(string(out[at+1:]), &status); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return status, string(out[:at])
}

func TestTheSpecificationsSession(t *testing.T) {
	ways := map[string]func(*testing.T, string) (int, string){"send": send}
	if _, err := exec.LookPath("curl"); err == nil {
		if _, err := exec.LookPath("sh"); err == nil {
			ways["curl"] = curl
		}
	}
	for name, do := range ways {
		t.Run(name, func(t *testing.T) { playSession(t, do) })
	}
}

func playSession(t *testing.T, do func(*testing.T, string) (int, string)) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.go"),
		[]byte("package p\n\nfunc F(a int) int {\n"+strings.Repeat("\tif a > 1 {\n\t\ta++\n\t}\n", 30)+"\treturn a\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url, _, _ := start(t, "-code", dir, "-kinds", "code_analysis", "-interval", "1h")
	type object = map[string]any
	var answers []object
	for _, command := range strings.Split(strings.ReplaceAll(strings.TrimSpace(session), "http://localhost:8800", url), "\n\n") {
		comment, command, _ := strings.Cut(command, "\n")
		status, body := do(t, command)
		want := 200
		if strings.Contains(command, "abc123") {
			want = 404 // the specification's id stands for a real one, which follows
		}
		var o object
		if err := json.Unmarshal([]byte(body), &o); err != nil || status != want {
			t.Fatalf("%s: %d %s (%v)", comment, status, body, err)
		}
		answers = append(answers, o)
	}
	general, coding, distributed, stats, running := answers[0], answers[1], answers[2], answers[3], answers[4]
	if general["status"] != "registered" || general["subagent_id"] != "rc2-general" || coding["subagent_id"] != "rc2-coding" {
		t.Errorf("registered: %v, %v", general, coding)
	}
	if distributed["status"] != "distributed" || distributed["count"] != 5.0 || len(distributed["assignments"].([]any)) != 5 {
		t.Fatalf("distributed: %v", distributed)
	}
	if stats["total_registered"] != 2.0 || len(stats["subagents"].([]any)) != 2 {
		t.Errorf("stats: %v", stats)
	}
	if running["filter"] != "running" || running["count"] != float64(len(running["assignments"].([]any))) {
		t.Errorf("running: %v", running)
	}
	insights := 0
	for _, a := range distributed["assignments"].([]any) {
		insights += finished(t, url, do, a.(object)["assignment_id"].(string))
	}
	if insights == 0 { // each finding is told once, by whoever comes first
		t.Error("five analyses of code with a finding told nothing")
	}
}

// finished waits until an assignment has ended, and counts its insights.
func finished(t *testing.T, url string, do func(*testing.T, string) (int, string), id string) int {
	t.Helper()
	for late := time.After(30 * time.Second); ; {
		status, body := do(t, "curl "+url+"/hobby/assignments/"+id)
		var a struct {
			Status    string
			Kind      string  `json:"hobby_type"`
			Started   *string `json:"started_at"`
			Completed *string `json:"completed_at"`
			Result    *struct {
				Insights []string
				Gain     *float64 `json:"proficiency_gain"`
				Executor string
			}
		}
		if err := json.Unmarshal([]byte(body), &a); err != nil || status != 200 {
			t.Fatalf("%d %s: %v", status, body, err)
		}
		if a.Status == "completed" {
			if a.Result == nil || a.Started == nil || a.Completed == nil {
				t.Fatalf("a completed assignment lacks its times or its result: %s", body)
			}
			if a.Kind != "CODE_ANALYSIS" || a.Result.Gain != nil || a.Result.Executor != "local" {
				t.Errorf("code analysis without a model: %s", body)
			}
			return len(a.Result.Insights)
		}
		select {
		case <-late:
			t.Fatalf("not completed: %s", body)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
