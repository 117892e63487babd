package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/kgraph"
)

// TestGraphQuery asks for patterns, and for what to read before an answer.
func TestGraphQuery(t *testing.T) {
	w := newWorld(t, nil, nil)
	imports := func(taint hobby.Taint, subject, object string) {
		w.told(t, kgraph.Origin{Taint: taint, Source: string(taint)}, hobby.Claim{
			Subject: subject, Relation: "imports", Object: object, Confidence: .5,
		})
	}
	imports(hobby.Trusted, "m/web", "m/store")
	imports(hobby.Trusted, "m/store", "fmt")
	imports(hobby.Untrusted, "m/web", "evil")
	ask := func(body string) (status int, answer string) {
		t.Helper()
		status, _, answer = w.do(http.MethodPost, "/hobby/graph/query", body)
		return status, answer
	}
	_, body := ask(`{"query": "MATCH p = (a {name: $from})-[r:imports*1..2]->(b) WHERE b.mentions < $n ` +
		`RETURN b.name, length(p) AS n, a ORDER BY b.name", "params": {"from": "m/web", "n": 2}}`)
	var rows httpapi.GraphRows
	if err := json.Unmarshal([]byte(body), &rows); err != nil {
		t.Fatal(body, err)
	}
	web := map[string]any{"id": "package:m/web", "name": "m/web", "aliases": []any{}, "type": "package", "confidence": .5, "mentions": 2.0}
	if d := cmp.Diff([][]any{{"evil", 1.0, web}, {"fmt", 2.0, web}}, rows.Rows); d != "" || rows.Columns[1] != "n" || rows.Stats.Scanned == 0 {
		t.Errorf("%+v (-want +got):\n%s", rows, d)
	}
	for query, want := range map[string]string{
		`{"query": "MATCH (a RETURN a"}`: `400 "line 1, column 10: expected a variable, a label, properties ` +
			`or \")\", found \"RETURN\""`,
		`{"query": "MATCH (a) RETURN $x"}`:         `422 the parameter $x is not given`,
		`{"query": "MATCH (a) RETURN a LIMIT -1"}`: `422 LIMIT must be a whole number from 0 to 2147483648`,
		`{"query": ""}`: `422 expected length >= 1`,
		`{"query": "MATCH (a) RETURN a", "limit": 0.5}`:      `422 expected integer`,
		`{"query": "CREATE (a) RETURN a"}`:                   `400 line 1, column 1: expected MATCH, found \"CREATE\"`,
		`{"query": "MATCH (a)-[*2..1]->() RETURN count(*)"}`: `400 line 1, column 10`,
	} {
		status, text, _ := strings.Cut(want, " ")
		if code, body := ask(query); strconv.Itoa(code) != status || !strings.Contains(body, strings.Trim(text, `"`)) {
			t.Errorf("%s: %d %s, want %s", query, code, body, want)
		}
	}
	texts := func(target string) (all []string) {
		t.Helper()
		for _, it := range get[httpapi.GraphRecall](t, w, target).Items {
			all = append(all, it.Kind+": "+it.Text+it.Taint)
		}
		return all
	}
	if d := cmp.Diff([]string{"fact: m/web imports m/store"}, texts("/hobby/graph/recall?q=what+does+web+import")[:1]); d != "" {
		t.Errorf("recalled (-want +got):\n%s", d)
	}
	for _, text := range texts("/hobby/graph/recall?q=what+does+web+import") {
		if strings.Contains(text, "evil") {
			t.Errorf("a tainted fact is recalled unasked: %s", text)
		}
	}
	asked := texts("/hobby/graph/recall?q=what+does+web+import&untrusted=true")
	if !strings.Contains(strings.Join(asked, "\n"), "fact: m/web imports evil"+string(hobby.Untrusted)) {
		t.Error("a tainted fact is not recalled, or not marked")
	}
	for _, target := range []string{"/hobby/graph/recall", "/hobby/graph/recall?q=a&budget_tokens=0"} {
		if code, _, body := w.do(http.MethodGet, target, ""); code != 422 {
			t.Errorf("%s: %d %s", target, code, body)
		}
	}
}
