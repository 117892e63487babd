package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/child/childtest"
	"github.com/pastime-go/pastime/sqlite"
)

var kills = flag.Int("kills", 3, "how often TestKill kills the server")

const serverEnv = "SERVER_TEST_IS_THE_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverEnv) != "" || os.Getenv("PASTIME_GOCODE_WORKER") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestKill kills the server with SIGKILL at random moments while the tiny model
// practises, code is analysed and sub-agents have work. Whatever a client was
// told, in an answer or in the stream of events, is there after the restart,
// nothing is left running, and in the end everything adds up.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.go"),
		[]byte("package p\n\nfunc F(a int) int {\n"+strings.Repeat("\tif a > 1 {\n\t\ta++\n\t}\n", 30)+"\treturn a\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := &record{events: map[string]string{}, ids: map[string]bool{}}
	assignments := map[string]bool{}
	for round := range *kills {
		s := launch(t, dir)
		heard := told.follow(t, s.url)
		s.practise(t, told)
		s.nothingLeftRunning(t, told)
		if round == 0 {
			for _, id := range []string{"one", "two"} {
				s.post(t, "/hobby/subagents/register", `{"subagent_id":"`+id+`","capabilities":["SKILL_PRACTICE","CODE_ANALYSIS"]}`, nil)
			}
		}
		var more struct {
			Assignments []struct {
				ID string `json:"assignment_id"`
			}
		}
		s.post(t, "/hobby/distribute", "", &more)
		for _, a := range more.Assignments {
			assignments[a.ID] = true
		}
		<-time.After(time.Duration(rand.Int64N(int64(time.Second)))) // the moment of death
		s.kill(t)
		<-heard
	}
	s := launch(t, dir)
	heard := told.follow(t, s.url)
	s.practise(t, told)
	s.nothingLeftRunning(t, told)
	for id := range assignments {
		awaitEnd(t, s.url, id)
	}
	s.kill(t)
	<-heard
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "data", "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	lost, err := store.Recover(t.Context(), time.Now())
	if err != nil || len(lost) > 1 {
		t.Errorf("the last server left %d sessions running, %v; it runs one at a time", len(lost), err)
	}
	all, err := hobbytest.Audit(t.Context(), store)
	if err != nil {
		t.Errorf("the store does not add up: %v", err)
	}
	items := 0
	for i := range all {
		items += all[i].Items
		delete(told.ids, all[i].ID)
		if !all[i].Status.Ended() {
			t.Errorf("activity %s is %s", all[i].ID, all[i].Status)
		}
	}
	if len(told.ids) > 0 {
		t.Errorf("activities that a client was told of are lost: %v", told.ids)
	}
	t.Logf("%d kills: %d activities with %d answers, %d assignments, %d events heard", *kills, len(all), items, len(assignments),
		len(told.events))
	if items == 0 || len(assignments) == 0 {
		t.Error("nothing was practised")
	}
}

// TestKillWhileCodeIsAnalysed kills the server with SIGKILL while the compiler works on a
// hostile file: five seconds later nothing that it started is alive.
func TestKillWhileCodeIsAnalysed(t *testing.T) {
	if !childtest.Tells() {
		t.Skip("this system does not tell which processes there are")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/slow\n\ngo 1.26\n",
		"a.go":   "package slow\n\ntype t struct{ a *t }\n\nfunc f(x *t) *t { return x" + strings.Repeat(".a", 95_000) + " }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mark := fmt.Sprint(rand.Uint64())
	t.Setenv("SERVER_TEST_MARK", mark)
	mark = "SERVER_TEST_MARK=" + mark
	s := launch(t, dir, "-model", "none")
	for late := time.After(time.Minute); !slices.Contains(childtest.Names(childtest.Carrying(mark)), "compile"); {
		select {
		case <-late:
			t.Fatalf("nothing is compiled, there are %v", childtest.Names(childtest.Carrying(mark)))
		case <-time.After(5 * time.Millisecond):
		}
	}
	s.kill(t)
	began := time.Now()
	for late := time.After(5 * time.Second); len(childtest.Carrying(mark)) > 0; {
		select {
		case <-late:
			t.Fatalf("five seconds later there are %v", childtest.Names(childtest.Carrying(mark)))
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Logf("gone after %v", time.Since(began))
}

// process is a server of its own.
type process struct {
	url string
	cmd *exec.Cmd
}

func launch(t *testing.T, dir string, more ...string) *process {
	t.Helper()
	args := append([]string{"-addr", "127.0.0.1:0", "-data", filepath.Join(dir, "data"), "-code", dir, "-docs", "",
		"-interval", "1ms", "-idle", "1ms", "-log", "error"}, more...)
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), serverEnv+"=1")
	out := newOutput()
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &process{out.wait(t, `look at +(http://[^/]+)/hobby/`)[1], cmd}
}

// kill is kill -9.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	err := p.cmd.Wait()
	if code := p.cmd.ProcessState.ExitCode(); err == nil || code == 1 && runtime.GOOS != "windows" { // where a kill is an exit with 1
		t.Errorf("the server ended by itself: %v", err)
	}
}

