package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// output collects what the server prints, and tells when a pattern comes.
type output struct {
	mu    sync.Mutex
	text  strings.Builder
	grown chan struct{}
}

func newOutput() *output { return &output{grown: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.grown <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// wait returns the submatches of a pattern once it is printed.
func (o *output) wait(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(30 * time.Second)
	for {
		if m := re.FindStringSubmatch(o.String()); m != nil {
			return m
		}
		select {
		case <-o.grown:
		case <-late:
			t.Fatalf("%q was not printed:\n%s", pattern, o)
		}
	}
}

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

// start runs the server until the test ends, and checks that it ends well.
func start(t *testing.T, args ...string) (url string, out *output, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out = newOutput()
	done := make(chan error, 1)
	args = append([]string{"-addr", "127.0.0.1:0", "-data", t.TempDir(), "-interval", "100ms", "-idle", "50ms", "-model", "none"}, args...)
	go func() {
		done <- run(ctx, args, env("HOBBY_SUBAGENT_TOKEN", "a secret of some length"), out, io.Discard)
	}()
	stop = sync.OnceFunc(func() {
		begin := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if d := time.Since(begin); d > 10*time.Second {
			t.Errorf("the server took %v to end", d)
		}
	})
	t.Cleanup(stop)
	return out.wait(t, `look at +(http://[^/]+)/hobby/`)[1], out, stop
}

func fetch(t *testing.T, url string, v any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Fatalf("GET %s: %s", url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
		t.Fatalf("GET %s: %v", url, err)
	}
}

// TestANewcomerSeesInsightsAtOnce starts the server with no model on a small
// tree of code.
func TestANewcomerSeesInsightsAtOnce(t *testing.T) {
	dir := t.TempDir()
	code := "package p\n\nfunc Busy(a int) int {\n" + strings.Repeat("\tif a > 1 {\n\t\ta++\n\t}\n", 30) + "\treturn a\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	url, out, stop := start(t, "-code", dir)
	out.wait(t, `Code analysis: completed in [^\n]*\n +smaller things: hardest to read: Busy \(p\.go:3\)`)
	var insights struct{ Insights []struct{ Insight string } }
	fetch(t, url+"/hobby/insights", &insights)
	if len(insights.Insights) == 0 {
		t.Error("no insights")
	}
	var progress struct {
		Hobbies map[string]struct {
			Proficiency         *float64
			ActivitiesCompleted int `json:"activities_completed"`
		}
	}
	fetch(t, url+"/hobby/progress", &progress)
	if c := progress.Hobbies["CODE_ANALYSIS"]; c.Proficiency != nil || c.ActivitiesCompleted == 0 {
		t.Errorf("code analysis without a model: %+v, want activities and no proficiency", c)
	}
	stop()
}

// TestDocumentsAreRead starts the server on a tree of documents and code, and
// with a model that is asked about both.
func TestDocumentsAreRead(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString("# Notes\n\nSee [the plan](plan.md).\n\n")
	for i := range 30 {
		fmt.Fprintf(&text, "## Part %d\n\nThe machine number%d stands in hall number%d beside the window.\n\n", i, i, i+100)
	}
	for name, s := range map[string]string{"notes.md": text.String(), "p.go": "package p\n\nfunc many() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url, out, stop := start(t, "-code", dir, "-docs", dir, "-model", "tiny",
		"-kinds", "knowledge_exploration,code_analysis,research_integration")
	out.wait(t, `  documents  `)
	out.wait(t, `Knowledge exploration: [^\n]*completed in [^\n]*, [0-9]+ of [0-9]+ answers right\n +notes\.md:3 links to plan\.md, which `+
		`is not there`)
	out.wait(t, `Code analysis: [^\n]*completed in [^\n]*\n[^\n]*many \(p\.go:3\)`)
	out.wait(t, `Research integration: [^\n]*completed in [^\n]*, [0-9]+ of [0-9]+ answers right\n +`)
	var insights struct {
		Insights []struct {
			HobbyType string `json:"hobby_type"`
			Tainted   bool
		}
	}
	fetch(t, url+"/hobby/insights?hobby_type=KNOWLEDGE_EXPLORATION", &insights)
	if len(insights.Insights) == 0 {
		t.Error("no insights")
	}
	for _, i := range insights.Insights {
		if i.HobbyType == "KNOWLEDGE_EXPLORATION" && !i.Tainted {
			t.Errorf("an insight of a document is trusted: %+v", i)
		}
	}
	var p struct {
		Hobbies map[string]struct{ Proficiency *float64 }
	}
	fetch(t, url+"/hobby/progress", &p)
	if p.Hobbies["KNOWLEDGE_EXPLORATION"].Proficiency == nil {
		t.Error("exploring was not measured")
	}
	stop()
}

// TestTheDefaultIsLeftOutWithoutDocuments starts the server where no document
// is.
func TestTheDefaultIsLeftOutWithoutDocuments(t *testing.T) {
	_, out, stop := start(t, "-code", "")
	out.wait(t, `Stop with Ctrl-C`)
	stop()
	if strings.Contains(out.String(), "  documents  ") || strings.Contains(out.String(), "Knowledge exploration") {
		t.Errorf("documents are read where none are:\n%s", out)
	}
}

// TestANewcomerPractisesAtOnce starts the server with the model that it has by
// default.
func TestANewcomerPractisesAtOnce(t *testing.T) {
	url, out, _ := start(t, "-code", "", "-model", "tiny")
	out.wait(t, `Skill practice: [^\n]*completed in [^\n]*, [0-9]+ of [0-9]+ answers right`)
	var p struct {
		Hobbies map[string]struct{ Proficiency *float64 }
	}
	fetch(t, url+"/hobby/progress", &p)
	if p.Hobbies["SKILL_PRACTICE"].Proficiency == nil {
		t.Error("skill practice was not measured")
	}
}

// TestWithAModelThatDoesNotKnow practises against a server that speaks the
// OpenAI protocol and always answers the same, and then with that server off.
func TestWithAModelThatDoesNotKnow(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/models") {
			fmt.Fprint(w, `{"object":"list","data":[{"id":"unsure","object":"model","created":1,"owned_by":"me"}]}`)
			return
		}
		if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"id":"1","object":"chat.completion","created":1,"model":"unsure","choices":[{"index":0,"finish_reason":"stop",`+
			`"message":{"role":"assistant","content":"I don't know"}}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}`)
	}))
	url, out, _ := start(t, "-code", "", "-kinds", "skill_practice", "-model", "openai:"+api.URL+"/v1#unsure")
	out.wait(t, `Skill practice: [^\n]*completed in [^\n]*, 0 of 12 answers right`)
	type row struct {
		SuccessRate *float64 `json:"success_rate"`
		Completed   int      `json:"activities_completed"`
		Failed      int      `json:"activities_failed"`
	}
	var p struct{ Hobbies map[string]row }
	fetch(t, url+"/hobby/progress", &p)
	if r := p.Hobbies["SKILL_PRACTICE"]; r.SuccessRate == nil || *r.SuccessRate > 0.2 {
		t.Errorf("success rate %v", r.SuccessRate)
	}
	api.CloseClientConnections()
	api.Close()
	out.wait(t, `Skill practice: [^\n]*failed in [^\n]*: the model cannot be reached`)
	if retry := unreachable(t, url); time.Until(retry) < 10*time.Second {
		t.Errorf("the model's server went off, and the model is asked again at %v", retry)
	}
	fetch(t, url+"/hobby/progress", &p)
	// A session that had an answer before the server went has failed too, without a rest.
	failed := strings.Count(out.String(), ": failed in ")
	cut := len(regexp.MustCompile(`failed in \S+, \d+ of \d+ answers right: `).FindAllString(out.String(), -1))
	if r := p.Hobbies["SKILL_PRACTICE"]; r.Failed != failed || failed-cut != 1 || cut > 1 {
		t.Errorf("with the model's server off: %+v; want one failure of a session without an answer, and then rest\n%s", r, out)
	}
}

// TestAModelThatIsNotStarted is said as the server starts, in one line with what to
// do, and by the API before any session.
func TestAModelThatIsNotStarted(t *testing.T) {
	api := httptest.NewServer(http.NotFoundHandler())
	api.Close()
	url, out, _ := start(t, "-model", "openai:"+api.URL+"/v1#x", "-idle", "24h")
	out.wait(t, `\nThe model does not answer: is its server started [^\n]*\n`)
	unreachable(t, url)
}

// unreachable waits until the server says that the model does not answer, and returns when
// it asks again.
func unreachable(t *testing.T, url string) time.Time {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		var status struct {
			Resting *string
			Retry   *time.Time `json:"model_retry_at"`
		}
		fetch(t, url+"/hobby/status", &status)
		if status.Resting != nil && *status.Resting == "the model does not answer" && status.Retry != nil {
			return *status.Retry
		}
		if time.Now().After(deadline) {
			t.Fatalf("it rests for %v, and tries again at %v", status.Resting, status.Retry)
		}
		runtime.Gosched()
	}
}

// TestWithAModelInTheProcess practises with a random model of the library's test
// data, which knows nothing.
func TestWithAModelInTheProcess(t *testing.T) {
	_, out, stop := start(t, "-code", "", "-model", "../../lora/llama/testdata/tiny/model")
	out.wait(t, `memory +[1-9][0-9]* MB at most for it, with one answer at a time`)
	out.wait(t, `Skill practice: [^\n]*completed in [^\n]*, \d+ of 12 answers right`)
	stop()
}

func TestRefusals(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, c := range []struct {
		want string
		env  func(string) string
		args []string
	}{
		{"give a -token", env(), []string{"-addr", "0.0.0.0:0"}},
		{"give a -token", env(), []string{"-addr", ":0"}},
		{"give a -token", env(), []string{"-addr", "[::]:0"}},
		{"give a -token", env(), []string{"-addr", "0.0.0.0:0", "-token", ""}},
		{"HOBBY_METRICS_SCRAPE_INTERVAL", env("HOBBY_METRICS_SCRAPE_INTERVAL", "30"), nil},
		{"-addr " + busy.Addr().String(), env(), []string{"-addr", busy.Addr().String()}},
		{"want tiny, none, a directory, a .gguf file, or openai:URL#name", env(), []string{"-model", "gguf:x"}},
		{"config.json", env(), []string{"-model", "."}},
		{"-model", env(), []string{"-model", "openai:not a url"}},
		{"-embed", env(), []string{"-model", "none", "-embed", "ftp://x"}},
		{"-code", env(), []string{"-code", "/no/such/folder"}},
		{"-docs", env(), []string{"-docs", "/no/such/folder"}},
		{"stargazing, which is no kind", env(), []string{"-kinds", "skill_practice,stargazing"}},
		{"nothing to read", env(), []string{"-kinds", "code_analysis"}},
		{"-kinds", env(), []string{"-kinds", "a b"}},
		{"unexpected argument", env(), []string{"extra"}},
		{"the commands are vacuum, ", env(), []string{"vacum"}},
		{"the command verify comes first", env(), []string{"-log", "info", "verify"}},
		{"-log: least level that is logged", env(), []string{"-log", "loud"}},
		{"-hosts: names", env(), []string{"-hosts"}},
		{"such as 127.0.0.1:8800", env(), []string{"-addr", "8800"}},
		{"there are skill_practice, ", env(), []string{"-kinds", "skill"}},
		{"not defined: -modle; see -help", env(), []string{"-modle", "tiny"}},
		{"HOBBY_INTERVAL_MINUTES", env("HOBBY_INTERVAL_MINUTES", "soon"), nil},
		{"HOBBY_VARIETY_FACTOR", env("HOBBY_VARIETY_FACTOR", "1.5"), nil},
		{"HOBBY_SUBAGENT_MAX_CONCURRENT", env("HOBBY_SUBAGENT_MAX_CONCURRENT", "0"), nil},
		{"HOBBY_SUBAGENT_TIMEOUT_MINUTES", env("HOBBY_SUBAGENT_TIMEOUT_MINUTES", "-1"), nil},
		{"HOBBY_AUTO_DISTRIBUTE_ENABLED", env("HOBBY_AUTO_DISTRIBUTE_ENABLED", "often"), nil},
		{"HOBBY_AUTO_DISTRIBUTE_INTERVAL_MINUTES", env("HOBBY_AUTO_DISTRIBUTE_INTERVAL_MINUTES", "x"), nil},
		{"HOBBY_SUBAGENT_TOKEN", env(), []string{"-subagents", "http://127.0.0.1:8900"}},
		{"-subagents", env("HOBBY_SUBAGENT_TOKEN", "a secret of some length"), []string{"-subagents", "file:///etc"}},
		{"must have at least 16", env("HOBBY_SUBAGENT_TOKEN", "short"), []string{"-subagents", "http://127.0.0.1:8900"}},
		{"AUTONOMOUS_HOBBY_ENABLED", env("AUTONOMOUS_HOBBY_ENABLED", "perhaps"), nil},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		args := append([]string{"-data", t.TempDir(), "-code", ""}, c.args...)
		log := newOutput()
		err := run(ctx, args, c.env, io.Discard, log)
		cancel()
		if err == nil || !strings.Contains(err.Error(), c.want) || log.String() != "" {
			t.Errorf("%v: %v, want an error with %q and nothing beside it: %s", c.args, err, c.want, log)
		}
	}
}

func TestHelp(t *testing.T) {
	log := newOutput()
	if err := run(t.Context(), []string{"-help"}, env(), io.Discard, log); !errors.Is(err, flag.ErrHelp) ||
		!strings.Contains(log.String(), "-model model") {
		t.Errorf("%v: %s", err, log)
	}
	guide, err := os.ReadFile("../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^  -([\w-]+)`).FindAllStringSubmatch(log.String(), -1)
	for _, m := range flags {
		if !strings.Contains(string(guide), "`-"+m[1]+"`") {
			t.Errorf("docs/guide.md does not have -%s", m[1])
		}
	}
	if len(flags) < 10 {
		t.Errorf("%d flags", len(flags))
	}
}

