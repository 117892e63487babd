package pastime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
	"github.com/pastime-go/pastime/hobby/practice/reading"
	"github.com/pastime-go/pastime/hobby/redact"
	"github.com/pastime-go/pastime/subagent"
)

// TestGeneratedTasksHaveNoSecrets draws tasks of all families and levels: what
// practice generates holds nothing that the redactor would take for a secret.
func TestGeneratedTasksHaveNoSecrets(t *testing.T) {
	suite, err := pastime.DefaultSuite()
	if err != nil {
		t.Fatal(err)
	}
	r, draw := redact.Default(), rand.New(rand.NewPCG(11, 5))
	for _, f := range suite.Families() {
		for level := 1; level <= f.Levels; level++ {
			for range 200 {
				task, err := suite.Task(f.Name, level, draw.Uint64())
				if err != nil {
					t.Fatal(err)
				}
				texts := []string{task.Reference}
				for _, m := range task.Messages {
					texts = append(texts, m.Content)
				}
				for _, text := range texts {
					if got := r.Redact(text); got != text {
						t.Fatalf("%s level %d, seed %d:\n%s\nbecame\n%s", f.Name, level, task.Seed, text, got)
					}
				}
			}
		}
	}
}

// planted are the files of this repository with addresses and passwords that were
// made up for tests: all that the redactor changes in it.
var planted = []string{
	"hobby/openai/errors_test.go", "hobby/redact/redact_test.go", "subagent/http_test.go", "subagent/subagenttest/fuzz_test.go",
	"hobby/practice/internal/works/works_test.go", "hobby/practice/reading/research_test.go",
}

// TestOwnSourceHasNoSecrets reads all text files of the repository.
func TestOwnSourceHasNoSecrets(t *testing.T) {
	r := redact.Default()
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." && d.Name() != ".ci":
			return fs.SkipDir
		case d.IsDir() && (d.Name() == "node_modules" || filepath.ToSlash(path) == ".ci/cache"): // what jobs installed
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil || len(raw) > 1<<20 || !utf8.Valid(raw) {
			return err
		}
		seen++
		text := string(raw)
		got := r.Redact(text)
		if path = filepath.ToSlash(path); slices.Contains(planted, path) == (got != text) {
			return nil
		}
		was, is := strings.Split(text, "\n"), strings.Split(got, "\n")
		for i := range was {
			if was[i] != is[i] {
				t.Errorf("%s:%d\n\t%s\nbecame\n\t%s", path, i+1, was[i], is[i])
			}
		}
		if got == text {
			t.Errorf("%s has nothing planted any more", path)
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Fatalf("%d files: %v", seen, err)
	}
}

// The secrets of the test below, one of each form for each place that it comes
// from, made up and written in pieces.
var places = []string{"document", "code", "answer", "agent", "failure"}

func secretsOf(place string) []string {
	n := slices.Index(places, place)
	return []string{
		fmt.Sprintf("AKIA"+"Q%sYHPLS3ZXVB%d", strings.Repeat("J", 3), n+2) + "A",
		fmt.Sprintf("ghp_"+"R4nd0m%dZq8Lm2Xv7Tb5Kc9Wd3Yf6Hg1Jp0Ns", n),
		fmt.Sprintf("jane.%s"+"@example.org", place),
	}
}

// leak is a sentence with the secrets of a place.
func leak(place string) string {
	s := secretsOf(place)
	return fmt.Sprintf("The key %s and the token %s belong to %s.", s[0], s[1], s[2])
}