// do sends a request and decodes a good answer into v, nil for none.
func (p *process) do(t *testing.T, method, path, body string, v any) (status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode < 300 && v != nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil || resp.StatusCode >= 300 && resp.StatusCode != http.StatusConflict {
		t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, text, err)
	}
	return resp.StatusCode
}

func (p *process) get(t *testing.T, path string, v any) {
	t.Helper()
	p.do(t, http.MethodGet, path, "", v)
}

func (p *process) post(t *testing.T, path, body string, v any) {
	t.Helper()
	p.do(t, http.MethodPost, path, body, v)
}

// practise asks for a session. It is answered once the server has recovered,
// with the session or with a conflict because it practises already.
func (p *process) practise(t *testing.T, told *record) {
	t.Helper()
	var a struct {
		ID string `json:"activity_id"`
	}
	if p.do(t, http.MethodPost, "/hobby/run", "", &a) == http.StatusAccepted {
		told.mu.Lock()
		told.ids[a.ID] = true
		told.mu.Unlock()
	}
}

// nothingLeftRunning looks for running activities of servers before this one.
func (p *process) nothingLeftRunning(t *testing.T, told *record) {
	t.Helper()
	told.mu.Lock()
	before := told.before
	told.mu.Unlock()
	var running []struct {
		ID string `json:"activity_id"`
	}
	p.get(t, "/hobby/activities?count=100&status=running", &running)
	for _, a := range running {
		if slices.Contains(before, a.ID) {
			t.Errorf("activity %s of a dead server is running", a.ID)
		}
	}
}

// awaitEnd waits until an assignment has ended, well or not.
func awaitEnd(t *testing.T, url, id string) {
	t.Helper()
	for late := time.After(30 * time.Second); ; {
		var a struct{ Status string }
		fetch(t, url+"/hobby/assignments/"+id, &a)
		if a.Status == "completed" || a.Status == "failed" {
			return
		}
		select {
		case <-late:
			t.Fatalf("assignment %s is %s", id, a.Status)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// record is what a client was told.
type record struct {
	mu     sync.Mutex
	events map[string]string // by the id in the stream
	ids    map[string]bool   // of the activities
	before []string          // the activities that were heard of before the stream began
}

// follow hears a server's events, all from the first, until it dies: those that
// were heard before must be the same again.
func (r *record) follow(t *testing.T, url string) (done <-chan struct{}) {
	t.Helper()
	r.mu.Lock()
	known := len(r.events)
	r.before = nil
	for id := range r.ids {
		r.before = append(r.before, id)
	}
	r.mu.Unlock()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url+"/hobby/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", "0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET /hobby/events: %s", resp.Status)
	}
	ended, caughtUp := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer resp.Body.Close()
		n := 0
		stream := bufio.NewReader(resp.Body)
		for {
			text, err := readEvent(stream)
			if err != nil {
				break // the server is dead
			}
			if n++; n == known {
				close(caughtUp)
			}
			r.add(t, text)
		}
		if n < known {
			close(caughtUp)
			t.Errorf("%d events were heard before, and only %d again", known, n)
		}
	}()
	if known > 0 {
		<-caughtUp
	}
	return ended
}

// readEvent reads one whole event of a stream, without comments.
func readEvent(stream *bufio.Reader) (string, error) {
	var event bytes.Buffer
	for {
		line, err := stream.ReadString('\n')
		switch {
		case err != nil:
			return "", err
		case line == "\n" && strings.HasPrefix(event.String(), "id:"):
			return event.String(), nil
		case line == "\n":
			event.Reset()
		default:
			event.WriteString(line)
		}
	}
}

// add takes down an event.
func (r *record) add(t *testing.T, text string) {
	var id, kind, data string
	for line := range strings.Lines(text) {
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			data += value
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if was, ok := r.events[id]; ok && was != text {
		t.Errorf("event %s was\n%s\nand is now\n%s", id, was, text)
	}
	r.events[id] = text
	if !strings.HasPrefix(kind, "activity.") {
		return
	}
	var e struct {
		Activity struct {
			ID string `json:"activity_id"`
		}
	}
	if err := json.Unmarshal([]byte(data), &e); err != nil || e.Activity.ID == "" {
		t.Errorf("event %s: %v in %.300s", id, err, data)
		return
	}
	r.ids[e.Activity.ID] = true
}