// TestWhatThereIsToRead leaves the defaults of -code and -docs out where there is nothing to
// read, and nothing that was asked for.
func TestWhatThereIsToRead(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, c := range []struct {
		file       string // made before
		args       []string
		code, docs string
	}{
		{"", nil, "", ""}, {"", []string{"-code", ".", "-docs", "."}, ".", "."}, {"a.md", nil, "", "."}, {"a.go", nil, ".", "."},
	} {
		if c.file != "" {
			if err := os.WriteFile(c.file, []byte("package a\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		conf, err := parse(append([]string{"-papers", "none"}, c.args...), env(), io.Discard)
		if err == nil {
			err = conf.study(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		if conf.code != c.code || conf.docs != c.docs {
			t.Errorf("%v with %s: code %q and documents %q, want %q and %q", c.args, c.file, conf.code, conf.docs, c.code, c.docs)
		}
	}
}

// TestTheGreetingCanBeOpened has an address that every interface listens on.
func TestTheGreetingCanBeOpened(t *testing.T) {
	for addr, want := range map[string]string{"0.0.0.0:1": "localhost:1", "[::]:1": "localhost:1", ":1": "localhost:1",
		"127.0.0.1:1": "127.0.0.1:1", "[::1]:1": "[::1]:1", "box.example:1": "box.example:1"} {
		if got := dialable(addr); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
	c := config{papers: "none"}
	c.opts = &pastime.Options{}
	if s := c.greeting(&net.TCPAddr{IP: net.IPv6unspecified, Port: 9000}); !strings.Contains(s, "http://localhost:9000/hobby/\n") ||
		!strings.Contains(s, "nothing to practise") {
		t.Error(s)
	}
}

// TestTheLogOfInteractions has the hobby of patterns read the file that a flag names.
func TestTheLogOfInteractions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.jsonl")
	var lines strings.Builder
	for i := range 60 {
		fmt.Fprintf(&lines, `{"at":"2026-11-27T09:%02d:00Z","event":"call","tool":"%s","ok":%v}`+"\n", i, []string{"search", "sum"}[i%2], i%4 > 0)
	}
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse([]string{"-interactions", path, "-code", "", "-docs", "", "-papers", "none"}, env("", ""), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.study(t.Context()); err != nil || len(c.opts.Hobbies) != 1 {
		t.Fatalf("%d hobbies, %v", len(c.opts.Hobbies), err)
	}
	var out hobbytest.Sink
	h := c.opts.Hobbies[0]
	if err := h.Executor.Practise(t.Context(), hobby.Plan{Kind: h.Kind}, &out); err != nil || len(out.Insights) == 0 ||
		!strings.Contains(out.Insights[0].Text, `the tool "search" fails in 15 of 30`) || out.Insights[0].Trusted() {
		t.Errorf("%+v, %v", out.Insights, err)
	}
}

func TestFlagsThatCannotBe(t *testing.T) {
	for _, args := range [][]string{{"-idle", "0s"}, {"-idle", "-1s"}, {"-interval", "0"}} {
		if c, err := parse(args, env("", ""), io.Discard); err == nil || !strings.Contains(err.Error(), args[0]) {
			t.Errorf("%v: %v, %v; want an error that names the flag", args, c, err)
		}
	}
	c, err := parse([]string{"-hosts", "agent.example,box"}, env("", ""), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"agent.example", "box"}, c.opts.HTTP.Hosts); d != "" {
		t.Errorf("-hosts (-want +got):\n%s", d)
	}
}

// TestALine cuts what is long at a character.
func TestALine(t *testing.T) {
	got := line(hobby.Activity{Description: "Code", Status: hobby.Failed, Err: strings.Repeat("ä", 300), Items: 2, Passes: 1},
		[]hobby.Insight{{Text: "a\n b"}})
	if !strings.Contains(got, "1 of 2 answers right: "+strings.Repeat("ä", 199)+"…\n          a b\n") {
		t.Error(got)
	}
}

func TestAFlagBeatsAVariableBeatsADefault(t *testing.T) {
	for _, c := range []struct {
		variable string
		args     []string
		want     time.Duration
	}{
		{"", nil, 5 * time.Second},
		{"30", nil, 30 * time.Minute},
		{"30", []string{"-interval", "7s"}, 7 * time.Second},
	} {
		got, err := parse(c.args, env("HOBBY_INTERVAL_MINUTES", c.variable), io.Discard)
		if err != nil || got.opts.Hobby.Interval != c.want {
			t.Errorf("variable %q and %v: %v, %v; want %v", c.variable, c.args, got.opts.Hobby.Interval, err, c.want)
		}
	}
}

// TestWhoMayAsk starts one server for everybody with a token, and one for this
// machine without.
func TestWhoMayAsk(t *testing.T) {
	status := func(url string, header ...string) int {
		t.Helper()
		req, err := http.NewRequest("GET", url+"/hobby/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
			if header[i] == "Host" {
				req.Host = header[i+1]
			}
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	url, _, _ := start(t, "-code", "", "-addr", "0.0.0.0:0", "-token", "open sesame")
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	url = "http://127.0.0.1:" + port
	if got := status(url); got != 401 {
		t.Errorf("without the token: %d", got)
	}
	if got := status(url, "Authorization", "Bearer open sesame", "Host", "agent.example"); got != 200 {
		t.Errorf("with the token, by any name: %d", got)
	}
	if c, err := parse([]string{"-addr", "0.0.0.0:0"}, env("PASTIME_TOKEN", "open sesame"), io.Discard); err != nil ||
		c.token != "open sesame" {
		t.Errorf("the token of the environment: %q, %v", c.token, err)
	}
	url, _, _ = start(t, "-code", "")
	if got := status(url); got != 200 {
		t.Errorf("on this machine: %d", got)
	}
	if got := status(url, "Host", "evil.example"); got != 403 {
		t.Errorf("by a name that is not this machine's: %d", got)
	}
}