// leaky writes documents and code with secrets wherever practice looks.
func leaky(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s := secretsOf("document")
	var doc strings.Builder
	fmt.Fprintf(&doc, "# Notes of %s\n\nTODO: %s\n\nSee [%s](%s.md).\n\n"+
		"The Application Programming Interface (API) is open to %s.\n\n", s[2], leak("document"), s[0], s[1], s[2])
	for i := range 30 {
		fmt.Fprintf(&doc, "## Part %d of %s\n\nThe machine number%d, whose token is %s, stands in hall number%d beside %s.\n\n",
			i, s[0], i, s[1], i+100, s[2])
	}
	var code strings.Builder
	code.WriteString("package p\n\n")
	for i := range 9 {
		fmt.Fprintf(&code, "func F%d(a, b, c, d, e, f, g int) int {\n\t// %s\n%s\treturn a\n}\n\n", i, leak("code"),
			strings.Repeat("\tif a > b {\n\t\ta++\n\t}\n", 4))
	}
	code.WriteString("func Broken() int { return \"" + leak("code") + "\" }\n")
	for name, text := range map[string]string{"notes.md": doc.String(), "p.go": code.String(), "go.mod": "module example.org/p\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// practised lets a secret come in on every way that there is, and returns what
// is on the disk then and what HTTP answers.
func practised(t *testing.T, o pastime.Options) (stored, served []byte) {
	t.Helper()
	data, dir := t.TempDir(), leaky(t)
	model := hobbytest.Says(leak("answer"))
	code, err := gocode.New(dir, model, nil)
	if err != nil {
		t.Fatal(err)
	}
	documents, err := reading.New(dir, model, nil)
	if err != nil {
		t.Fatal(err)
	}
	failing := hobby.Hobby{Kind: "failing", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
		return errors.Join(out.Insight(hobby.Insight{
			Text: leak("failure"), Topic: leak("failure"), Confidence: 1, Source: secretsOf("failure")[2] + "/inbox",
			Evidence: []hobby.Evidence{{Kind: hobby.EvidenceURL, Ref: "https://example.org/?token=" + secretsOf("failure")[1]}},
		}), errors.New(leak("failure")))
	})}
	workers := subagent.NewInProcess()
	defer workers.Close()
	o.Hobbies = []hobby.Hobby{code, documents, failing}
	o.Hobby.Presence, o.Hobby.Disabled = hobby.NewPresence(time.Nanosecond), true // what is lost elsewhere is made here at once
	o.Subagent.Transports, o.Subagent.DistributeEvery = []subagent.Transport{workers}, -1
	kit, err := pastime.Open(t.Context(), filepath.Join(data, "agent.db"), model, &o)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []hobby.Kind{hobby.SkillPractice, hobby.CodeAnalysis, hobby.CodeAnalysis, hobby.KnowledgeExploration,
		hobby.KnowledgeExploration, "failing"} {
		if _, err := kit.Hobby.RunOnce(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- kit.Run(ctx) }()
	<-kit.Subagents.Ready()
	delegate(t, kit, workers)
	served = everyAnswer(t, kit.Handler())
	stop()
	if err := errors.Join(<-done, kit.Close()); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		stored = append(stored, raw...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stored, served
}

// delegate has an agent register, practise, and fail.
func delegate(t *testing.T, kit *pastime.Kit, workers *subagent.InProcess) {
	t.Helper()
	suite, err := pastime.DefaultSuite()
	if err != nil {
		t.Fatal(err)
	}
	model := hobbytest.Says(leak("agent"))
	honest := subagent.Practise([]hobby.Hobby{practice.Skills(model, suite, nil)}, nil)
	w, err := subagent.NewWorker(subagent.Agent{
		ID: "talker", Capabilities: []string{"*"}, Metadata: map[string]any{"note": leak("agent"), "list": []any{leak("agent")},
			secretsOf("agent")[2]: 1.0},
	}, func(ctx context.Context, o subagent.Order) (subagent.Result, error) {
		r, err := honest(ctx, o)
		r.Model = secretsOf("agent")[1]
		r.Insights = append(r.Insights, hobby.Insight{Text: leak("agent"), Topic: leak("agent"), Confidence: 0.5})
		return r, errors.Join(err, errors.New(leak("agent")))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer workers.Connect(w)()
	for _, k := range []hobby.Kind{hobby.SkillPractice, hobby.CodeAnalysis} {
		var a subagent.Assignment
		for {
			changed := kit.Subagents.Changed()
			if a, err = kit.Subagents.Assign(t.Context(), "talker", k, time.Minute); err == nil {
				break
			}
			select { // it has not connected yet, or has no place
			case <-changed:
			case <-time.After(10 * time.Second):
				t.Fatal(err)
			}
		}
		for !a.Status.Final() {
			changed := kit.Subagents.Changed()
			if a, err = kit.Subagents.Assignment(t.Context(), a.ID); err != nil {
				t.Fatal(err)
			}
			if a.Status.Final() {
				break
			}
			select {
			case <-changed:
			case <-time.After(30 * time.Second):
				t.Fatalf("an assignment does not end: %+v", a)
			}
		}
	}
}

// everyAnswer asks all routes that read.
func everyAnswer(t *testing.T, h http.Handler) []byte {
	t.Helper()
	get := func(path string) []byte {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Body.Bytes()
	}
	var api struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(get("/hobby/openapi.json"), &api); err != nil {
		t.Fatal(err)
	}
	var all []byte
	var open []string
	for path, methods := range api.Paths {
		switch {
		case methods["get"] == nil || strings.HasSuffix(path, "/events"):
		case strings.Contains(path, "{"):
			open = append(open, path)
		default:
			all = append(all, get(path)...)
		}
	}
	ids := map[string]bool{}
	for _, m := range uuids.FindAllString(string(all), -1) {
		ids[m] = true
	}
	for _, path := range open {
		for id := range ids {
			all = append(all, get(params.ReplaceAllString(path, id))...)
		}
	}
	return all
}

var (
	uuids  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	params = regexp.MustCompile(`\{[^}]*\}`)
)

// TestSecretsAreStoredNowhere plants secrets in all that comes from outside. With
// redaction none of them is in a file or in an answer; without, all of them are,
// so that the test looks where they would be.
func TestSecretsAreStoredNowhere(t *testing.T) {
	if testing.Short() {
		t.Skip("it practises twice")
	}
	bare, told := practised(t, pastime.Options{Hobby: hobby.Options{Redact: redact.None}})
	stored, served := practised(t, pastime.Options{})
	for _, place := range places {
		for _, s := range secretsOf(place) {
			if !bytes.Contains(bare, []byte(s)) || !bytes.Contains(told, []byte(s)) {
				t.Errorf("%s of a %s is not stored and told without redaction: the test proves nothing", s, place)
			}
			if at := bytes.Index(stored, []byte(s)); at >= 0 {
				t.Errorf("%s of a %s is on the disk: ...%q...", s, place, stored[max(0, at-300):at+len(s)])
			}
			if at := bytes.Index(served, []byte(s)); at >= 0 {
				t.Errorf("%s of a %s is in an answer: ...%q...", s, place, served[max(0, at-300):at+len(s)])
			}
		}
	}
	for _, mark := range []string{"AWS access key", "GitHub token", "e-mail address"} {
		if !bytes.Contains(stored, []byte(redact.Mark(mark))) || !bytes.Contains(served, []byte(redact.Mark(mark))) {
			t.Errorf("no mark says that there was an %s", mark)
		}
	}
	if !bytes.Contains(served, []byte(`pastime_redactions_total{rule="e-mail address"}`)) {
		t.Error("the metrics do not count what was taken out")
	}
}

// TestAnAnswerWithASecretIsMarked checks that the texts of a generated task stay
// as they were, and that its item says that the answer was changed.
func TestAnAnswerWithASecretIsMarked(t *testing.T) {
	answers := 0
	model := &hobbytest.Model{Reply: func(context.Context, hobby.Request) (string, error) {
		if answers++; answers%2 == 0 {
			return "I do not know", nil
		}
		return leak("answer"), nil
	}}
	kit, err := pastime.Open(t.Context(), ":memory:", model, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	s, err := kit.Hobby.RunOnce(t.Context(), hobby.SkillPractice)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := pastime.DefaultSuite()
	if err != nil {
		t.Fatal(err)
	}
	marked := 0
	for _, i := range s.Items {
		if i.Redacted != strings.Contains(i.Answer, "[redacted: ") {
			t.Errorf("Redacted is %v for %q", i.Redacted, i.Answer)
		}
		if i.Redacted {
			marked++
		}
		task, err := suite.Task(i.Family, i.Level, i.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if i.Reference != task.Reference || i.Messages[0].Content != task.Messages[0].Content {
			t.Errorf("%s level %d is not the task any more", i.Family, i.Level)
		}
	}
	if n := kit.Redactor.Counts()["GitHub token"]; marked == 0 || marked == len(s.Items) || int(n) != marked {
		t.Errorf("%d of %d answers are marked, %d tokens counted", marked, len(s.Items), n)
	}
}
